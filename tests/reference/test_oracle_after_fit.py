"""Optional: residual summaries and factor scores of real public answers, see `test_oracle`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_oracle import fit_case, read_json

pytestmark = pytest.mark.external

RESIDUALS = (
    ("hs_cfa", "marker"),
    ("poldem_equality", "free"),
    ("tafe_fiml_mediation", "fiml_ml"),
    ("wa_sem_ml_listwise", "fit"),
)
SCORES = (
    ("hs_cfa", "marker", "fscores", "regression"),
    ("hs_cfa", "marker", "fscores_bartlett", "bartlett"),
    ("poldem_equality", "free", "fscores", "regression"),
    ("tafe_fiml_mediation", "fiml_ml", "fscores", "regression"),
    ("hs_invariance", "configural", "fscores", "regression"),
)


def expected(external: Path, case: str, fit: str) -> tuple[Any, dict[str, Any]]:
    folder = external / "oracle" / "cases" / case
    return fit_case(folder, fit), read_json(folder / "expected.json")["fits"][fit]


@pytest.mark.parametrize(("case", "name"), RESIDUALS)
def test_residual_summaries(case: str, name: str, external: Path) -> None:
    fit, values = expected(external, case, name)
    theirs = values["lavResiduals_summary"]
    columns = theirs["cols"] if isinstance(theirs["cols"], list) else [theirs["cols"]]
    want = pd.DataFrame(theirs["values"], columns=columns, dtype=float)
    ours = fit.residual_summary()
    assert list(ours.index) == [row.replace(".", "_") for row in theirs["rows"]]
    allowed = 1e-4 * np.maximum(1.0, want.abs().to_numpy())
    if "mean" in want:
        # lavaan's EM stops at 1e-5 of the log-likelihood; mean residuals are as small
        allowed[:, 1] *= 20.0
    assert (np.abs(ours[columns].to_numpy() - want.to_numpy()) < allowed).all()


@pytest.mark.parametrize("case", ["pierce_wlsmv_missing", "wa_wlsmv_7cat"])
def test_residual_summaries_of_ordinal_items(case: str, external: Path) -> None:
    """All but the unbiased part of the total column, see the page on numbers."""
    fit, values = expected(external, case, "listwise")
    theirs = values["lavResiduals_summary"]
    want = pd.DataFrame(theirs["values"], columns=theirs["cols"], dtype=float)
    ours = fit.residual_summary()
    assert list(ours.index) == [row.replace(".", "_") for row in theirs["rows"]]
    for column, rows in (("cor", slice(None)), ("total", slice(0, 4))):
        np.testing.assert_allclose(
            ours[column].iloc[rows], want[column].iloc[rows], rtol=1e-4, atol=1e-4
        )
    assert ours["thresholds"].iloc[0] == pytest.approx(0.0, abs=1e-9)


def test_scores_of_ordinal_items(external: Path) -> None:
    fit, values = expected(external, "pierce_wlsmv_missing", "listwise")
    theirs, ours = values["fscores"], fit.predict()["g"].dropna()
    assert len(ours) == fit.nobs
    np.testing.assert_allclose(ours[:10], np.ravel(theirs["first10"]), atol=1e-4)
    assert ours.mean() == pytest.approx(theirs["mean"], abs=1e-5)
    assert ours.std() == pytest.approx(theirs["sd"], rel=1e-4)


@pytest.mark.parametrize(("case", "name", "key", "method"), SCORES)
def test_factor_scores(case: str, name: str, key: str, method: str, external: Path) -> None:
    fit, values = expected(external, case, name)
    scores = fit.predict(method=method)
    by_group = values[key] if fit.groups else {None: values[key]}
    data = pd.read_csv(external / "oracle" / "cases" / case / "data.csv")
    for label, theirs in by_group.items():
        used = scores if label is None else scores[data[fit.options["group"]] == label]
        want = np.array(theirs["first10"], dtype=float)
        mine = used[theirs["cols"]]
        spread = mine.std().to_numpy()
        assert np.nanmax(np.abs(mine.to_numpy()[:10] - want) / spread) < 1e-4
        known = [x is not None for x in theirs["sd"]]
        if all(known):
            np.testing.assert_allclose(mine.std(), theirs["sd"], rtol=1e-4)
            np.testing.assert_allclose(mine.mean(), theirs["mean"], atol=1e-5)


def test_scores_beside_an_observed_outcome(external: Path) -> None:
    """Lavaan's scores of this case are those of another parametrisation, up to constants.

    With an observed outcome whose residual covaries with a factor's, lavaan leaves that
    covariance out of the score of the factor (``results``) and shifts the others by constants; the
    same model with the outcome as a factor without error gives our scores (the page on numbers).
    """
    fit, values = expected(external, "wa_sem_ml_listwise", "fit")
    theirs = values["fscores"]
    mine = fit.predict()[theirs["cols"]].dropna()
    want = pd.DataFrame(theirs["first10"], columns=theirs["cols"], dtype=float)
    same = ["info", "trust", "auton"]
    gap = mine[same].to_numpy()[:10] - want[same].to_numpy()
    assert np.abs(gap - gap.mean(axis=0)).max() < 1e-4
    sd = dict(zip(theirs["cols"], theirs["sd"], strict=True))
    np.testing.assert_allclose(mine[same].std(), [sd[name] for name in same], rtol=1e-4)
    np.testing.assert_allclose(mine.mean(), 0.0, atol=1e-8)
