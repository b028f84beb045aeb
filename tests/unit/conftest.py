"""Small models and answers that the tests of the numeric rooms share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

STEP = 1e-20
SYMMETRIC = (-1.5, -0.5, 0.5, 1.5)
CHAIN = """
info =~ inf1 + inf2 + inf3
trust =~ tru1 + tru2 + tru3
results =~ res1 + res2 + res3
trust ~ info
results ~ trust + info
"""
MODELS = {
    "two_factors": """
        info =~ inf1 + inf2 + inf3
        trust =~ tru1 + tru2 + tru3
        inf1 ~~ tru1
        inf2 ~~ tru2
    """,
    "chain": CHAIN,
    "equal_labels": """
        info =~ inf1 + a*inf2 + a*inf3
        trust =~ tru1 + a*tru2 + tru3
        trust ~ b*info
        inf1 ~~ e*inf1
        tru1 ~~ e*tru1
        inf2 ~~ tru2
    """,
    "second_order": """
        info =~ inf1 + inf2 + inf3
        trust =~ tru1 + tru2 + tru3
        results =~ res1 + res2 + res3
        climate =~ info + trust + results
    """,
    "observed": """
        inf1 ~ x1 + x2
        tru1 ~ inf1 + x1
        res1 ~ tru1 + inf1
    """,
    "mimic": """
        info =~ inf1 + inf2 + inf3
        info ~ x1 + x2
        inf3 ~ x2
    """,
    "loop": """
        tru1 ~ res1 + x1
        res1 ~ tru1 + x2
        tru1 ~~ res1
    """,
    "mixed": """
        info =~ inf1 + inf2 + inf3
        tru1 ~ info
        res1 ~ tru1 + info
        res2 ~ res1
        tru1 ~~ res2
        info ~~ res2
        inf1 ~~ tru1
    """,
}


def make_answers(n: int = 240, *, seed: int = 5, holes: float = 0.0, units: int = 24) -> Any:
    """Return answers of n people in units: nine items of a chain of factors, two covariates."""
    rng = np.random.default_rng(seed)
    unit = np.arange(n) % units
    shared = 0.4 * rng.normal(size=(units, 3))[unit]
    info = rng.normal(size=n) + shared[:, 0]
    x1 = rng.normal(size=n)
    trust = 0.5 * info + 0.8 * x1 + rng.normal(size=n) + shared[:, 1]
    x2 = (rng.random(n) < 0.5).astype(float)
    results = 0.4 * trust + 0.3 * info + x2 + rng.normal(size=n) + shared[:, 2]
    columns = {}
    for name, factor in (("inf", info), ("tru", trust), ("res", results)):
        for k, loading in enumerate((1.0, 0.8, 1.2), start=1):
            columns[f"{name}{k}"] = 3.0 + loading * factor + 0.9 * rng.normal(size=n)
    frame = pd.DataFrame(columns)
    if holes:
        gone = rng.random(frame.shape) < holes
        gone[:, 0] &= ~gone[:, 1:].all(axis=1)
        frame = frame.mask(gone)
    frame["x1"] = x1
    frame["x2"] = x2
    frame["unit"] = [f"u{k:02d}" for k in unit]
    return frame


@dataclass(frozen=True)
class Case:
    """A layout, a point that is not its optimum, and sample moments."""

    layout: Any
    theta: np.ndarray
    rows: np.ndarray
    cov: np.ndarray
    mean: np.ndarray

    @property
    def state(self) -> Any:
        from truststats.estimation.implied import evaluate

        return evaluate(self.layout, self.theta[None])

    def moments_about(self, state: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return S* and m - mu, (B, p, p) and (B, p), as the layout models them."""
        gap = self.mean - state.mu
        if not self.layout.has_means:
            gap = np.zeros_like(gap)
        return self.cov + gap[:, :, None] * gap[:, None, :], gap

    def logl(self, theta: np.ndarray) -> np.ndarray:
        """Return the (B,) log-likelihood per case without constants, by its definition."""
        from truststats.estimation.implied import evaluate

        state = evaluate(self.layout, theta)
        second, _ = self.moments_about(state)
        w = np.linalg.inv(state.sigma)
        return -0.5 * (np.log(np.linalg.det(state.sigma)) + np.einsum("bij,bji->b", w, second))


def make_case(text: str, *, means: bool = False, rows: Any = None, seed: int = 3) -> Case:
    """Return the layout of a text at a point off its optimum."""
    from truststats.estimation.implied import with_exogenous
    from truststats.estimation.layout import layout_from_partable
    from truststats.estimation.start import starting_values
    from truststats.model import Model, build_partable

    table = build_partable(Model.from_text(text), meanstructure=means)
    data = (make_answers() if rows is None else rows)[list(table.ov)].to_numpy()
    full = data[~np.isnan(data).any(axis=1)]
    cov, mean = np.cov(full.T, ddof=0), full.mean(axis=0)
    layout = with_exogenous(layout_from_partable(table), cov, mean)
    at = {name: k for k, name in enumerate(layout.nodes)}
    loads = [
        (at[lhs], at[rhs])
        for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True)
        if op == "=~"
    ]
    user = np.full(layout.q, np.nan)
    start = starting_values(layout, loads, user, cov, mean if means else None)
    theta = start * (1.0 + 0.05 * np.random.default_rng(seed).normal(size=layout.q))
    return Case(layout, theta, data, cov, mean)


