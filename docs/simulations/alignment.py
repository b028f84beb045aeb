"""Simulate how well aligned means are found, and how often their intervals hold.

Run ``python docs/simulations/alignment.py`` to write ``alignment.csv`` again (SYNTHETIC, seeded;
a few minutes). Five items measure one factor in every group; in each group the stated number of
items has another loading (-.3 of .8) and as many another intercept (+-.5).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import truststats as ts

HERE = Path(__file__).parent
SEED = 20140419
CASES = ((10, 200, 0), (10, 200, 1), (10, 1000, 1), (10, 200, 2), (30, 200, 1), (100, 200, 1))
DRAWS = {10: 100, 30: 30, 100: 10}
MODEL = "f =~ y1 + y2 + y3 + y4 + y5"


def answers(rng: np.random.Generator, groups: int, n: int, apart: int) -> tuple[pd.DataFrame, ...]:
    """Draw answers of all groups; return them with the groups' true means and variances."""
    g = np.repeat(np.arange(groups), n)
    mean, sd = rng.normal(0.0, 0.4, groups), np.exp(rng.normal(0.0, 0.15, groups))
    mean[0], sd[0] = 0.0, 1.0
    loadings, intercepts = np.full((groups, 5), 0.8), np.full((groups, 5), 3.0)
    for k in range(groups):
        loadings[k, rng.permutation(5)[:apart]] -= 0.3
        intercepts[k, rng.permutation(5)[:apart]] += rng.choice([-0.5, 0.5], apart)
    factor = mean[g] + sd[g] * rng.normal(size=len(g))
    y = intercepts[g] + factor[:, None] * loadings[g] + 0.6 * rng.normal(size=(len(g), 5))
    frame = pd.DataFrame(y, columns=[f"y{k + 1}" for k in range(5)])
    frame["g"] = [f"g{k + 1}" for k in g]
    return frame, pd.DataFrame({"mean": mean, "variance": sd**2})


def case(groups: int, n: int, apart: int) -> dict[str, float]:
    """Return what was found in one case, the reference left out."""
    rng = np.random.default_rng([SEED, groups, n, apart])
    rows: list[pd.DataFrame] = []
    every, shares = [], []
    for _ in range(DRAWS[groups]):
        data, truth = answers(rng, groups, n, apart)
        found = ts.alignment(MODEL, data, group="g", draws=1000)
        frame = found.frame().join(truth.add_suffix("_true")).iloc[1:]
        rows.append(frame)
        pairs, places = found.pairs(), {name: k for k, name in enumerate(found.groups)}
        real = truth["mean"].to_numpy()
        gap = real[pairs["first"].map(places)] - real[pairs["second"].map(places)]
        every.append(bool(((pairs["ci_lower"] <= gap) & (gap <= pairs["ci_upper"])).all()))
        shares.append(found.share)
    all_rows = pd.concat(rows)
    off, off_variance = (all_rows[k] - all_rows[f"{k}_true"] for k in ("mean", "variance"))
    inside = (all_rows["ci_lower"] <= all_rows["mean_true"]) & (
        all_rows["mean_true"] <= all_rows["ci_upper"]
    )
    held = (all_rows["variance_lower"] <= all_rows["variance_true"]) & (
        all_rows["variance_true"] <= all_rows["variance_upper"]
    )
    return {
        "groups": groups, "people": n, "items_apart": apart, "samples": DRAWS[groups],
        "bias_mean": off.mean(), "rmse_mean": float(np.sqrt((off**2).mean())),
        "cor_mean": float(np.corrcoef(all_rows["mean"], all_rows["mean_true"])[0, 1]),
        "se_mean": float(np.sqrt((all_rows["se"] ** 2).mean())), "covered_mean": inside.mean(),
        "covered_variance": held.mean(), "covered_all_pairs": float(np.mean(every)),
        "bias_variance": off_variance.mean(), "share_apart": float(np.mean(shares)),
    }  # fmt: skip


if __name__ == "__main__":
    made = pd.DataFrame([case(*one) for one in CASES]).round(4)
    made.to_csv(HERE / "alignment.csv", index=False, lineterminator="\n")
