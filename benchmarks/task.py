"""The task that every side is timed on: 24 items, 6 constructs, 2,000 synthetic employees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 2000
SEED = 24
MISSING = 0.10
LIKERT_ROWS = 10_000
LIKERT_ITEMS = 60
WIDE_ITEMS = 100
CONSTRUCTS = ("info", "lead", "trust", "auton", "results", "innov")
ITEMS_EACH = 4
GROUPS = ("north", "east", "south", "west")
ITEMS = [f"{construct}{i + 1}" for construct in CONSTRUCTS for i in range(ITEMS_EACH)]

# The covariances that lavaan adds by itself are written out, because semopy does not add all.
MODEL = "\n".join(
    [
        *(f"{c} =~ " + " + ".join(f"{c}{i + 1}" for i in range(ITEMS_EACH)) for c in CONSTRUCTS),
        "trust ~ info + lead",
        "auton ~ info + trust",
        "results ~ trust + auton",
        "innov ~ trust + auton",
        "info ~~ lead",
        "results ~~ innov",
    ]
)

#: The same constructs without paths between them, for the ladder of invariance.
MEASUREMENT = "\n".join(line for line in MODEL.split("\n") if "=~" in line)


def complete() -> pd.DataFrame:
    """Draw the answers from the model (SYNTHETIC, seeded)."""
    rng = np.random.default_rng(SEED)
    noise = rng.normal(size=(ROWS, len(CONSTRUCTS)))
    info = noise[:, 0]
    lead = 0.5 * info + 0.87 * noise[:, 1]
    trust = 0.25 * info + 0.5 * lead + 0.7 * noise[:, 2]
    auton = 0.25 * info + 0.35 * trust + 0.8 * noise[:, 3]
    results = 0.2 * trust + 0.3 * auton + 0.85 * noise[:, 4]
    innov = 0.15 * trust + 0.35 * auton + 0.2 * noise[:, 4] + 0.85 * noise[:, 5]
    common = np.repeat(np.column_stack([info, lead, trust, auton, results, innov]), 4, axis=1)
    loadings = np.tile([1.0, 0.8, 0.9, 0.7], len(CONSTRUCTS))
    answers = 3.0 + common * loadings + rng.normal(0.0, 0.7, (ROWS, len(ITEMS)))
    return pd.DataFrame(answers.round(3), columns=ITEMS)


def with_holes() -> pd.DataFrame:
    """Remove a tenth of the answers completely at random."""
    rng = np.random.default_rng(SEED + 1)
    return complete().mask(rng.random((ROWS, len(ITEMS))) < MISSING)


def in_groups() -> pd.DataFrame:
    """Deal the rows out to four groups of 500."""
    return complete().assign(city=[GROUPS[k % len(GROUPS)] for k in range(ROWS)])


def many(rows: int) -> pd.DataFrame:
    """Draw any number of rows with the covariances of the task (SYNTHETIC, seeded)."""
    rng = np.random.default_rng(SEED + 2)
    half = np.linalg.cholesky(np.cov(complete().to_numpy().T))
    return pd.DataFrame(rng.normal(size=(rows, len(ITEMS))) @ half.T + 3.0, columns=ITEMS)


def likert() -> pd.DataFrame:
    """Draw 10,000 answers to 60 five-point items, a little piled up at the top (SYNTHETIC)."""
    rng = np.random.default_rng(SEED + 3)
    factors = np.repeat(rng.normal(size=(LIKERT_ROWS, 6)), LIKERT_ITEMS // 6, axis=1)
    noise = rng.normal(size=(LIKERT_ROWS, LIKERT_ITEMS))
    latent = 0.3 * rng.normal(size=(LIKERT_ROWS, 1)) + 0.65 * factors + 0.7 * noise
    codes = np.digitize(latent, [-1.7, -0.9, -0.1, 0.8]) + 1
    return pd.DataFrame(codes, columns=[f"q{k + 1}" for k in range(LIKERT_ITEMS)])


def five_points() -> pd.DataFrame:
    """Turn the answers of the task into five points, piled up at the top."""
    answers = complete().to_numpy()
    return pd.DataFrame(np.digitize(answers, [1.2, 1.9, 2.6, 3.4]) + 1, columns=ITEMS)


def wide() -> pd.DataFrame:
    """Draw answers to 100 five-point items of ten correlated factors (SYNTHETIC, seeded)."""
    rng = np.random.default_rng(SEED + 4)
    factors = np.repeat(rng.normal(size=(ROWS, 10)), WIDE_ITEMS // 10, axis=1)
    noise = rng.normal(size=(ROWS, WIDE_ITEMS))
    latent = 0.3 * rng.normal(size=(ROWS, 1)) + 0.65 * factors + 0.7 * noise
    codes = np.digitize(latent, [-1.7, -0.9, -0.1, 0.8]) + 1
    return pd.DataFrame(codes, columns=[f"q{k + 1}" for k in range(WIDE_ITEMS)])


WIDE_MODEL = "\n".join(
    f"f{f} =~ " + " + ".join(f"q{10 * f + k + 1}" for k in range(10)) for f in range(10)
)


ONE_FACTOR = "f =~ y1 + y2 + y3 + y4 + y5"


def many_groups(groups: int, each: int = 300) -> pd.DataFrame:
    """Draw five items of one factor in many groups, a fifth of them apart (SYNTHETIC, seeded)."""
    rng = np.random.default_rng(SEED + 5)
    g = np.repeat(np.arange(groups), each)
    mean, sd = rng.normal(0.0, 0.4, groups), np.exp(rng.normal(0.0, 0.15, groups))
    loadings, intercepts = np.full((groups, 5), 0.8), np.full((groups, 5), 3.0)
    loadings[np.arange(groups), rng.integers(0, 5, groups)] -= 0.3
    intercepts[np.arange(groups), rng.integers(0, 5, groups)] += 0.5
    factor = mean[g] + sd[g] * rng.normal(size=len(g))
    y = intercepts[g] + factor[:, None] * loadings[g] + 0.6 * rng.normal(size=(len(g), 5))
    frame = pd.DataFrame(y, columns=[f"y{k + 1}" for k in range(5)])
    return frame.assign(g=[f"g{k + 1}" for k in g])


def write(folder: Path) -> None:
    """Write the data sets and the model, for R."""
    complete().to_csv(folder / "complete.csv", index=False)
    with_holes().to_csv(folder / "missing.csv", index=False)
    in_groups().to_csv(folder / "groups.csv", index=False)
    likert().to_csv(folder / "likert.csv", index=False)
    five_points().to_csv(folder / "five_points.csv", index=False)
    (folder / "model.lav").write_text(MODEL, encoding="utf-8")
    (folder / "measurement.lav").write_text(MEASUREMENT, encoding="utf-8")
