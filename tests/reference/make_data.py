"""Write the SYNTHETIC answers that the goldens are computed from; nobody gave them.

Run ``python tests/reference/make_data.py`` to write the files of ``data/`` again, byte for byte.
``synthetic_complete.csv``: 400 rows in 25 units, twelve items of four constructs, a binary and a
continuous covariate. ``synthetic_missing.csv`` is the same with holes: 10 % of the item answers,
the tenure of five people, and every item of one person. ``synthetic_growth.csv``: 350 people of
two programmes measured at four times with holes, two covariates that stay and four that change.
``survey_design.csv``: how the 400 people of the first two files might have been sampled: a weight,
a stratum and a region of their unit, one of eight teams, and a wave that units run across.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "data"
SEED = 20150601
ROWS, UNITS = 400, 25
ITEMS = [f"{construct}{i}" for construct in ("inf", "tru", "aut", "res") for i in (1, 2, 3)]
LOADINGS = np.array([1.0, 0.8, 0.9])


def complete(rng: np.random.Generator) -> pd.DataFrame:
    """Draw clustered, skewed, correlated answers."""
    unit = rng.permutation(np.arange(ROWS) % UNITS)
    between = rng.normal(0.0, 0.35, (UNITS, 4))
    manager = (rng.random(ROWS) < 0.2).astype(int)
    tenure = np.round(rng.gamma(2.0, 4.0, ROWS), 1)
    noise = (rng.chisquare(5, (ROWS, 4)) - 5) / np.sqrt(10)
    info = 0.3 * manager + 0.8 * noise[:, 0] + between[unit, 0]
    trust = 0.5 * info - 0.02 * (tenure - 8) + 0.7 * noise[:, 1] + between[unit, 1]
    auton = 0.3 * info + 0.3 * trust + 0.4 * manager + 0.6 * noise[:, 2] + between[unit, 2]
    results = 0.3 * trust + 0.4 * auton + 0.7 * noise[:, 3] + between[unit, 3]
    factors = np.column_stack([info, trust, auton, results])
    common = np.repeat(factors, 3, axis=1) * np.tile(LOADINGS, 4)
    answers = 4.0 + common + rng.normal(0.0, 0.6, (ROWS, 12))
    frame = pd.DataFrame(np.round(answers, 2), columns=ITEMS)
    frame["manager"] = manager
    frame["tenure"] = tenure
    frame.insert(0, "unit", [f"u{u + 1:02d}" for u in unit])
    return frame


def with_holes(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Remove answers completely at random."""
    holed = frame.copy()
    holed[ITEMS] = holed[ITEMS].mask(rng.random((ROWS, len(ITEMS))) < 0.10)
    holed.loc[rng.choice(ROWS, 5, replace=False), "tenure"] = np.nan
    holed.loc[123, ITEMS] = np.nan
    return holed


def growth(rng: np.random.Generator) -> pd.DataFrame:
    """Draw straight lines of growth in two programmes; the last wave loses people."""
    rows = 350
    programme = np.where(np.arange(rows) % 5 < 2, "pilot", "usual")
    x1, x2 = rng.normal(size=(2, rows))
    pilot = programme == "pilot"
    level = 1.0 + 0.6 * x1 + 0.3 * x2 + rng.normal(0.0, 1.2, rows)
    slope = 0.8 + 0.3 * pilot + 0.2 * x1 + 0.15 * (level - 1.0) + rng.normal(0.0, 0.6, rows)
    frame = pd.DataFrame({"programme": programme})
    changing = rng.normal(size=(rows, 4))
    for time in range(4):
        noise = rng.normal(0.0, 0.7, rows)
        frame[f"t{time + 1}"] = level + slope * time + 0.3 * changing[:, time] + noise
    frame["x1"], frame["x2"] = x1, x2
    for time in range(4):
        frame[f"c{time + 1}"] = changing[:, time]
    frame = frame.round(3)
    frame.loc[rng.random(rows) < 0.15, "t4"] = np.nan
    frame.loc[rng.random(rows) < 0.08, "t2"] = np.nan
    return frame


def design(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw unequal weights and a wave; derive stratum, region and team from the unit."""
    unit = frame["unit"].str[1:].astype(int)
    out = pd.DataFrame({"unit": frame["unit"]})
    out["weight"] = np.round(rng.gamma(3.0, 1.0, len(frame)) + 0.2, 3)
    out["wave"] = np.where(rng.random(len(frame)) < 0.45, "first", "second")
    out["stratum"] = "s" + (unit % 4 + 1).astype(str)
    out["region"] = unit.mod(2).map({0: "east", 1: "west"})
    out["team"] = "t" + (unit % 8 + 1).astype(str)
    return out


def main() -> None:
    """Write the files."""
    rng = np.random.default_rng(SEED)
    frame = complete(rng)
    FOLDER.mkdir(exist_ok=True)
    frame.to_csv(FOLDER / "synthetic_complete.csv", index=False, lineterminator="\n")
    with_holes(frame, rng).to_csv(
        FOLDER / "synthetic_missing.csv", index=False, lineterminator="\n"
    )
    growth(np.random.default_rng(SEED + 1)).to_csv(
        FOLDER / "synthetic_growth.csv", index=False, lineterminator="\n"
    )
    design(frame, np.random.default_rng(SEED + 2)).to_csv(
        FOLDER / "survey_design.csv", index=False, lineterminator="\n"
    )


if __name__ == "__main__":
    main()
