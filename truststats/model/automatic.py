"""The rows that lavaan's `sem`, `cfa`, `growth` and `lavaan` add to what the text says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from truststats.model.names import Names
from truststats.model.statement import Statement

__all__ = ["Row", "Rules", "fill_group", "rules_of"]


@dataclass(slots=True)
class Row:
    """A row of the table while it is made."""

    lhs: str
    op: str
    rhs: str
    user: int = 0
    fixed: float | None = None
    start: float | None = None
    released: bool = False
    label: str = ""
    exo: int = 0
    group: int = 1
    lower: float | None = None
    upper: float | None = None
    automatic: bool = False
    value: str = ""

    @property
    def key_of_value(self) -> str:
        """What rows with the same value have in common: mostly the label."""
        return self.value or self.label

    @property
    def key(self) -> tuple[str, str, str]:
        """The parameter that the row is about, in any group."""
        return self.lhs, self.op, self.rhs

    @property
    def free(self) -> bool:
        """Whether the value is estimated."""
        return self.fixed is None and not self.exo


@dataclass(frozen=True)
class Rules:
    """Which automatic rules hold.

    Attributes
    ----------
    variances, covariances : bool
        Free automatic (residual) variances; add covariances of exogenous factors and of outcomes.
    first, single : bool
        Fix the first loading of a factor to 1; the residual of a lone indicator to 0.
    free_intercepts, free_means : bool
        Whether automatic intercepts of observed variables and of factors are free.
    std_lv, orthogonal, means, fixed_x : bool
        The options of `build_partable`.
    coded : frozenset of str
        Which of loadings and intercepts are effect-coded.
    levels : tuple of (str, int)
        The ordinal items and how many categories each has.
    theta : bool
        Whether residual variances, not scaling factors, give ordinal items their unit.
    """

    variances: bool
    covariances: bool
    first: bool
    single: bool
    free_intercepts: bool
    free_means: bool
    std_lv: bool
    orthogonal: bool
    means: bool
    fixed_x: bool
    coded: frozenset[str]
    levels: tuple[tuple[str, int], ...] = ()
    theta: bool = False


def rules_of(
    model_type: str,
    *,
    std_lv: bool,
    orthogonal: bool,
    meanstructure: bool,
    fixed_x: bool,
    coded: frozenset[str] = frozenset(),
    levels: tuple[tuple[str, int], ...] = (),
    theta: bool = False,
) -> Rules:
    """Return the rules of one of lavaan's four fitting functions."""
    bare = model_type == "lavaan"
    growth = model_type == "growth"
    return Rules(
        variances=not bare,
        covariances=not bare,
        first=not bare and not std_lv and "loadings" not in coded,
        single=not bare,
        free_intercepts=model_type in ("sem", "cfa"),
        free_means=growth,
        std_lv=std_lv,
        orthogonal=orthogonal,
        means=meanstructure or growth or bool(levels),
        fixed_x=fixed_x,
        coded=coded,
        levels=levels,
        theta=theta,
    )


def fill_group(
    statements: Iterable[Statement], names: Names, rules: Rules, group: int
) -> list[Row]:
    """Return the rows of one group, counted from 1: those of the text, then the automatic ones."""
    place = {name: at for at, name in enumerate((*names.lv, *names.ov))}
    rows = [_user_row(s, place, group) for s in statements]
    given = {row.key for row in rows}
    automatic: list[Row] = []
    automatic += _thresholds(names, rules)
    automatic += _variances(names, rows, rules)
    if rules.covariances:
        automatic += _covariances(names, rules.orthogonal)
    automatic += _exogenous(names)
    automatic += (Row(item, "~*~", item, fixed=1.0) for item in _ordinal(names, rules))
    if rules.means:
        automatic += _intercepts(names, rules)
    if rules.fixed_x:
        _fix_exogenous(automatic, names)
    for row in automatic:
        row.group = group
    rows += [row for row in automatic if row.key not in given]
    _set_scales(rows, names, rules)
    return rows


