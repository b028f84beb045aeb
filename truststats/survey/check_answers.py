"""Checks of codes: what stands in the cells and is no answer, or means another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from truststats.errors import Problem
from truststats.survey.answers import CellState, response_set_of, vocabulary
from truststats.survey.finding import counted, first_rows, listed, with_counts
from truststats.survey.limits import Limits
from truststats.survey.text import text_key

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = [
    "dont_know_averaged",
    "dont_know_codes",
    "not_integer",
    "out_of_range",
    "unreadable",
    "value_labels",
]

_CANDIDATES = (6, 7, 8, 9, 66, 77, 88, 96, 97, 98, 99, 888, 998, 999, 0, -1, -2, -8, -9, -99, -999)
_WORDS = re.compile(
    r"vet ikke|ved ikke|vet ej|vet inte|ikke aktuel|ikke relevant|inte aktuell|uaktuel|ubesvart"
    r"|ikke svart|ønsker ikke|ingen mening|don t know|dont know|do not know|not relevant"
    r"|not applicable|does not apply|no answer|refus|missing|en osaa sanoa"
)


def unreadable(survey: Survey, limits: Limits) -> list[Problem]:
    """Return the texts that are neither a code nor a known answer label."""
    hit = survey.answers.states == CellState.UNREADABLE
    counts = dict(zip(survey.items, hit.sum(axis=0), strict=True))
    bad = {item: int(c) for item, c in counts.items() if c}
    if not bad:
        return []
    worst = max(bad.values()) / max(survey.n, 1)
    texts = {
        str(text)
        for item in bad
        for text in survey.frame[survey.columns[item]][hit[:, survey.items.index(item)]].unique()
    }
    return [
        Problem(
            "unreadable",
            "error" if worst > limits.unreadable_share else "warning",
            f"{counted(sum(bad.values()), 'answer is a text', 'answers are texts')}, "
            "neither a code nor an answer label: "
            f"{listed(sorted(map(repr, texts)), 5)}. This counts as missing.",
            "Correct it in the file, or give the response set labels as they stand there.",
            where=with_counts(bad),
            count=sum(bad.values()),
            rows=first_rows(hit, limits.first),
        )
    ]


def _outside(survey: Survey) -> dict[float, dict[str, int]]:
    """Return the codes that are no answer, with the count of each item."""
    states, raw = survey.answers.states, survey.answers.raw.to_numpy()
    codes: dict[float, dict[str, int]] = {}
    for j, item in enumerate(survey.items):
        found = raw[states[:, j] == CellState.OUT_OF_RANGE, j]
        for code, count in zip(*np.unique(found, return_counts=True), strict=True):
            codes.setdefault(float(code), {})[item] = int(count)
    return codes


def _is_candidate(code: float, by_item: dict[str, int], survey: Survey) -> bool:
    """Return whether an unknown code looks like don't know: usual, and used in several items."""
    return code in _CANDIDATES and len(by_item) >= min(2, len(survey.items))


def _rows_with(survey: Survey, code: float, items: list[str], first: int) -> tuple[int, ...]:
    return first_rows((survey.answers.raw[items] == code).to_numpy(), first)


def dont_know_codes(survey: Survey, limits: Limits) -> list[Problem]:
    """Return codes that look like an undeclared don't know; they are kept out of the numbers."""
    found = []
    for code, by_item in _outside(survey).items():
        if not _is_candidate(code, by_item, survey):
            continue
        total = sum(by_item.values())
        found.append(
            Problem(
                "undeclared_missing_code",
                "warning",
                f"Code {code:g} stands {total} times and is no answer of the response set; it "
                "looks like a don't-know code that nobody declared. It counts as missing.",
                f"If it means don't know, declare it: missing = [{code:g}] in the mapping or in "
                "the response set. If it is an answer, give the right codes.",
                where=with_counts(by_item),
                count=total,
                rows=_rows_with(survey, code, list(by_item), limits.first),
            )
        )
    return found


def out_of_range(survey: Survey, limits: Limits) -> list[Problem]:
    """Return codes outside the response set that do not look like don't know."""
    found = []
    for code, by_item in _outside(survey).items():
        if _is_candidate(code, by_item, survey):
            continue
        item = next(iter(by_item))
        codes = survey.coding(item).codes
        within = min(codes) < code < max(codes)
        total = sum(by_item.values())
        found.append(
            Problem(
                "unknown_code" if within else "out_of_range",
                "warning",
                f"Code {code:g} stands {total} times but answers run from {min(codes)} to "
                f"{max(codes)}. It counts as missing.",
                "Correct the cells, or say how the file is coded: codes = [low, high] in columns=.",
                where=with_counts(by_item),
                count=total,
                rows=_rows_with(survey, code, list(by_item), limits.first),
            )
        )
    return found


