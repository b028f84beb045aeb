"""Factor scores and their standard errors against lavaan's lavPredict."""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts

GOLDEN = material.golden("scores")
OWN = {"odd_mlr", "odd_fiml", "new_rows", "determinacy", "lavaan"}
NAMES = [name for name in GOLDEN if name not in OWN]
SECOND_ORDER = {"second_ml", "second_cfa", "second_fiml_mlr"}
#: x the standard deviation of a score: both optima are within about 1e-5 SE of the exact one.
SCORE = 1e-4


def compare(ours: pd.DataFrame, theirs: dict[str, Any]) -> None:
    """Compare the first rows, by their number in the data, and the moments of all."""
    names = theirs["cols"]
    rows = np.array(theirs["rows"]) - 1
    want, se = np.array(theirs["values"], dtype=float), np.array(theirs["se"], dtype=float)
    spread = np.array(theirs["sd"], dtype=float)
    mine = ours.iloc[rows][names].to_numpy()
    assert (np.isnan(mine) == np.isnan(want)).all()
    assert np.nanmax(np.abs(mine - want) / spread) < SCORE
    mine_se = ours.iloc[rows][[f"{name}_se" for name in names]].to_numpy()
    assert np.nanmax(np.abs(mine_se - se) / spread) < SCORE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_scores(name: str, method: str) -> None:
    fit = material.run(name)
    if method == "bartlett" and name in SECOND_ORDER:
        with pytest.raises(ts.NotSupportedError, match="climate"):
            fit.predict(method=method)
        return
    ours = fit.predict(method=method, se=True)
    assert len(ours) == fit.n_rows
    seen = 0
    for theirs in GOLDEN[name][method].values():
        compare(ours, theirs)
        seen += len(theirs["rows"])
    if not fit.groups:
        (theirs,) = GOLDEN[name][method].values()
        used = ours[theirs["cols"]]
        assert np.abs(used.mean() - theirs["mean"]).max() < SCORE
        assert np.abs(used.std() / theirs["sd"] - 1.0).max() < SCORE


@pytest.mark.parametrize("name", ["odd_mlr", "odd_fiml"])
@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_an_observed_outcome_in_the_structural_part(name: str, method: str) -> None:
    # lavaan's scores of the model as it is written and of the same model with the observed
    # variable as a factor without error differ; ours are the latter, see the page on numbers.
    theirs = GOLDEN[name][method]["all"]
    keep = [k for k, column in enumerate(theirs["cols"]) if column != "A"]
    cut = {key: [[row[k] for k in keep] for row in theirs[key]] for key in ("values", "se")} | {
        key: [theirs[key][k] for k in keep] for key in ("cols", "sd")
    }
    compare(material.run(name).predict(method=method, se=True), theirs | cut)


def test_new_rows() -> None:
    model = "\n".join(material.fits_table()["models"]["cfa"])
    data = material.read_data("synthetic_missing")
    fit = ts.fit(model, data.iloc[:300], missing="ml")
    theirs = GOLDEN["new_rows"]
    ours = fit.predict(data.iloc[300:340])
    assert list(ours.index) == list(range(300, 340))
    gap = ours[theirs["cols"]].to_numpy() - np.array(theirs["values"], dtype=float)
    assert np.abs(gap).max() < 2 * SCORE


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_determinacy(method: str) -> None:
    quality = material.run("cfa_ml").score_quality(method=method)
    np.testing.assert_allclose(quality["determinacy"], GOLDEN["determinacy"][method], atol=1e-5)
    np.testing.assert_allclose(quality["reliability"], quality["determinacy"] ** 2)