def _user_row(s: Statement, place: dict[str, int], group: int) -> Row:
    lhs, rhs = s.lhs, s.rhs
    if s.op == "~~" and place[rhs] < place[lhs]:
        lhs, rhs = rhs, lhs
    m = s.in_group(group - 1)
    return Row(
        lhs, s.op, rhs, 1, m.fixed, m.start, m.free, m.label or "",
        group=group, lower=m.lower, upper=m.upper,
    )  # fmt: skip


def _ordinal(names: Names, rules: Rules) -> list[str]:
    ordinal = dict(rules.levels)
    return [name for name in names.ov if name in ordinal]


def _thresholds(names: Names, rules: Rules) -> Iterable[Row]:
    levels = dict(rules.levels)
    for name in _ordinal(names, rules):
        for k in range(1, levels[name]):
            yield Row(name, "|", f"t{k}")


def _variances(names: Names, rows: list[Row], rules: Rules) -> Iterable[Row]:
    exogenous, ordinal = set(names.ov_x), dict(rules.levels)
    zero = _only_indicators(rows) if rules.single else set[str]()
    if not rules.variances:
        zero = {*names.ov, *names.lv}
    for name in names.ov:
        if name not in exogenous:
            fixed = 1.0 if name in ordinal else 0.0 if name in zero else None
            yield Row(name, "~~", name, fixed=fixed)
    for name in names.lv:
        yield Row(name, "~~", name, fixed=0.0 if name in zero else None)


def _only_indicators(rows: list[Row]) -> set[str]:
    """Return the variables that alone measure a factor and measure no other."""
    loadings = [(row.lhs, row.rhs) for row in rows if row.op == "=~"]
    factors = [lhs for lhs, _ in loadings]
    indicators = [rhs for _, rhs in loadings]
    return {rhs for lhs, rhs in loadings if factors.count(lhs) == 1 and indicators.count(rhs) == 1}


def _covariances(names: Names, orthogonal: bool) -> Iterable[Row]:
    latent = set(names.lv)
    for group in (names.lv_x, (*names.lv_y, *names.ov_y)):
        for a, b in combinations(group, 2):
            zero = orthogonal and a in latent and b in latent
            yield Row(a, "~~", b, fixed=0.0 if zero else None)


def _exogenous(names: Names) -> Iterable[Row]:
    for at, a in enumerate(names.ov_x):
        for b in names.ov_x[at:]:
            yield Row(a, "~~", b)


def _intercepts(names: Names, rules: Rules) -> Iterable[Row]:
    exogenous, ordinal = set(names.ov_x), dict(rules.levels)
    for name in names.ov:
        free = name not in ordinal and rules.free_intercepts
        free = free or (rules.fixed_x and name in exogenous)
        yield Row(name, "~1", "", fixed=None if free else 0.0)
    for name in names.lv:
        yield Row(name, "~1", "", fixed=None if rules.free_means else 0.0)


def _fix_exogenous(automatic: list[Row], names: Names) -> None:
    exogenous = set(names.ov_x)
    for row in automatic:
        if row.lhs in exogenous and row.op in ("~~", "~1"):
            row.exo = 1


def _set_scales(rows: list[Row], names: Names, rules: Rules) -> None:
    """Give each factor its unit: variance 1, or its first loading 1.

    A start value at such a place becomes the fixed value, as in lavaan.
    """
    latent = set(names.lv)
    seen: set[str] = set()
    for row in rows:
        if rules.std_lv:
            sets_scale = row.op == "~~" and row.lhs == row.rhs and row.lhs in latent
            if sets_scale and not row.user and not rules.variances:
                row.fixed = None
        else:
            sets_scale = rules.first and row.op == "=~" and row.lhs not in seen
            if row.op == "=~":
                seen.add(row.lhs)
        if sets_scale and row.fixed is None and not row.released:
            row.fixed = 1.0 if row.start is None else row.start
