"""Checks of items: absent, misplaced, constant, missing, turned round, or at the ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from truststats.errors import Problem
from truststats.survey.answers import CellState
from truststats.survey.finding import counted, first_rows, listed
from truststats.survey.limits import Limits
from truststats.survey.text import text_key
from truststats.survey.value import orient, valid_share

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = [
    "ceiling",
    "constant",
    "item_missingness",
    "missing_columns",
    "reversals",
    "text_of_another_item",
]


def missing_columns(survey: Survey, limits: Limits) -> list[Problem]:
    """Return the items of the instrument that no column answers, with a guess where there is."""
    lost = dict(survey.missing_items)
    if not lost or survey.instrument is None:
        return []
    guesses = [f'"{item}": "{column}"' for item, column in lost.items() if column]
    hint = f" Did you mean columns={{{', '.join(guesses[:5])}}}?" if guesses else ""
    return [
        Problem(
            "missing_columns",
            "warning",
            f"{len(lost)} of {len(survey.instrument.items)} items of {survey.instrument.name} have "
            f"no column.{hint}",
            "Name their columns with columns=, or accept that these items are left out.",
            where=listed(list(lost)),
            count=len(lost),
        )
    ]


def text_of_another_item(survey: Survey, limits: Limits) -> list[Problem]:
    """Return columns named like one item whose label is the text of another one."""
    if survey.instrument is None:
        return []
    owner = {text_key(t): item.name for item in survey.instrument.items for t in item.text.values()}
    wrong = {
        item: other
        for item, column in survey.columns.items()
        if (other := owner.get(text_key(survey.labels.get(column, "")), item)) != item
    }
    if not wrong:
        return []
    item, other = next(iter(wrong.items()))
    return [
        Problem(
            "text_of_another_item",
            "error",
            f"Column {survey.columns[item]!r} is named like item {item!r} but its label is the "
            f"text of {other!r}; the numbering of the file may differ from the instrument's.",
            "Check the questionnaire and map these items with columns=.",
            where=listed([f"{i} = {o}" for i, o in wrong.items()]),
            count=len(wrong),
        )
    ]


def constant(survey: Survey, limits: Limits) -> list[Problem]:
    """Return items without any valid answer, or with one answer only."""
    distinct = survey.answers.values.nunique()
    severity = "error" if survey.instrument is not None else "warning"
    empty = [item for item in survey.items if distinct[item] == 0]
    single = [item for item in survey.items if distinct[item] == 1 and survey.n > 1]
    found = []
    if empty:
        found.append(
            Problem(
                "empty_item",
                severity,
                f"{counted(len(empty), 'item has', 'items have')} no valid answer.",
                "Check the column and its codes; an item that was not asked is mapped to nothing: "
                f'columns={{"{empty[0]}": None}}.',
                where=listed(empty),
                count=len(empty),
            )
        )
    if single:
        found.append(
            Problem(
                "constant_item",
                severity,
                f"{counted(len(single), 'item has', 'items have')} "
                "the same answer in every row, and so "
                "cannot vary with anything.",
                "Leave them out of the model, and check the export.",
                where=listed(single),
                count=len(single),
            )
        )
    return found


def item_missingness(survey: Survey, limits: Limits) -> list[Problem]:
    """Return items that many respondents gave no valid answer to."""
    share = 1.0 - valid_share(survey)
    order = np.argsort(-share, kind="stable")
    bad = [j for j in order if limits.missing_share < share[j] < 1.0]
    if not bad or not survey.n:
        return []
    hit = survey.answers.states[:, bad] != CellState.VALID
    return [
        Problem(
            "item_missingness",
            "warning",
            f"{counted(len(bad), 'item lacks', 'items lack')} "
            f"more than {limits.missing_share:.0%} of the "
            "answers. Who leaves them out may differ from who answers.",
            'Use missing="ml", and compare those who answered with those who did not.',
            where=listed([f"{survey.items[j]} ({share[j]:.0%})" for j in bad]),
            count=len(bad),
            rows=first_rows(hit, limits.first),
        )
    ]


def ceiling(survey: Survey, limits: Limits) -> list[Problem]:
    """Return items with many answers in one end category."""
    shares: dict[str, float] = {}
    oriented = orient(survey, survey.answers.values)
    for item in survey.items:
        codes = survey.coding(item).codes
        column = oriented[item].dropna().to_numpy()
        if codes and len(column):
            ends = [(column == end).mean() for end in (min(codes), max(codes))]
            shares[item] = float(max(ends))
    bad = {i: s for i, s in sorted(shares.items(), key=lambda p: -p[1]) if limits.ceiling < s < 1.0}
    if not bad:
        return []
    return [
        Problem(
            "ceiling",
            "note",
            f"{counted(len(bad), 'item has', 'items have')} "
            f"more than {limits.ceiling:.0%} of the answers "
            "in one end category: as numbers, these are far from normal.",
            'Use estimator="MLR", and read small effects of these items with care.',
            where=listed([f"{item} ({share:.0%})" for item, share in bad.items()]),
            count=len(bad),
        )
    ]


def _blocks(survey: Survey) -> list[tuple[str, list[str]]]:
    """Return the items that should go together: a construct's, and each separate dimension's."""
    if survey.instrument is None:
        return []
    blocks: dict[str, list[str]] = {}
    for key, construct in survey.instrument.constructs.items():
        apart = {d.key for d in construct.dimensions if d.separate}
        for item in construct.items:
            if item.name in survey.columns:
                name = f"{key}.{item.dimension}" if item.dimension in apart else key
                blocks.setdefault(name, []).append(item.name)
    return [(name, items) for name, items in blocks.items() if len(items) >= 2]


def _correlations(values: pd.DataFrame, least: int) -> np.ndarray:
    """Return pairwise-complete correlations; zero where there are too few pairs."""
    return values.corr(min_periods=least).fillna(0.0).to_numpy()


def _turned(correlations: np.ndarray, marked: np.ndarray, limit: float) -> np.ndarray:
    """Return which items of a block run against the others.

    The first eigenvector of the correlations gives each item a sign; the smaller side is the one
    that runs against, and of two equal sides the one with more reverse-keyed items.
    """
    vectors = np.linalg.eigh(correlations)[1]
    first = vectors[:, -1]
    against = first < 0
    weight = [np.abs(first[against]).sum(), np.abs(first[~against]).sum()]
    if against.sum() * 2 == len(first):
        swap = marked[against].sum() < marked[~against].sum()
    else:
        swap = weight[0] > weight[1]
    against = ~against if swap else against
    cross = correlations[np.ix_(against, ~against)]
    clear = np.zeros(len(first), dtype=bool)
    if cross.size:
        clear[against] = cross.mean(axis=1) < -limit
    return clear


def reversals(survey: Survey, limits: Limits) -> list[Problem]:
    """Return items that seem keyed otherwise than the instrument says."""
    if survey.instrument is None:
        return []
    oriented = orient(survey, survey.answers.values)
    found = []
    for block, items in _blocks(survey):
        correlations = _correlations(oriented[items], limits.reversal_rows)
        marked = np.array([survey.instrument.item(item).reverse for item in items])
        turned = _turned(correlations, marked, limits.reversal)
        for item, mark, hit in zip(items, marked, turned, strict=True):
            if hit:
                found.append(_reversal(survey, oriented, block, items, item, bool(mark)))
    return found


def _reversal(
    survey: Survey, oriented: pd.DataFrame, block: str, items: list[str], item: str, marked: bool
) -> Problem:
    rest = oriented[[i for i in items if i != item]].mean(axis=1)
    r = oriented[item].corr(rest)
    if len(items) == 2:
        other = next(i for i in items if i != item)
        said = f"Item {item!r} correlates {r:.2f} with {other!r} of {block}: one of the two"
        said += " seems turned round in the file, and two items cannot say which."
        code = "suspected_reversal"
    elif marked:
        code = "already_reversed"
        said = f"Item {item!r} is reverse-keyed but correlates {r:.2f} with the rest of {block}"
        said += " after turning, as though the file had turned it already."
    else:
        code = "suspected_reversal"
        said = f"Item {item!r} correlates {r:.2f} with the rest of {block}, as though the file"
        said += " had turned it round without saying so."
    column = survey.columns[item]
    return Problem(
        code,
        "warning",
        said,
        "Check the questionnaire; if so, read with "
        f'columns={{"{item}": {{"column": "{column}", "reverse": True}}}}.',
        where=item,
        count=int(oriented[item].notna().sum()),
    )
