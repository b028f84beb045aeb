"""Intraclass correlations and agreement against aov, lme4, multilevel and psych."""

from __future__ import annotations

from pathlib import Path

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.arrays import Array, IntArray
from truststats.psychometrics.agreement import agreement
from truststats.psychometrics.intraclass import (
    OneWay,
    anova,
    exact_limits,
    mean_reliability,
    one_way,
    reml,
    unit_draws,
)
from truststats.psychometrics.levels import KINDS, levels
from truststats.psychometrics.shrinkage import shrink

GOLDEN = material.golden("aggregation")
SCALES = GOLDEN["scales"]
#: Closed forms; R writes twelve digits.
EXACT = 1e-9
#: lme4 searches the variances with a coarser stop than our root of the slope.
LME4 = 5e-7
NULLS = ["uniform", "slight_skew", "moderate_skew", "heavy_skew"]


@pytest.fixture(scope="module")
def survey() -> ts.Survey:
    return ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")


@pytest.fixture(scope="module")
def answers(survey: ts.Survey) -> pd.DataFrame:
    """Return the items of the golden, all keyed one way, with their unit."""
    items = [name for own in SCALES.values() for name in own]
    turned = {name: survey.instrument.item(name).reverse for name in items}
    frame = survey.values(items)
    for name in items:
        frame[name] = 6 - frame[name] if turned[name] else frame[name]
    return frame.assign(unit=survey.clusters())


def complete(answers: pd.DataFrame, items: list[str]) -> tuple[Array, IntArray, list[str]]:
    """Return the complete rows, their units as numbers, and the units' names in order."""
    full = answers[[*items, "unit"]].dropna()
    codes, names = pd.factorize(full["unit"], sort=True)
    return full[items].to_numpy(), codes.astype(np.intp), list(names)


def data_of(answers: pd.DataFrame, name: str) -> tuple[OneWay, list[str]]:
    """Return a scale (its plain mean over complete rows) or an item in units."""
    values, units, names = complete(answers, SCALES.get(name, [name]))
    return one_way(values.mean(axis=1)[:, None], units), names


GIVEN = {**GOLDEN["icc"], **GOLDEN["items"]}


@pytest.mark.parametrize("name", GIVEN)
def test_analysis_of_variance(answers: pd.DataFrame, name: str) -> None:
    data, _ = data_of(answers, name)
    want, found = GIVEN[name], anova(data)
    assert (data.n[0], data.units[0]) == (want["n"], want["units"])
    assert found.f[0] == pytest.approx(want["f"], rel=EXACT)
    assert found.pvalue[0] == pytest.approx(want["pvalue"], rel=1e-6)
    assert found.icc1[0] == pytest.approx(want["icc1"], abs=EXACT)
    assert found.icc2[0] == pytest.approx(want["icc2"], abs=EXACT)
    assert anova(data, "mean").icc1[0] == pytest.approx(want["icc1_mean"], abs=EXACT)
    limits = exact_limits(data, found.n0)
    assert [limits.icc1_lower[0], limits.icc1_upper[0]] == pytest.approx(want["limits"], abs=EXACT)


@pytest.mark.parametrize("name", GIVEN)
def test_restricted_maximum_likelihood(answers: pd.DataFrame, name: str) -> None:
    data, _ = data_of(answers, name)
    want, found = GIVEN[name], reml(data)
    for key in ("icc1", "icc2"):
        assert getattr(found, key)[0] == pytest.approx(want[f"{key}_reml"], abs=LME4)
    for key in ("between", "within", "mean"):
        assert getattr(found, key)[0] == pytest.approx(want[key], rel=10 * LME4)
    assert np.sqrt(found.mean_variance[0]) == pytest.approx(want["mean_se"], rel=10 * LME4)
    assert mean_reliability(data, found.theta)[0] == pytest.approx(found.icc2[0])


@pytest.mark.parametrize("name", GIVEN)
def test_shrunken_means_and_their_conditional_variances(answers: pd.DataFrame, name: str) -> None:
    data, names = data_of(answers, name)
    want, found = GIVEN[name], shrink(data)
    assert names == want["units_named"]
    effects = found.estimates - found.mean
    assert np.abs(effects - want["effects"]).max() < 4 * LME4
    given_mean = np.diag(found.cov) - (1.0 - found.reliability) ** 2 * found.mean_se**2
    assert np.abs(given_mean / want["effect_variance"] - 1.0).max() < 10 * LME4


@pytest.mark.parametrize("name", SCALES)
def test_agreement_within_units(answers: pd.DataFrame, name: str) -> None:
    values, units, names = complete(answers, SCALES[name])
    found = agreement(values, units, [range(1, 6)] * values.shape[1], 5)
    want = GOLDEN["agreement"][name]
    at = [names.index(unit) for unit in want["unit"]]
    assert np.isnan(found.n).sum() == len(names) - len(at)
    for null in NULLS:
        theirs = np.array(want["rwg_j"][null])
        assert np.abs(found.rwg[null][at] - theirs).max() < EXACT
    for key in ("rwg_star", "ad_mean", "ad_median"):
        assert np.abs(getattr(found, key)[at] - want[key]).max() < EXACT
    alone = agreement(values[:, :1], units, [range(1, 6)], 5)
    assert np.abs(alone.rwg["uniform"][at] - want["rwg"]).max() < EXACT


