"""Rows, moments and refusals of fits of ordinal items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    y = 0.8 * RNG.standard_normal((500, 1)) + 0.6 * RNG.standard_normal((500, 4))
    out = pd.DataFrame(np.digitize(y, [-0.7, 0.2, 1.1]), columns=list("abcd"))
    return out.assign(g=np.repeat(["one", "two"], 250))


@pytest.fixture(scope="module")
def fit(data):
    return ts.fit("f =~ a + b + c + d", data, ordered=True)


def test_thresholds_and_correlations_have_names(fit):
    implied, sample = fit.implied(), fit.sample_moments()
    assert list(implied["thresholds"].index[:4]) == ["a|t1", "a|t2", "a|t3", "b|t1"]
    np.testing.assert_allclose(implied["thresholds"], sample["thresholds"], atol=1e-9)
    np.testing.assert_allclose(np.diag(implied["sigma"]), 1.0)
    gap = sample["cov"] - implied["sigma"]
    np.testing.assert_allclose(fit.residuals("cor"), gap, atol=1e-12)
    with pytest.raises(NotSupportedError, match="thresholds, not means"):
        fit.residuals(means=True)


@pytest.mark.parametrize("equal", [(), ("thresholds", "loadings")])
def test_both_parameterisations_say_the_same(data, equal):
    both = [
        ts.fit(
            "f =~ a + b + c + d", data, ordered=True, parameterization=kind, group="g",
            group_equal=equal,
        )
        for kind in ("delta", "theta")
    ]  # fmt: skip
    one, two = (fit.standardized() for fit in both)
    np.testing.assert_allclose(one["est_std"], two["est_std"], atol=1e-6)
    np.testing.assert_allclose(one["se"], two["se"], atol=1e-6)
    assert both[0].chisq == pytest.approx(both[1].chisq, rel=1e-6)
    side = both[0].group("two")
    assert "~*~" in set(side.tidy()["op"])


def test_what_is_computed_has_no_standard_error(fit):
    rows = fit.tidy().set_index(["lhs", "op"])
    assert rows.loc[("a", "~~"), "se"].item() == 0.0
    explained = fit.r_square["a"]
    assert rows.loc[("a", "~~"), "est"].item() == pytest.approx(1.0 - explained)


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit: fit.score_quality(),
        lambda fit: fit.reliability(ci="percentile"),
    ],
)
def test_what_is_not_verified_is_refused(fit, ask):
    with pytest.raises(NotSupportedError) as caught:
        ask(fit)
    assert caught.value.fix


def test_no_warning_that_items_were_taken_for_continuous(fit):
    assert "ordinal_as_continuous" not in {problem.code for problem in fit.problems}
    assert "Scaling factor" not in repr(fit.summary())
