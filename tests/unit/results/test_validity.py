from __future__ import annotations

import numpy as np

from truststats.results.validity import PairRow, ScaleRow, Validity


def small():
    scales = (
        ScaleRow("a", "Alpha", 0.64, 0.8, 0.7, True),
        ScaleRow("b", "Beta", 0.49, 0.7, 0.7, False),
    )
    numbers = (
        0.7,
        0.6,
        0.78,
        "none",
        12.0,
        1.0,
        0.001,
        -0.01,
        0.71,
        0.6,
        0.8,
        0.69,
        0.6,
        0.8,
        1.96,
    )
    return Validity(scales, (PairRow("a", "b", *numbers),), 0.9, 0.95, "delta", "standard", 300.0)


def test_matrices():
    found = small()
    assert found.fornell_larcker.loc["a", "a"] == 0.8
    assert found.fornell_larcker.loc["b", "a"] == found.fornell_larcker.loc["a", "b"] == 0.7
    assert found.htmt.loc["b", "a"] == 0.71
    assert (np.diag(found.htmt2) == 1.0).all()
    assert list(found.ave["fornell_larcker"]) == [True, False]


def test_frames_and_labels():
    found = small()
    assert found.frame()["vif"].item() == 1.96
    assert (found.label("a"), found.label("c")) == ("Alpha", "c")
    assert "Alpha - Beta" in repr(found)
    assert "Alpha" in found._repr_html_()
