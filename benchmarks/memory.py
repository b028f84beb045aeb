"""How much memory ordinal items take: 100 five-point items, 2,000 rows; prints a table.

``python benchmarks/memory.py`` runs every job in a process of its own and reads that process' peak
of resident memory, the interpreter and the packages included. Writes memory.md.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
LIMIT = 2048  # MiB


def only_data() -> None:
    """Import the package and draw the answers."""
    import task

    import truststats as ts

    ts.fit(task.MODEL, task.complete())
    task.wide()


def polychoric() -> None:
    """Correlate, with the covariance matrix of all statistics."""
    import task

    import truststats as ts

    found = ts.polychoric(task.wide())
    found.moments.gamma  # noqa: B018
    found.tidy()


def wlsmv() -> None:
    """Fit ten factors until fit measures are read."""
    import task

    import truststats as ts

    ts.fit(task.WIDE_MODEL, task.wide(), ordered=True).fit_measures["cfi"]


JOBS: dict[str, tuple[str, Callable[[], None]]] = {
    "none": ("packages, the answers, and a fit of 24 continuous items", only_data),
    "polychoric": ("`ts.polychoric` until the covariance matrix and all errors", polychoric),
    "wlsmv": ("`ts.fit(..., ordered=True)`, ten factors, until CFI is read", wlsmv),
}


def peak(job: str) -> float:
    """Return the peak of resident memory of one job in MiB, from a process of its own."""
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": path}
    command = [sys.executable, str(Path(__file__).resolve()), job]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main(into: Path = HERE) -> int:
    """Measure all jobs and write the table; not zero if one needs more than the limit."""
    lines = ["| job | peak of resident memory, MiB |", "|---|---:|"]
    peaks = {job: peak(job) for job in JOBS}
    lines += [f"| {JOBS[job][0]} | {found:,.0f} |" for job, found in peaks.items()]
    text = "\n".join([*lines, "", "100 five-point items, 2,000 rows; one thread.", ""])
    (into / "memory.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return int(max(peaks.values()) >= LIMIT)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.path.insert(0, str(HERE))
        JOBS[sys.argv[1]][1]()
        unit = 1024.0**2 if sys.platform == "darwin" else 1024.0
        sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}\n")
        sys.exit(0)
    sys.exit(main())
