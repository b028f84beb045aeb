"""A model in neutral names, so that nothing in the user's own names is read by R."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from truststats.model import canonical
from truststats.model.statement import CONSTRAINTS, Statement

if TYPE_CHECKING:
    from truststats.results import Fit

__all__ = ["group_arguments", "model_text", "neutral_names"]

_LABEL = r"(?<![\w.])\.?[^\W\d][\w.]*+(?!\s*\()"
"""A name in an expression that is no function and no part of a number such as 1e3."""
_PARAMETER = re.compile(
    r"(?P<lhs>[^~=|\s]+)\s*(?P<op>=~|~\*~|~~|~|\|)\s*(?P<rhs>.*?)(?P<group>\.g\d+)?"
)
"""A parameter by name, as in ``f=~x2``, ``x2~1``, ``x2|t1`` and ``f=~x2.g2``."""


def neutral_names(fit: Fit) -> dict[str, str]:
    """Return a neutral name for each variable, label and defined parameter."""
    table = fit.partable
    variables = {name: f"v{k}" for k, name in enumerate((*table.ov, *table.lv))}
    labels = dict.fromkeys(label for label in table.label if label)
    return variables | {f"label {label}": f"b{k}" for k, label in enumerate(labels)}


def model_text(fit: Fit) -> str:
    """Return the model's text in neutral names; groups are numbered."""
    names = neutral_names(fit)
    statements = [_renamed(s, names) for s in fit.model.statements]
    if not any(s.block for s in statements):
        return canonical(statements)
    known = {label: str(k + 1) for k, label in enumerate(fit.groups)}
    statements = [replace(s, block=known.get(s.block, s.block)) for s in statements]
    return canonical(sorted(statements, key=_place))


def _place(statement: Statement) -> int:
    """Return where a statement stands: groups in order, what holds for all of them last."""
    return int(statement.block) if statement.block else 10**6


def _renamed(s: Statement, names: dict[str, str]) -> Statement:
    if s.op == ":=":
        return replace(s, lhs=_label(s.lhs, names) or "", rhs=_expression(s.rhs, names))
    if s.op in CONSTRAINTS:
        return replace(s, lhs=_expression(s.lhs, names), rhs=_expression(s.rhs, names))
    return replace(
        s,
        lhs=names[s.lhs],
        rhs=names[s.rhs] if s.rhs and s.op != "|" else s.rhs,
        label=_label(s.label, names),
        each=tuple(replace(m, label=_label(m.label, names)) for m in s.each),
    )


def _label(label: str | None, names: dict[str, str]) -> str | None:
    """Return the neutral name of a label, or of the parameter that ``equal()`` names."""
    if not label:
        return label
    return _parameter(label, names) if "~" in label else names.get(f"label {label}", label)


def _expression(text: str, names: dict[str, str]) -> str:
    def term(match: re.Match[str]) -> str:
        return names.get(f"label {match.group()}", match.group())

    return re.sub(_LABEL, term, text.replace("**", "^"))


def _parameter(text: str, names: dict[str, str]) -> str:
    """Return a parameter that is called by its name in neutral ones."""
    found = _PARAMETER.fullmatch(text.strip())
    assert found is not None, text
    lhs, rhs = names.get(found["lhs"], found["lhs"]), names.get(found["rhs"], found["rhs"])
    return f"{lhs}{found['op']}{rhs}{found['group'] or ''}"


def group_arguments(fit: Fit) -> dict[str, str]:
    """Return lavaan's arguments about the groups of a fit, in R's language."""
    if not fit.groups:
        return {}
    numbers = [str(k + 1) for k in range(len(fit.groups))]
    equal = [str(kind).replace("_", ".") for kind in fit.options["group_equal"]]
    names = neutral_names(fit)
    partial = [_parameter(str(name), names) for name in fit.options["group_partial"]]
    given = {"group": '"k"', "group.label": _vector(numbers)}
    if equal:
        given["group.equal"] = _vector(equal)
    if partial:
        given["group.partial"] = _vector(partial)
    return given


def _vector(words: Iterable[str]) -> str:
    return f"c({', '.join(chr(34) + word + chr(34) for word in words)})"
