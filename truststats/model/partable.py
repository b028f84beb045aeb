"""The table of parameters: what the text says plus lavaan's automatic rules of `sem` and `cfa`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model.expression import Expression, resolve
from truststats.model.names import Names, names_of
from truststats.model.statement import Statement
from truststats.options import choose

if TYPE_CHECKING:
    from truststats.model.value import Model

__all__ = ["ParTable", "build_partable"]

_NAN = math.nan


@dataclass(frozen=True)
class ParTable:
    """One row for each parameter, in the order of lavaan's parameter table.

    Attributes
    ----------
    lhs, op, rhs : tuple of str
        The parameter; `rhs` is empty for an intercept.
    user : tuple of int
        1 where the text has the row, 0 where an automatic rule added it.
    free : tuple of int
        0 for a fixed row, else 1 to the number of free rows.
    unique : tuple of int
        Index of the row's value in theta; rows with one label share it; -1 for a fixed row.
    ustart : tuple of float
        Value of a fixed row, start value of a free one, NaN where none was given or where the
        value comes from the data (`exo`).
    exo : tuple of int
        1 for the (co)variances and means of exogenous observed variables that are fixed to
        their sample values.
    label : tuple of str
        The label, or an empty string.
    ov, ov_ind, ov_x, ov_y, lv : tuple of str
        The variables by role, see `truststats.model.names.Names`.
    defined : tuple of (str, Expression)
        Defined parameters in an order in which each can be computed; their rows stand last.
    """

    lhs: tuple[str, ...]
    op: tuple[str, ...]
    rhs: tuple[str, ...]
    user: tuple[int, ...]
    free: tuple[int, ...]
    unique: tuple[int, ...]
    ustart: tuple[float, ...]
    exo: tuple[int, ...]
    label: tuple[str, ...]
    ov: tuple[str, ...]
    ov_ind: tuple[str, ...]
    ov_x: tuple[str, ...]
    ov_y: tuple[str, ...]
    lv: tuple[str, ...]
    defined: tuple[tuple[str, Expression], ...]

    def __len__(self) -> int:
        return len(self.lhs)

    @cached_property
    def npar(self) -> int:
        """Number of distinct free parameters, the length of theta."""
        return max(self.unique, default=-1) + 1

    @cached_property
    def meanstructure(self) -> bool:
        """Whether the means are modelled."""
        return "~1" in self.op

    @cached_property
    def n_moments(self) -> int:
        """Number of sample (co)variances and means that the model has to reproduce.

        Those of fixed exogenous variables are not counted.
        """
        p = len(self.ov)
        return p * (p + 1) // 2 + (p if self.meanstructure else 0) - sum(self.exo)

    @cached_property
    def df(self) -> int:
        """Degrees of freedom: moments minus distinct free parameters."""
        return self.n_moments - self.npar

    def __hash__(self) -> int:
        return hash((self.lhs, self.op, self.rhs, self.unique, self.label))


@dataclass(slots=True)
class _Row:
    lhs: str
    op: str
    rhs: str
    user: int = 0
    fixed: float | None = None
    start: float | None = None
    released: bool = False
    label: str = ""
    exo: int = 0


def build_partable(
    model: Model,
    *,
    model_type: str = "sem",
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool = False,
    fixed_x: bool = True,
) -> ParTable:
    """Return the table of parameters of a model.

    The rules are those of `lavaan::sem` and `lavaan::cfa`, which are the same: the first loading
    of a factor is 1, residual variances are free (0 for the only indicator of a factor),
    exogenous factors covary, outcomes that predict nothing have covarying residuals, the moments
    of exogenous observed variables are taken from the sample, intercepts of observed variables
    are free and those of factors 0.

    Parameters
    ----------
    model : Model
        What is claimed.
    model_type : {"sem", "cfa"}
        Which automatic rules to use.
    std_lv : bool
        Fix the (residual) variances of factors to 1 instead of their first loadings.
    orthogonal : bool
        Fix the automatic covariances between factors to 0.
    meanstructure : bool
        Model the means; an intercept in the text switches it on.
    fixed_x : bool
        Take the moments of exogenous observed variables from the sample.

    Raises
    ------
    NotSupportedError
        For other sets of automatic rules.
    ModelSyntaxError
        If one label stands at two different fixed values.
    """
    kind = choose("model_type", model_type, ("sem", "cfa", "growth", "lavaan"))
    if kind in ("growth", "lavaan"):
        raise NotSupportedError(
            f"model_type={kind!r} is not supported yet",
            why="what is not checked against an independent source gives no number",
            fix="use model_type='sem' and write every parameter that differs from its rules",
        )
    return _build(
        model.statements, bool(std_lv), bool(orthogonal), bool(meanstructure), bool(fixed_x)
    )


@lru_cache(maxsize=128)
def _build(
    statements: tuple[Statement, ...],
    std_lv: bool,
    orthogonal: bool,
    meanstructure: bool,
    fixed_x: bool,
) -> ParTable:
    names = names_of(statements)
    place = {name: at for at, name in enumerate((*names.lv, *names.ov))}
    rows = [_user_row(s, place) for s in statements if s.op != ":="]
    given = {(row.lhs, row.op, row.rhs) for row in rows}
    automatic = [*_variances(names, rows), *_covariances(names, orthogonal), *_exogenous(names)]
    if meanstructure or any(row.op == "~1" for row in rows):
        automatic += _intercepts(names)
    if fixed_x:
        _fix_exogenous(automatic, names)
    rows += [row for row in automatic if (row.lhs, row.op, row.rhs) not in given]
    _set_scales(rows, names, std_lv)
    _share_fixed_values(rows)
    definitions = [s for s in statements if s.op == ":="]
    return _table(rows, names, definitions)


def _user_row(s: Statement, place: dict[str, int]) -> _Row:
    lhs, rhs = s.lhs, s.rhs
    if s.op == "~~" and place[rhs] < place[lhs]:
        lhs, rhs = rhs, lhs
    return _Row(lhs, s.op, rhs, 1, s.fixed, s.start, s.free, s.label or "")


def _variances(names: Names, rows: list[_Row]) -> Iterable[_Row]:
    exogenous = set(names.ov_x)
    zero = _only_indicators(rows)
    for name in names.ov:
        if name not in exogenous:
            yield _Row(name, "~~", name, fixed=0.0 if name in zero else None)
    for name in names.lv:
        yield _Row(name, "~~", name, fixed=0.0 if name in zero else None)


def _only_indicators(rows: list[_Row]) -> set[str]:
    """Return the variables that alone measure a factor and measure no other."""
    loadings = [(row.lhs, row.rhs) for row in rows if row.op == "=~"]
    factors = [lhs for lhs, _ in loadings]
    indicators = [rhs for _, rhs in loadings]
    return {rhs for lhs, rhs in loadings if factors.count(lhs) == 1 and indicators.count(rhs) == 1}


def _covariances(names: Names, orthogonal: bool) -> Iterable[_Row]:
    latent = set(names.lv)
    for group in (names.lv_x, (*names.lv_y, *names.ov_y)):
        for a, b in combinations(group, 2):
            zero = orthogonal and a in latent and b in latent
            yield _Row(a, "~~", b, fixed=0.0 if zero else None)


def _exogenous(names: Names) -> Iterable[_Row]:
    for at, a in enumerate(names.ov_x):
        for b in names.ov_x[at:]:
            yield _Row(a, "~~", b)


def _intercepts(names: Names) -> Iterable[_Row]:
    for name in names.ov:
        yield _Row(name, "~1", "")
    for name in names.lv:
        yield _Row(name, "~1", "", fixed=0.0)


def _fix_exogenous(automatic: list[_Row], names: Names) -> None:
    exogenous = set(names.ov_x)
    for row in automatic:
        if row.lhs in exogenous and row.op in ("~~", "~1"):
            row.exo = 1


def _set_scales(rows: list[_Row], names: Names, std_lv: bool) -> None:
    """Give each factor its unit: variance 1, or its first loading 1.

    A start value at such a place becomes the fixed value, as in lavaan.
    """
    latent = set(names.lv)
    seen: set[str] = set()
    for row in rows:
        if std_lv:
            sets_scale = row.op == "~~" and row.lhs == row.rhs and row.lhs in latent
        else:
            sets_scale = row.op == "=~" and row.lhs not in seen
            if row.op == "=~":
                seen.add(row.lhs)
        if sets_scale and row.fixed is None and not row.released:
            row.fixed = 1.0 if row.start is None else row.start


def _share_fixed_values(rows: list[_Row]) -> None:
    """Fix every row of a label one of whose rows is fixed."""
    values: dict[str, float] = {}
    for row in rows:
        if not row.label or row.fixed is None:
            continue
        if values.setdefault(row.label, row.fixed) != row.fixed:
            raise ModelSyntaxError(
                f"the label {row.label!r} stands at parameters fixed to {values[row.label]:g} "
                f"and to {row.fixed:g}",
                where=f"{row.lhs} {row.op} {row.rhs}",
                why="parameters with one label are equal",
                fix="use two labels, or one fixed value",
            )
    for row in rows:
        if row.label in values:
            row.fixed = values[row.label]


def _table(rows: list[_Row], names: Names, definitions: list[Statement]) -> ParTable:
    free: list[int] = []
    unique: list[int] = []
    ustart: list[float] = []
    theta: dict[object, int] = {}
    count = 0
    for at, row in enumerate(rows):
        if row.fixed is not None or row.exo:
            free.append(0)
            unique.append(-1)
            ustart.append(_NAN if row.fixed is None else row.fixed)
        else:
            count += 1
            free.append(count)
            unique.append(theta.setdefault(row.label or at, len(theta)))
            ustart.append(_NAN if row.start is None else row.start)
    n = len(definitions)
    expressions = {s.lhs: Expression(s.rhs) for s in definitions}
    return ParTable(
        lhs=tuple(r.lhs for r in rows) + tuple(s.lhs for s in definitions),
        op=tuple(r.op for r in rows) + (":=",) * n,
        rhs=tuple(r.rhs for r in rows) + tuple("".join(s.rhs.split()) for s in definitions),
        user=tuple(r.user for r in rows) + (1,) * n,
        free=(*free, *[0] * n),
        unique=(*unique, *[-1] * n),
        ustart=(*ustart, *[_NAN] * n),
        exo=tuple(r.exo for r in rows) + (0,) * n,
        label=tuple(r.label for r in rows) + tuple(s.lhs for s in definitions),
        ov=names.ov,
        ov_ind=names.ov_ind,
        ov_x=names.ov_x,
        ov_y=names.ov_y,
        lv=names.lv,
        defined=resolve(expressions, [r.label for r in rows if r.label]),
    )
