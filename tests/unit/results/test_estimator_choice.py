from __future__ import annotations

import numpy as np

from truststats.psychometrics.answer_shapes import answer_shapes
from truststats.results import EstimatorChoice


def _choice(rows, **changes):
    names = tuple(f"q{k}" for k in range(rows.shape[1]))
    given = {
        "estimator": "MLR", "missing": "ml", "advice": "MLR", "automatic": True, "ordered": (),
        "signs": (), "barriers": (), "names": names, "shapes": answer_shapes(rows),
    }  # fmt: skip
    return EstimatorChoice(**(given | changes))


ROWS = np.random.default_rng(2).integers(1, 6, (215, 3)).astype(float)


def test_each_reason():
    assert _choice(ROWS).reason == "numbers"
    assert _choice(ROWS, signs=("piled_up",), barriers=("few_people",)).reason == "held_back"
    assert _choice(ROWS, advice="WLSMV", signs=("piled_up",)).reason == "ordered"
    assert _choice(ROWS, automatic=False).reason == "asked"
    assert _choice(ROWS[:, :0]).reason == "no_items"


def test_numbers_are_rounded_so_that_no_person_shows():
    rows = ROWS.copy()
    rows[:2, 1] = np.nan
    got = _choice(rows).numbers
    assert got["n"] == 215
    assert got["least_pair"] == 210
    assert got["missing"] == 0.0
    assert got["few"] == got["piled"] == 0


def test_the_frame_has_a_row_an_item():
    frame = _choice(ROWS).frame
    assert list(frame["item"]) == ["q0", "q1", "q2"]
    assert (frame["categories"] == 5).all()
    assert not frame[["few", "piled"]].to_numpy().any()
