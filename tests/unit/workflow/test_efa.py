"""`ts.efa`: what it takes, what it refuses, and what it says first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.present.repr import text_card

ITEMS = [f"q{k}" for k in range(1, 9)]
SCALES = {"one": ITEMS[:4], "two": ITEMS[4:]}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    n = 500
    one = rng.normal(size=(n, 1))
    two = 0.4 * one + rng.normal(size=(n, 1))
    y = np.hstack([0.8 * one + 0.6 * rng.normal(size=(n, 4)),
                   0.7 * two + 0.7 * rng.normal(size=(n, 4))])  # fmt: skip
    data = pd.DataFrame(np.clip(np.round(1.2 * y + 3), 1, 5), columns=ITEMS)
    data["unit"] = np.repeat([f"u{k}" for k in range(50)], 10)
    data["w"] = rng.uniform(0.5, 2.0, n)
    return data


@pytest.mark.parametrize("rotation", ["oblimin", "geomin", "promax", "varimax", "quartimax",
                                      "equamax", "quartimin", "geomin_orthogonal"])  # fmt: skip
def test_every_rotation_finds_the_two_scales(frame: pd.DataFrame, rotation: str) -> None:
    found = ts.efa(frame, 2, items=ITEMS, rotation=rotation)
    main = found.main_factor()
    assert main[ITEMS[:4]].nunique() == main[ITEMS[4:]].nunique() == 1
    assert main["q1"] != main["q8"]
    assert (found.loadings.sum() > 0).all()
    assert (np.diff(found.variance["ss_loadings"]) <= 0).all()
    assert np.isnan(found.se).all() == (rotation == "promax")


def test_the_rotation_leaves_the_fit(frame: pd.DataFrame) -> None:
    plain = ts.efa(frame, 2, items=ITEMS, rotation="none")
    turned = ts.efa(frame, 2, items=ITEMS, rotation="geomin")
    assert turned.fit_measures.equals(plain.fit_measures)
    assert np.allclose(turned.communalities, plain.communalities)
    assert plain.se_type == "none"


def test_scales_make_a_target(frame: pd.DataFrame) -> None:
    found = ts.efa(frame, 2, items=SCALES, rotation="target")
    assert found.factors == ("one", "two")
    assert (found.loadings.loc[ITEMS[:4], "one"] > 0.5).all()
    assert np.isfinite(found.se).all()
    wanted = pd.DataFrame(0.0, index=ITEMS, columns=["a", "b"])
    wanted.loc[ITEMS[:4], "b"] = np.nan
    wanted.loc[ITEMS[4:], "a"] = np.nan
    same = ts.efa(frame, 2, items=ITEMS, rotation="target", target=wanted.iloc[::-1])
    assert np.allclose(same.loadings["b"], found.loadings["one"], atol=1e-6)


def test_ordered_items(frame: pd.DataFrame) -> None:
    found = ts.efa(frame, 2, items=ITEMS, ordered=True)
    assert (found.estimator, found.test, found.se_type) == ("wls", "scaled.shifted", "robust")
    assert found.corr.equals(ts.polychoric(frame, ITEMS).corr)
    untested = ts.efa(frame, 2, items=ITEMS, ordered=True, estimator="ml")
    assert [p.code for p in untested.problems if p.code == "efa_untested"]
    assert np.isnan(untested.chisq)
    assert set(untested.measures) == {"srmr", "rmsr"}
    holes = frame.copy()
    holes.loc[:99, "q1"] = np.nan
    pairwise = ts.efa(holes, 2, items=ITEMS, ordered=True, missing="pairwise")
    assert pairwise.n == 500


def test_clusters_and_weights(frame: pd.DataFrame) -> None:
    plain = ts.efa(frame, 2, items=ITEMS)
    units = ts.efa(frame, 2, items=ITEMS, cluster="unit")
    assert (units.se_type, units.test) == ("robust", "satorra.bentler")
    assert np.array_equal(units.loadings, plain.loadings)
    assert not np.allclose(units.se, plain.se)
    heavy = ts.efa(frame, 2, items=ITEMS, sampling_weights="w")
    assert heavy.n == pytest.approx(500)
    assert not np.allclose(heavy.loadings, plain.loadings)
    with pytest.raises(OptionError, match="independent and equal"):
        ts.efa(frame, 2, items=ITEMS, cluster="unit", se="standard")
    with pytest.raises(NotSupportedError, match="sampling weights"):
        ts.efa(frame, 2, items=ITEMS, sampling_weights="w", missing="two.stage")


def test_two_stages(frame: pd.DataFrame) -> None:
    holes = frame[ITEMS].mask(np.random.default_rng(1).random((500, 8)) < 0.1)
    found = ts.efa(holes, 2, missing="two.stage")
    assert found.n == 500
    assert found.test == "satorra.bentler"
    few = ts.efa(holes, 2)
    assert few.problems[0].code == "rows_excluded"
    assert "two.stage" in few.problems[0].remedy
    assert 'missing="two.stage"' in text_card(few, "nb")
    whole = ts.efa(frame, 2, items=ITEMS, missing="two.stage")
    assert whole.fit_measures.equals(ts.efa(frame, 2, items=ITEMS).fit_measures)


def test_reversed_items(frame: pd.DataFrame) -> None:
    turned = frame.assign(q2=6 - frame["q2"])
    found = ts.efa(turned, 2, items=[i if i != "q2" else "-q2" for i in ITEMS])
    assert found.reversed_items == ("q2",)
    assert np.allclose(found.loadings, ts.efa(frame, 2, items=ITEMS).loadings)
    assert "q2 (R)" in repr(found)


def test_a_survey_brings_its_design_and_wordings() -> None:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    found = ts.efa(survey, 2, items=["vertical_trust", "results"])
    assert found.cluster == "unit"
    assert found.synthetic
    assert found.reversed_items == ("vtr5",)
    assert (found.loadings.loc["vtr1":"vtr5"].max(axis=1) > 0.5).all()
    text = found.frame(language="nb")["wording"]
    assert text.str.contains("leder").any()


def test_problems_are_said(frame: pd.DataFrame) -> None:
    twin = frame[ITEMS[:5]].assign(q0=frame["q1"] + 0.01 * frame["w"])
    codes = {p.code for p in ts.efa(twin, 2).problems}
    assert {"efa_heywood", "thin_factors"} <= codes
    many = ts.efa(frame, 4, items=ITEMS, rotation="geomin", starts=60)
    assert "rotation_local_minima" in {p.code for p in many.problems}
    assert "minima av rotasjonen" in " ".join(text_card(many, "nb").split())
    sharp = ts.efa(frame, 4, items=ITEMS, rotation="geomin", starts=2,
                   rotation_options={"epsilon": 1e-9})  # fmt: skip
    assert "rotation_not_converged" in {p.code for p in sharp.problems}


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"n_factors": 5}, DataError, "5 factors are too many for 8 items; 4 is the most"),
        ({"n_factors": 0}, OptionError, "no number of factors"),
        ({"items": ["q1", "q2"]}, DataError, "with 2 items"),
        ({"items": ["q1", "q2", "q2"]}, DataError, "q2 is named twice"),
        ({"items": ["q1", "q2", "q99"]}, DataError, "no column 'q99'"),
        ({"estimator": "wls"}, NotSupportedError, "ordered=True"),
        ({"estimator": "pa"}, OptionError, "not one of its choices"),
        ({"missing": "fiml"}, NotSupportedError, "two.stage"),
        ({"missing": "pairwise"}, NotSupportedError, "two.stage"),
        ({"missing": "two.stage", "estimator": "minres"}, NotSupportedError, "estimator='ml'"),
        ({"missing": "two.stage", "ordered": True}, NotSupportedError, "pairwise"),
        ({"rotation": "oblimax"}, OptionError, "Did you mean 'oblimin'"),
        ({"rotation": "target"}, OptionError, "name scales"),
        ({"target": np.zeros((8, 2))}, OptionError, "rotation='target'"),
        ({"rotation": "target", "target": np.zeros((3, 2))}, DataError, "shape"),
        ({"rotation": "target", "target": np.full((8, 2), np.nan)}, DataError, "no number"),
        ({"rotation_options": {"power": 4}}, OptionError, "no option 'power'"),
        ({"starts": 0}, OptionError, "starts=0"),
        ({"se": "bootstrap"}, OptionError, "not one of its choices"),
    ],
)
def test_what_is_refused(frame: pd.DataFrame, options: dict, error: type, match: str) -> None:
    asked = {"n_factors": 2, "items": ITEMS} | options
    with pytest.raises(error, match=match):
        ts.efa(frame, **asked)


def test_a_singular_matrix_has_no_likelihood(frame: pd.DataFrame) -> None:
    copied = frame[ITEMS].assign(q9=frame["q1"])
    with pytest.raises(DataError, match="minres"):
        ts.efa(copied, 2)
    assert np.isfinite(ts.efa(copied, 2, estimator="minres", se="none").loadings).all(axis=None)
