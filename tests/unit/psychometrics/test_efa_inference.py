"""Standard errors against numerical derivatives of the whole analysis, where the model is exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from truststats.estimation.sample import sample_from_rows
from truststats.inference.two_stage import first_stage
from truststats.psychometrics.efa_extract import extract
from truststats.psychometrics.efa_inference import (
    Rotated,
    StandardRows,
    correlation_slopes,
    least_squares_spread,
    likelihood_spread,
    normal_gamma,
    rows_gamma,
    standard_errors,
    two_stage_spread,
)
from truststats.psychometrics.rotation import rotate
from truststats.psychometrics.rotation_criteria import Criterion, geomin, oblimin, orthomax

L = np.array([[0.8, 0.1], [0.7, 0.0], [0.6, -0.1], [0.3, 0.5], [0.0, 0.7], [0.1, 0.6]])
PHI = np.array([[1.0, 0.4], [0.4, 1.0]])
R = L @ PHI @ L.T
np.fill_diagonal(R, 1.0)
ROW, COL = np.triu_indices(6, 1)
Method = tuple[Criterion, bool, bool]
METHODS: dict[str, Method] = {
    "oblimin": (oblimin(), True, False),
    "oblimin_kaiser": (oblimin(), True, True),
    "geomin": (geomin(0.01), True, False),
    "varimax": (orthomax(1.0), False, True),
}


def solved(corr: np.ndarray, method: Method, how: str, weight: np.ndarray | None = None) -> Rotated:
    criterion, oblique, kaiser = method
    drawn = extract(corr, 2, how, weight)
    found = rotate(drawn.loadings, criterion, oblique=oblique, kaiser=kaiser, starts=5)
    order = [0, 1] if abs(found.loadings[0, 0]) > abs(found.loadings[0, 1]) else [1, 0]
    loadings, phi = found.loadings[:, order], found.phi[np.ix_(order, order)]
    sign = np.sign(loadings.sum(axis=0))
    return Rotated(loadings * sign, phi * np.outer(sign, sign), criterion, oblique, kaiser)


def moved(solve: Callable[[np.ndarray], Rotated]) -> np.ndarray:
    """Return derivatives of loadings and factor correlation by each correlation, numerically."""
    out = []
    for i, j in zip(ROW, COL, strict=True):
        step = np.zeros((6, 6))
        step[i, j] = step[j, i] = 1e-4
        ends = [solve(R + step), solve(R - step)]
        both = [np.append(e.loadings.ravel(), e.phi[0, 1]) for e in ends]
        out.append((both[0] - both[1]) / 2e-4)
    return np.array(out).T


@pytest.mark.parametrize("name", METHODS)
def test_maximum_likelihood(name: str) -> None:
    found = solved(R, METHODS[name], "ml")
    se, phi_se = standard_errors(found, likelihood_spread(found), 300)
    by_hand = moved(lambda corr: solved(corr, METHODS[name], "ml"))
    want = np.sqrt(np.diag(by_hand @ normal_gamma(R) @ by_hand.T) / 300)
    assert np.allclose(se.ravel(), want[:-1], rtol=1e-3)
    assert phi_se[0, 1] == pytest.approx(want[-1], rel=1e-3, abs=1e-12)


@pytest.mark.parametrize("weighted", [True, False])
def test_least_squares(weighted: bool) -> None:
    gamma = normal_gamma(R) * np.outer(*[1.0 + np.arange(15) / 20] * 2)
    weight = 1.0 / np.diag(gamma) if weighted else np.ones(15)
    square = np.zeros((6, 6))
    square[ROW, COL] = square[COL, ROW] = weight
    how = "wls" if weighted else "minres"
    found = solved(R, METHODS["oblimin"], how, square)
    se, _ = standard_errors(found, least_squares_spread(found, gamma, weight), 300)
    by_hand = moved(lambda corr: solved(corr, METHODS["oblimin"], how, square))
    want = np.sqrt(np.diag(by_hand @ gamma @ by_hand.T) / 300)
    assert np.allclose(se.ravel(), want[:-1], rtol=1e-3)


def exact_rows(n: int = 400) -> np.ndarray:
    """Return skewed rows whose correlations are R exactly."""
    y = np.random.default_rng(1).exponential(size=(n, 6))
    y -= y.mean(axis=0)
    white = y @ np.linalg.inv(np.linalg.cholesky(y.T @ y / n)).T
    return white @ np.linalg.cholesky(R).T


def test_robust_errors_are_those_of_the_rows() -> None:
    rows = StandardRows(exact_rows())
    found = solved(R, METHODS["oblimin"], "ml")
    se, _ = standard_errors(found, likelihood_spread(found, rows), 400)
    by_hand = moved(lambda corr: solved(corr, METHODS["oblimin"], "ml"))
    want = np.sqrt(np.diag(by_hand @ rows_gamma(rows, R) @ by_hand.T) / 400)
    assert np.allclose(se.ravel(), want[:-1], rtol=1e-3)


def test_doubled_rows_in_clusters_and_weights_say_the_same() -> None:
    z = exact_rows()
    found = solved(R, METHODS["oblimin"], "ml")
    alone = likelihood_spread(found, StandardRows(z))
    single = np.arange(400)
    twice = StandardRows(np.vstack([z, z]), clusters=np.tile(single, 2))
    both = likelihood_spread(found, twice)
    factor = 400 / 399
    assert both.one == pytest.approx(2 * factor * alone.one)
    assert np.allclose(both.middle, 2 * factor * alone.middle)
    half = np.arange(400) < 200
    weights = np.where(half, 1.5, 0.5)
    heavy = StandardRows(z, weights=weights)
    heavier = StandardRows(
        np.vstack([z[half]] * 3 + [z[~half]]),
        clusters=np.concatenate([np.tile(single[:200], 3), single[200:]]),
    )
    sums = heavy.total(z[:, :1] * z[:, 1:2])
    thrice = heavier.total(heavier.z[:, :1] * heavier.z[:, 1:2])
    assert thrice[0, 0] * 800 / 4 / factor == pytest.approx(sums[0, 0] * 400)


def test_two_stages_without_gaps_are_one() -> None:
    z = exact_rows()
    found = solved(R, METHODS["oblimin"], "ml")
    stage = first_stage(sample_from_rows(z), robust=True)
    two = two_stage_spread(found, stage.weight, stage.gamma)
    one = likelihood_spread(found, StandardRows(z))
    assert two.one == pytest.approx(one.one, rel=1e-8)
    assert np.allclose(two.information, one.information)
    assert np.allclose(two.middle, one.middle)


def test_slopes_by_differences() -> None:
    slopes = correlation_slopes(L, PHI, oblique=True)
    step = np.zeros((6, 2))
    step[3, 1] = 1e-6
    up, down = ((L + s) @ PHI @ (L + s).T for s in (step, -step))
    assert np.allclose(((up - down) / 2e-6)[ROW, COL], slopes[:, 3 * 2 + 1])
    turned = PHI + np.array([[0, 1e-6], [1e-6, 0]])
    assert np.allclose(((L @ turned @ L.T - L @ PHI @ L.T) / 1e-6)[ROW, COL], slopes[:, -1])


def test_a_solution_without_errors_has_none() -> None:
    flat = Rotated(L, PHI, lambda x: (x.sum(axis=(-2, -1)), 0.0 * x), True)
    se, phi_se = standard_errors(flat, likelihood_spread(flat), 300)
    assert np.isnan(se).all()
    assert np.isnan(phi_se).all()
