"""Each side of the comparison: one call in, its seconds and its numbers out."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import task

Key = tuple[str, str, str, int]


class Clock:
    """Wall and processor time since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Return seconds passed on the wall and worked by this process."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


@dataclass(frozen=True)
class Run:
    """What one timed call gave; `cpu` counts only what the process itself worked."""

    seconds: float
    cpu: float
    chisq: float
    cfi: float
    est: dict[Key, float]
    se: dict[Key, float] = field(default_factory=dict)
    scaled: float | None = None


def key(lhs: str, op: str, rhs: str, group: int = 1) -> Key:
    """Identify a parameter; a covariance has no direction."""
    return (rhs, op, lhs, group) if op == "~~" and rhs < lhs else (lhs, op, rhs, group)


class Lavaan:
    """An Rscript that stays alive, so that starting R and loading lavaan is never timed."""

    def __init__(self, folder: Path) -> None:
        script = Path(__file__).with_name("lavaan_side.R")
        self._process = subprocess.Popen(
            ["Rscript", str(script), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.about = self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(
                "lavaan's process ended; run Rscript benchmarks/lavaan_side.R by hand"
            )
        return json.loads(line)

    def run(self, job: str) -> Run:
        """Time one job, such as ``ml`` or ``boot 1000``."""
        assert self._process.stdin is not None
        self._process.stdin.write(job + "\n")
        self._process.stdin.flush()
        got = self._read()
        names = zip(got["lhs"], got["op"], got["rhs"], got["group"], strict=True)
        keys = [key(*name) for name in names]
        est = dict(zip(keys, got["est"], strict=True))
        se = {k: s for k, s in zip(keys, got["se"], strict=True) if s}
        return Run(got["seconds"], got["cpu"], got["chisq"], got["cfi"], est, se, got.get("scaled"))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.write("quit\n")
        self._process.stdin.close()
        self._process.wait(timeout=30)


def numbers(fit: Any, spent: tuple[float, float]) -> Run:
    """Read our fit after the clock has stopped."""
    table = fit.tidy(style="lavaan") if fit.groups else fit.tidy().assign(group=1)
    names = zip(table["lhs"], table["op"], table["rhs"], table["group"], strict=True)
    keys = [key(*name) for name in names]
    est = dict(zip(keys, table["est"].astype(float), strict=True))
    se = {k: float(s) for k, s in zip(keys, table["se"], strict=True) if s and np.isfinite(s)}
    measures = fit.fit_measures
    return Run(*spent, measures["chisq"], measures["cfi"], est, se, measures.get("chisq_scaled"))


def ours(data: pd.DataFrame, **options: Any) -> Run:
    """Time ``ts.fit(...)`` until CFI has been read."""
    import truststats as ts

    clock = Clock()
    fit = ts.fit(task.MODEL, data, **options)
    fit.fit_measures["cfi"]
    return numbers(fit, clock.read())


def ours_bootstrap(data: pd.DataFrame, draws: int, ci: str = "percentile") -> Run:
    """Time ``ts.fit`` and ``ts.bootstrap`` until SEs and limits of one kind are there."""
    import truststats as ts

    clock = Clock()
    fit = ts.fit(task.MODEL, data)
    refits = ts.bootstrap(fit, draws, seed=1, ci=ci)
    table = refits.tidy()
    spent = clock.read()
    if refits.failed:
        raise SystemExit(f"{refits.failed} of {draws} refits failed")
    keys = [key(*k) for k in zip(table["lhs"], table["op"], table["rhs"], strict=True)]
    se = {k: float(s) for k, s in zip(keys, table["se"], strict=True) if s}
    est = dict(zip(keys, table["est"].astype(float), strict=True))
    return Run(*spent, fit.chisq, fit.fit_measures["cfi"], est, se)


def ours_ladder(data: pd.DataFrame, permutations: int = 0) -> Run:
    """Time ``ts.invariance`` until its table is there: four steps, or three and shuffled groups."""
    import truststats as ts

    clock = Clock()
    found = ts.invariance(
        task.MEASUREMENT, data, group="city", estimator="ML" if permutations else "MLR",
        upto="scalar" if permutations else "strict", partial=False, stop=False,
        permutations=permutations, seed=1,
    )  # fmt: skip
    found.frame()
    return numbers(found.steps[-1].fit, clock.read())


def ours_polychoric(data: pd.DataFrame) -> Run:
    """Time ``ts.polychoric`` until the covariance of all its numbers is there."""
    import truststats as ts

    clock = Clock()
    found = ts.polychoric(data)
    found.moments.gamma  # noqa: B018
    table = found.tidy()
    spent = clock.read()
    keys = [key(lhs, "~~", rhs) for lhs, rhs in zip(table["lhs"], table["rhs"], strict=True)]
    est = dict(zip(keys, table["est"].astype(float), strict=True))
    return Run(*spent, 0.0, 0.0, est, dict(zip(keys, table["se"].astype(float), strict=True)))


def semopy(data: pd.DataFrame) -> Run:
    """Time semopy from the text to standard errors, chi-square and CFI."""
    import semopy as package

    clock = Clock()
    model = package.Model(task.MODEL)
    model.fit(data)
    table = model.inspect()
    stats = package.calc_stats(model)
    spent = clock.read()
    est, se = {}, {}
    for row in table.to_dict("records"):
        lhs, op, rhs = row["lval"], row["op"], row["rval"]
        if op == "~" and rhs in task.CONSTRUCTS and lhs in task.ITEMS:
            lhs, op, rhs = rhs, "=~", lhs
        est[key(lhs, op, rhs)] = float(row["Estimate"])
        if isinstance(row["Std. Err"], float):
            se[key(lhs, op, rhs)] = row["Std. Err"]
    first = stats.iloc[0]
    return Run(*spent, float(first["chi2"]), float(first["CFI"]), est, se)


def semopy_estimates_only(data: pd.DataFrame) -> Run:
    """Time semopy's ``Model.fit`` alone: estimates, no standard errors, no fit measures."""
    import semopy as package

    clock = Clock()
    package.Model(task.MODEL).fit(data)
    return Run(*clock.read(), float("nan"), float("nan"), {})
