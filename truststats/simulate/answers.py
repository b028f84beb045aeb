"""From people to answers: latents, items, categories, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from truststats.errors import DefinitionError
from truststats.options import did_you_mean
from truststats.simulate.flaws import Flaws, add_errors, overwrite_careless
from truststats.simulate.population import ItemSpec, MissingRates, Population
from truststats.simulate.stream import normals, uniforms

__all__ = ["DONT_KNOW", "draw_answers", "draw_latents"]

DONT_KNOW = 9


def draw_latents(population: Population, people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw every person's latent values, part of them shared with the unit.

    Follows the structural equations upwards: each outcome is its paths times its causes, plus a
    residual of its unit and one of its own, so that the shares between units and the total
    covariance matrix are those of the population.
    """
    n, k = len(people), len(population.exogenous)
    unit, units = pd.factorize(people["unit"])
    between = population.between_cov[:k, :k] - population.shift_cov
    within = (population.latent_cov - population.between_cov)[:k, :k]
    exogenous = _mix(normals(seed, "units, exogenous", len(units), k), between)[unit]
    exogenous = exogenous + _mix(normals(seed, "people, exogenous", n, k), within)
    values = {name: exogenous[:, i] for i, name in enumerate(population.exogenous)}
    for grouping, shift in population.shifts.items():
        second = pd.factorize(people[grouping])[0] == 1
        for name, distance in shift.items():
            values[name] = values[name] + distance * np.where(second, 0.5, -0.5)
    total, shared = population.residual_variances, population.between_residual_variances
    for outcome, causes in population.paths.items():
        value = np.sqrt(shared[outcome]) * normals(seed, f"units, {outcome}", len(units))[unit]
        own = np.sqrt(total[outcome] - shared[outcome])
        value = value + own * normals(seed, f"people, {outcome}", n)
        for cause, path in causes.items():
            value = value + path * values[cause]
        values[outcome] = value
    return pd.DataFrame(values)


def _mix(independent: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """Give independent standard normal columns a covariance, adding in a fixed order."""
    root = np.linalg.cholesky(cov)
    out = np.zeros_like(independent)
    for i in range(len(cov)):
        for j in range(i + 1):
            out[:, i] += root[i, j] * independent[:, j]
    return out


def draw_answers(
    population: Population,
    people: pd.DataFrame,
    items: Sequence[str],
    *,
    flaws: Flaws | None = None,
    seed: int,
) -> pd.DataFrame:
    """Draw the answers of people to items, as they would stand in a file.

    Returns
    -------
    DataFrame
        One column per item in the order given: codes from 1 as answered (reverse-keyed items
        are not turned), 9 for "don't know", NaN where nothing was answered.

    Raises
    ------
    DefinitionError
        If the population does not say how an item is answered.
    """
    flaws = flaws or Flaws()
    flaws.check_items(tuple(items))
    specs = [_spec(population, name) for name in items]
    latents = draw_latents(population, people, seed)
    answers = _cut(_responses(population, latents, specs, people, flaws, seed), specs)
    top = len(specs[0].percent)
    answers = overwrite_careless(answers, top, flaws, seed)
    if flaws.reversed_item is not None:
        j = list(items).index(flaws.reversed_item)
        answers[:, j] = 1 + top - answers[:, j]
    _leave_out(answers, specs, population.missing, people["tenure"].to_numpy(), seed)
    return pd.DataFrame(answers, columns=list(items))


def _spec(population: Population, name: str) -> ItemSpec:
    if name not in population.items:
        raise DefinitionError(
            f"The population {population.name!r} does not say how {name!r} is answered."
            f"{did_you_mean(name, population.items)}",
            fix=f"add {name} under its latent in [measurement] of a population file of your own",
        )
    return population.items[name]


def _responses(
    population: Population,
    latents: pd.DataFrame,
    specs: Sequence[ItemSpec],
    people: pd.DataFrame,
    flaws: Flaws,
    seed: int,
) -> np.ndarray:
    """Return the answers before they are cut into categories, each with variance one."""
    factors: dict[tuple[str, str], np.ndarray] = {}
    for spec in specs:
        key = (spec.latent, spec.dimension)
        if key not in factors:
            factors[key] = _factor(population, latents, *key, seed)
    true = np.column_stack([s.loading * factors[s.latent, s.dimension] for s in specs])
    out = add_errors(true, np.array([s.loading for s in specs]), flaws, seed)
    if flaws.noninvariant is not None:
        j = [s.name for s in specs].index(flaws.noninvariant)
        out[:, j] -= flaws.noninvariant_shift * (pd.factorize(people["city"])[0] == 1)
    return out


def _factor(
    population: Population, latents: pd.DataFrame, latent: str, dimension: str, seed: int
) -> np.ndarray:
    """Values of a latent, or of one of its dimensions."""
    value = latents[latent].to_numpy()
    if not dimension:
        return value
    loading = population.dimensions[latent][dimension]
    own = normals(seed, f"dimension, {latent}, {dimension}", len(value))
    return loading * value + np.sqrt(1 - loading**2) * own


def _cut(responses: np.ndarray, specs: Sequence[ItemSpec]) -> np.ndarray:
    codes = np.empty_like(responses)
    for j, spec in enumerate(specs):
        codes[:, j] = 1 + np.searchsorted(spec.thresholds, responses[:, j])
    return codes


def _leave_out(
    answers: np.ndarray,
    specs: Sequence[ItemSpec],
    rates: MissingRates,
    tenure: np.ndarray,
    seed: int,
) -> None:
    """Blank out answers in place: blanks and don't-knows run in people, some break off.

    Two people in five answer everything, two leave out at the average rate, one at three times
    that rate; people in their first year leave out more.
    """
    n, k = answers.shape
    person = np.select([(u := uniforms(seed, "leaves out", n)) < 0.4, u < 0.8], [0.0, 1.0], 3.0)
    person = person * np.where(tenure < 1, rates.first_year, 1.0)
    blank = np.array([rates.blank.get(s.latent, rates.blank[""]) for s in specs])
    unsure = np.array([rates.dont_know.get(s.latent, rates.dont_know[""]) for s in specs])
    draw = uniforms(seed, "missing items", n, k)
    answers[draw < person[:, None] * unsure] = DONT_KNOW
    answers[1 - draw < person[:, None] * blank] = np.nan
    stops = uniforms(seed, "breaks off", n) < rates.break_off
    last = np.floor(k * (2 + uniforms(seed, "breaks off at", n)) / 3)
    answers[stops[:, None] & (np.arange(k) >= last[:, None])] = np.nan
