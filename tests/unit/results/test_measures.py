from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.results.measures import measures_of

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


@pytest.fixture(scope="module")
def holed(answers_of):
    rows = answers_of(200)
    items = [c for c in rows.columns if c[:3] in ("inf", "tru")]
    rows[items] = rows[items].mask(np.random.default_rng(2).random((200, len(items))) < 0.1)
    return rows


def test_full_information_has_robust_measures_of_its_own(holed):
    assert "cfi_robust" in measures_of(ts.fit(MODEL, holed, missing="ml"))


def test_what_is_not_checked_is_left_out(holed):
    beside = measures_of(ts.fit(MODEL, holed, missing="ml", auxiliary="res1"))
    assert not [name for name in beside if "robust" in name]
    assert beside["npar"] > ts.fit(MODEL, holed, missing="ml").npar
    assert "gfi" not in measures_of(ts.fit(MODEL, holed, missing="two.stage"))
