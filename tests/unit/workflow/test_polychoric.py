"""`ts.polychoric`: what it takes from data, and what it says was left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.present.repr import text_card


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    y = 0.8 * rng.normal(size=(400, 1)) + 0.6 * rng.normal(size=(400, 3))
    data = pd.DataFrame(np.digitize(y, [-0.8, 0.0, 1.0]) + 1.0, columns=["q1", "q2", "q3"])
    data["unit"] = np.repeat([f"u{k}" for k in range(40)], 10)
    data["w"] = rng.uniform(0.5, 2.0, 400)
    return data


ITEMS = ["q1", "q2", "q3"]


def test_rows_left_out_are_counted(frame: pd.DataFrame) -> None:
    holes = frame.copy()
    holes.loc[:29, "q1"] = np.nan
    holes.loc[100:104, ITEMS] = np.nan
    listwise = ts.polychoric(holes, ITEMS)
    assert listwise.n == 365
    assert [(p.code, p.count, p.severity) for p in listwise.problems][:1] == [
        ("rows_not_used", 35, "warning")
    ]
    pairwise = ts.polychoric(holes, ITEMS, missing="pairwise")
    assert pairwise.n == 395
    assert pairwise.problems[0].severity == "note"


def test_clusters_and_weights(frame: pd.DataFrame) -> None:
    rest = {"sampling_weights": "w", "cluster": "unit"}
    found = ts.polychoric(frame, **rest)
    assert found.moments.names == tuple(ITEMS)
    assert found.n == pytest.approx(400)
    plain = ts.polychoric(frame, ITEMS, sampling_weights="w")
    assert found.corr.equals(plain.corr)
    assert not np.allclose(found.moments.se, plain.moments.se)
    homeless = frame.assign(unit=frame["unit"].where(frame.index > 9))
    lost = ts.polychoric(homeless, **rest)
    assert lost.problems[0].message.endswith("no value for the cluster unit.")
    assert lost.n == pytest.approx(390)


def test_what_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="missing"):
        ts.polychoric(frame, ITEMS, missing="fiml")
    with pytest.raises(DataError, match="two items"):
        ts.polychoric(frame, ["q1"])
    with pytest.raises(DataError, match="no column 'q9'"):
        ts.polychoric(frame, ["q1", "q9"])
    with pytest.raises(DataError, match="The item q2 has one category"):
        ts.polychoric(frame.assign(q2=1), ITEMS)


def test_a_survey_brings_its_design() -> None:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    items = survey.items[:4]
    found = ts.polychoric(survey, items)
    assert found.cluster == "unit"
    assert found.synthetic
    assert found.moments.names == tuple(items)
    alone = ts.polychoric(survey, items, cluster=None)
    assert alone.corr.equals(found.corr)
    assert alone.cluster is None


def test_in_norwegian(frame: pd.DataFrame) -> None:
    holes = frame.copy()
    holes.loc[:29, "q1"] = np.nan
    text = text_card(ts.polychoric(holes, ITEMS), "nb")
    assert "30 av 400 rader" in text
    assert "ufullstendige på spørsmålene" in " ".join(text.split())


def test_continuous_and_exogenous_variables_are_named():
    rng = np.random.default_rng(6)
    y = rng.standard_normal((300, 1)) + rng.standard_normal((300, 3))
    frame = pd.DataFrame(np.digitize(y, [-1.0, 0.5]), columns=list("abc")).assign(
        c=y[:, 2], x=rng.standard_normal(300)
    )
    frame.loc[:9, "x"] = np.nan
    found = ts.polychoric(frame, continuous="c", given="x")
    assert list(found.tidy()["kind"]) == ["polychoric", "polyserial", "polyserial"]
    assert list(found.slopes["rhs"]) == ["x", "x", "x"]
    assert found.n == 290
    assert any("exogenous" in problem.message for problem in found.problems)
    assert "polyserial" in repr(found)
    with pytest.raises(ts.TrustStatsError, match="continuous='z'"):
        ts.polychoric(frame, continuous="z")
