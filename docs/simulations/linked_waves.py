"""How often intervals of a linked change hold the truth, when the same people answered twice.

``python docs/simulations/linked_waves.py`` draws pairs of SYNTHETIC waves, links each of them with
people taken as strangers, as themselves, and as themselves within units, and writes a row for each
way to ``linked_waves.csv`` (about four minutes on one core).

Four items of one factor; half of the people are in both waves, in 40 units. In the new wave htr2 is
worded anew and answered .5 higher at the same standing; the factor's mean is .35 higher.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import truststats as ts

RAW = Path(__file__).with_name("linked_waves.csv")
SEED, PAIRS, OLD, NEW, BOTH, TRUTH = 20270315, 600, 520, 480, 260, 0.35
LOADINGS, CUTS = np.array([0.8, 0.75, 0.7, 0.8]), [-1.5, -0.5, 0.5, 1.5]
WAYS: dict[str, dict[str, Any]] = {
    "strangers": {"id": None, "cluster": None},
    "people": {"id": "person", "cluster": None},
    "people in units": {"id": "person", "cluster": "unit"},
}


def versions() -> tuple[ts.Instrument, ts.Instrument]:
    """Return the old questionnaire, and the one in which htr2 is worded anew."""
    old = ts.load_instrument("tbm-core").restricted_to([f"htr{k}" for k in range(1, 5)])
    trust = old.constructs["horizontal_trust"]
    text = {"en": "We help one another.", "nb": "Vi hjelper hverandre."}
    items = [i.model_copy(update={"text": text}) if i.name == "htr2" else i for i in trust.items]
    renewed = {"horizontal_trust": trust.model_copy(update={"items": tuple(items)})}
    return old, old.model_copy(update={"version": "0.2", "constructs": renewed})


def draw(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the answers of both waves."""
    person = np.r_[np.arange(OLD), np.arange(OLD - BOTH, OLD - BOTH + NEW)]
    new, unit = np.arange(OLD + NEW) >= OLD, person % 40
    factor = 0.35 * rng.normal(size=40)[unit] + 0.7 * rng.normal(size=OLD + NEW)[person]
    factor = factor + np.sqrt(1.0 - 0.35**2 - 0.7**2) * rng.normal(size=OLD + NEW)
    factor = np.where(new, TRUTH + 1.1 * factor, factor)
    own = np.sqrt(1.0 - LOADINGS**2) * rng.normal(size=(OLD + NEW, 4))
    normal = factor[:, None] * LOADINGS + own
    normal[new, 1] += 0.5
    frame = pd.DataFrame(np.digitize(normal, CUTS) + 1, columns=[f"htr{k}" for k in range(1, 5)])
    frame = frame.assign(person=person, unit=unit, synthetic=1)
    return frame[~new].reset_index(drop=True), frame[new].reset_index(drop=True)


def simulate() -> pd.DataFrame:
    """Return one row a way of taking the people."""
    old, new = versions()
    change = ts.compare_instruments(old, new)
    found: dict[str, list[tuple[float, float, bool]]] = {way: [] for way in WAYS}
    for k in range(PAIRS):
        waves = [
            ts.read_survey(rows, instrument=asked, synthetic=True)
            for rows, asked in zip(draw(np.random.default_rng([SEED, k])), (old, new), strict=True)
        ]
        for way, options in WAYS.items():
            one = change.link(*waves, waves=("2025", "2027"), **options)["horizontal_trust"]
            if one.licensed:
                got = one.change
                found[way].append((got.change, got.se, got.lower < TRUTH < got.upper))
    return pd.DataFrame([row(way, np.array(values)) for way, values in found.items()])


def row(way: str, values: np.ndarray) -> dict[str, Any]:
    """Return what one way came to."""
    sd = values[:, 0].std(ddof=1)
    return {
        "people": way, "pairs": PAIRS, "licensed": len(values),
        "bias": round(values[:, 0].mean() - TRUTH, 4), "bias_se": round(sd / len(values) ** 0.5, 4),
        "sd": round(sd, 4), "mean_se": round(values[:, 1].mean(), 4),
        "covered": int(values[:, 2].sum()),
    }  # fmt: skip


if __name__ == "__main__":
    simulate().to_csv(RAW, index=False, lineterminator="\n")
