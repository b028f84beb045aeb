"""The small functions under a fit's tables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

import truststats as ts
from truststats.results.frames import free_names, limits, pvalue, row_function, standard_errors


def test_standard_errors():
    got = standard_errors(np.diag([4.0, 0.0, -1.0]))
    np.testing.assert_array_equal(got[:2], [2.0, 0.0])
    assert np.isnan(got[2])


def test_pvalues_are_two_sided():
    np.testing.assert_allclose(pvalue(np.array([-1.96, 0.0, 1.96])), [0.05, 1.0, 0.05], atol=1e-4)
    assert np.isnan(pvalue(np.nan))
    assert pvalue(-20.0) > 0  # the far tail is not rounded away


def test_limits():
    low, high = limits(1.0, 2.0, 0.90)
    assert low == pytest.approx(1 - 2 * norm.ppf(0.95))
    assert high == pytest.approx(1 + 2 * norm.ppf(0.95))


def test_names_of_free_parameters(models, answers_of):
    table = ts.fit(models["equal_labels"], answers_of(), meanstructure=True).partable
    names = free_names(table)
    assert names[:5] == ["a", "a", "a", "trust=~tru3", "b"]
    assert "inf1~1" in names
    assert "inf2~~tru2" in names


@pytest.mark.parametrize("scale", ["raw", "std_lv", "std_all"])
def test_rows_as_a_function_of_theta(models, answers_of, scale):
    fit = ts.fit(models["chain"], answers_of())
    function = row_function(fit, scale)
    theta = fit.estimate.theta
    batch = function(np.stack([theta, theta * 1.1]))
    assert batch.shape == (2, len(fit.partable))
    column = {"raw": "est"}.get(scale, scale)
    np.testing.assert_allclose(batch[0], fit.tidy()[column], rtol=1e-8, atol=1e-12)
    assert function(theta[None] + 0j).dtype == complex


def test_defined_parameters_stand_in_the_order_of_the_text(answers_of):
    text = "inf1 ~ a*x1\ntru1 ~ b*inf1\nsum := prod + a\nprod := a*b\nroot := sqrt(a^2)"
    fit = ts.fit(text, answers_of())
    frame = fit.tidy().query("op == ':='")
    assert list(frame["lhs"]) == ["sum", "prod", "root"]
    a, b = fit.params["a"], fit.params["b"]
    np.testing.assert_allclose(frame["est"], [a * b + a, a * b, abs(a)])
    assert frame.set_index("lhs").loc["root", "se"] == pytest.approx(fit.bse["a"])


def test_covariates_moments_are_shown_without_standard_errors(models, answers_of):
    data = answers_of()
    frame = ts.fit(models["observed"], data).tidy().set_index(["lhs", "op", "rhs"])
    row = frame.loc[("x1", "~~", "x2")]
    assert row["est"] == pytest.approx(data[["x1", "x2"]].cov(ddof=0).iloc[0, 1])
    assert row["se"] == 0.0
    assert np.isnan(row["pvalue"])


def test_a_standardised_value_that_does_not_exist_has_no_standard_error(answers_of):
    model = """
        info =~ inf1 + inf2 + inf3 + tru1
        inf2 ~~ -0.1*inf2
        inf2 ~~ inf3
    """
    table = ts.fit(model, answers_of()).standardized().set_index(["lhs", "op", "rhs"])
    row = table.loc[("inf2", "~~", "inf3")]
    assert row[["est_std", "se", "z", "pvalue", "ci_lower", "ci_upper"]].isna().all()
