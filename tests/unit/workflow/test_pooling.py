from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import truststats as ts
from truststats.errors import ConvergenceError, DataError, OptionError
from truststats.workflow.pooling import pool_fits

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


@pytest.fixture(scope="module")
def frames(answers_of):
    rows = answers_of(150)
    draw = np.random.default_rng(1)
    return [rows.assign(tru2=rows["tru2"] + draw.normal(0, 0.2, len(rows))) for _ in range(3)]


def test_a_list_of_frames_is_pooled(frames):
    pooled = ts.fit(MODEL, frames)
    each = [ts.fit(MODEL, frame) for frame in frames]
    np.testing.assert_allclose(pooled.params, np.mean([fit.params for fit in each], axis=0))
    assert (pooled.m, pooled.imputations, pooled.failed) == (3, 3, ())


def test_equal_frames_give_the_fit_itself(frames):
    one = ts.fit(MODEL, frames[0])
    pooled = ts.fit(MODEL, [frames[0], frames[0]])
    np.testing.assert_allclose(pooled.bse, one.bse)
    assert pooled.d3.chisq == pytest.approx(one.fit_measures["chisq"])
    for name in ("chisq", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "logl", "npar"):
        assert pooled.fit_measures[name] == pytest.approx(one.fit_measures[name], abs=1e-8), name


def test_equal_frames_with_exogenous_variables_and_robust_tests(frames):
    model = "info =~ inf1 + inf2 + inf3\ninfo ~ x1 + x2"
    one = ts.fit(model, frames[0], estimator="MLR")
    pooled = ts.fit(model, [frames[0], frames[0]], estimator="MLR")
    for name in ("chisq_scaled", "cfi_scaled", "rmsea_robust", "aic", "logl", "srmr"):
        assert pooled.fit_measures[name] == pytest.approx(one.fit_measures[name], abs=1e-8), name


def test_fits_that_did_not_converge_are_counted_and_named(frames):
    fits = [ts.fit(MODEL, frame) for frame in frames]
    stuck = replace(
        fits[1].estimate, solution=replace(fits[1].estimate.solution, converged=np.array([False]))
    )
    fits[1] = replace(fits[1], estimate=stuck)
    pooled = pool_fits(fits)
    assert (pooled.m, pooled.imputations, pooled.failed) == (2, 3, (2,))
    first = pooled.problems[0]
    assert first.code == "imputation_not_converged"
    assert "1 of 3" in first.message
    assert "1 of 3" in repr(pooled)
    with pytest.raises(ConvergenceError):
        pool_fits([fits[0], fits[1]])


def test_what_is_no_set_of_imputations_is_refused(frames):
    with pytest.raises(OptionError, match="1 data sets"):
        ts.fit(MODEL, frames[:1])
    with pytest.raises(DataError, match="different numbers of rows"):
        ts.fit(MODEL, [frames[0], frames[1].iloc[:100]])
    gap = frames[1].copy()
    gap.loc[3, "inf1"] = np.nan
    with pytest.raises(DataError, match="still has missing"):
        ts.fit(MODEL, [gap, gap], missing="ml")