def test_correlations_by_level(answers: pd.DataFrame) -> None:
    first, second = (SCALES[name] for name in list(SCALES)[:2])
    values, units, _ = complete(answers, [*first, *second])
    scores = np.column_stack(
        [values[:, : len(first)].mean(axis=1), values[:, len(first) :].mean(axis=1)]
    )
    drawn = unit_draws(int(units.max()) + 1, 100, np.random.default_rng(1))
    found, want = levels(scores, units, drawn, 1), GOLDEN["levels"]
    assert found.n[0] == want["n"]
    assert found.values[:, 0] == pytest.approx([want[kind] for kind in KINDS], abs=EXACT)
    assert found.between_part[0] == pytest.approx(want["between_part"], abs=EXACT)
    assert found.within_part[0] == pytest.approx(want["within_part"], abs=EXACT)


def test_units_of_one_size_have_the_limits_of_shrout_and_fleiss() -> None:
    want = GOLDEN["balanced"]
    values = np.array(want["values"])
    units = np.repeat(np.arange(len(values)), values.shape[1])
    data = one_way(values.ravel()[:, None], units)
    found = anova(data)
    limits = exact_limits(data, found.n0)
    assert found.f[0] == pytest.approx(want["f"], rel=EXACT)
    one = [found.icc1[0], limits.icc1_lower[0], limits.icc1_upper[0]]
    two = [found.icc2[0], limits.icc2_lower[0], limits.icc2_upper[0]]
    assert one == pytest.approx(want["icc1"], abs=EXACT)
    assert two == pytest.approx(want["icc2"], abs=EXACT)


#: ICC(1), ICC(2) by the analysis of variance with the plain mean size, and ICC(1) by REML. Of
#: cohesion the last is .04805 in lme4 and nlme alike.
PUBLISHED = {
    "bh1996": {
        "COHES": (0.0443, 0.7755, 0.0480),
        "LEAD": (0.1270, 0.9156, 0.1475),
        "HRS": (0.1331, 0.9197, 0.1292),
        "WBEING": (0.0434, 0.7717, 0.0434),
    },
    "lq2002": {"LEAD": (0.0880, 0.801, None), "TSIG": (0.0804, 0.785, None)},
}


def army(external: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(external / "data" / "us_army_multilevel" / f"{name}.csv")


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_intraclass_correlations(external: Path, name: str) -> None:
    frame = army(external, name)
    by = "GRP" if "GRP" in frame else "COMPID"
    items = {"LEAD": [f"LEAD{k:02d}" for k in range(1, 12)], "TSIG": ["TSIG01", "TSIG02", "TSIG03"]}
    for scale, (icc1, icc2, likely) in PUBLISHED[name].items():
        keys = {scale: items[scale] if name == "lq2002" else [scale]}
        found = ts.aggregation(frame, by=by, keys=keys, size="mean", min_n=2).icc.iloc[0]
        assert round(found["icc1"], 4) == pytest.approx(icc1)
        assert found["icc2"] == pytest.approx(icc2, abs=6e-4)
        if likely is not None:
            assert round(found["icc1_reml"], 4) == pytest.approx(likely, abs=1e-9)


def test_published_levels_and_agreement(external: Path) -> None:
    keys = {name: [name] for name in ("LEAD", "WBEING", "HRS")}
    found = ts.aggregation(army(external, "bh1996"), by="GRP", keys=keys).correlations
    kinds = ["r_total", "r_within", "r_means"]
    assert found.loc[0, kinds].tolist() == pytest.approx([0.426, 0.420, 0.607], abs=5e-4)
    assert found.loc[2, kinds].tolist() == pytest.approx([-0.163, -0.111, -0.667], abs=5e-4)
    frame = army(external, "bhr2000")
    items = [name for name in frame if name[:2] in ("AF", "AP", "AS")]
    table = ts.aggregation(
        frame, by="GRP", keys={"LEAD": items}, codes=range(1, 6), size="mean", min_n=2
    )
    mean = table.agreement[table.agreement["kind"] == "construct"].set_index(["index", "null"])
    assert mean.loc[("rwg_j", "uniform"), "mean"] == pytest.approx(0.8876, abs=5e-5)
    assert mean.loc[("rwg_star", "uniform"), "mean"] == pytest.approx(0.4289, abs=5e-5)
    assert mean.loc[("ad_mean", ""), "mean"] == pytest.approx(0.869, abs=5e-4)
    assert table.icc.loc[0, ["icc1", "icc2"]].tolist() == pytest.approx([0.1357, 0.8954], abs=5e-5)
