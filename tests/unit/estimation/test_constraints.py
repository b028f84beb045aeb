from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import ConvergenceError
from truststats.estimation.constraints import (
    Constraints,
    active_set,
    affine,
    all_linear,
    constraints_of,
    newton_kkt,
    open_directions,
)
from truststats.model import Model, build_partable

CENTRE = np.array([2.0, 1.0])


def _circle():
    """theta_1^2 + theta_2^2 = 1, and theta_1 <= 0.5."""

    def function(theta):
        return np.stack([(theta**2).sum(axis=1) - 1.0, 0.5 - theta[:, 0]], axis=1)

    return Constraints(2, ("circle", "edge"), 1, function)


def _bowl(theta):
    """A log-likelihood with its top at CENTRE."""
    gap = CENTRE - theta
    return 0.5 * float(gap @ gap), gap, lambda: np.eye(2)


def test_which_are_linear():
    assert _circle().linear.tolist() == [False, True]
    assert all_linear(_circle(), [1])
    assert not all_linear(_circle(), [0, 1])


def test_an_affine_space():
    plane = Constraints(3, ("sum",), 1, lambda t: t.sum(axis=1, keepdims=True) - 3.0)
    base, null = affine(plane, np.array([0]))
    np.testing.assert_allclose(base.sum(), 3.0)
    assert null.shape == (3, 2)
    np.testing.assert_allclose(null.sum(axis=0), 0.0, atol=1e-12)
    assert open_directions(np.zeros((0, 3))).shape == (3, 3)


def test_the_nearest_point_of_a_circle():
    theta, reached, _ = newton_kkt(_circle(), np.array([0]), np.array([1.0, 0.2]), _bowl, 100)
    assert reached
    np.testing.assert_allclose(theta, CENTRE / np.linalg.norm(CENTRE), atol=1e-6)


def test_an_inequality_that_binds_and_one_that_does_not():
    def solve(active, theta):
        theta, _, _ = newton_kkt(_circle(), active, theta, _bowl, 100)
        return theta, CENTRE - theta

    theta, active = active_set(_circle(), np.array([0.4, 0.9]), solve)
    assert active.tolist() == [0, 1]
    np.testing.assert_allclose(theta, [0.5, np.sqrt(0.75)], atol=1e-6)


def test_a_table_without_constraints_has_none():
    assert constraints_of(build_partable(Model.from_text("f =~ a + b + c"))) is None


@pytest.mark.parametrize(
    ("line", "gap"),
    [("u == 2*v", lambda f: f["u"] - 2 * f["v"]), ("u*v == 1", lambda f: f["u"] * f["v"] - 1)],
)
def test_equalities_hold_at_the_estimate(answers_of, line, gap):
    text = f"f =~ inf1 + u*inf2 + v*inf3\ng =~ tru1 + tru2 + tru3\n{line}"
    fit = ts.fit(text, answers_of())
    assert fit.converged
    assert gap(fit.params) == pytest.approx(0.0, abs=1e-7)
    free = ts.fit("f =~ inf1 + u*inf2 + v*inf3\ng =~ tru1 + tru2 + tru3", answers_of())
    assert fit.df == free.df + 1
    assert fit.test.chisq >= free.test.chisq


def test_an_inequality_binds_only_where_it_must(answers_of):
    text = "f =~ inf1 + u*inf2 + v*inf3\ng =~ tru1 + tru2 + tru3"
    free = ts.fit(text, answers_of())
    loose = ts.fit(f"{text}\nu > {free.params['u'] - 0.2:.4f}", answers_of())
    np.testing.assert_allclose(loose.params, free.params, rtol=1e-6)
    tight = ts.fit(f"{text}\nu > {free.params['u'] + 0.2:.4f}", answers_of())
    assert tight.params["u"] == pytest.approx(round(free.params["u"] + 0.2, 4))
    assert tight.df == free.df
    assert "at_bound" in {problem.code for problem in tight.problems}


@pytest.mark.parametrize("lines", ["u == 1\nu == 2", "u > 1\nu < 0.5", "sqrt(u) == -1"])
def test_constraints_that_contradict_are_an_error(answers_of, lines):
    text = f"f =~ inf1 + u*inf2 + v*inf3\ng =~ tru1 + tru2 + tru3\n{lines}"
    fit = ts.fit(text, answers_of())
    (problem,) = [p for p in fit.problems if p.code == "constraint_not_met"]
    assert not fit.converged
    with pytest.raises(ConvergenceError):
        ts.bootstrap(fit)
    assert lines.splitlines()[0] in problem.where
    assert not fit.admissible


@pytest.mark.parametrize("line", ["u == 1", "u == v\nv == 1", "u > 3"])
def test_what_a_constraint_determines_has_no_error_and_needs_none(answers_of, line):
    text = f"f =~ inf1 + u*inf2 + v*inf3\ng =~ tru1 + tru2 + tru3\n{line}"
    fit = ts.fit(text, answers_of())
    assert fit.bse["u"] == 0.0
    assert np.isnan(fit.pvalues["u"])
    assert fit.admissible


def test_a_bound_is_named_as_the_model_writes_it(answers_of):
    fit = ts.fit("f =~ inf1 + lower(3)*inf2 + upper(0.1)*v*inf3", answers_of())
    (problem,) = [p for p in fit.problems if p.code == "at_bound"]
    assert problem.where == "f=~inf2 > 3, v < 0.1"
    answers = answers_of().assign(city=lambda d: np.where(np.arange(len(d)) % 2, "A", "B"))
    fit = ts.fit("f =~ inf1 + lower(3)*inf2 + inf3", answers, group="city")
    (problem,) = [p for p in fit.problems if p.code == "at_bound"]
    assert problem.where == "f=~inf2 (B) > 3, f=~inf2 (A) > 3"


def test_other_estimators_do_not_pass_contradictions_either(answers_of):
    text = "f =~ inf1 + u*inf2 + inf3 + tru1\nu == 1\nu == 2"
    assert not ts.fit(text, answers_of(), estimator="GLS").converged
