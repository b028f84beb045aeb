"""Effect coding: the loadings of a factor average 1 and the intercepts of its indicators 0.

Little, Slegers & Card (2006), doi:10.1207/s15328007sem1301_3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from truststats.errors import NotSupportedError
from truststats.model.automatic import Row
from truststats.model.constraints import Constraint
from truststats.options import choose

__all__ = ["coded_constraints", "codings", "free_coded_means"]


def codings(effect_coding: bool | str | Iterable[str]) -> frozenset[str]:
    """Return which of loadings and intercepts are coded.

    Raises
    ------
    OptionError
        For anything but True, False, ``"loadings"`` and ``"intercepts"``.
    """
    if isinstance(effect_coding, bool):
        return frozenset(("loadings", "intercepts")) if effect_coding else frozenset()
    given = [effect_coding] if isinstance(effect_coding, str) else list(effect_coding)
    return frozenset(choose("effect_coding", name, ("loadings", "intercepts")) for name in given)


def free_coded_means(rows: Sequence[Row], equal: frozenset[str]) -> None:
    """Free the automatic means of factors whose indicators' intercepts are coded.

    Raises
    ------
    NotSupportedError
        If the means are asked to be equal over groups.
    """
    by_place = {(row.group, row.key): row for row in rows}
    for (group, (factor, op, _)), row in by_place.items():
        if op != "~1" or row.user or not _indicators(rows, group, factor):
            continue
        if all(r.free for r in _intercepts(by_place, rows, group, factor)):
            if "means" in equal:
                raise NotSupportedError(
                    "means that are equal over groups together with effect coding",
                    why="lavaan leaves them free there, so there is nothing to check against",
                    fix=f"give the means one label in the model, as in {factor} ~ m*1",
                )
            row.start = None if row.free else 0.0
            row.fixed = None


def coded_constraints(rows: Sequence[Row], coded: frozenset[str]) -> list[Constraint]:
    """Return one constraint a factor and group; parameters are named ``.p`` and a row number.

    A factor with a fixed loading (or an indicator with a fixed intercept) gets none.
    """
    number = {(row.group, row.key): at + 1 for at, row in enumerate(rows)}
    by_place = {(row.group, row.key): row for row in rows}
    factors = dict.fromkeys((row.group, row.lhs) for row in rows if row.op == "=~")
    found: list[Constraint] = []
    for group, factor in factors:
        loadings = [r for r in rows if r.group == group and r.op == "=~" and r.lhs == factor]
        if "loadings" in coded and all(r.free for r in loadings):
            at = [number[group, r.key] for r in loadings]
            found.append(_total(at, len(at)))
        intercepts = _intercepts(by_place, rows, group, factor)
        if "intercepts" in coded and intercepts and all(r.free for r in intercepts):
            found.append(_total([number[group, r.key] for r in intercepts], 0))
    return found


def _total(rows: Sequence[int], total: int) -> Constraint:
    first, *others = (f".p{row}." for row in rows)
    return Constraint("==", first, "-".join([str(total), *others]))


def _indicators(rows: Sequence[Row], group: int, factor: str) -> list[str]:
    return [r.rhs for r in rows if r.group == group and r.op == "=~" and r.lhs == factor]


def _intercepts(
    by_place: dict[tuple[int, tuple[str, str, str]], Row],
    rows: Sequence[Row],
    group: int,
    factor: str,
) -> list[Row]:
    keys = [(group, (item, "~1", "")) for item in _indicators(rows, group, factor)]
    found = sorted((key for key in keys if key in by_place), key=list(by_place).index)
    return [by_place[key] for key in found]
