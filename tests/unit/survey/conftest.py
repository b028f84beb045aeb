from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.constructs import load_instrument


@pytest.fixture(scope="session")
def instrument():
    return load_instrument("tbm-core")


@pytest.fixture(scope="session")
def answers(instrument) -> pd.DataFrame:
    """Clean whole-number answers of 240 people in 12 units, in the instrument's coding."""
    rng = np.random.default_rng(20)
    people, items = 240, instrument.items
    trait = rng.normal(size=(people, 1))
    codes = np.clip(np.round(3.4 + 0.8 * trait + 0.8 * rng.normal(size=(people, len(items)))), 1, 5)
    frame = pd.DataFrame(codes.astype(int), columns=[item.name for item in items])
    for item in items:
        if item.reverse:
            frame[item.name] = 6 - frame[item.name]
    frame.insert(0, "unit", [f"{u:04d}" for u in rng.permutation(np.repeat(range(301, 313), 20))])
    return frame
