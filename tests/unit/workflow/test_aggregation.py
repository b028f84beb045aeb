"""`ts.aggregation`: what it counts, what it says, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError


def made(units: int = 20, each: int = 12, shared: float = 0.8, seed: int = 3) -> pd.DataFrame:
    """Return three items on five points in units, the last of them small."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), each)
    level = shared * rng.normal(size=units)[unit]
    y = (
        level[:, None]
        + 0.6 * rng.normal(size=(len(unit), 1))
        + 0.6 * rng.normal(size=(len(unit), 3))
    )
    frame = pd.DataFrame(np.digitize(y, [-1.5, -0.5, 0.5, 1.5]) + 1.0, columns=["q1", "q2", "q3"])
    frame["unit"] = [f"u{k:02d}" for k in unit]
    return frame.drop(index=range(len(frame) - each + 3, len(frame)))


KEYS = {"trust": ["q1", "q2"], "one": ["q3"]}


def test_small_units_are_left_out_and_counted() -> None:
    found = ts.aggregation(made(), "unit", KEYS, codes=range(1, 6))
    assert (found.units, found.units_left_out, found.min_n) == (19, 1, 5)
    assert ("units_left_out", 1) in [(p.code, p.count) for p in found.problems]
    assert found.icc["units"].tolist() == [19] * len(found.icc)
    assert "u19" not in set(found.by_unit["unit"])
    assert found.by_unit["n"].min() >= 5
    assert found.correlations.loc[0, "units"] == 19
    every = ts.aggregation(made(), "unit", KEYS, codes=range(1, 6), min_n=2)
    assert every.units == 20


def test_lines_and_columns() -> None:
    found = ts.aggregation(made(), "unit", KEYS, codes=range(1, 6))
    assert found.icc[["scale", "kind"]].to_numpy().tolist() == [
        ["trust", "construct"], ["q1", "item"], ["q2", "item"], ["one", "construct"],
        ["q3", "item"],
    ]  # fmt: skip
    inside = found.icc["icc1"].between(found.icc["icc1_lower"], found.icc["icc1_upper"])
    assert inside.all()
    own = found.agreement[found.agreement["scale"] == "trust"]
    assert own["index"].tolist() == ["rwg_j"] * 4 + ["rwg_star", "ad_mean", "ad_median"]
    assert own["cutoff"].tolist() == pytest.approx([0.7] * 5 + [5 / 6] * 2)
    assert own["share"].between(0, 1).all()
    alone = found.agreement[found.agreement["scale"] == "q3"]
    assert alone["index"].tolist()[:4] == ["rwg"] * 4
    assert found.frame()["construct"].tolist() == ["trust", "one"]


def test_limits_by_resampling_are_seeded_and_said() -> None:
    options = {"codes": range(1, 6), "ci": "bootstrap", "draws": 200}
    one = ts.aggregation(made(), "unit", KEYS, **options)
    two = ts.aggregation(made(), "unit", KEYS, **options)
    other = ts.aggregation(made(), "unit", KEYS, **options, seed=5)
    exact = ts.aggregation(made(), "unit", KEYS, codes=range(1, 6))
    assert one.ci == "bootstrap"
    assert one.icc.equals(two.icc)
    assert not one.icc.equals(other.icc)
    assert other.seed == 5
    assert exact.icc["icc1"].equals(one.icc["icc1"])
    narrow = ts.aggregation(made(), "unit", KEYS, codes=range(1, 6), ci_level=0.5)
    assert (narrow.icc["icc1_lower"] > exact.icc["icc1_lower"]).all()


def test_without_codes_there_is_no_rwg_but_a_deviation() -> None:
    found = ts.aggregation(made(), "unit", KEYS)
    assert set(found.agreement["index"]) == {"ad_mean", "ad_median"}
    assert found.agreement["share"].isna().all()
    assert "answers_not_known" in [p.code for p in found.problems]
    assert found.frame()["rwg_j"].isna().all()


def test_what_must_be_said() -> None:
    none = ts.aggregation(made(8, shared=0.0, seed=1), "unit", KEYS, codes=range(1, 6), min_n=3)
    codes = [p.code for p in none.problems]
    assert codes[0] == "few_units"
    assert "negative_icc" in codes
    wide = made()
    wide["q3"] = np.where(wide.index % 2, 1.0, 5.0)
    found = ts.aggregation(wide, "unit", {"one": ["q3"]}, codes=range(1, 6))
    told = next(p for p in found.problems if p.code == "no_agreement")
    assert told.count == 19
    assert found.correlations.empty


def test_what_is_refused() -> None:
    with pytest.raises(OptionError, match="size="):
        ts.aggregation(made(), "unit", KEYS, size="harmonic")
    with pytest.raises(OptionError, match="ci="):
        ts.aggregation(made(), "unit", KEYS, ci="wald")
    with pytest.raises(OptionError, match="confidence level"):
        ts.aggregation(made(), "unit", KEYS, ci_level=95)
    with pytest.raises(OptionError, match="min_n"):
        ts.aggregation(made(), "unit", KEYS, min_n=1)
    with pytest.raises(DataError, match="0 of 20 units"):
        ts.aggregation(made(), "unit", KEYS, min_n=50)
