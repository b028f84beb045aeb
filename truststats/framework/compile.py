"""From constructs and equations to a model: lavaan text, reverse keying and labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from truststats.constructs import Construct
from truststats.errors import DefinitionError, OptionError
from truststats.framework.structure import Structure
from truststats.model import Model

__all__ = [
    "COMMON_FACTOR",
    "compile_model",
    "compile_one_factor",
    "dimension_name",
    "latent_labels",
    "measurement_text",
    "reverse_keys",
    "structural_text",
]

COMMON_FACTOR = "common_factor"
FEWEST_ITEMS = 2


def dimension_name(construct: str, dimension: str) -> str:
    """Return the latent variable's name of a dimension, such as ``work_autonomy_method``."""
    return f"{construct}_{dimension}"


def measurement_text(construct: Construct) -> str:
    """Return the lavaan lines that measure one construct.

    Items of separate dimensions are left out; a second-order construct is measured by its
    dimensions, each measured by its items.

    Raises
    ------
    DefinitionError
        If fewer than two items are left: a single item would be taken as free of error.
    """
    items = [item.name for item in construct.factor_items]
    if len(items) < FEWEST_ITEMS:
        raise DefinitionError(
            f"{construct.key} is measured by {len(items)} item only.",
            why="a single item would be taken to measure its construct without error",
            fix="ask at least two of its items in the instrument",
        )
    if construct.structure == "one_factor":
        return f"{construct.key} =~ {' + '.join(items)}"
    lines, names = [], []
    for dimension in (d for d in construct.dimensions if not d.separate):
        names.append(dimension_name(construct.key, dimension.key))
        own = " + ".join(item.name for item in construct.items_of(dimension.key))
        lines.append(f"{names[-1]} =~ {own}")
    return "\n".join([*lines, f"{construct.key} =~ {' + '.join(names)}"])


def structural_text(structure: Structure, controls: Sequence[str] = ()) -> str:
    """Return the lavaan lines of the equations and residual covariances.

    With controls the exogenous constructs are regressed on them too and their residuals
    correlated: lavaan would otherwise fix the covariances of observed covariates with exogenous
    latent variables at zero.
    """
    lines = []
    if controls:
        lines += [f"{key} ~ {' + '.join(controls)}" for key in structure.exogenous]
    for outcome, predictors in structure.equations.items():
        if terms := [*predictors, *controls]:
            lines.append(f"{outcome} ~ {' + '.join(terms)}")
    if controls:
        lines += [f"{a} ~~ {b}" for a, b in combinations(structure.exogenous, 2)]
    lines += [f"{a} ~~ {b}" for a, b in structure.covariances]
    apart = structure.uncorrelated(controlled=bool(controls))
    lines += [f"{a} ~~ 0*{b}" for a, b in apart]
    return "\n".join(lines)


def compile_model(
    structure: Structure,
    constructs: Mapping[str, Construct],
    controls: Sequence[str] = (),
    framework: Any = None,
) -> Model:
    """Return the model of a structure, measured by the constructs as the instrument asks them."""
    asked = [constructs[key] for key in structure.order]
    _check_controls(controls, asked)
    measured = [measurement_text(construct) for construct in asked]
    text = "\n".join(["# measurement", *measured, "# structure"])
    labels: dict[str, Mapping[str, str]] = {}
    stands_for: dict[str, str] = {}
    for construct in asked:
        for name, label in latent_labels(construct):
            labels[name], stands_for[name] = label, construct.key
    return Model.from_text(
        f"{text}\n{structural_text(structure, controls)}\n",
        recode=reverse_keys(asked),
        labels=labels,
        constructs=stands_for,
        framework=framework,
    )


def compile_one_factor(
    order: Sequence[str],
    constructs: Mapping[str, Construct],
    label: Mapping[str, str],
    controls: Sequence[str] = (),
    framework: Any = None,
) -> Model:
    """Return the model with one factor behind the items of all constructs."""
    asked = [constructs[key] for key in order]
    _check_controls(controls, asked)
    items = [item.name for construct in asked for item in construct.factor_items]
    lines = [f"{COMMON_FACTOR} =~ {' + '.join(items)}"]
    if controls:
        lines.append(f"{COMMON_FACTOR} ~ {' + '.join(controls)}")
    return Model.from_text(
        "\n".join([*lines, ""]),
        recode=reverse_keys(asked),
        labels={COMMON_FACTOR: dict(label)},
        framework=framework,
    )


def latent_labels(construct: Construct) -> list[tuple[str, Mapping[str, str]]]:
    """Return the latent variables that measure a construct and what each is called."""
    parts = []
    if construct.structure == "second_order":
        inside = [d for d in construct.dimensions if not d.separate]
        parts = [(dimension_name(construct.key, d.key), d.label) for d in inside]
    return [*parts, (construct.key, construct.label)]


def reverse_keys(constructs: Sequence[Construct]) -> dict[str, float]:
    """Return, for each reverse-keyed item of the factors, the sum of its extreme codes."""
    return {
        item.name: float(construct.response_set.recode)
        for construct in constructs
        for item in construct.factor_items
        if item.reverse
    }


def _check_controls(controls: Sequence[str], constructs: Sequence[Construct]) -> None:
    taken = {item.name for construct in constructs for item in construct.items}
    taken |= {name for construct in constructs for name, _ in latent_labels(construct)}
    for name in controls:
        if not re.fullmatch(r"[^\W\d]\w*(\.\w+)*", name):
            raise OptionError(
                f"controls= holds {name!r}, which cannot be a variable of a model.",
                why="a model's variables are letters, digits, _ and . and begin with a letter",
                fix="rename the column, and code categories as numbers or 0/1 columns first",
            )
        if name in taken:
            raise OptionError(
                f"controls= holds {name!r}, which the model already measures.",
                fix="name background variables only, such as 'tenure'",
            )
    if len(set(controls)) < len(controls):
        raise OptionError("controls= names a variable twice.", fix="name each one once")
