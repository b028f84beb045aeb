"""What a number of factors holds and shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

import truststats as ts
from truststats.present import figures


def test_shown() -> None:
    rng = np.random.default_rng(6)
    y = np.repeat(rng.normal(size=(300, 2)), 3, axis=1) + rng.normal(size=(300, 6))
    found = ts.n_factors(pd.DataFrame(y, columns=list("abcdef")), draws=40)
    assert repr(found).startswith("Number of factors: 6 items")
    assert found.suggested["parallel_factors"] == 2
    shown = ts.table(found, "nb")
    assert shown.frame["number"].tolist() == [1, 2, 3, 4, 5, 6]
    assert "Parallellanalyse, faktorer: 2" in shown.text()
    figure = figures.scree(found)
    assert [a.get_title() for a in figure.axes] == [
        "Common factors: 2 above random",
        "Components: 2 above random",
    ]
    assert "components: 2" in figures.scree_alt(found)
