from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

import truststats as ts
from truststats.errors import ConvergenceError, NotSupportedError, OptionError

TEXT = "info =~ inf1 + inf2 + inf3\nres1 ~ info"


@pytest.fixture(scope="module")
def fit(answers_of):
    return ts.fit(TEXT, answers_of())


def test_seeds_are_recorded_and_repeat(fit):
    one, two = ts.bootstrap(fit, draws=100), ts.bootstrap(fit, draws=100)
    np.testing.assert_array_equal(one.theta, two.theta)
    assert isinstance(one.seed, int)
    np.testing.assert_array_equal(ts.bootstrap(fit, draws=100, seed=one.seed).theta, one.theta)
    other = ts.bootstrap(fit, draws=100, seed=1)
    assert other.seed == 1
    assert (other.theta != one.theta).any()


def test_a_generator(fit):
    got = ts.bootstrap(fit, draws=100, seed=np.random.default_rng(1))
    assert got.seed == "generator"
    np.testing.assert_array_equal(got.theta, ts.bootstrap(fit, draws=100, seed=1).theta)


def test_clusters_are_resampled(answers_of):
    clustered = ts.bootstrap(ts.fit(TEXT, answers_of(), cluster="unit"), draws=100)
    assert clustered.unit == "unit"
    assert clustered.theta.shape == (100, clustered.fit.npar)
    assert clustered.failed == 0


def test_rows_are_the_unit_without_clusters(fit):
    assert ts.bootstrap(fit, draws=100).unit == "rows"


def test_refits_that_fail_are_counted(fit, monkeypatch):
    def some_fail(estimate, draws, rng, constraints):
        good = np.arange(draws) % 4 != 0
        return np.tile(estimate.theta, (draws, 1)), good

    monkeypatch.setattr(
        import_module("truststats.workflow.bootstrap"), "bootstrap_theta", some_fail
    )
    got = ts.bootstrap(fit, draws=100)
    assert (got.failed, len(got.theta), got.draws) == (25, 75, 100)


def test_too_many_failures_are_an_error(fit, monkeypatch):
    def most_fail(estimate, draws, rng, constraints):
        return np.tile(estimate.theta, (draws, 1)), np.arange(draws) < 10

    monkeypatch.setattr(
        import_module("truststats.workflow.bootstrap"), "bootstrap_theta", most_fail
    )
    with pytest.raises(ConvergenceError, match="Only 10 of 100 refits converged"):
        ts.bootstrap(fit, draws=100)


def test_too_few_draws(fit):
    with pytest.raises(OptionError, match="draws=50 is too few") as caught:
        ts.bootstrap(fit, draws=50)
    assert "1000" in caught.value.fix


def test_incomplete_rows_are_refitted_casewise(answers_of):
    rows = answers_of(holes=0.1)
    whole = ts.fit(TEXT, rows, missing="ml")
    got = ts.bootstrap(whole, 100, ci="bca")
    assert got.theta.shape == (100, whole.npar)
    table = got.tidy()
    free = table["se"] > 0
    assert (table["se"][free] / whole.tidy()["se"][free]).between(0.6, 1.5).all()
    assert ((table["pvalue"] < 0.05) == (table["ci_lower"] > 0))[free & (table["est"] > 0)].all()


def test_what_is_not_checked_is_refused(answers_of):
    rows = answers_of(holes=0.1)
    bounded = ts.fit(TEXT.replace("~ info", "~ a*info\na > 0.1"), rows, missing="ml")
    with pytest.raises(NotSupportedError, match="linear equality constraints only"):
        ts.bootstrap(bounded, draws=100)
    whole = ts.fit(TEXT, rows, missing="ml")
    stages = replace(whole, options={**whole.options, "missing": "two.stage"})
    with pytest.raises(NotSupportedError, match=r"missing='two\.stage'") as caught:
        ts.bootstrap(stages, draws=100)
    assert "monte_carlo" in caught.value.fix


def test_no_rows(answers_of):
    cov = answers_of()[["inf1", "inf2", "inf3", "res1"]].cov()
    with pytest.raises(NotSupportedError, match="holds no rows"):
        ts.bootstrap(ts.fit(TEXT, sample_cov=cov, sample_nobs=240))


def test_many_failures_are_told(fit, monkeypatch):
    def some_fail(estimate, draws, rng, constraints):
        good = np.arange(draws) % 10 != 0
        return np.tile(estimate.theta, (draws, 1)), good

    assert not ts.bootstrap(fit, draws=100).problems
    monkeypatch.setattr(
        import_module("truststats.workflow.bootstrap"), "bootstrap_theta", some_fail
    )
    got = ts.bootstrap(fit, draws=100)
    (problem,) = got.problems
    assert (problem.code, problem.count, problem.severity) == ("refits_failed", 10, "warning")
    assert "10 of 100 refits (10 %)" in problem.message
    assert "10 of 100 refits" in repr(got)


def test_intervals_have_lavaans_names_too(fit):
    got = ts.bootstrap(fit, draws=100, ci="bca.simple")
    assert got.ci == "bias_corrected"
    with pytest.raises(OptionError, match="ci='bias'"):
        ts.bootstrap(fit, draws=100, ci="bias")
