"""What permutations leave in the hand."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.errors import OptionError
from truststats.results.permuted import Permuted


def test_p_values_by_step_and_measure() -> None:
    drawn = np.zeros((1, 100, 2))
    drawn[0, :, 0] = np.arange(100)
    found = Permuted(
        ("metric",), ("chisq", "cfi"), np.array([[50.0, 0.1]]), drawn, np.array([[0.5, 0.01]]), 0, 1
    )
    assert found.pvalue("metric") == 0.5
    assert found.pvalue("metric", "cfi") == 0.01
    assert np.isnan(found.pvalue("scalar"))
    with pytest.raises(OptionError, match="measure"):
        found.pvalue("metric", "tli")
    frame = found.frame()
    assert frame["limit"].iloc[0] == pytest.approx(94.05)
    assert len(frame) == 2
