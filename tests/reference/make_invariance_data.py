"""Write the SYNTHETIC ordinal answers of the invariance goldens; nobody gave them.

Run ``python tests/reference/make_invariance_data.py`` to write ``data/invariance_items.csv`` again.
Eight four-point items of two factors in three groups. In "south" u2 is answered higher at the same
standing, in "west" u4 has other thresholds and u7 a smaller loading.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "data"
SEED = 20160911
LOADINGS = np.array([0.9, 0.8, 0.7, 0.8, 0.8, 0.9, 0.7, 0.8])
CUTS = np.array([-1.1, -0.2, 0.8])


def items(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the answers."""
    group = np.repeat(["north", "south", "west"], [320, 300, 280])
    factors = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.4], [0.4, 1.0]], len(group))
    factors[group == "south"] += 0.3
    factors[group == "west"] *= 1.2
    common = np.repeat(factors, 4, axis=1)
    normal = common * LOADINGS + rng.normal(0.0, 0.65, common.shape)
    west = group == "west"
    normal[group == "south", 1] += 0.7
    normal[west, 6] -= 0.45 * common[west, 6]
    codes = np.stack([np.digitize(normal[:, k], CUTS + 0.1 * (k - 4)) for k in range(8)], axis=1)
    codes[west, 3] = np.digitize(normal[west, 3], [-1.5, 0.4, 1.0])
    frame = pd.DataFrame(codes + 1, columns=[f"u{k + 1}" for k in range(8)])
    return frame.assign(g=group)


if __name__ == "__main__":
    made = items(np.random.default_rng(SEED))
    made.to_csv(FOLDER / "invariance_items.csv", index=False, lineterminator="\n")
