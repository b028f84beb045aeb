"""Invariance over time: the same people asked the same questions again.

One model holds the factors of every wave. Residuals of the same item covary over the waves, as
what is peculiar to a question comes back when it is asked again; equal loadings, intercepts and
residual variances over waves are the steps (Widaman, Ferrer & Conger 2010,
doi:10.1111/j.1750-8606.2009.00110.x; Liu et al. 2017, doi:10.1037/met0000075).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.model import Model
from truststats.results.fit import Fit
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic, labelled
from truststats.workflow.columns import as_frame
from truststats.workflow.fit import fit, refit
from truststats.workflow.invariance_groups import measurement_of
from truststats.workflow.invariance_plan import STEPS, Plan

__all__ = ["Waves", "plan_of_waves", "wave_text", "waves_of"]


@dataclass(frozen=True)
class Waves:
    """Which column holds an item at which time.

    Attributes
    ----------
    labels : tuple of str
        The waves in their order.
    columns : mapping of str to tuple of str
        The columns of each item, one a wave.
    """

    labels: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]

    def factor(self, name: str, wave: int) -> str:
        """Return what a factor is called in a wave, from 0."""
        return f"{name}_w{wave + 1}"

    def names(self, factors: Sequence[str]) -> dict[str, str]:
        """Return the item or factor that each variable of the model of all waves stands for."""
        found = {column: item for item, own in self.columns.items() for column in own}
        for wave in range(len(self.labels)):
            found |= {self.factor(name, wave): name for name in factors}
        return found


def waves_of(
    waves: Any, items: Sequence[str], data: Any, person: str | None
) -> tuple[Waves, pd.DataFrame]:
    """Return which column is which, and the data with one row a person.

    Parameters
    ----------
    waves : mapping of str to sequence of str, sequence of str, or str
        The columns of each item; endings that the items have at each wave, as in
        ``["_2019", "_2021"]``; or the column that says the wave in data with a row a person and
        wave.
    items : sequence of str
    data : Survey or frame
    person : str or None
        Column that says who it is, for data with a row a person and wave.

    Raises
    ------
    OptionError
        For items without columns, or a different number of them.
    DataError
        If a person has two rows in one wave.
    """
    frame = data.frame if isinstance(data, Survey) else as_frame(data)
    if isinstance(waves, str):
        values = data.values(list(items)) if isinstance(data, Survey) else frame[list(items)]
        return _from_long(waves, person, items, frame, values)
    if isinstance(data, Survey):
        raise NotSupportedError(
            "A survey holds each item once.",
            why="its codebook does not know the same item at several times",
            fix="put the waves below each other and pass waves='wave', person='id'",
        )
    if isinstance(waves, Mapping):
        columns = {item: tuple(map(str, waves.get(item, ()))) for item in items}
    else:
        columns = {item: tuple(f"{item}{ending}" for ending in waves) for item in items}
    counts = {len(own) for own in columns.values()}
    if len(counts) != 1 or min(counts) < 2:
        raise OptionError(
            "Every item needs a column for each of two or more waves.",
            where=", ".join(f"{item}: {len(own)}" for item, own in list(columns.items())[:6]),
            fix='waves={"t1": ["t1_2019", "t1_2021"], ...}, or waves=["_2019", "_2021"]',
        )
    size = counts.pop()
    plain = not isinstance(waves, Mapping)
    labels = tuple(str(w).strip("_. ") or str(w) for w in waves) if plain else None
    return Waves(labels or tuple(f"{k + 1}" for k in range(size)), columns), frame


def _from_long(
    wave: str, person: str | None, items: Sequence[str], frame: pd.DataFrame, values: pd.DataFrame
) -> tuple[Waves, pd.DataFrame]:
    if person is None:
        raise OptionError(
            f"waves={wave!r} names a column, so that person= has to name who it is.",
            fix='person="id"',
        )
    for name in (wave, person):
        if name not in frame.columns:
            raise DataError(f"The data have no column {name!r}.", fix="name the column")
    keys = frame[[person, wave]]
    known = keys.notna().all(axis=1).to_numpy()
    if keys[known].duplicated().any():
        raise DataError(
            f"{int(keys[known].duplicated().sum())} rows repeat a person in the same wave.",
            fix=f"keep one row for each value of {person!r} and {wave!r}",
        )
    labels = tuple(str(label) for label in pd.unique(frame.loc[known, wave]))
    if len(labels) < 2:
        raise DataError(f"The column {wave!r} has one wave.", fix="name a column with two or more")
    place = {label: k + 1 for k, label in enumerate(labels)}
    numbers = frame.loc[known, wave].map(lambda label: place[str(label)])
    long = values.loc[known, list(items)].assign(_person=frame.loc[known, person], _wave=numbers)
    wide = long.pivot(index="_person", columns="_wave", values=list(items))
    wide.columns = [f"{item}_w{number}" for item, number in wide.columns]
    columns = {item: tuple(f"{item}_w{k + 1}" for k in range(len(labels))) for item in items}
    return Waves(labels, columns), wide.astype(float).reset_index(drop=True)


def wave_text(model: Model, waves: Waves, equal: Sequence[str], free: Sequence[str] = ()) -> str:
    """Return the model of all waves, with what is equal over them.

    Parameters
    ----------
    model : Model
        Factors and their items, named once.
    waves : Waves
    equal : sequence of str
        "loadings", "intercepts", "residuals", "lv.variances", "lv.covariances", "means".
    free : sequence of str
        Such as ``"trust=~t2"`` or ``"t2~1"``.
    """
    loadings = [(s.lhs, s.rhs) for s in model.statements if s.op == "=~"]
    factors, items = list(dict.fromkeys(f for f, _ in loadings)), list(waves.columns)
    lines: list[str] = []
    for w in range(len(waves.labels)):
        for name in factors:
            own = [item for factor, item in loadings if factor == name]
            lines.append(f"{waves.factor(name, w)} =~ " + " + ".join(
                _loading(name, item, waves.columns[item][w], k == 0, equal, free)
                for k, item in enumerate(own)
            ))  # fmt: skip
            lines.append(_moments(name, waves.factor(name, w), w, equal))
        for item in items:
            column = waves.columns[item][w]
            tied = "intercepts" in equal and f"{item}~1" not in free
            lines.append(f"{column} ~ {f'i_{item}*' if tied else ''}1")
            lines.append(f"{column} ~~ {f'r_{item}*' if 'residuals' in equal else ''}{column}")
        for a, b in combinations(factors, 2):
            label = f"c_{a}_{b}*" if "lv.covariances" in equal else ""
            lines.append(f"{waves.factor(a, w)} ~~ {label}{waves.factor(b, w)}")
        for s in model.statements:
            if s.op == "~~" and s.lhs != s.rhs and s.lhs in waves.columns:
                lines.append(f"{waves.columns[s.lhs][w]} ~~ {waves.columns[s.rhs][w]}")
    for item in items:
        lines += [f"{a} ~~ {b}" for a, b in combinations(waves.columns[item], 2)]
    return "\n".join(lines)


def _loading(
    factor: str, item: str, column: str, first: bool, equal: Sequence[str], free: Sequence[str]
) -> str:
    tied = "loadings" in equal and f"{factor}=~{item}" not in free
    term = f"l_{factor}_{item}*{column}" if tied else column
    return f"NA*{column} + {term}" if first and tied else f"NA*{column}" if first else term


def _moments(name: str, factor: str, wave: int, equal: Sequence[str]) -> str:
    """Return the variance and mean of a factor, 1 and 0 where nothing else gives a scale."""
    loose = wave > 0 and "loadings" in equal and "lv.variances" not in equal
    moved = wave > 0 and "intercepts" in equal and "means" not in equal
    return f"{factor} ~~ {'NA' if loose else '1'}*{factor}\n{factor} ~ {'NA' if moved else '0'}*1"


def plan_of_waves(
    model: Any, data: Any, *, waves: Any, person: str | None, estimator: str | None,
    missing: str | None, cluster: Any,
) -> Plan:  # fmt: skip
    """Return the plan for the same people at several times; see `truststats.invariance`."""
    measured = measurement_of(model, data)
    factors = list(dict.fromkeys(s.lhs for s in measured.statements if s.op == "=~"))
    items = list(dict.fromkeys(s.rhs for s in measured.statements if s.op == "=~"))
    odd = [s for s in measured.statements if s.op not in ("=~", "~~") or s.fixed is not None]
    if odd or set(items) & set(factors):
        raise NotSupportedError(
            "Over waves the model may hold factors of items and covariances of residuals only.",
            where=f"{odd[0].lhs} {odd[0].op} {odd[0].rhs}" if odd else "a factor of factors",
            fix="leave out everything else; the ladder adds what belongs to the waves",
        )
    known, wide = waves_of(waves, items, data, person)
    if measured.recode:
        for item, total in measured.recode.items():
            for column in known.columns.get(item, ()):
                wide = wide.assign(**{column: total - wide[column]})
    synthetic = is_synthetic(data)
    rows = labelled(wide, synthetic)
    named = list(dict.fromkeys(c for own in known.columns.values() for c in own))
    gone = [name for name in named if name not in wide.columns]
    if gone:
        raise DataError(f"The data have no column {', '.join(gone[:5])}.", fix="check waves=")
    how = missing or ("ml" if bool(np.isnan(wide[named].to_numpy(float)).any()) else "listwise")

    def text(equal: Sequence[str], free: Sequence[str] = ()) -> Model:
        return Model.from_text(wave_text(measured, known, equal, free))

    options = {"estimator": estimator or "MLR", "missing": how, "meanstructure": True}
    if not isinstance(data, Survey):
        options["cluster"] = cluster
    first = fit(text(()), rows, **options)

    def again(equal: tuple[str, ...], free: tuple[str, ...], near: Fit) -> Fit:
        return refit(first, text(equal, free))

    return Plan(
        waves if isinstance(waves, str) else "waves", first, STEPS, again,
        waves=known, names=known.names(factors),
    )  # fmt: skip
