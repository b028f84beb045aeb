"""What is shown of polychoric correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.present.repr import html_card, text_card


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    y = 0.8 * rng.normal(size=(300, 1)) + 0.6 * rng.normal(size=(300, 3))
    return pd.DataFrame(np.digitize(y, [-1.8, 0.0, 1.0]) + 1, columns=["q1", "q2", "q3"])


def test_tables(frame: pd.DataFrame) -> None:
    found = ts.polychoric(frame)
    table = found.tidy()
    assert table[["lhs", "rhs"]].to_numpy().tolist() == [["q1", "q2"], ["q1", "q3"], ["q2", "q3"]]
    assert np.allclose(table["ci_upper"] - table["est"], 1.959964 * table["se"])
    assert found.corr.loc["q3", "q1"] == table["est"][1]
    cuts = found.thresholds
    assert cuts["below"].tolist() == [1, 2, 3] * 3
    assert cuts["above"].tolist() == [2, 3, 4] * 3
    assert (cuts["se"] > 0).all()
    narrow = found.tidy(ci_level=0.8)
    assert (narrow["ci_upper"] < table["ci_upper"]).all()


def test_cards(frame: pd.DataFrame) -> None:
    found = ts.polychoric(frame)
    text = repr(found)
    assert text.startswith("Polychoric correlations")
    assert "NOTE [empty_cells]" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "Polykoriske korrelasjoner" in text_card(found, "nb")
    assert "toveistabeller" in text_card(found, "nb")
    assert "<table" in html_card(found)
    assert found._repr_html_() == html_card(found)


def test_thresholds_for_others_tell_of_no_few(frame: pd.DataFrame) -> None:
    rare = frame.copy()
    rare.loc[:, "q2"] = np.where(rare["q2"] == 1, 2, rare["q2"])
    rare.loc[:2, "q2"] = 1
    found = ts.polychoric(rare)
    shown = found.shown_thresholds()
    assert shown["est"].isna().tolist() == [False] * 3 + [True, False, False] + [False] * 3
    assert shown["se"].isna().equals(shown["est"].isna())
    assert found.thresholds["est"].notna().all()
    assert found.shown_thresholds(1)["est"].notna().all()