def _labelled_dont_know(survey: Survey) -> dict[float, dict[str, int]]:
    """Return valid codes whose label in the file says don't know, with counts."""
    found: dict[float, dict[str, int]] = {}
    for j, (item, column) in enumerate(survey.columns.items()):
        valid = survey.answers.states[:, j] == CellState.VALID
        for code, label in survey.value_labels.get(column, {}).items():
            if not isinstance(code, int | float) or not _WORDS.search(text_key(label)):
                continue
            count = int((survey.answers.raw.iloc[:, j].to_numpy()[valid] == code).sum())
            if count:
                found.setdefault(float(code), {})[item] = count
    return found


def _peeled(codes: list[float]) -> list[float]:
    """Return the usual don't-know codes that stand two or more steps outside a short scale."""
    found = []
    for end, inner in ((-1, -2), (0, 1)):
        while len(codes) > 2 and codes[end] in _CANDIDATES and abs(codes[end] - codes[inner]) >= 2:
            found.append(codes.pop(end))
    return found if codes[-1] - codes[0] <= 10 and abs(codes[0]) <= 10 else []


def _isolated(survey: Survey) -> dict[float, dict[str, int]]:
    """Return codes far above or below the scale of an item whose codes nobody described."""
    found: dict[float, dict[str, int]] = {}
    for j, item in enumerate(survey.items):
        if survey.coding(item).codes:
            continue
        column = survey.answers.values.iloc[:, j].dropna().to_numpy()
        codes, counts = np.unique(column, return_counts=True)
        if not 3 <= len(codes) <= 15 or (codes != np.round(codes)).any():
            continue
        times = dict(zip(codes.tolist(), counts.tolist(), strict=True))
        for code in _peeled(codes.tolist()):
            found.setdefault(code, {})[item] = times[code]
    return found


def dont_know_averaged(survey: Survey, limits: Limits) -> list[Problem]:
    """Return don't-know codes that stand among the numbers and would be averaged in."""
    by_code = _isolated(survey)
    for code, by_item in _labelled_dont_know(survey).items():
        by_code.setdefault(code, {}).update(by_item)
    return [
        Problem(
            "dont_know_averaged",
            "error",
            f"Code {code:g} means don't know, or looks like it, but counts as an answer "
            f"{sum(by_item.values())} times: every mean and correlation takes it as a number.",
            f"Declare it as missing: missing = [{code:g}] in columns=, or in the response set.",
            where=with_counts(by_item),
            count=sum(by_item.values()),
            rows=_rows_with(survey, code, list(by_item), limits.first),
        )
        for code, by_item in sorted(by_code.items())
    ]


def not_integer(survey: Survey, limits: Limits) -> list[Problem]:
    """Return answers between the codes, such as 3.5, which nobody can have ticked."""
    values = survey.answers.values.to_numpy()
    hit = (values != np.round(values)) & ~np.isnan(values)
    hit &= np.array([bool(survey.coding(item).codes) for item in survey.items], dtype=bool)
    if not hit.any():
        return []
    counts = {i: int(c) for i, c in zip(survey.items, hit.sum(axis=0), strict=True) if c}
    first = values[hit][0]
    return [
        Problem(
            "not_integer",
            "warning",
            f"{counted(int(hit.sum()), 'answer', 'answers')} "
            f"between the codes, such as {first:g}, though only "
            "codes can be ticked. Nothing is rounded or left out: they count as they stand. They "
            "may be means, or missing answers that were imputed.",
            "Read the file as it was collected, before scores and imputation.",
            where=with_counts(counts),
            count=int(hit.sum()),
            rows=first_rows(hit, limits.first),
        )
    ]


def value_labels(survey: Survey, limits: Limits) -> list[Problem]:
    """Return items whose labels in the file give codes another meaning than the instrument."""
    if survey.instrument is None:
        return []
    wrong: dict[str, str] = {}
    for item, column in survey.columns.items():
        words = vocabulary(response_set_of(survey.instrument, item))
        rule, codes = survey.rules.get(item), survey.coding(item).codes
        if rule is not None and (rule.codes or rule.reverse):
            continue
        for code, label in survey.value_labels.get(column, {}).items():
            meant = words.get(text_key(label))
            if meant is not None and meant in codes and meant != code:
                wrong.setdefault(item, f"{label!r} is {code:g} in the file, {meant:g} here")
    if not wrong:
        return []
    item, example = next(iter(wrong.items()))
    return [
        Problem(
            "value_labels_disagree",
            "error",
            f"The file's value labels give codes another meaning than the instrument ({example}).",
            f'If the file runs the other way: columns={{"{item}": {{"column": '
            f'"{survey.columns[item]}", "reverse": True}}}}.',
            where=listed(list(wrong)),
            count=len(wrong),
        )
    ]
