"""Read a population from TOML, and refuse one whose numbers cannot all be true."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from truststats.errors import DefinitionError
from truststats.options import did_you_mean
from truststats.simulate.population import ItemSpec, MissingRates, Population

__all__ = ["list_populations", "load_population"]

_FOLDER = resources.files("truststats.simulate") / "populations"


def list_populations() -> tuple[str, ...]:
    """Return the names of the populations that come with truststats."""
    return tuple(sorted(f.name[:-5] for f in _FOLDER.iterdir() if f.name.endswith(".toml")))


def load_population(population: str | Path = "tbm") -> Population:
    """Load a population by name, or from a TOML file of your own.

    Raises
    ------
    DefinitionError
        If there is no such population, or its numbers cannot all be true.
    """
    text = str(population)
    if text in list_populations():
        return _build(tomllib.loads((_FOLDER / f"{text}.toml").read_text("utf-8")), text)
    if not text.endswith(".toml") or not Path(text).is_file():
        raise DefinitionError(
            f"There is no population {text!r}.{did_you_mean(text, list_populations())}",
            fix=f"use one of {', '.join(list_populations())}, or the path of a .toml file",
        )
    return _build(tomllib.loads(Path(text).read_text("utf-8")), text)


def _build(raw: Mapping[str, Any], where: str) -> Population:
    """Turn a parsed file into a checked population."""
    try:
        population = Population(
            name=raw["name"],
            version=raw["version"],
            title=raw["title"],
            exogenous=tuple(raw["exogenous"]["latents"]),
            exogenous_cor=_symmetric(raw["exogenous"]["correlations"]),
            paths=MappingProxyType(raw["paths"]),
            between=MappingProxyType(raw["between"]),
            shifts=MappingProxyType(raw.get("shifts", {})),
            dimensions=MappingProxyType(raw.get("dimensions", {})),
            missing=_missing(raw["missing"]),
            items=MappingProxyType(_items(raw["measurement"])),
        )
        _check(population, where)
    except KeyError as error:
        raise DefinitionError(
            f"The population lacks {error}.",
            where=where,
            fix="compare with truststats/simulate/populations/tbm.toml, which has every key",
        ) from error
    return population


def _symmetric(lower: list[list[float]]) -> tuple[tuple[float, ...], ...]:
    """Fill a correlation matrix from the rows below its diagonal."""
    full = np.eye(len(lower))
    for i, row in enumerate(lower):
        full[i, :i] = full[:i, i] = row
    return tuple(tuple(float(x) for x in row) for row in full)


def _missing(raw: Mapping[str, Any]) -> MissingRates:
    named = raw.get("latents", {})
    return MissingRates(
        blank={"": raw["blank"]} | {k: v["blank"] for k, v in named.items()},
        dont_know={"": raw["dont_know"]} | {k: v["dont_know"] for k, v in named.items()},
        break_off=raw["break_off"],
        first_year=raw["first_year"],
    )


def _items(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, ItemSpec]:
    return {
        name: ItemSpec(name, latent, s.get("dimension", ""), s["loading"], tuple(s["percent"]))
        for latent, rows in raw.items()
        for name, s in rows.items()
    }


def _check(population: Population, where: str) -> None:
    """Raise unless every number can be true at the same time."""
    _check_order(population, where)
    for level, residuals in (
        ("over all people", population.residual_variances),
        ("between units", population.between_residual_variances),
    ):
        for outcome, variance in residuals.items():
            if variance <= 0:
                raise DefinitionError(
                    f"The causes of {outcome!r} explain more than its whole variance {level}.",
                    where=where,
                    why=f"its residual variance would be {variance:.3f}",
                    fix=f"make [paths.{outcome}] smaller, or its share in [between] larger",
                )
    k = len(population.exogenous)
    left = population.between_cov[:k, :k] - population.shift_cov
    within = (population.latent_cov - population.between_cov)[:k, :k]
    for what, matrix in (("between units after [shifts]", left), ("within units", within)):
        if np.linalg.eigvalsh(matrix).min() <= 0:
            raise DefinitionError(
                f"The covariance matrix of the exogenous latents {what} is not positive definite.",
                where=where,
                fix="make the shifts or correlations smaller, or the shares in [between] larger",
            )
    for item in population.items.values():
        _check_item(item, population, where)


def _check_order(population: Population, where: str) -> None:
    known = set(population.exogenous)
    for outcome, causes in population.paths.items():
        for cause in causes:
            if cause not in known:
                raise DefinitionError(
                    f"{outcome!r} depends on {cause!r}, which does not stand above it."
                    f"{did_you_mean(cause, known)}",
                    where=where,
                    why="outcomes are drawn in the order of the file",
                    fix=f"move [paths.{cause}] above [paths.{outcome}], or correct its name",
                )
        known.add(outcome)


def _check_item(item: ItemSpec, population: Population, where: str) -> None:
    dimensions = population.dimensions.get(item.latent, {})
    wrong = ""
    if item.latent not in population.latents:
        wrong = f"measures {item.latent!r}, which is not a latent of this population"
    elif sum(item.percent) != 100 or min(item.percent) <= 0:
        wrong = f"has percents {list(item.percent)}, which must be positive and add up to 100"
    elif not 0 < abs(item.loading) < 1:
        wrong = f"has the loading {item.loading}, which must lie between -1 and 1 and not be zero"
    elif bool(dimensions) != bool(item.dimension) or (
        item.dimension and item.dimension not in dimensions
    ):
        wrong = f"has the dimension {item.dimension!r}; {item.latent} has {sorted(dimensions)}"
    if wrong:
        raise DefinitionError(
            f"The item {item.name!r} {wrong}.",
            where=where,
            fix=f"correct {item.name} in [measurement.{item.latent}]",
        )
