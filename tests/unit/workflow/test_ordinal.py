"""Which items are ordinal, and what the estimators' names stand for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError
from truststats.model import Model
from truststats.workflow.ordinal import ORDINAL, ordered_names, ordinal_settings

MODEL = Model.from_text("f =~ a + b + c\nf ~ x")


def test_ordered_names():
    frame = pd.DataFrame()
    assert ordered_names(True, MODEL, frame, None) == ("a", "b", "c")
    assert ordered_names(["b"], MODEL, frame, None) == ("b",)
    assert ordered_names("b", MODEL, frame, None) == ("b",)
    assert ordered_names(None, MODEL, frame, None) == ()
    assert ordered_names(False, MODEL, frame, "ML") == ()
    with_text = Model.from_text("f =~ a + b + c\na | t1")
    assert ordered_names(None, with_text, frame, None) == ("a",)
    with pytest.raises(OptionError, match="no observed variable"):
        ordered_names(["z"], MODEL, frame, None)


@pytest.mark.parametrize("name", ["WLSMV", "wlsm", "DWLS"])
def test_a_plain_frame_does_not_say_what_is_ordinal(name):
    with pytest.raises(OptionError, match="for ordinal items") as caught:
        ordered_names(None, MODEL, pd.DataFrame(), name)
    assert "ordered=True" in caught.value.fix


def test_a_codebook_says_what_is_ordinal():
    survey = ts.load_survey() if hasattr(ts, "load_survey") else None
    survey = survey or ts.read_survey(ts.load_dataset(), instrument="tbm-core")
    model = Model.from_text("g =~ goal1 + goal2 + goal3")
    assert ordered_names(None, model, survey, "WLSMV") == ("goal1", "goal2", "goal3")
    assert ordered_names(None, model, survey, None) == ()


@pytest.mark.parametrize("name", list(ORDINAL))
def test_settings(name):
    made = ordinal_settings(name, missing=None, se=None, test=None)
    assert (made.discrepancy, made.se, made.test) == ORDINAL[name]
    assert made.less_one


@pytest.mark.parametrize(
    ("options", "error", "fix"),
    [
        ({"estimator": "ML"}, OptionError, "WLSMV"),
        ({"missing": "ml"}, OptionError, "pairwise"),
        ({"estimator": "WLS", "test": "scaled.shifted"}, NotSupportedError, "se= and test="),
        ({"estimator": "ULS", "se": "standard"}, NotSupportedError, "leave se= out"),
    ],
)
def test_other_settings_are_refused(options, error, fix):
    with pytest.raises(error) as caught:
        ordinal_settings(
            **{"estimator": None, "missing": None, "se": None, "test": None, **options}
        )
    assert fix in caught.value.fix


def test_standard_errors_can_be_left_out():
    y = np.random.default_rng(1).integers(1, 4, (200, 4))
    fit = ts.fit(
        "f =~ a + b + c + d", pd.DataFrame(y, columns=list("abcd")), ordered=True, se="none"
    )
    assert np.isnan(fit.bse).all()
