"""The measurements; started by run.py, which pins the linear algebra to one thread first."""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import memory
import numpy as np
import sides
import task
from sides import Run

HERE = Path(__file__).parent

CHISQ, SE = 1e-4, 1e-3  # relative; how closely ours must agree with lavaan
SEMOPY_CHISQ = 1e-3  # semopy's default solver tolerance is good to three digits
FEW = 20  # permutations that lavaan does
BOOTSTRAP_SE = 0.25  # largest relative difference of two bootstrap SEs of 1,000 draws: 2 x .022 is
# one standard error of their ratio with normal estimates; heavier tails and 60 parameters widen it


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    job: str
    side: str
    seconds: float
    ratio: float
    cpu: float
    cpu_ratio: float
    runs: int
    agreement: str


def interleaved(
    calls: dict[str, Callable[[], Run]], rounds: int, warm: int
) -> dict[str, list[Run]]:
    """Run every side once a round, so that a busy moment of the machine falls on all of them."""
    runs: dict[str, list[Run]] = {name: [] for name in calls}
    for _ in range(warm):
        for call in calls.values():
            call()
    for _ in range(rounds):
        for name, call in calls.items():
            runs[name].append(call())
    return runs


def largest(ours: dict[Any, float], theirs: dict[Any, float]) -> float:
    """Return the largest relative difference; a parameter only one side has is infinite."""
    if set(ours) != set(theirs):
        return float("inf")
    return max(abs(ours[k] - v) / abs(v) for k, v in theirs.items())


def agreement(ours: Run, theirs: Run, chisq: float, se: float) -> str:
    """Say how far two sides are apart; raise where it is more than allowed."""
    off = abs(ours.chisq - theirs.chisq) / theirs.chisq
    if ours.scaled is not None and theirs.scaled is not None:
        off = max(off, abs(ours.scaled - theirs.scaled) / theirs.scaled)
    off_se = largest(ours.se, theirs.se)
    if off > chisq or off_se > se:
        raise SystemExit(f"the sides disagree: chi-square {off:.2g}, SE {off_se:.2g}")
    return f"chi-square {off:.0e}, SE {off_se:.0e} (relative)"


def rows_of(job: str, runs: dict[str, list[Run]], said: dict[str, str]) -> list[Row]:
    """Take medians and ratios; a ratio above one means truststats is faster by that factor."""
    wall = {name: statistics.median(r.seconds for r in got) for name, got in runs.items()}
    cpu = {name: statistics.median(r.cpu for r in got) for name, got in runs.items()}
    ours = "truststats"
    return [
        Row(
            job=job,
            side=name,
            seconds=wall[name],
            ratio=wall[name] / wall[ours],
            cpu=cpu[name],
            cpu_ratio=cpu[name] / cpu[ours],
            runs=len(got),
            agreement=said.get(name, ""),
        )
        for name, got in runs.items()
    ]


def bench_ml(lavaan: sides.Lavaan, rounds: int) -> list[Row]:
    """Maximum likelihood on complete data, the whole call."""
    data = task.complete()
    only = {"semopy, estimates only": lambda: sides.semopy_estimates_only(data)}
    calls = {
        "truststats": lambda: sides.ours(data),
        "lavaan": lambda: lavaan.run("ml"),
        "semopy": lambda: sides.semopy(data),
        **only,
    }
    runs = interleaved(calls, rounds, warm=3)
    first = {name: got[0] for name, got in runs.items()}
    said = {
        "lavaan": agreement(first["truststats"], first["lavaan"], CHISQ, SE),
        "semopy": agreement(first["truststats"], first["semopy"], SEMOPY_CHISQ, 0.02),
    }
    return rows_of("ML, complete", runs, said)


def bench_mlr(lavaan: sides.Lavaan, rounds: int) -> list[Row]:
    """Robust standard errors and test on complete data, the whole call."""
    data = task.complete()
    calls = {
        "truststats": lambda: sides.ours(data, estimator="MLR"),
        "lavaan": lambda: lavaan.run("mlr"),
    }
    runs = interleaved(calls, rounds, warm=2)
    said = {"lavaan": agreement(runs["truststats"][0], runs["lavaan"][0], CHISQ, SE)}
    return rows_of("MLR, complete", runs, said)


