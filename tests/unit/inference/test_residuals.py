"""Residual moments: their covariance by its definition, scales by finite differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.inference.residuals import moment_residuals, rescale, summarise, z_values

TEXT = "f =~ inf1 + inf2 + inf3 + tru1"
NAMES = ["inf1", "inf2", "inf3", "tru1"]


def half(matrix: np.ndarray) -> np.ndarray:
    """Return the lower triangle."""
    return matrix[np.tril_indices(len(matrix))]


def test_the_covariance_is_what_the_moments_covariance_becomes(answers_of):
    """Residuals of refits to moments moved one by one, at a model that fits exactly."""
    n = 500
    first = ts.fit(TEXT, answers_of())
    sigma = first.implied()["sigma"]
    row, col = np.tril_indices(4)

    def residual(cov: np.ndarray) -> np.ndarray:
        frame = pd.DataFrame(cov * n / (n - 1), index=NAMES, columns=NAMES)
        fit = ts.fit(TEXT, sample_cov=frame, sample_nobs=n)
        return half(fit.residuals().to_numpy())

    base, step = sigma.to_numpy(), 1e-3
    columns = []
    for i, j in zip(row, col, strict=True):
        move = np.zeros((4, 4))
        move[i, j] = move[j, i] = step
        columns.append((residual(base + move) - residual(base - move)) / (2 * step))
    jacobian = np.array(columns).T
    gamma = np.array(
        [
            [
                base[a, c] * base[b, d] + base[a, d] * base[b, c]
                for c, d in zip(row, col, strict=True)
            ]
            for a, b in zip(row, col, strict=True)
        ]
    )
    frame = pd.DataFrame(base * n / (n - 1), index=NAMES, columns=NAMES)
    (got,) = moment_residuals(
        ts.fit(TEXT, sample_cov=frame, sample_nobs=n).estimate, "expected", robust=False
    )
    want = jacobian @ gamma @ jacobian.T / n
    np.testing.assert_allclose(got.acov, want, atol=2e-4 * np.diag(gamma).max() / n)
    np.testing.assert_allclose(got.sampling, gamma / n, rtol=1e-5)


@pytest.mark.parametrize(
    "options", [{}, {"meanstructure": True}, {"estimator": "MLR"}, {"missing": "ml"}], ids=str
)
def test_covariances_are_positive_and_smaller_than_the_moments(models, answers_of, options):
    data = answers_of(holes=0.1 if "missing" in options else 0.0)
    fit = ts.fit(models["mimic"], data, **options)
    (got,) = moment_residuals(
        fit.estimate, fit.information, robust=options.get("estimator") == "MLR"
    )
    assert np.linalg.eigvalsh(got.acov)[0] > -1e-10 * np.trace(got.acov)
    assert np.trace(got.acov) < np.trace(got.sampling)
    # the two exogenous variables are fixed at their sample moments
    z = z_values(got, model=True)
    fixed = [k for k, name in enumerate(fit.partable.ov) if name in {"x1", "x2"}]
    row, col = np.tril_indices(got.p)
    of_x = np.isin(row, fixed) & np.isin(col, fixed)
    assert np.isnan(z[: len(row)][of_x]).all()
    assert np.isnan(z_values(got, model=False)[: len(row)][of_x]).all()


def test_what_the_model_reproduces_by_construction_has_no_z(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(), meanstructure=True)
    (got,) = moment_residuals(fit.estimate, "expected", robust=False)
    z = z_values(got, model=True)
    row, col = np.tril_indices(got.p)
    assert np.isnan(z[: len(row)][row == col]).all()
    assert np.isnan(z[got.which("mean")]).all()
    assert np.isfinite(z[: len(row)][row > col]).any()
    # the sample moments themselves do vary
    assert np.isfinite(z_values(got, model=False)).all()


def test_correlation_residuals_by_finite_differences(answers_of):
    fit = ts.fit(TEXT, answers_of(), meanstructure=True)
    (got,) = moment_residuals(fit.estimate, "expected", robust=False)

    def shift(vector: np.ndarray) -> np.ndarray:
        """Return correlations of a covariance matrix in vector form, then means over SD."""
        cov = np.zeros((4, 4))
        cov[np.tril_indices(4)] = vector[:10]
        cov = cov + np.tril(cov, -1).T
        sd = np.sqrt(np.diag(cov))
        off = np.tril_indices(4, -1)
        return (cov / np.outer(sd, sd))[off]

    start = half(got.cov)
    slopes = np.array([(shift(start + e) - shift(start - e)) / 2e-6 for e in 1e-6 * np.eye(10)]).T
    values, acov, sampling = rescale(got, "cor")
    assert len(values) == 6 + 4
    np.testing.assert_allclose(acov[:6, :6], slopes @ got.acov[:10, :10] @ slopes.T, atol=1e-10)
    np.testing.assert_allclose(
        sampling[:6, :6], slopes @ got.sampling[:10, :10] @ slopes.T, atol=1e-10
    )
    want = fit.residuals("cor").to_numpy()[np.tril_indices(4, -1)]
    np.testing.assert_allclose(values[:6], want, atol=1e-12)


def test_bentler_residuals_are_divided_by_standard_deviations(answers_of):
    fit = ts.fit(TEXT, answers_of())
    (got,) = moment_residuals(fit.estimate, "expected", robust=False)
    raw, acov, _ = rescale(got, "raw")
    values, scaled, _ = rescale(got, "cor_bentler")
    sd = np.sqrt(np.diag(got.cov))
    unit = half(np.outer(sd, sd))
    np.testing.assert_allclose(values, raw / unit)
    np.testing.assert_allclose(scaled, acov / np.outer(unit, unit))
    found = summarise(values, scaled, got.sampling)
    assert found["rmr"] == pytest.approx(fit.fit_measures["srmr"])


@pytest.mark.parametrize("misfit", [0.0, 0.05])
def test_summaries_of_residuals_that_are_drawn(misfit):
    """Draw residuals of known covariance: the formulas are second-order approximations."""
    rng = np.random.default_rng(3)
    t = 30
    root = rng.normal(size=(t, t)) / np.sqrt(t)
    acov = root @ root.T * 0.02**2
    centre = misfit * np.where(np.arange(t) % 2, 1.0, -1.0)
    draws = centre + rng.multivariate_normal(np.zeros(t), acov, size=4000)
    found = [summarise(e, acov, acov, close=0.04) for e in draws]
    frame = pd.DataFrame(found)
    if misfit == 0.0:
        assert abs(frame["exactfit_z"].mean()) < 0.05
        assert frame["exactfit_z"].std() == pytest.approx(1.0, abs=0.06)
        assert frame["rmr"].std() == pytest.approx(frame["se"].iloc[0], rel=0.06)
    else:
        assert frame["urmr"].mean() == pytest.approx(misfit, rel=0.01)
        assert frame["urmr"].std() == pytest.approx(frame["urmr_se"].mean(), rel=0.06)
        inside = (frame["urmr_ci_lower"] < misfit) & (misfit < frame["urmr_ci_upper"])
        assert inside.mean() == pytest.approx(0.90, abs=0.02)
        assert (frame["closefit_pvalue"] < 0.05).mean() > 0.5


def test_nothing_to_summarise():
    zero = np.zeros((3, 3))
    found = summarise(np.full(3, 1e-9), zero, np.eye(3))
    assert found["rmr"] == pytest.approx(1e-9)
    assert np.isnan([found[k] for k in ("se", "urmr", "urmr_se", "exactfit_z")]).all()
    assert found["closefit_h0_value"] == 0.05


def test_groups_of_one_kind_are_one_group(answers_of):
    """Two copies of a sample that share theta: each residual moves with both."""
    fit = ts.fit(TEXT, answers_of())
    one = fit.estimate
    (alone,) = moment_residuals(one, "expected", robust=False)

    class Twice:
        groups = (one, one)
        shares = np.array([0.5, 0.5])
        n = 2 * one.n
        theta = one.theta
        null = None

    first, second = moment_residuals(Twice(), "expected", robust=False)  # type: ignore[arg-type]
    np.testing.assert_allclose(first.acov, second.acov)
    np.testing.assert_allclose(first.values, alone.values)
    # Q Gamma Q' = Gamma - P when A is the inverse of Gamma; theta now has twice the rows
    sigma_too = replace(one, samples=(replace(one.sample, cov=one.state.sigma[0], memo={}),))
    (exact,) = moment_residuals(sigma_too, "expected", robust=False)
    Twice.groups = (sigma_too, sigma_too)
    first, _ = moment_residuals(Twice(), "expected", robust=False)  # type: ignore[arg-type]
    want = exact.sampling - (exact.sampling - exact.acov) / 2
    np.testing.assert_allclose(first.acov, want, atol=1e-12)


def test_groups_that_share_parameters_by_simulation():
    """Standard errors against the spread over samples, where both groups inform theta."""
    rng = np.random.default_rng(12)
    n, loadings = 120, np.array([1.0, 0.8, 1.2, 0.9])
    names = ["y1", "y2", "y3", "y4"]

    def draw() -> pd.DataFrame:
        parts = []
        for shift, label in ((0.0, "a"), (0.5, "b")):
            factor = shift + rng.normal(size=(n, 1))
            frame = pd.DataFrame(factor * loadings + rng.normal(size=(n, 4)), columns=names)
            parts.append(frame.assign(group=label))
        return pd.concat(parts, ignore_index=True)

    options = {"group": "group", "group_equal": ["loadings", "intercepts"]}
    fits = [ts.fit("f =~ y1 + y2 + y3 + y4", draw(), **options) for _ in range(400)]
    found = [moment_residuals(fit.estimate, "expected", robust=False) for fit in fits]
    for k in range(2):
        spread = np.std([r[k].values for r in found], axis=0)
        se = np.sqrt(np.mean([np.diag(r[k].acov) for r in found], axis=0))
        # 400 samples: a standard deviation is known to 3.5 %
        np.testing.assert_allclose(se / spread, 1.0, atol=0.13)
        assert np.mean(se / spread) == pytest.approx(1.0, abs=0.04)
