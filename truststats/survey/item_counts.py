"""Which counts of answers and of missing answers can be shown, item by item.

Of every item the same people gave a valid answer, left it blank or did not know. The three add up
to everybody, so what is shown of one tells of the others; every table, figure and file of a report
therefore takes its numbers of answers from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats.arrays import BoolArray

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = [
    "common_pools",
    "rounded_shares",
    "share_step",
    "shown_exclusions",
    "shown_items",
    "shown_thresholds",
]

_STEPS = (1, 2, 5, 10, 20, 25, 50)
_BLANK = ("blank", "user_missing", "out_of_range", "unreadable")


def shown_items(missing: pd.DataFrame, min_n: int = 5) -> pd.DataFrame:
    """Return the counts of each item that can be shown, NaN for the others.

    Parameters
    ----------
    missing : DataFrame
        `Survey.missingness`: at least n, dont_know and share_missing.
    min_n : int
        Smallest count that is shown.

    Returns
    -------
    DataFrame
        ``valid``, ``missing``, ``blank`` (missing for another reason than "don't know") and
        ``dont_know``. Where few answered or few did not, all four are hidden; where few of those
        who did not say why, those two are. ``all`` is n.
    """
    n = missing["n"].to_numpy(dtype=float)
    gone = np.round(missing["share_missing"].to_numpy(dtype=float) * n)
    unsure = missing["dont_know"].to_numpy(dtype=float)
    table = pd.DataFrame(
        {"valid": n - gone, "missing": gone, "blank": gone - unsure, "dont_know": unsure},
        index=missing.index,
    )
    small = (table > 0) & (table < min_n)
    whole = (small["valid"] | small["missing"]).to_numpy()
    parts = whole | (small["blank"] | small["dont_know"]).to_numpy()
    table.loc[whole, ["valid", "missing"]] = np.nan
    table.loc[parts, ["blank", "dont_know"]] = np.nan
    return table.assign(all=n)


def shown_exclusions(survey: Survey, min_n: int = 5) -> list[dict[str, Any]]:
    """Return what carries no value as plain values, without counts of few people.

    Rows without any answer tell nothing about anybody and are counted. A reason's total is left out
    where it would tell the count of an item that is hidden.

    Parameters
    ----------
    survey : Survey
    min_n : int
        Smallest count that is shown.

    Returns
    -------
    list of dict
        As `Exclusion.as_dict`.
    """
    missing = survey.missingness()
    shown = shown_items(missing, min_n)
    other = missing[list(_BLANK)]
    mixed = ((other > 0) & (other < min_n)).any(axis=1) | shown["blank"].isna()
    out = []
    for one in survey.exclusions():
        plain = one.as_dict()
        if one.by_item:
            hidden = shown["dont_know"].isna() if one.code == "dont_know" else mixed
            kept = {item: n for item, n in one.by_item.items() if not hidden[item]}
            few = len(one.by_item) - len(kept)
            plain |= {"by_item": kept, "items_hidden": few, "count": None if few else one.count}
        out.append(plain)
    return out


def share_step(n: int, min_n: int = 5) -> int:
    """Return the steps, in per cent, in which shares of n people tell no single count.

    A step is that of at least `min_n` people; 100 where there are too few for any.
    """
    return next((step for step in _STEPS if step * n >= 100 * min_n), 100)


def rounded_shares(counts: np.ndarray, step: int) -> np.ndarray:
    """Return shares in per cent, rounded to steps so that they add up to 100 (largest remainder).

    Parameters
    ----------
    counts : (C,) int array
    step : int
        A divisor of 100.
    """
    whole = 100 // step
    exact = counts * whole / max(int(counts.sum()), 1)
    out = np.floor(exact + 1e-9)
    rest = whole - int(out.sum()) if counts.sum() else 0
    out[np.argsort(-(exact - out), kind="stable")[:rest]] += 1
    return (out * step).astype(int)


def common_pools(counts: np.ndarray, min_n: int = 5) -> np.ndarray:
    """Return into which category each one is pooled so that none is small in any group.

    Small categories join the next one toward the middle, the outermost first.

    Parameters
    ----------
    counts : (G, C) int array
        Answers by group and category; several groups are pooled alike.
    min_n : int

    Returns
    -------
    (C,) int array
    """
    held = np.array(counts, dtype=float)
    into = np.arange(held.shape[1])
    middle = (held.shape[1] - 1) / 2
    while True:
        small = ((held > 0) & (held < min_n)).any(axis=0)
        at = sorted(np.flatnonzero(small), key=lambda k: -abs(k - middle))
        left = np.unique(into)
        if not at or len(left) == 1:
            return into
        k = at[0]
        others = left[left != k]
        inward = others[(others > k) == (k < middle)] if k != middle else others
        nearest = inward if len(inward) else others
        to = int(nearest[np.argmin(abs(nearest - k))])
        held[:, to] += held[:, k]
        held[:, k] = 0
        into[into == k] = to


def shown_thresholds(counts: np.ndarray, min_n: int = 5) -> BoolArray:
    """Return which thresholds between categories can be shown.

    With the number of answers a threshold tells how many lie below it, so two of them tell a
    category. Those inside a pool of `common_pools` are hidden.

    Parameters
    ----------
    counts : (G, C) int array
        Answers by group and category.
    min_n : int

    Returns
    -------
    (C - 1,) bool array
    """
    into = common_pools(counts, min_n)
    return np.array(
        [not set(into[: k + 1]) & set(into[k + 1 :]) for k in range(len(into) - 1)], dtype=bool
    )