def bench_groups(lavaan: sides.Lavaan, rounds: int) -> list[Row]:
    """Four groups with equal loadings."""
    data = task.in_groups()
    calls = {
        "truststats": lambda: sides.ours(data, group="city", group_equal="loadings"),
        "lavaan": lambda: lavaan.run("groups"),
    }
    runs = interleaved(calls, rounds, warm=2)
    said = {"lavaan": agreement(runs["truststats"][0], runs["lavaan"][0], CHISQ, SE)}
    return rows_of("4 groups, equal loadings", runs, said)


def bench_ladder(lavaan: sides.Lavaan, rounds: int) -> list[Row]:
    """The whole ladder of invariance in four groups: four steps, MLR, and their differences."""
    data = task.in_groups()
    calls = {
        "truststats": lambda: sides.ours_ladder(data),
        "lavaan": lambda: lavaan.run("ladder"),
    }
    runs = interleaved(calls, rounds, warm=1)
    said = {"lavaan": agreement(runs["truststats"][0], runs["lavaan"][0], CHISQ, SE)}
    return rows_of("ladder of invariance, 4 steps, 4 groups, MLR", runs, said)


def bench_permuted(lavaan: sides.Lavaan, rounds: int, draws: int) -> list[Row]:
    """Permutation tests of three steps; lavaan does a few draws, whose time is multiplied."""
    data = task.in_groups()
    calls = {
        "truststats": lambda: sides.ours_ladder(data, draws),
        "lavaan": lambda: lavaan.run(f"permute {FEW}"),
    }
    runs = interleaved(calls, rounds, warm=0)
    off = abs(runs["truststats"][0].chisq - runs["lavaan"][0].chisq) / runs["lavaan"][0].chisq
    if off > CHISQ:
        raise SystemExit(f"the sides disagree: chi-square {off:.2g}")
    factor = draws / FEW
    runs["lavaan"] = [
        replace(run, seconds=factor * run.seconds, cpu=factor * run.cpu) for run in runs["lavaan"]
    ]
    said = {"lavaan": f"chi-square {off:.0e} (relative); time of {FEW} draws x {factor:g}"}
    return rows_of(f"permutation test of invariance, {draws:,} draws", runs, said)


def bench_fiml(lavaan: sides.Lavaan, rounds: int) -> list[Row]:
    """Full information with robust standard errors and test, a tenth of the answers missing."""
    data = task.with_holes()
    calls = {
        "truststats": lambda: sides.ours(data, missing="fiml", estimator="MLR"),
        "lavaan": lambda: lavaan.run("fiml_mlr"),
    }
    runs = interleaved(calls, rounds, warm=0)
    said = {"lavaan": agreement(runs["truststats"][0], runs["lavaan"][0], CHISQ, SE)}
    return rows_of("FIML + MLR, 10 % MCAR", runs, said)


def bench_polychoric(lavaan: sides.Lavaan, rounds: int, *, small: bool) -> list[Row]:
    """Polychoric correlations with the covariance matrix of correlations and thresholds."""
    data = task.likert()
    data = data.iloc[:2000, :24] if small else data
    job = "polychoric_small" if small else "polychoric"
    calls = {
        "truststats": lambda: sides.ours_polychoric(data),
        "lavaan": lambda: lavaan.run(job),
    }
    runs = interleaved(calls, rounds, warm=1 if small else 0)
    ours, theirs = runs["truststats"][0], runs["lavaan"][0]
    off = max(abs(ours.est[k] - value) for k, value in theirs.est.items())
    off_se = largest(ours.se, theirs.se)
    if off > CHISQ or off_se > SE:
        raise SystemExit(f"the sides disagree: correlations {off:.2g}, SE {off_se:.2g}")
    said = {"lavaan": f"correlations {off:.0e}, SE {off_se:.0e} (relative)"}
    title = f"polychoric matrix and its covariance, {data.shape[1]} items, N = {len(data):,}"
    return rows_of(title, runs, said)


def bench_wlsmv(lavaan: sides.Lavaan, rounds: int) -> list[Row]:
    """Five-point items by thresholds and polychoric correlations, the whole call."""
    data = task.five_points()
    calls = {
        "truststats": lambda: sides.ours(data, ordered=True),
        "lavaan": lambda: lavaan.run("wlsmv"),
    }
    runs = interleaved(calls, rounds, warm=1)
    said = {"lavaan": agreement(runs["truststats"][0], runs["lavaan"][0], CHISQ, SE)}
    return rows_of("WLSMV, 24 five-point items", runs, said)


