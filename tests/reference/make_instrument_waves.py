"""Write the SYNTHETIC answers of the goldens of two linked waves; nobody gave them.

Run ``python tests/reference/make_instrument_waves.py`` to write ``data/instrument_waves.csv``.
Five items of one factor, some people in both waves. In the new wave b is answered higher at the
same standing, d is answered more extremely, and the factor's mean is 0.35 higher.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "data"
SEED = 20270315
OLD, NEW, BOTH = 520, 480, 260
LOADINGS = np.array([0.8, 0.75, 0.7, 0.8, 0.65])
CUTS, CLOSER = [-1.6, -0.7, 0.3, 1.3], [-1.0, -0.3, 0.2, 0.8]


def waves(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the answers."""
    person = np.r_[np.arange(OLD), np.arange(OLD - BOTH, OLD - BOTH + NEW)]
    new = np.arange(OLD + NEW) >= OLD
    unit = person % 40
    steady = rng.normal(size=OLD + NEW)[person]
    factor = 0.35 * rng.normal(size=40)[unit] + 0.7 * steady
    factor = factor + np.sqrt(1.0 - 0.35**2 - 0.7**2) * rng.normal(size=OLD + NEW)
    factor = np.where(new, 0.35 + 1.1 * factor, factor)
    own = np.sqrt(1.0 - LOADINGS**2) * rng.normal(size=(OLD + NEW, 5))
    normal = factor[:, None] * LOADINGS + own
    normal[new, 1] += 0.5
    codes = 1.0 + np.digitize(normal, CUTS)
    codes[new, 3] = 1.0 + np.digitize(normal[new, 3], CLOSER)
    codes[rng.random(codes.shape) < 0.04] = np.nan
    frame = pd.DataFrame(codes, columns=list("abcde"))
    return frame.assign(
        person=[f"p{k:03d}" for k in person], unit=[f"u{k:02d}" for k in unit],
        wave=np.where(new, "new", "old"), weight=np.round(rng.uniform(0.5, 2.0, len(frame)), 3),
    )  # fmt: skip


if __name__ == "__main__":
    made = waves(np.random.default_rng(SEED))
    made.to_csv(FOLDER / "instrument_waves.csv", index=False, lineterminator="\n")
