"""How time grows with rows, with missing patterns and with groups; prints a table.

``python benchmarks/scale.py`` fits the task's model to 10^3 to 10^6 complete rows beside
``numpy.cov`` of the same array, to rows with ever more missing patterns, and aligns ever more
groups. Writes scale.md.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


def best(call: Callable[[], object], rounds: int = 3) -> float:
    """Return the shortest of a few times in seconds."""
    spent: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return min(spent)


def by_rows() -> list[str]:
    """Fit 10^3 to 10^6 complete rows."""
    import numpy as np
    import task

    import truststats as ts

    lines = ["| rows | ts.fit, seconds | numpy.cov, seconds | ratio |", "|---:|---:|---:|---:|"]
    for rows in (1_000, 10_000, 100_000, 1_000_000):
        data = task.many(rows)
        array = data.to_numpy()
        fit = best(lambda data=data: ts.fit(task.MODEL, data).fit_measures["cfi"])
        cov = best(lambda array=array: np.cov(array, rowvar=False))
        lines.append(f"| {rows:,} | {fit:.4f} | {cov:.4f} | {fit / cov:.1f} |")
    return lines


def by_patterns() -> list[str]:
    """Fit 4,000 rows whose holes make ever more patterns, by full information."""
    import numpy as np
    import task

    import truststats as ts

    lines = ["| missing patterns | ts.fit, seconds | per pattern, ms |", "|---:|---:|---:|"]
    full = task.many(4_000)
    for wanted in (10, 100, 1_000, 3_000):
        rng = np.random.default_rng(task.SEED)
        masks = rng.random((wanted, full.shape[1])) < 0.10
        data = full.mask(masks[rng.integers(0, wanted, len(full))])
        fit = ts.fit(task.MODEL, data, missing="fiml")
        spent = best(lambda data=data: ts.fit(task.MODEL, data, missing="fiml"))
        lines.append(f"| {fit.n_patterns:,} | {spent:.3f} | {1e3 * spent / fit.n_patterns:.2f} |")
    return lines


def by_groups() -> list[str]:
    """Align 10, 30 and 100 groups of 300 people by five items."""
    import math

    import task

    import truststats as ts

    lines = [
        "| groups | ts.alignment, seconds | fits of the groups alone | power of its growth |",
        "|---:|---:|---:|---:|",
    ]
    before: tuple[int, float] | None = None
    for groups in (10, 30, 100):
        data = task.many_groups(groups)
        whole = best(lambda data=data: ts.alignment(task.ONE_FACTOR, data, group="g"))
        each = [rows for _, rows in data.groupby("g")]
        fits = best(
            lambda each=each: [
                ts.fit(task.ONE_FACTOR, d, estimator="MLR", std_lv=True, meanstructure=True)
                for d in each
            ]
        )
        power = ""
        if before is not None:
            power = f"{math.log(whole / before[1]) / math.log(groups / before[0]):.1f}"
        lines.append(f"| {groups} | {whole:.3f} | {fits:.3f} | {power} |")
        before = groups, whole
    return lines


def main() -> int:
    """Measure all and write the tables."""
    lines = [line for part in (by_rows(), by_patterns(), by_groups()) for line in (*part, "")]
    text = "\n".join([*lines, "One thread; shortest of three.", ""])
    (HERE / "scale.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
