"""Which group of several a path diagram shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from truststats.errors import DataError
from truststats.model import ParTable, build_partable
from truststats.results.part import group_number

__all__ = ["model_table", "one_group"]


def one_group(fit: Any, group: str | None) -> Any:
    """Return a fit of one group as it is, and of several the one that is named.

    Raises
    ------
    DataError
        If the fit has several groups and none is named.
    OptionError
        If there is no such group.
    """
    groups = getattr(fit, "groups", ())
    if group is None:
        _refuse(groups)
        return fit
    group_number(groups, group)
    return fit.group(group)


def model_table(model: Any, group: str | None) -> tuple[ParTable, int]:
    """Return the table of a model and the number of the group to draw, from 1.

    The groups of a text are those of its ``group:`` lines, else as many as ``c()`` has values.

    Raises
    ------
    DataError
        If the text tells several groups apart and none is named.
    OptionError
        If there is no such group.
    """
    labels: Sequence[str] = tuple(dict.fromkeys(s.block for s in model.statements if s.block))
    if not labels:
        count = max((len(s.each) for s in model.statements), default=0)
        labels = tuple(str(k + 1) for k in range(count))
    if len(labels) < 2 and group is None:
        return build_partable(model), 1
    if group is None:
        _refuse(labels)
    at = group_number(labels, group)
    return build_partable(model, n_groups=len(labels), group_labels=labels), at + 1


def _refuse(groups: Sequence[str]) -> None:
    if groups:
        raise DataError(
            f"There are {len(groups)} groups: {', '.join(map(repr, groups))}.",
            why="a path diagram shows one of them",
            fix=f"name it: ts.diagram(..., group={groups[0]!r})",
        )
