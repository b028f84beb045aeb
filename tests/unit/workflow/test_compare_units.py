"""`ts.compare_units`: what is compared, what is not, and that nothing of a unit slips through."""

from __future__ import annotations

from types import SimpleNamespace as Made

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.survey import Survey

ALIKE = Made(licensed="scalar", group="city")
ITEMS = ["q1", "q2", "q3"]
FREE = {"codes": range(1, 6), "units_are_persons": False}


@pytest.fixture(scope="module")
def survey() -> Survey:
    return ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")


def made(units: int = 24, each: int = 15, shared: float = 0.7, seed: int = 3) -> pd.DataFrame:
    """Return three items on five points in units; the last unit has four people."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), each)
    y = shared * rng.normal(size=units)[unit][:, None]
    y = y + 0.5 * rng.normal(size=(len(unit), 1)) + 0.5 * rng.normal(size=(len(unit), 3))
    frame = pd.DataFrame(np.digitize(y, [-1.5, -0.5, 0.5, 1.5]) + 1.0, columns=ITEMS)
    frame["unit"] = [f"u{k:02d}" for k in unit]
    return frame.drop(index=range(len(frame) - each + 4, len(frame)))


def test_a_licensed_comparison(survey: Survey) -> None:
    found = ts.compare_units("horizontal_trust", survey, invariance=ALIKE)
    assert found.licensed
    assert found.failed == ()
    assert not found.assumed
    units = found.units
    assert len(units) == found.n_units == 83
    assert found.left_out == 12
    assert units["n"].min() >= 8
    assert units["n"].sum() == found.n
    assert ((units["estimate"] - found.mean).abs() <= (units["mean"] - found.mean).abs()).all()
    assert (units["upper"] - units["estimate"]).to_numpy() == pytest.approx(
        found.factor * units["se"]
    )
    assert (units["rank_lower"] <= units["rank"]).all()
    assert (units["rank"] <= units["rank_upper"]).all()
    assert 0 < found.pairs_apart < 1
    assert list(units["unit"]) == sorted(units["unit"]), "in the order of the data"
    assert units.attrs["synthetic"]
    again = ts.compare_units("horizontal_trust", survey, invariance=ALIKE)
    assert again.units.equals(units)
    other = ts.compare_units("horizontal_trust", survey, invariance=ALIKE, seed=4)
    assert other.units["estimate"].equals(units["estimate"])
    assert not other.units["rank_lower"].equals(units["rank_lower"])


@pytest.mark.parametrize(
    ("construct", "options", "failed"),
    [
        ("horizontal_trust", {}, ("invariance",)),
        ("horizontal_trust", {"invariance": Made(licensed=None)}, ("invariance",)),
        ("results", {"invariance": ALIKE}, ("reliability",)),
        ("turnover_intention", {"invariance": ALIKE}, ("reliability", "agreement")),
        ("horizontal_trust", {"invariance": ALIKE, "min_n": 55, "min_units": 40}, ("units",)),
        ("vertical_trust", {"invariance": ALIKE}, ("persons",)),
    ],
)
def test_one_failed_condition_shows_no_unit(
    survey: Survey, construct: str, options: dict[str, object], failed: tuple[str, ...]
) -> None:
    found = ts.compare_units(construct, survey, **options)
    assert set(failed) <= set(found.failed)
    assert not found.licensed
    assert found.estimates is None
    assert np.isnan(found.pairs_apart)
    with pytest.raises(NotSupportedError, match="may not be compared"):
        _ = found.units
    assert found.frame()["condition"].tolist() == [c.name for c in found.conditions]
    assert "units_not_compared" in [p.code for p in found.problems]
    assert found.mean_lower < found.mean < found.mean_upper
    names = set(map(str, survey.clusters()))
    shown = repr(found) + found._repr_html_() + ts.table(found).text()
    assert not [name for name in names if name in shown]


def test_a_ladder_of_invariance_is_what_licenses(survey: Survey) -> None:
    model = "horizontal_trust =~ htr1 + htr2 + htr3 + htr4"
    ladder = ts.invariance(model, survey, group="sector")
    found = ts.compare_units("horizontal_trust", survey, invariance=ladder)
    assert (found.conditions[0].reason, found.conditions[0].where) == ("scalar", "sector")
    assert found.licensed
    with pytest.raises(OptionError, match="about horizontal_trust, not about results"):
        ts.compare_units("results", survey, invariance=ladder)


def test_assumed_invariance_is_said_everywhere(survey: Survey) -> None:
    found = ts.compare_units("horizontal_trust", survey, invariance="assumed")
    assert found.assumed
    assert "invariance_assumed" in [p.code for p in found.problems]
    for shown in (repr(found), found._repr_html_(), ts.table(found).text()):
        assert "assumed" in shown


def test_units_with_one_manager_are_left_out(survey: Survey) -> None:
    frame = survey.frame.copy()
    places = frame.groupby("unit").cumcount()
    several = frame["unit"].str[-1].isin(list("02468"))
    frame["boss"] = frame["unit"] + np.where(several & (places % 2 == 1), "b", "a")
    held = ts.read_survey(frame, instrument="tbm-core", cluster="unit")
    found = ts.compare_units("vertical_trust", held, invariance=ALIKE, manager="boss", min_icc2=0.5)
    assert found.licensed
    assert found.persons_left_out > 20
    assert found.units["unit"].str[-1].isin(list("02468")).all()
    assert "persons_left_out" in [p.code for p in found.problems]
    said = ts.compare_units("vertical_trust", held, invariance=ALIKE, units_are_persons=False)
    assert said.licensed
    about_others = ts.compare_units("horizontal_trust", held, invariance=ALIKE, manager="boss")
    assert about_others.persons_left_out == 0


def test_a_frame_says_what_an_instrument_would() -> None:
    keys = {"trust": ITEMS}
    found = ts.compare_units(keys, made(), "unit", invariance=ALIKE, **FREE)
    assert found.licensed
    assert (found.n_units, found.left_out) == (23, 1)
    unsaid = ts.compare_units(keys, made(), "unit", invariance=ALIKE)
    assert unsaid.failed == ("agreement", "persons")
    few = ts.compare_units(keys, made(4), "unit", invariance=ALIKE, **FREE)
    assert few.failed == ("units",)
    assert np.isnan(few.between_sd), "the spread of three units would give them away"


def test_factors_are_compared_by_bartlett_scores(survey: Survey) -> None:
    model = "horizontal_trust =~ htr1 + htr2 + htr3 + htr4"
    fit = ts.fit(model, survey, missing="fiml")
    found = ts.compare_units(fit, invariance=ALIKE)
    scale = ts.compare_units("horizontal_trust", survey, invariance=ALIKE)
    assert found.measure == "factor"
    assert found.licensed
    assert found.by == "unit"
    both = found.units.merge(scale.units, on="unit")
    assert both["estimate_x"].corr(both["estimate_y"]) > 0.98
    assert found.mean == pytest.approx(0.0, abs=0.03)
    frame = made()
    plain = ts.fit("trust =~ q1 + q2 + q3", frame, estimator="MLR", cluster="unit")
    mine = ts.compare_units(plain, frame, invariance=ALIKE, **FREE)
    assert mine.by == "unit"
    assert mine.licensed
    with pytest.raises(OptionError, match="does not hold the answers"):
        ts.compare_units(plain, invariance=ALIKE)


def test_what_a_fit_cannot_carry() -> None:
    frame = made()
    for k, item in enumerate(ITEMS, start=1):
        frame[f"a{k}"] = frame[item] + np.sin(k * frame.index)
    frame["city"] = np.where(frame.index % 2, "N", "S")
    two = ts.fit("trust =~ q1 + q2 + q3\n other =~ a1 + a2 + a3", frame, estimator="MLR")
    with pytest.raises(OptionError, match="several factors"):
        ts.compare_units(two, frame, "unit")
    with pytest.raises(OptionError, match="Did you mean 'trust'"):
        ts.compare_units(two, frame, "unit", construct="trusts")
    assert ts.compare_units(two, frame, "unit", construct="trust", **FREE).construct == "trust"
    grouped = ts.fit("trust =~ q1 + q2 + q3", frame, estimator="MLR", group="city")
    with pytest.raises(NotSupportedError, match="scales of their own"):
        ts.compare_units(grouped, frame, "unit")
    ordinal = ts.fit("trust =~ q1 + q2 + q3", frame, ordered=True)
    with pytest.raises(NotSupportedError, match="ordinal"):
        ts.compare_units(ordinal, frame, "unit")


def test_what_is_refused(survey: Survey) -> None:
    with pytest.raises(OptionError, match="No answers are given"):
        ts.compare_units("horizontal_trust")
    with pytest.raises(OptionError, match="what= is a int"):
        ts.compare_units(3, survey)
    with pytest.raises(OptionError, match="2 scales are named"):
        ts.compare_units({"a": ["q1"], "b": ["q2"]}, made(), "unit")
    with pytest.raises(OptionError, match="Did you mean"):
        ts.compare_units("horizontal_trusts", survey)
    with pytest.raises(DataError, match="0 of 95 units"):
        ts.compare_units("horizontal_trust", survey, min_n=500)
    with pytest.raises(OptionError, match="confidence level"):
        ts.compare_units("horizontal_trust", survey, level=95)
    with pytest.raises(OptionError, match="draws"):
        ts.compare_units("horizontal_trust", survey, draws=3)
    loaded = ts.compare_units(ts.load_construct("horizontal_trust"), survey)
    assert loaded.construct == "horizontal_trust"
