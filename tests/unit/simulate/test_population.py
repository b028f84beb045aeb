import numpy as np
import pytest
from scipy.special import ndtr

from truststats.simulate import ItemSpec, load_population


@pytest.fixture(scope="module")
def tbm():
    return load_population("tbm")


def test_every_latent_has_variance_one(tbm):
    np.testing.assert_allclose(np.diag(tbm.latent_cov), 1)


def test_the_total_covariance_follows_from_the_paths(tbm):
    names = tbm.latents
    k = len(tbm.exogenous)
    b = np.zeros((len(names), len(names)))
    for outcome, causes in tbm.paths.items():
        for cause, path in causes.items():
            b[names.index(outcome), names.index(cause)] = path
    psi = np.diag([1.0] * k + list(tbm.residual_variances.values()))
    psi[:k, :k] = tbm.exogenous_cor
    a = np.linalg.inv(np.eye(len(names)) - b)
    np.testing.assert_allclose(a @ psi @ a.T, tbm.latent_cov, atol=1e-12)


def test_between_unit_shares_are_the_diagonal_between_units(tbm):
    shares = [tbm.between[name] for name in tbm.latents]
    np.testing.assert_allclose(np.diag(tbm.between_cov), shares)


def test_both_levels_are_positive_definite(tbm):
    assert np.linalg.eigvalsh(tbm.between_cov).min() > 0
    assert np.linalg.eigvalsh(tbm.latent_cov - tbm.between_cov).min() > 0


def test_anchors_stay_where_publications_put_them(tbm):
    cor = {
        (a, b): tbm.latent_cov[tbm.latents.index(a), tbm.latents.index(b)]
        for a in tbm.latents
        for b in tbm.latents
    }
    assert 0.60 < cor["trust_based_leadership", "vertical_trust"] < 0.75
    assert 0.45 < cor["vertical_trust", "job_satisfaction"] < 0.65
    assert -0.45 < cor["vertical_trust", "turnover_intention"] < -0.30


def test_thresholds_give_back_the_percents():
    item = ItemSpec("x", "y", "", 0.7, (5, 10, 20, 40, 25))
    np.testing.assert_allclose(ndtr(item.thresholds), [0.05, 0.15, 0.35, 0.75])
