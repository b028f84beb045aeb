"""Coverage of 95 % confidence intervals with few clusters, by simulation.

``python docs/simulations/few_clusters.py`` draws the samples, writes one row for every condition,
parameter and method to ``few_clusters.csv`` and draws ``few_clusters.png`` (about eight minutes on
one core). ``--table`` writes only the table of ``docs/explanation/few_clusters.md`` from the file.

Two factors of three indicators each; the outcome depends on the other factor (a path between
people, 0.4) and on a covariate that is the same for everybody in a cluster (0.3). Intraclass
correlations of both factors are 0.05 or 0.15, cluster sizes are unequal (8 to about 100, mean 30).
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.layout import layout_from_partable
from truststats.estimation.sample import sample_from_rows
from truststats.inference.jackknife import jackknife
from truststats.inference.score_bootstrap import draw_weights, score_test
from truststats.inference.vcov import vcov
from truststats.model import Model, build_partable

HERE = Path(__file__).parent
PAGE = HERE.parent / "explanation" / "few_clusters.md"
RAW = HERE / "few_clusters.csv"
PICTURE = HERE / "few_clusters.png"
SEED = 20261122
SAMPLES, DRAWS, LEVEL = 2000, 399, 0.95
CLUSTERS, CORRELATIONS = (5, 10, 20, 40), (0.05, 0.15)
PATH, COVARIATE = 0.4, 0.3
METHODS = {
    "sandwich_z": "sandwich, normal",
    "sandwich_t": "sandwich, t(G - 1)",
    "cr3_t": "CR3, t(G - 1)",
    "score_bootstrap": "score bootstrap",
}
PARAMETERS = {"path": "path between people", "covariate": "cluster-level covariate"}
MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ f + z"


def draw(clusters: int, icc: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return rows (n, 7) in the order x1 x2 x3 y1 y2 y3 z, and the cluster of each."""
    sizes = np.clip(30 * np.exp(rng.normal(-0.18, 0.6, clusters)), 8, None).astype(int)
    unit = np.repeat(np.arange(clusters), sizes)
    z = rng.normal(size=clusters)[unit]

    def factor(total: float) -> np.ndarray:
        between = rng.normal(0.0, np.sqrt(icc * total), clusters)[unit]
        return between + rng.normal(0.0, np.sqrt((1.0 - icc) * total), len(unit))

    f = factor(1.0)
    g = PATH * f + COVARIATE * z + factor(0.7)
    items = np.column_stack([f, 0.8 * f, 0.9 * f, g, 0.8 * g, 0.9 * g])
    return np.column_stack([items + rng.normal(0.0, 0.7, items.shape), z]), unit


def intervals_cover(
    estimate: Estimate, wanted: dict[str, tuple[int, float]], rng: np.random.Generator
) -> dict[tuple[str, str], tuple[float, float]]:
    """Return, by parameter and method, whether the interval covers the truth, and its width."""
    count = len(np.unique(estimate.sample.clusters))
    sandwich = np.sqrt(np.diag(vcov(estimate, "robust.huber.white", "observed")[0]))
    cr3 = np.sqrt(np.diag(jackknife(estimate).vcov))
    z, t = float(ndtri(0.975)), float(stdtrit(count - 1, 0.975))
    halves = {"sandwich_z": z * sandwich, "sandwich_t": t * sandwich, "cr3_t": t * cr3}
    weights = draw_weights("webb" if count <= 12 else "rademacher", count, DRAWS, rng)
    out = {}
    for name, (at, true) in wanted.items():
        gap = abs(estimate.theta[at] - true)
        for method, half in halves.items():
            known = np.isfinite(half[at])
            covers = float(gap <= half[at]) if known else np.nan
            out[name, method] = (covers, 2.0 * half[at])
        p = score_test(estimate, at, true, weights).pvalue
        out[name, "score_bootstrap"] = (np.nan if np.isnan(p) else float(p > 1.0 - LEVEL), np.nan)
    return out


def _median(width: np.ndarray) -> float:
    known = width[np.isfinite(width)]
    return round(float(np.median(known)), 4) if len(known) else np.nan


