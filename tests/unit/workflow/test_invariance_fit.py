"""Steps are the fits one would make by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError
from truststats.workflow.invariance_fit import refit_equal, started

MODEL = "f =~ x1 + x2 + x3 + x4"


def test_a_step_is_the_fit_of_its_own(groups_apart: pd.DataFrame) -> None:
    base = ts.fit(MODEL, groups_apart, group="g", std_lv=True, estimator="MLR")
    step = refit_equal(base, ("loadings", "intercepts"), ("x2~1",))
    own = ts.fit(
        MODEL, groups_apart, group="g", std_lv=True, estimator="MLR",
        group_equal=["loadings", "intercepts"], group_partial=["x2~1"],
    )  # fmt: skip
    assert step.df == own.df
    assert step.chisq == pytest.approx(own.chisq, rel=1e-7)
    np.testing.assert_allclose(step.params, own.params, atol=1e-5)
    assert step.partable == own.partable


def test_a_start_is_the_mean_of_what_becomes_one(groups_apart: pd.DataFrame) -> None:
    base = ts.fit(MODEL, groups_apart, group="g", std_lv=True)
    step = ts.fit(MODEL, groups_apart, group="g", std_lv=True, group_equal="loadings")
    table = started(step.partable, base)
    row = next(k for k, rhs in enumerate(table.rhs) if rhs == "x3")
    own = base.tidy().query("rhs == 'x3' and op == '=~'")["est"]
    assert table.ustart[row] == pytest.approx(own.mean())


def test_a_saved_fit_has_no_answers(groups_apart: pd.DataFrame, tmp_path) -> None:
    base = ts.fit(MODEL, groups_apart, group="g")
    base.save(tmp_path / "fit.json")
    with pytest.raises(NotSupportedError, match="answers"):
        refit_equal(ts.read_fit(tmp_path / "fit.json"), ("loadings",))