def bench_bootstrap(lavaan: sides.Lavaan, rounds: int, draws: int) -> list[Row]:
    """Fit and refit to bootstrap samples, intervals included: percentile ones, and BCa."""
    data = task.complete()
    calls = {
        "truststats": lambda: sides.ours_bootstrap(data, draws),
        "BCa": lambda: sides.ours_bootstrap(data, draws, "bca"),
        "lavaan": lambda: lavaan.run(f"boot {draws}"),
    }
    runs = interleaved(calls, rounds, warm=0)
    off = largest(runs["truststats"][0].se, runs["lavaan"][0].se)
    if off > BOOTSTRAP_SE:
        raise SystemExit(f"bootstrap standard errors disagree: {off:.2g}")
    said = {"lavaan": f"SE {off:.0e} (relative, Monte Carlo error included)"}
    bca = {"truststats": runs.pop("BCa"), "lavaan": runs["lavaan"]}
    rows = rows_of(f"bootstrap, {draws:,} refits", runs, said)
    return rows + rows_of(f"BCa bootstrap, {draws:,} refits", bca, said)


def machine(lavaan: sides.Lavaan) -> dict[str, str]:
    """Describe what the numbers were measured on."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")]
        processor = names[0].split(":")[1].strip() if names else processor
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[index]
    packages = ("truststats", "numpy", "scipy", "pandas", "semopy")
    return {
        "processor": processor,
        "python": platform.python_version(),
        **{name: installed(name) for name in packages},
        "numpy BLAS": f"{blas['name']} {blas['version']}",
        "R": str(lavaan.about["R"]),
        "lavaan": str(lavaan.about["lavaan"]),
        "R BLAS": Path(lavaan.about["blas"]).name,
        "threads": "1",
    }


def installed(name: str) -> str:
    """Return a package's version; a checkout that is not installed says so."""
    try:
        return version(name)
    except ModuleNotFoundError:
        return "checkout"


def markdown(rows: list[Row], about: dict[str, str]) -> str:
    """Write the table as markdown."""
    lines = [
        "| job | side | seconds | ratio | processor s | ratio | runs | differs by |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    lines += [
        f"| {r.job} | {r.side} | {r.seconds:.4g} | {r.ratio:.1f} | {r.cpu:.4g} "
        f"| {r.cpu_ratio:.1f} | {r.runs} | {r.agreement} |"
        for r in rows
    ]
    lines += ["", "Medians; a ratio is that side's time over truststats'."]
    return "\n".join([*lines, "", *(f"- {k}: {v}" for k, v in about.items()), ""])


def main() -> None:
    """Run the chosen jobs."""
    parser = argparse.ArgumentParser(description=__doc__)
    jobs = [
        "ml",
        "mlr",
        "groups",
        "ladder",
        "permute",
        "wlsmv",
        "polychoric",
        "fiml",
        "boot",
        "memory",
    ]
    parser.add_argument("--jobs", nargs="+", choices=jobs, default=jobs)
    parser.add_argument("--rounds", type=int, default=21, help="of the short job")
    parser.add_argument("--long-rounds", type=int, default=3, help="of the two long jobs")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--into", type=Path, default=HERE)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        task.write(Path(folder))
        lavaan = sides.Lavaan(Path(folder))
        about = machine(lavaan)
        rows: list[Row] = []
        if "ml" in given.jobs:
            rows += bench_ml(lavaan, given.rounds)
        if "mlr" in given.jobs:
            rows += bench_mlr(lavaan, given.rounds)
        if "groups" in given.jobs:
            rows += bench_groups(lavaan, given.rounds)
        if "ladder" in given.jobs:
            rows += bench_ladder(lavaan, given.long_rounds)
        if "permute" in given.jobs:
            rows += bench_permuted(lavaan, given.long_rounds, given.draws)
        if "wlsmv" in given.jobs:
            rows += bench_wlsmv(lavaan, given.rounds)
        if "polychoric" in given.jobs:
            rows += bench_polychoric(lavaan, given.rounds, small=True)
            rows += bench_polychoric(lavaan, given.long_rounds, small=False)
        if "boot" in given.jobs:
            rows += bench_bootstrap(lavaan, given.long_rounds, given.draws)
        if "fiml" in given.jobs:
            rows += bench_fiml(lavaan, given.long_rounds)
        lavaan.close()
    if "memory" in given.jobs and memory.main(given.into):
        raise SystemExit("a job takes more memory than it should")
    text = markdown(rows, about)
    print(text)
    (given.into / "results.md").write_text(text, encoding="utf-8")
    result = {"machine": about, "rows": [asdict(row) for row in rows]}
    (given.into / "results.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
