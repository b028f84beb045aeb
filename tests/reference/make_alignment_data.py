"""Write the SYNTHETIC answers of the alignment goldens; nobody gave them.

Run ``python tests/reference/make_alignment_data.py`` to write ``data/alignment_items.csv`` again.
Five items of one factor in eight groups of different sizes, people in clusters of ten. In each
group one item has another loading and another one an other intercept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "data"
SEED = 20140919
SIZES = (180, 240, 150, 300, 210, 160, 200, 260)


def items(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the answers."""
    frames: list[pd.DataFrame] = []
    for g, n in enumerate(SIZES):
        mean, sd = (0.0, 1.0) if g == 0 else (rng.normal(0.0, 0.4), np.exp(rng.normal(0.0, 0.15)))
        loadings, intercepts = np.full(5, 0.9), np.linspace(2.0, 3.0, 5)
        loadings[g % 5] -= 0.4
        intercepts[(g + 2) % 5] += 0.7 * (-1) ** g
        unit = np.arange(n) // 10
        factor = mean + sd * (0.3 * rng.normal(size=unit[-1] + 1)[unit] + 0.95 * rng.normal(size=n))
        answers = intercepts + factor[:, None] * loadings + 0.7 * rng.normal(size=(n, 5))
        frame = pd.DataFrame(answers.round(2), columns=[f"y{k + 1}" for k in range(5)])
        frames.append(frame.assign(g=f"g{g + 1}", unit=[f"g{g + 1}u{k}" for k in unit]))
    return pd.concat(frames, ignore_index=True)


if __name__ == "__main__":
    made = items(np.random.default_rng(SEED))
    made.to_csv(FOLDER / "alignment_items.csv", index=False, lineterminator="\n")
