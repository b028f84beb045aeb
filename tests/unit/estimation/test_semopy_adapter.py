from __future__ import annotations

import logging
import threading

import numpy as np
import pytest

from truststats.errors import ConvergenceError, DataError, NotSupportedError
from truststats.estimation import semopy_adapter
from truststats.estimation.semopy_adapter import estimate_semopy, semopy_version
from truststats.model import Model, ParTable, build_partable

pytest.importorskip("semopy")


def _table(text: str, **options: bool) -> ParTable:
    return build_partable(Model.from_text(text), **options)  # pyright: ignore[reportArgumentType]


def _one_factor(loadings: list[float], residual: float) -> np.ndarray:
    lam = np.array(loadings)
    return np.outer(lam, lam) + residual * np.eye(len(lam))


COV = _one_factor([1.0, 0.8, 0.6, 1.2], 0.5)
ONE = "f =~ x1 + x2 + x3 + x4"


def _row(table: ParTable, lhs: str, op: str, rhs: str) -> int:
    return list(zip(table.lhs, table.op, table.rhs, strict=True)).index((lhs, op, rhs))


@pytest.mark.parametrize("std_lv", [False, True])
def test_a_perfect_factor_is_recovered(std_lv: bool):
    table = _table(ONE, std_lv=std_lv)
    got = estimate_semopy(table, COV)
    assert got.converged
    assert got.version == semopy_version()
    np.testing.assert_allclose(got.rows[:4], [1.0, 0.8, 0.6, 1.2], atol=1e-5)
    np.testing.assert_allclose(got.sigma, COV, atol=1e-6)
    free = [k for k, u in enumerate(table.unique) if u >= 0]
    np.testing.assert_array_equal(got.rows[free], got.theta)


def test_equal_labels_stay_equal():
    table = _table("f =~ x1 + a*x2 + a*x3 + x4")
    got = estimate_semopy(table, COV)
    assert got.rows[1] == got.rows[2]
    assert len(got.theta) == table.npar


def test_regression_weights_are_least_squares():
    cov = np.array([[2.0, 0.7, 0.5], [0.7, 1.0, 0.3], [0.5, 0.3, 1.0]])
    for fixed_x in (True, False):
        table = _table("y ~ a*x + z\ny ~~ y\nb := 2*a", fixed_x=fixed_x)
        got = estimate_semopy(table, cov)
        weights = np.linalg.solve(cov[1:, 1:], cov[1:, 0])
        np.testing.assert_allclose(got.rows[:2], weights, atol=1e-6)
        assert got.rows[_row(table, "x", "~~", "z")] == pytest.approx(0.3, abs=1e-6)
        assert np.isnan(got.rows[_row(table, "b", ":=", "2*a")])


def test_covariances_that_the_table_does_not_have_stay_zero():
    table = _table("y ~ x + z\nx ~~ x\nz ~~ z")
    got = estimate_semopy(table, np.array([[2.0, 0.7, 0.5], [0.7, 1.0, 0.3], [0.5, 0.3, 1.0]]))
    assert got.sigma[1, 2] == 0.0


def test_variables_in_covariances_only_are_kept():
    cov = np.array([[1.0, 0.4], [0.4, 2.0]])
    got = estimate_semopy(_table("a ~~ b"), cov)
    np.testing.assert_allclose(got.sigma, cov, atol=1e-6)


def test_factors_in_two_orders():
    pairs = (np.kron(np.eye(3), np.full((2, 2), 0.6)) + 0.3).astype(np.float64)
    np.fill_diagonal(pairs, 1.5)
    table = _table("m =~ a1 + a2\ns =~ a3 + a4\nd =~ a5 + a6\naut =~ m + s + d", std_lv=True)
    got = estimate_semopy(table, pairs)
    assert got.converged
    np.testing.assert_allclose(got.sigma, pairs, atol=1e-5)


def test_means_that_are_free_are_left_out():
    table = _table(ONE, meanstructure=True)
    got = estimate_semopy(table, COV)
    assert np.isnan(got.rows[_row(table, "x1", "~1", "")])
    np.testing.assert_allclose(got.rows[:4], [1.0, 0.8, 0.6, 1.2], atol=1e-5)


@pytest.mark.parametrize("extra", ["x1 ~ 0", "x1 ~ m*1\nx2 ~ m*1", "f ~ 1\nx1 ~ 0"])
def test_means_that_are_restricted_are_refused(extra: str):
    with pytest.raises(NotSupportedError, match="restricts the means") as caught:
        estimate_semopy(_table(f"{ONE}\n{extra}"), COV)
    assert "lavaan" in caught.value.fix


def test_an_improper_solution_is_found_without_bounds():
    cov = _one_factor([1.0, 0.9, 0.9], 0.5)
    cov[0, 0] = 0.95
    table = _table("f =~ x1 + x2 + x3")
    residual = _row(table, "x1", "~~", "x1")
    assert estimate_semopy(table, cov).rows[residual] >= 0.0
    assert estimate_semopy(table, cov, bounded=False).rows[residual] == pytest.approx(
        -0.05, abs=1e-4
    )


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(DataError, match="4 observed variables"):
        estimate_semopy(_table(ONE), np.eye(3))


def test_a_singular_matrix_is_refused():
    with pytest.raises(DataError, match="not positive definite"):
        estimate_semopy(_table(ONE), np.ones((4, 4)))


def test_without_semopy_it_says_how_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(semopy_adapter, "find_spec", lambda _: None)
    assert semopy_version() is None
    with pytest.raises(NotSupportedError, match="semopy is not installed") as caught:
        estimate_semopy(_table(ONE), COV)
    assert "pip install" in caught.value.fix


def test_an_error_inside_semopy_becomes_ours(monkeypatch: pytest.MonkeyPatch):
    import semopy

    def fail(*_: object, **__: object) -> None:
        raise ValueError("boom")

    monkeypatch.setattr(semopy.Model, "fit", fail)
    with pytest.raises(ConvergenceError, match="semopy stopped: ValueError: boom"):
        estimate_semopy(_table(ONE), COV)


def test_the_log_is_left_as_it_was():
    handlers, disabled = list(logging.getLogger().handlers), logging.root.manager.disable
    estimate_semopy(_table(ONE, std_lv=True), COV)
    assert logging.getLogger().handlers == handlers
    assert logging.root.manager.disable == disabled


def test_threads_wait_for_each_other():
    results: list[np.ndarray] = []
    tables = [_table(ONE), _table("f =~ x1 + x2\ng =~ x3 + x4")] * 3

    def work(table: ParTable) -> None:
        results.append(estimate_semopy(table, COV).sigma)

    threads = [threading.Thread(target=work, args=(table,)) for table in tables]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len(tables)
    for sigma in results:
        np.testing.assert_allclose(sigma, COV, atol=1e-5)