def simulate() -> pd.DataFrame:
    """Return one row per condition, parameter and method."""
    partable = build_partable(
        Model.from_text(MODEL), model_type="sem", std_lv=False, orthogonal=False,
        meanstructure=True, fixed_x=True,
    )  # fmt: skip
    layout = layout_from_partable(partable)
    nodes = {name: k for k, name in enumerate(layout.nodes)}
    loadings = [
        (nodes[lhs], nodes[rhs])
        for lhs, op, rhs in zip(partable.lhs, partable.op, partable.rhs, strict=True)
        if op == "=~"
    ]
    place = {
        (lhs, op, rhs): unique
        for lhs, op, rhs, unique in zip(
            partable.lhs, partable.op, partable.rhs, partable.unique, strict=True
        )
    }
    wanted = {"path": (place["g", "~", "f"], PATH), "covariate": (place["g", "~", "z"], COVARIATE)}
    rows = []
    for clusters in CLUSTERS:
        for icc in CORRELATIONS:
            rng = np.random.default_rng([SEED, clusters, int(100 * icc)])
            kept: dict[tuple[str, str], list[tuple[float, float]]] = {}
            failed = 0
            for _ in range(SAMPLES):
                answers, unit = draw(clusters, icc, rng)
                estimate = estimate_ml(layout, sample_from_rows(answers, clusters=unit), loadings)
                if not estimate.converged:
                    failed += 1
                    continue
                for key, found in intervals_cover(estimate, wanted, rng).items():
                    kept.setdefault(key, []).append(found)
            for (name, method), found in kept.items():
                cover, width = np.array(found).T
                rows.append(
                    {
                        "clusters": clusters, "icc": icc, "parameter": name, "method": method,
                        "samples": len(cover), "failed": failed,
                        "undefined": int(np.isnan(cover).sum()),
                        "covered": int(np.nansum(cover)),
                        "coverage": round(float(np.nanmean(cover)), 4),
                        "median_width": _median(width),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def table(raw: pd.DataFrame) -> str:
    """Return the coverage table of the page in Markdown, both correlations together."""
    lines = ["| parameter | clusters | " + " | ".join(METHODS.values()) + " |"]
    lines.append("|---|---:|" + "---:|" * len(METHODS))
    for name, words in PARAMETERS.items():
        for clusters in CLUSTERS:
            part = raw[(raw["parameter"] == name) & (raw["clusters"] == clusters)]
            sums = part.groupby("method")[["covered", "samples", "undefined"]].sum()
            share = sums["covered"] / (sums["samples"] - sums["undefined"])
            cells = " | ".join(f"{100 * share[method]:.1f} %" for method in METHODS)
            lines.append(f"| {words} | {clusters} | {cells} |")
    return "\n".join(lines)


def picture(raw: pd.DataFrame) -> None:
    """Draw coverage by the number of clusters."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    styles = zip(
        METHODS,
        ("o:", "s--", "D-", "^-"),
        ("#b3432b", "#d08a3c", "#1f5f8b", "#2f7d4f"),
        strict=True,
    )
    for method, line, colour in styles:
        for axis, name in zip(axes, PARAMETERS, strict=True):
            part = raw[(raw["parameter"] == name) & (raw["method"] == method)]
            sums = part.groupby("clusters")[["covered", "samples", "undefined"]].sum()
            share = 100 * sums["covered"] / (sums["samples"] - sums["undefined"])
            axis.plot(range(len(share)), share, line, color=colour, label=METHODS[method])
            axis.set_title(PARAMETERS[name], fontsize=10)
            axis.set_xticks(range(len(share)), [str(g) for g in share.index])
            axis.set_xlabel("clusters")
    for axis in axes:
        axis.axhline(95, color="0.6", linewidth=0.8)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("coverage of 95 % intervals, %")
    axes[1].legend(frameon=False, fontsize=8, loc="lower right")
    figure.savefig(PICTURE, dpi=150, metadata={"Software": None})


def write_page(raw: pd.DataFrame) -> None:
    """Put the table between the marks of the page."""
    page = PAGE.read_text(encoding="utf-8")
    marks = r"(<!-- coverage: begin -->\n).*?(<!-- coverage: end -->)"
    made = re.sub(marks, lambda m: f"{m[1]}{table(raw)}\n{m[2]}", page, flags=re.DOTALL)
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true")
    if not parser.parse_args().table:
        simulate().to_csv(RAW, index=False, lineterminator="\n")
    known = pd.read_csv(RAW)
    picture(known)
    write_page(known)
