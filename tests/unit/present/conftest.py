"""Fits of the right shape, made without estimation, for the tests of pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from truststats.constructs import load_instrument
from truststats.framework import Framework, load_framework
from truststats.model import Model, build_partable
from truststats.results import RivalRow, Rivals, StudyResult, Verdict, Verdicts
from truststats.survey import read_survey
from truststats.workflow.fit import fit as estimate


@dataclass(frozen=True)
class FakeFit:
    """What a diagram reads of a fit."""

    model: Model
    rows: pd.DataFrame
    framework: Framework | None = None
    r2: dict[str, float] = field(default_factory=dict)

    def tidy(self) -> pd.DataFrame:
        return self.rows.copy()

    @property
    def r_square(self) -> pd.Series:
        return pd.Series(self.r2, dtype=float)


def fake_fit(model: Model, framework: Framework | None = None) -> FakeFit:
    """Give every parameter of a model a number that follows from its place in the table."""
    table = build_partable(model)
    rows = []
    for k, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True)):
        est = 0.7 if op == "=~" else 1.0 if lhs == rhs else ((k * 37) % 53) / 100 - 0.12
        rows.append((lhs, op, rhs, est, 0.04, 0.01, est))
    names = ["lhs", "op", "rhs", "est", "se", "pvalue", "std_all"]
    caused = [lhs for lhs, op in zip(table.lhs, table.op, strict=True) if op == "~"]
    return FakeFit(model, pd.DataFrame(rows, columns=names), framework, dict.fromkeys(caused, 0.42))


@pytest.fixture(scope="session")
def framework() -> Framework:
    """Return the bundled framework."""
    return load_framework("tbm")


@pytest.fixture(scope="session")
def framework_fit(framework: Framework) -> FakeFit:
    """Return numbers for the model of the bundled framework."""
    return fake_fit(framework.model("tbm-core"), framework)


@pytest.fixture(scope="session")
def text_fit() -> Callable[[str], Any]:
    """Return a function that gives numbers to the model of a text."""
    return lambda text: fake_fit(Model.from_text(text))


SMALL = """
trust =~ vtr1 + vtr2 + vtr3 + vtr5
work_autonomy =~ aut1 + aut2 + aut3
work_autonomy ~ trust
"""
EVIL = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"


def answers(evil: bool = False) -> pd.DataFrame:
    """Return 300 people in 12 units, two cities and one city with three people."""
    rng = np.random.default_rng(8)
    n = 300
    trust = rng.normal(size=n)
    autonomy = 0.5 * trust + rng.normal(size=n)
    columns: dict[str, Any] = {}
    for name, factor in (("vtr", trust), ("aut", autonomy)):
        for k in range(1, 7 if name == "aut" else 6):
            sign = -1 if (name, k) == ("vtr", 5) else 1
            raw = 3.4 * (sign > 0) + 2.6 * (sign < 0) + sign * factor + 0.8 * rng.normal(size=n)
            columns[f"{name}{k}"] = np.clip(np.round(raw), 1, 5)
    frame = pd.DataFrame(columns)
    frame = frame.mask(rng.random(frame.shape) < 0.02)
    units = [f"u{k % 12:02d}" for k in range(n)]
    cities = ["North" if k % 12 < 6 else "South" for k in range(n)]
    if evil:
        units = [EVIL if u == "u00" else FORMULA if u == "u01" else u for u in units]
        cities = [EVIL if c == "North" else FORMULA for c in cities]
    frame["unit"], frame["city"] = units, cities
    frame.loc[[5, 17, 29], "city"] = "Tiny"
    frame.loc[[5, 17, 29], "unit"] = "u99"
    return frame


def small_instrument(evil: bool = False) -> Any:
    """Return the two constructs of the small survey as a questionnaire of their own."""
    whole = load_instrument("tbm-core")
    kept = {k: whole.constructs[k] for k in ("vertical_trust", "work_autonomy")}
    if evil:
        trust = kept["vertical_trust"]
        first = trust.items[0].model_copy(update={"text": {"en": EVIL, "nb": EVIL}})
        kept["vertical_trust"] = trust.model_copy(
            update={"items": (first, *trust.items[1:]), "label": {"en": EVIL, "nb": EVIL}}
        )
    names = tuple(i.name for c in kept.values() for i in c.items)
    return whole.model_copy(update={"constructs": kept, "item_order": names, "name": "small"})


def make_study(evil: bool = False) -> StudyResult:
    """Return a study of a small survey; verdicts and rivals are given, not computed."""
    instrument = small_instrument(evil)
    sizes = {f"u{k:02d}": 40 for k in range(12)} | {"u99": 10, "u77": 20}
    survey = read_survey(
        answers(evil),
        instrument=instrument,
        cluster="unit",
        group="city",
        unit_sizes=None if evil else sizes,
        synthetic=True,
    )
    label = {"en": EVIL if evil else "Trust", "nb": EVIL if evil else "Tillit"}
    model = Model.from_text(SMALL, recode={"vtr5": 6.0}, labels={"trust": label})
    fit = estimate(model, survey, estimator="MLR", missing="ml")
    statement = {"en": EVIL} if evil else {"en": "More trust, more autonomy.", "nb": "Mer tillit."}
    return StudyResult(
        title=EVIL if evil else "A small study",
        language="en",
        synthetic=True,
        survey=survey,
        instrument=instrument,
        framework=None,
        fit=fit,
        verdicts=Verdicts((make_verdict(statement=statement), make_verdict("two", estimate=0.0))),
        rivals=make_rivals(FORMULA if evil else "One factor"),
        reliability=fit.reliability(),
        checks=survey.check(),
        options={"min_n": 5, "out": EVIL if evil else None},
        provenance={"data": {"source": EVIL if evil else "small.csv", "rows": 300}},
    )


def make_verdict(claim_id: str = "one", **changes: Any) -> Verdict:
    """Return one verdict with every number given."""
    values: dict[str, Any] = {
        "claim_id": claim_id,
        "statement": {"en": "More trust, more autonomy.", "nb": "Mer tillit, mer autonomi."},
        "path": ("trust", "work_autonomy"),
        "estimand": "direct",
        "adjust": (),
        "sign": 1,
        "sesoi": 0.1,
        "estimate": 0.21,
        "se": 0.03,
        "ci_lower": 0.15,
        "ci_upper": 0.27,
        "ci90_lower": 0.16,
        "ci90_upper": 0.26,
        "pvalue": 1e-9,
        "p_holm": 0.0321,
        "verdict": "supported",
        "caveats": ("same_source",),
    }
    return Verdict(**(values | changes))


def make_rivals(name: str = "One factor") -> Rivals:
    """Return one rival that fits worse."""
    row = RivalRow(
        "one_factor",
        {"en": name, "nb": name},
        14069.8,
        20.0,
        0.55,
        0.084,
        0.079,
        1.0,
        2.0,
        14069.8,
        "fits worse",
        {"en": "It fits worse.", "nb": "Den passer dårligere."},
    )
    return Rivals((row,), {"en": "By BIC.", "nb": "Etter BIC."})


@pytest.fixture(scope="session")
def small_study() -> StudyResult:
    """Return a study of a small survey."""
    return make_study()


@pytest.fixture(scope="session")
def evil_study() -> StudyResult:
    """Return the same study where every label is an attack."""
    return make_study(evil=True)


@pytest.fixture(scope="session")
def verdict_of() -> Callable[..., Verdict]:
    """Return the function that makes a verdict."""
    return make_verdict


@pytest.fixture(scope="session")
def evil() -> tuple[str, str]:
    """Return a script and a spreadsheet formula, as data may hold them."""
    return EVIL, FORMULA
