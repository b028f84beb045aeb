"""Do ordinal fits find what is true? Skewed items of 2 to 7 categories, 100 to 10,000 people.

``python docs/simulations/ordinal_recovery.py`` draws the samples and adds every condition that is
not there yet to ``ordinal_recovery.csv`` (one row a parameter and method) and
``ordinal_recovery_tests.csv`` (one row a method), so that a run that was stopped goes on (about
25 minutes on one core, with ``OMP_NUM_THREADS=1``). ``python docs/make_ordinal_recovery.py`` writes
the page and the pictures.

Three factors of four items with unequal loadings; the third depends on the other two, which are
correlated, and two items of the first share a wording (correlated residuals). Answers pile up at
the top. The same people answer with each number of categories. Each sample is fitted as ordered
items (WLSMV) and as numbers (MLR), by the model that is true and by one without the correlated
residuals. A category that nobody chose does not exist for the fit, as if it had been merged with
its neighbour; that is counted, and a threshold beside such a gap is left out.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

import truststats as ts
from truststats.errors import TrustStatsError

HERE = Path(__file__).parent
RAW = HERE / "ordinal_recovery.csv"
TESTS = HERE / "ordinal_recovery_tests.csv"
SEED = 20261122
SAMPLES = 600
SIZES = (100, 200, 500, 1_000, 2_000, 10_000)
LEVEL = 0.05

#: Shares of answers at or below each category of an item without a shift.
BELOW = {
    2: (0.25,),
    3: (0.10, 0.40),
    4: (0.06, 0.18, 0.50),
    5: (0.03, 0.09, 0.22, 0.55),
    7: (0.015, 0.04, 0.085, 0.17, 0.33, 0.60),
}
SHIFTS = (-0.25, 0.0, 0.25, 0.1)
LOADINGS = (0.8, 0.7, 0.6, 0.5)
CORRELATION, STRONG, WEAK, WORDING = 0.4, 0.4, 0.2, 0.2
ITEMS = tuple(f"{factor}{k}" for factor in "abc" for k in (1, 2, 3, 4))
WRONG = "a =~ a1 + a2 + a3 + a4\nb =~ b1 + b2 + b3 + b4\nc =~ c1 + c2 + c3 + c4\nc ~ a + b"
RIGHT = WRONG + "\na3 ~~ a4"
METHODS: dict[str, dict[str, Any]] = {
    "WLSMV": {"ordered": True, "estimator": "WLSMV"},
    "MLR": {"estimator": "MLR"},
}
COUNTS = (
    "samples", "with_gap", "refused", "not_converged", "inadmissible", "not_definite", "tested",
    "rejected", "wrong_tested", "wrong_rejected",
)  # fmt: skip
Key = tuple[str, str, str]
Row = dict[str, Any]


def draw(n: int, sample: int) -> np.ndarray:
    """Return the normal responses behind the answers of one sample, (n, 12), each of variance 1."""
    rng = np.random.default_rng([SEED, n, sample])
    a, b, c = rng.normal(size=(3, n))
    b = CORRELATION * a + np.sqrt(1.0 - CORRELATION**2) * b
    explained = STRONG**2 + WEAK**2 + 2.0 * STRONG * WEAK * CORRELATION
    c = STRONG * a + WEAK * b + np.sqrt(1.0 - explained) * c
    noise = rng.normal(size=(n, len(ITEMS)))
    noise[:, 3] = WORDING * noise[:, 2] + np.sqrt(1.0 - WORDING**2) * noise[:, 3]
    loading = np.tile(LOADINGS, 3)
    common = np.repeat(np.column_stack([a, b, c]), len(LOADINGS), axis=1)
    return common * loading + noise * np.sqrt(1.0 - loading**2)


def cuts(categories: int) -> np.ndarray:
    """Return the thresholds of every item, (12, categories - 1)."""
    return ndtri(np.array(BELOW[categories])) + np.tile(SHIFTS, 3)[:, None]


def answer(responses: np.ndarray, categories: int) -> pd.DataFrame:
    """Return the answers, from 1."""
    pairs = zip(cuts(categories), responses.T, strict=True)
    codes = [np.searchsorted(own, response) + 1 for own, response in pairs]
    return pd.DataFrame(dict(zip(ITEMS, codes, strict=True)))


@cache
def truth(categories: int) -> dict[Key, float]:
    """Return the true standardised parameters, thresholds included."""
    out = {(item[0], "=~", item): LOADINGS[k % 4] for k, item in enumerate(ITEMS)}
    out |= {("c", "~", "a"): STRONG, ("c", "~", "b"): WEAK, ("a3", "~~", "a4"): WORDING}
    out[("a", "~~", "b")] = CORRELATION
    for item, own in zip(ITEMS, cuts(categories), strict=True):
        out |= {(item, "|", f"t{k + 1}"): float(tau) for k, tau in enumerate(own)}
    return out


def seen_thresholds(data: pd.DataFrame) -> dict[Key, Key | None]:
    """Return which true threshold each estimated one stands for; None beside a gap."""
    out: dict[Key, Key | None] = {}
    for item in ITEMS:
        levels = np.unique(data[item])
        for k, (low, high) in enumerate(itertools.pairwise(levels)):
            real = (item, "|", f"t{low}") if high == low + 1 else None
            out[item, "|", f"t{k + 1}"] = real
    return out


@dataclass
class Tally:
    """What became of the samples of one condition under one method."""

    counts: dict[str, int] = field(default_factory=dict)
    found: dict[Key, list[tuple[float, float, bool]]] = field(default_factory=dict)

    def count(self, name: str, happened: bool = True) -> None:
        """Add one to a count if it happened."""
        self.counts[name] = self.counts.get(name, 0) + int(happened)


def _fit(text: str, data: pd.DataFrame, method: str) -> Any:
    """Return a fit that converged, or the name of what went wrong."""
    try:
        fit = ts.fit(text, data, **METHODS[method])
    except TrustStatsError:
        return "refused"
    return fit if fit.converged else "not_converged"


def pvalue(fit: Any) -> float:
    """Return the p-value of the robust test."""
    return float(fit.fit_measures.get("pvalue_scaled", np.nan))


def one(data: pd.DataFrame, categories: int, method: str, to: Tally) -> None:
    """Fit one sample by one method and add what came out."""
    to.count("samples")
    to.count("with_gap", bool((data.nunique() < categories).any()))
    wrong = _fit(WRONG, data, method)
    if not isinstance(wrong, str):
        p = pvalue(wrong)
        to.count("wrong_tested", np.isfinite(p))
        to.count("wrong_rejected", p < LEVEL)
    fit = _fit(RIGHT, data, method)
    if isinstance(fit, str):
        to.count(fit)
        return
    to.count("inadmissible", not fit.admissible)
    to.count("not_definite", any(p.code == "polychoric_not_definite" for p in fit.problems))
    p = pvalue(fit)
    to.count("tested", np.isfinite(p))
    to.count("rejected", p < LEVEL)
    true, place = truth(categories), seen_thresholds(data)
    table = fit.standardized()
    names = zip(table["lhs"], table["op"], table["rhs"], strict=True)
    numbers = table[["est_std", "se", "ci_lower", "ci_upper"]].to_numpy(dtype=float)
    for name, (est, se, low, high) in zip(names, numbers, strict=True):
        key = place.get(name) if name[1] == "|" else name
        if key in true and np.isfinite([est, se]).all():
            to.found.setdefault(key, []).append((est, se, bool(low <= true[key] <= high)))


def condition(n: int, categories: int, samples: int) -> tuple[list[Row], list[Row]]:
    """Return the rows of both files for one condition."""
    true = truth(categories)
    tallies = {method: Tally() for method in METHODS}
    for sample in range(samples):
        data = answer(draw(n, sample), categories)
        for method, tally in tallies.items():
            one(data, categories, method, tally)
    rows: list[Row] = []
    tests: list[Row] = []
    for method, tally in tallies.items():
        about = {"categories": categories, "n": n, "method": method}
        tests.append(about | {name: tally.counts.get(name, 0) for name in COUNTS})
        for key, found in tally.found.items():
            rows.append(about | {"kind": kind(key)} | summary(key, true[key], found))
    return rows, tests


def summary(key: Key, true: float, found: list[tuple[float, float, bool]]) -> Row:
    """Return what the samples say about one parameter."""
    est, se, covers = np.array(found, dtype=float).T
    numbers = {
        "true": true,
        "mean": est.mean(),
        "median": np.median(est),
        "sd": est.std(ddof=1) if len(est) > 1 else np.nan,
        "mean_se": se.mean(),
        "median_se": np.median(se),
    }
    rounded = {name: round(float(value), 5) for name, value in numbers.items()}
    count = {"samples": len(est), "covered": int(covers.sum())}
    return {"parameter": " ".join(key)} | rounded | count


def kind(key: Key) -> str:
    """Return what sort of parameter it is."""
    if key[1] == "~~":
        return "residual correlation" if key[0] == "a3" else "correlation"
    return {"=~": "loading", "~": "path", "|": "threshold"}[key[1]]


def _add(path: Path, rows: list[Row]) -> None:
    pd.DataFrame(rows).to_csv(
        path, mode="a", header=not path.exists(), index=False, lineterminator="\n"
    )


def finished() -> set[tuple[int, int]]:
    """Return the conditions in the second file; rows of others in the first are dropped."""
    if not TESTS.exists():
        RAW.unlink(missing_ok=True)
        return set()
    known, raw = pd.read_csv(TESTS), pd.read_csv(RAW)
    done = set(zip(known["n"], known["categories"], strict=True))
    whole = [pair in done for pair in zip(raw["n"], raw["categories"], strict=True)]
    raw[whole].to_csv(RAW, index=False, lineterminator="\n")
    return done


def main() -> None:
    """Run the conditions that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    samples = parser.parse_args().samples
    done = finished()
    for n in SIZES:
        for categories in BELOW:
            if (n, categories) not in done:
                rows, tests = condition(n, categories, samples)
                _add(RAW, rows)
                _add(TESTS, tests)


if __name__ == "__main__":
    main()
