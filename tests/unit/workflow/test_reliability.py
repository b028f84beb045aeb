from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.survey.synthetic import is_synthetic


@pytest.fixture(scope="module")
def survey():
    answers = ts.load_dataset("municipal_employees").head(600)
    return ts.read_survey(answers, instrument="tbm-core", cluster="unit", synthetic=True)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(7)
    eta = rng.normal(size=(400, 1))
    made = np.clip(np.round(3 + eta + 0.8 * rng.normal(size=(400, 4))), 1, 5)
    out = pd.DataFrame(made, columns=["a", "b", "-c", "d e"])
    return out.assign(b=6 - out["b"], unit=np.arange(400) % 40)


def test_keys_turn_items_round(frame):
    made = ts.reliability(frame, {"scale": ["a", "-b", "-c", "d e"]}).set_index("coefficient")
    straight = frame.assign(b=6 - frame["b"])
    other = ts.reliability(straight, {"scale": ["a", "b", "-c", "d e"]}).set_index("coefficient")
    columns = ["value", "se"]
    pd.testing.assert_frame_equal(made[columns], other[columns], rtol=1e-5)
    assert (made["problems"] == "").all()
    items = ts.reliability(frame, {"scale": ["a", "-b", "-c", "d e"]}, by="item")
    assert list(items["item"]) == ["a", "b", "-c", "d e"]
    assert list(items["reversed"]) == [False, True, False, False]


def test_two_items_are_given_equal_loadings(frame):
    made = ts.reliability(frame, {"pair": ["a", "-b"]}).set_index("coefficient")
    assert made.loc["omega", "value"] == pytest.approx(made.loc["alpha", "value"], abs=1e-6)
    assert (made["problems"].str.contains("equal_loadings")).all()


def test_holes_and_clusters_and_ordinal_items(frame):
    holes = frame.copy()
    holes.loc[:30, "a"] = np.nan
    keys = {"scale": ["a", "-b", "d e"]}
    assert set(ts.reliability(holes, keys)["missing"]) == {"ml"}
    ordinal = ts.reliability(holes, keys, ordered=True)
    assert set(ordinal["missing"]) == {"pairwise"}
    assert "omega_categorical" in set(ordinal["coefficient"])
    by_unit = ts.reliability(frame, keys, cluster="unit")
    assert by_unit["value"].to_numpy() == pytest.approx(
        ts.reliability(frame, keys)["value"].to_numpy()
    )
    assert (by_unit["se"] != ts.reliability(frame, keys)["se"]).any()


def test_a_survey_needs_no_keys(survey):
    made = ts.reliability(survey)
    assert "vertical_trust" in set(made["construct"])
    assert is_synthetic(made)
    own = made.query("construct == 'vertical_trust' and coefficient == 'alpha'").iloc[0]
    keys = {"vertical_trust": [
        f"-{i.name}" if i.reverse else i.name
        for i in survey.instrument["vertical_trust"].items if i.name in survey.columns
    ]}  # fmt: skip
    asked = ts.reliability(survey, keys)
    assert asked.query("coefficient == 'alpha'")["value"].item() == pytest.approx(own["value"])


def test_a_fit_passes_its_options_on(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    pd.testing.assert_frame_equal(ts.reliability(fit, level=0.9), fit.reliability(level=0.9))
    pd.testing.assert_frame_equal(ts.reliability(fit, by="item"), fit.item_statistics())
    with pytest.raises(OptionError, match="keys= has no meaning"):
        ts.reliability(fit, {"a": ["inf1", "inf2"]})


def test_bad_input(frame):
    with pytest.raises(OptionError, match="which items belong together"):
        ts.reliability(frame)
    with pytest.raises(DataError, match="fewer than two items"):
        ts.reliability(frame, {"scale": ["a"]})
    with pytest.raises(DataError, match="fewer than two items"):
        ts.reliability(frame, {"scale": "abc"})
    with pytest.raises(DataError, match="no column 'bb'"):
        ts.reliability(frame, {"scale": ["a", "-bb"]})
    with pytest.raises(OptionError, match="by='row'"):
        ts.reliability(frame, {"scale": ["a", "-b"]}, by="row")
