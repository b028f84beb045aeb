"""Which items and rows an exploration takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError
from truststats.options import FROM_SURVEY
from truststats.workflow.item_rows import item_rows


@pytest.fixture(scope="module")
def survey() -> ts.Survey:
    return ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")


def test_constructs_stand_for_their_items(survey: ts.Survey) -> None:
    got = item_rows(survey, ["vertical_trust", "res1"], missing="pairwise", instead="")
    assert got.names == ("vtr1", "vtr2", "vtr3", "vtr4", "vtr5", "res1")
    assert got.keys == {"vertical_trust": got.names[:5], "res1": ("res1",)}
    raw = survey.values(["vtr5"])["vtr5"].to_numpy()
    answered = ~np.isnan(got.rows[:, 4])
    assert got.turned == ("vtr5",)
    assert set(np.unique(got.rows[answered, 4])) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert np.nanmean(got.rows[:, 4]) == pytest.approx(6 - np.nanmean(raw), abs=1e-9)
    whole = item_rows(survey, ["perceived_control"], missing="pairwise", instead="")
    assert len(whole.names) == 6


def test_the_design_is_the_surveys(survey: ts.Survey) -> None:
    got = item_rows(survey, None, missing="pairwise", instead="", cluster=FROM_SURVEY)
    assert got.cluster == "unit"
    assert got.names == survey.items
    assert len(got.clusters) == len(got.rows)


def test_rows_left_out_are_counted() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(60, 4)), columns=list("abcd"))
    frame.loc[:4, "a"] = np.nan
    got = item_rows(frame, None, missing="listwise", instead="two.stage")
    assert len(got.rows) == 55
    assert got.problems[0].count == 5
    silent = item_rows(frame, None, missing="listwise", instead="")
    assert silent.problems[0].remedy == ""
    with pytest.raises(DataError, match="3 rows are left for 4 items"):
        item_rows(frame.head(8), None, missing="listwise", instead="")
