"""The independence model as an estimate of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import truststats as ts
from truststats.estimation.weighted import estimate_weighted, less_one
from truststats.inference.independence import independence


@pytest.fixture
def complete(answers_of):
    return answers_of(300).assign(manager=lambda d: (np.arange(len(d)) % 2).astype(float))


@pytest.mark.parametrize("fixed", [True, False])
def test_it_is_the_model_of_uncorrelated_variables(complete, fixed):
    fit = ts.fit("inf1 ~ inf2 + inf3\ntru1 ~ inf1", complete, fixed_x=fixed, meanstructure=True)
    names = list(fit.partable.ov)
    x = np.array([names.index(name) for name in ("inf2", "inf3")])
    alone = independence(fit.estimate, x, fit.baseline.chisq)
    sigma = alone.state.sigma[0]
    sample = fit.estimate.sample.cov
    assert np.diag(sigma) == pytest.approx(np.diag(sample))
    assert sigma[x[0], x[1]] == pytest.approx(sample[x[0], x[1]])
    y = names.index("inf1")
    assert sigma[y, x[0]] == 0
    assert alone.df == fit.baseline.df
    assert alone.state.mu[0] == pytest.approx(fit.estimate.sample.mean)


def test_uls_keeps_the_variances(complete):
    fit = ts.fit("f =~ inf1 + inf2 + inf3 + tru1", complete)
    none = np.zeros(0, dtype=np.intp)
    alone = independence(fit.estimate, none, 0.0)
    samples = tuple(less_one(sample) for sample in alone.samples)
    found = estimate_weighted(replace(alone, samples=samples), "ULS")
    cov = samples[0].cov
    off = cov[np.tril_indices(4, -1)]
    assert found.chisq == pytest.approx((found.n - 1) * (off**2).sum())
