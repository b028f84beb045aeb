from __future__ import annotations

import numpy as np
import pandas as pd

from truststats.survey.audit import recoverable


def test_recoverable_finds_what_primary_suppression_leaves_open():
    naive = pd.DataFrame(
        [[np.nan, 10, 13], [20, 30, 50], [23, 40, 63]],
        index=["a", "b", "Total"],
        columns=["x", "y", "Total"],
    )
    assert recoverable(naive) == [("a", "x")]
    assert recoverable(pd.Series([np.nan, 10, 13], index=["a", "b", "Total"])) == ["a"]
    bounded = pd.Series([np.nan, np.nan, 10, 12], index=["a", "b", "c", "Total"])
    assert recoverable(bounded) == []
    assert recoverable(bounded, at_least=1) == ["a", "b"]
    assert recoverable(pd.Series([1.0, 2.0, 3.0])) == []
