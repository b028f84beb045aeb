from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.standardize import delta_covariance, jacobian


@pytest.fixture(scope="module")
def data(answers_of):
    return answers_of()


def _std(fit):
    frame = fit.tidy()
    return frame[frame["op"] != "~1"].set_index(["lhs", "op", "rhs"])


def test_jacobian_of_a_known_function():
    def function(theta):
        return np.stack([theta[:, 0] * theta[:, 1], np.exp(theta[:, 1])], axis=1)

    got = jacobian(function, np.array([2.0, 3.0]))
    np.testing.assert_allclose(got, [[3.0, 2.0], [0.0, np.exp(3.0)]], rtol=1e-14)


def test_delta_method_of_a_product_is_sobels():
    vcov = np.diag([0.04, 0.09])
    got = delta_covariance(lambda t: t[:, :1] * t[:, 1:], np.array([0.5, 0.4]), vcov)
    assert got[0, 0] == pytest.approx(0.4**2 * 0.04 + 0.5**2 * 0.09)


def test_delta_method_without_parameters():
    got = delta_covariance(lambda t: np.ones((len(t), 2)), np.zeros(0), np.zeros((0, 0)))
    np.testing.assert_array_equal(got, np.zeros((2, 2)))


def test_standardising_by_the_definition(models, data):
    fit = ts.fit(models["chain"], data)
    frame = _std(fit)
    sd = dict(zip(fit.partable.ov, np.sqrt(np.diag(fit.implied()["sigma"])), strict=True))
    layout, state = fit.estimate.layout, fit.estimate.state
    sd |= {layout.nodes[k]: np.sqrt(state.e[0, k, k]) for k in range(layout.p, layout.m)}
    for (lhs, op, rhs), row in frame.iterrows():
        cause, effect = (lhs, rhs) if op == "=~" else (rhs, lhs)
        if op != "~~":
            assert row["std_all"] == pytest.approx(row["est"] * sd[cause] / sd[effect])
        elif lhs == rhs:
            assert row["std_all"] == pytest.approx(row["est"] / sd[lhs] ** 2)


def test_a_residual_covariance_becomes_a_residual_correlation(models, data):
    frame = _std(ts.fit(models["two_factors"], data))
    row = frame.loc[("inf1", "~~", "tru1")]
    residuals = [frame.loc[(name, "~~", name), "est"] for name in ("inf1", "tru1")]
    assert row["std_all"] == pytest.approx(row["est"] / np.sqrt(np.prod(residuals)))


def test_standardising_the_latent_ones_only(models, data):
    fit = ts.fit(models["chain"], data)
    frame = _std(fit)
    layout, state = fit.estimate.layout, fit.estimate.state
    sd = np.sqrt(state.e[0, layout.nodes.index("info"), layout.nodes.index("info")])
    row = frame.loc[("info", "=~", "inf2")]
    assert row["std_lv"] == pytest.approx(row["est"] * sd)
    assert frame.loc[("inf2", "~~", "inf2"), "std_lv"] == pytest.approx(
        frame.loc[("inf2", "~~", "inf2"), "est"]
    )


def test_the_standardised_solution_of_standardised_answers_is_itself(models, data):
    items = [c for c in data if c not in ("unit",)]
    scored = data.copy()
    scored[items] = (data[items] - data[items].mean()) / data[items].std(ddof=0)
    one, two = _std(ts.fit(models["chain"], data)), _std(ts.fit(models["chain"], scored))
    np.testing.assert_allclose(one["std_all"], two["std_all"], rtol=1e-5, atol=1e-6)
    path = two.loc[("info", "=~", "inf2")]
    assert path["std_lv"] == pytest.approx(path["std_all"], rel=1e-5)


@pytest.mark.parametrize("name", ["chain", "second_order", "mimic", "loop"])
def test_units_of_measurement_do_not_matter(models, data, name):
    moved = data.assign(inf2=1000 * data["inf2"] - 4, x1=0.01 * data["x1"], tru1=5 * data["tru1"])
    one = ts.fit(models[name], data).standardized()
    two = ts.fit(models[name], moved).standardized()
    np.testing.assert_allclose(one["est_std"], two["est_std"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(one["se"], two["se"], rtol=1e-4, atol=1e-6)


def test_the_way_of_scaling_a_factor_does_not_matter(models, data):
    marker = _std(ts.fit(models["chain"], data))
    unit = _std(ts.fit(models["chain"], data, std_lv=True))
    np.testing.assert_allclose(marker["std_all"], unit["std_all"].loc[marker.index], atol=1e-5)


def test_standard_errors_of_a_correlation(data):
    # For normal data the standard error of r is (1 - r^2) / sqrt(n).
    frame = ts.fit("inf1 ~~ tru1", data).standardized().set_index(["lhs", "op", "rhs"])
    row = frame.loc[("inf1", "~~", "tru1")]
    r = np.corrcoef(data["inf1"], data["tru1"])[0, 1]
    assert row["est_std"] == pytest.approx(r)
    assert row["se"] == pytest.approx((1 - r**2) / np.sqrt(len(data)), rel=1e-5)
    fixed = frame.loc[("inf1", "~~", "inf1")]
    assert fixed["est_std"] == pytest.approx(1.0)
    assert fixed["se"] == 0.0
    assert np.isnan(fixed["z"])


def test_intercepts_by_the_standard_deviation(data):
    frame = ts.fit("inf1 ~~ inf1", data, meanstructure=True).tidy().set_index("op")
    want = data["inf1"].mean() / data["inf1"].std(ddof=0)
    assert frame.loc["~1", "std_all"] == pytest.approx(want)
    assert frame.loc["~1", "std_lv"] == pytest.approx(data["inf1"].mean())
