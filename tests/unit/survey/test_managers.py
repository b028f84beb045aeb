from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.constructs import load_instrument
from truststats.survey import read_survey
from truststats.survey.managers import about_managers, few_managers, too_few_managers


@pytest.fixture(scope="module")
def answers():
    names = [item.name for item in load_instrument("tbm-core").items]
    values = np.random.default_rng(1).integers(1, 6, (90, len(names)))
    return pd.DataFrame(values, columns=names)


def survey(answers, units, cluster="unit"):
    frame = answers.assign(unit=[f"u{k % units}" for k in range(len(answers))])
    return read_survey(frame, instrument="tbm-core", cluster=cluster)


def test_few_managers():
    assert few_managers(pd.Series(list("aaaabbbbcccc")))
    assert not few_managers(pd.Series(list("aabbccddee")))
    assert few_managers(pd.Series(["a"] * 90 + list("bcdef"))), "one of them is nearly all"
    assert not few_managers(pd.Series([], dtype=object))


def test_items_about_managers_are_not_shown_for_few_units(answers):
    few, many = survey(answers, 3), survey(answers, 9)
    assert {"vtr1", "vtr5"} <= set(about_managers(few))
    assert "aut1" not in about_managers(few)
    assert too_few_managers(few) == frozenset(about_managers(few))
    assert too_few_managers(many) == frozenset()
    assert too_few_managers(survey(answers, 3, cluster=None)) == frozenset()
