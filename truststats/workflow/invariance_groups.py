"""Who and what a ladder of invariance compares: the measurement model and groups large enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from truststats.arrays import Array
from truststats.errors import DataError, OptionError
from truststats.framework import Framework, measurement_model
from truststats.model import Model
from truststats.model.statement import Statement
from truststats.results.comparison import LeftOut
from truststats.survey import Survey
from truststats.workflow.columns import as_frame, model_rows
from truststats.workflow.grouping import grouping
from truststats.workflow.models import answered_instrument, as_model

__all__ = ["Kept", "comparable_groups", "measurement_of", "units_in_text", "with_origins"]


def measurement_of(model: Any, data: Any) -> Model:
    """Return the model to test: of a framework, how its constructs are measured, and no claims.

    Raises
    ------
    OptionError
        For text with ``group:`` lines, different values by group, or labels at loadings or
        intercepts: these already say what is equal.
    """
    compiled, framework = as_model(model, data)
    if isinstance(model, Framework) or framework is not None:
        assert isinstance(data, Survey)
        instrument = answered_instrument(data)
        keys = dict.fromkeys(compiled.constructs.values())
        own = [instrument[key] for key in keys if key in instrument.constructs]
        compiled = measurement_model(own)
    for s in compiled.statements:
        by_group = bool(s.block) or bool(s.each)
        if by_group or (s.op in ("=~", "~1") and s.label):
            raise OptionError(
                "The model text says what is equal over groups.",
                where=f"{s.lhs} {s.op} {s.rhs}".strip(),
                why="the ladder adds one kind of equality at a time",
                fix="leave out group: lines, c() and the labels of loadings and intercepts",
            )
    if not any(s.op == "=~" for s in compiled.statements):
        raise OptionError(
            "The model measures no factor.",
            why="invariance is a question about how factors are measured",
            fix="write at least one factor, as in trust =~ t1 + t2 + t3",
        )
    return compiled


def units_in_text(model: Model) -> bool:
    """Tell whether the text itself gives factors their unit, by a loading or a variance."""
    factors = {s.lhs for s in model.statements if s.op == "=~"}
    return any(
        (s.op == "=~" and (s.fixed is not None or s.free))
        or (s.op == "~~" and s.lhs == s.rhs and s.lhs in factors and s.fixed is not None)
        for s in model.statements
    )


def with_origins(model: Model) -> Model:
    """Return the model with the means of factors of a higher order at zero in all groups.

    Where the intercepts of items are equal, the means of the factors that the items measure are
    free; those of factors above them would not be identified as well.
    """
    factors = {s.lhs for s in model.statements if s.op == "=~"}
    higher = dict.fromkeys(s.lhs for s in model.statements if s.op == "=~" and s.rhs in factors)
    named = {s.lhs for s in model.statements if s.op == "~1"}
    lines = [f"{name} ~ 0*1" for name in higher if name not in named]
    if not lines:
        return model
    more = tuple(Statement(name, "~1", "", fixed=0.0) for name in higher if name not in named)
    text = "\n".join([model.text, *lines])
    return replace(model, text=text, statements=(*model.statements, *more))


@dataclass(frozen=True)
class Kept:
    """The groups of a comparison.

    Attributes
    ----------
    column : str
    labels : tuple of str
        Those that are compared, the reference first.
    left_out : tuple of LeftOut
    missing : str
        How missing answers are treated: "ml" where there are some, unless asked otherwise.
    """

    column: str
    labels: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    missing: str


def comparable_groups(
    model: Model,
    data: Any,
    group: str | None,
    group_label: Sequence[Any] | None,
    *,
    missing: str | None,
    least: int,
) -> Kept:
    """Return the groups that are large enough and answered every item in more than one way.

    Raises
    ------
    OptionError
        If there is no group column.
    DataError
        If fewer than two groups are left.
    """
    column = group
    if column is None and isinstance(data, Survey):
        column = data.design.group
    if column is None:
        raise OptionError("There is no group column to compare by.", fix="name it: group='city'")
    frame = data.frame if isinstance(data, Survey) else as_frame(data)
    found = grouping(data, frame, column, group_label)
    rows, _ = model_rows(model, model.observed, data)
    gone = np.isnan(rows)
    missing = missing or ("ml" if gone.any() else "listwise")
    usable = ~(gone.any(axis=1) if missing in ("listwise", "pairwise") else gone.all(axis=1))
    left_out: list[LeftOut] = []
    for k, label in enumerate(found.labels):
        inside = (found.codes == k) & usable
        n = int(inside.sum())
        needed = max(least, rows.shape[1] + 1)
        if n < needed:
            left_out.append(LeftOut(label, "few_rows", n, needed))
        elif same := _constant(rows[inside], model.observed):
            left_out.append(LeftOut(label, "constant", n, items=same))
    gone_labels = {one.group for one in left_out}
    labels = tuple(label for label in found.labels if label not in gone_labels)
    if len(labels) < 2:
        raise DataError(
            f"{len(labels)} of {len(found.labels)} groups of {column!r} can be compared.",
            why=f"a group needs {max(least, rows.shape[1] + 1)} people and answers that differ",
            fix="join small groups, or lower least= if the model is small",
        )
    return Kept(column, labels, tuple(left_out), missing)


def _constant(rows: Array, names: Sequence[str]) -> tuple[str, ...]:
    low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
    return tuple(name for name, same in zip(names, low == high, strict=True) if same)