@pytest.fixture(scope="session")
def models() -> dict[str, str]:
    """Return model texts by name."""
    return dict(MODELS)


@pytest.fixture(scope="session")
def chain() -> str:
    """Return the text of a chain of three factors."""
    return CHAIN


@pytest.fixture(scope="session")
def answers_of() -> Callable[..., pd.DataFrame]:
    """Return the function that makes answers."""
    return make_answers


@pytest.fixture(scope="session")
def case_of() -> Callable[..., Case]:
    """Return the function that makes a case."""
    return make_case


@pytest.fixture(
    params=[(name, means) for name in MODELS for means in (False, True)],
    ids=lambda p: f"{p[0]}{'-means' if p[1] else ''}",
)
def case(request: pytest.FixtureRequest) -> Case:
    """Return each model, with and without means."""
    name, means = request.param
    return make_case(MODELS[name], means=means)


@pytest.fixture(scope="session")
def complex_step() -> Callable[..., np.ndarray]:
    """Return the function that differentiates a batched function exactly, (q, ...)."""

    def derivative(function: Callable[[np.ndarray], np.ndarray], theta: np.ndarray) -> np.ndarray:
        batch = theta[None] + 1j * STEP * np.eye(len(theta))
        return function(batch).imag / STEP

    return derivative


def _in_groups(shift: dict[str, float], stretch: dict[str, float] | None = None) -> pd.DataFrame:
    """Draw eight items of two factors in three groups; some items of "south" stand apart."""
    rng = np.random.default_rng(11)
    labels = np.repeat(["north", "south", "west"], [260, 240, 220])
    factors = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.4], [0.4, 1.0]], len(labels))
    factors[labels == "south"] += 0.3
    common = np.repeat(factors, 4, axis=1) * 0.8
    items = pd.DataFrame(
        3.0 + common + rng.normal(0.0, 0.6, common.shape), columns=[f"x{k + 1}" for k in range(8)]
    )
    there = labels == "south"
    for name, by in shift.items():
        items.loc[there, name] += by
    for name, by in (stretch or {}).items():
        items.loc[there, name] = 3.0 + by * (items.loc[there, name] - 3.0)
    return items.assign(g=labels)


@pytest.fixture(scope="session")
def two_groups() -> pd.DataFrame:
    """Two groups that measure alike."""
    return _in_groups({}).query("g != 'west'").reset_index(drop=True)


@pytest.fixture(scope="session")
def groups_apart() -> pd.DataFrame:
    """Three groups; in "south" x2 is answered 0.8 higher."""
    return _in_groups({"x2": 0.8})


@pytest.fixture(scope="session")
def groups_far_apart() -> pd.DataFrame:
    """Three groups; in "south" most items are answered higher or lower at the same standing."""
    return _in_groups({"x1": 0.9, "x2": -0.9, "x3": 0.7, "x5": 0.8}, {"x6": 2.0})


def revise(instrument: Any, items: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Return another version of a questionnaire: items changed (None drops them), and fields."""
    items = items or {}
    constructs = {}
    for key, construct in instrument.constructs.items():
        asked = [i for i in construct.items if items.get(i.name, {}) is not None]
        renewed = [i.model_copy(update=items.get(i.name, {})) for i in asked]
        constructs[key] = construct.model_copy(update={"items": tuple(renewed)})
    named = {old: (new or {}).get("name", old) for old, new in items.items()}
    order = [named.get(n, n) for n in instrument.item_order if items.get(n, {}) is not None]
    update = {"version": "0.2", "constructs": constructs, "item_order": tuple(order)}
    return instrument.model_copy(update={**update, **changes})


@pytest.fixture(scope="session")
def revised() -> Callable[..., Any]:
    """Return the function that makes another version of a questionnaire."""
    return revise


def move(population: Any, latent: str, by: float, shifts: dict[str, float] | None = None) -> Any:
    """Return a population whose latent mean is higher, and items that are answered higher.

    Every threshold falls by loading times change, which is the same as a higher mean.
    """
    items = dict(population.items)
    for name, spec in items.items():
        if spec.latent == latent:
            higher = by * spec.loading + (shifts or {}).get(name, 0.0)
            edges = np.r_[0.0, ndtr(np.array(SYMMETRIC) - higher), 1.0]
            items[name] = replace(spec, percent=tuple(100.0 * np.diff(edges)))
    return replace(population, items=items)


@pytest.fixture(scope="session")
def two_waves() -> Callable[..., Any]:
    """Return a function that draws both waves of a changed questionnaire, SYNTHETIC."""
    import truststats as ts
    from truststats.simulate import Sampling, load_population

    design = Sampling(units_per_cell=18, smallest=8, largest=40)
    tbm = load_population("tbm")
    tbm = replace(tbm, missing=replace(tbm.missing, dont_know={"": 0.0}))

    def draw(
        change: Any, by: float, shifts: dict[str, float] | None = None, *, seeds: Any = (5, 5),
        latent: str = "vertical_trust",
    ) -> tuple[Any, Any]:  # fmt: skip
        """Return the waves; with one seed the same people answer with the same errors."""
        populations = (move(tbm, latent, 0.0), move(tbm, latent, by, shifts))
        return tuple(
            ts.simulate(population, instrument, design=design, seed=seed)
            for population, instrument, seed in zip(
                populations, (change.old, change.new), seeds, strict=True
            )
        )

    return draw
