from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.discriminant import latent_correlations


def test_latent_correlations_and_their_standard_errors(models, answers_of):
    text = models["two_factors"]
    fit = ts.fit(text, answers_of())
    layout = fit.estimate.layout
    at = [layout.nodes.index(name) for name in ("info", "trust")]
    pairs, est, se = latent_correlations(fit.estimate, fit.vcov, at)
    assert pairs == [tuple(at)]
    assert est[0] == pytest.approx(fit.latent_cor().loc["info", "trust"])
    # With unit variances the correlation is a parameter with a standard error of its own.
    unit = ts.fit(text, answers_of(), std_lv=True)
    assert est[0] == pytest.approx(unit.params["info~~trust"], rel=1e-6)
    assert se[0] == pytest.approx(unit.bse["info~~trust"], rel=1e-5)


def test_all_pairs(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    layout = fit.estimate.layout
    pairs, est, se = latent_correlations(fit.estimate, fit.vcov, list(range(layout.p, layout.m)))
    assert len(pairs) == len(est) == len(se) == 3
    cor = fit.latent_cor().to_numpy()
    np.testing.assert_allclose(est, cor[np.triu_indices(3, 1)])
    assert (se > 0).all()
