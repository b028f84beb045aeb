from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.results.effect_frames import draw_theta, structural_paths


@pytest.fixture(scope="module")
def fit(models, answers_of):
    return ts.fit(models["chain"], answers_of())


def test_structural_paths_leave_the_loadings_out(fit):
    nodes = fit.estimate.layout.nodes
    paths, keep = structural_paths(fit)
    named = [(nodes[target], nodes[source]) for target, source in paths]
    assert named == [("trust", "info"), ("results", "trust"), ("results", "info")]
    assert keep.sum() == 3
    assert all(keep[path] for path in paths)


def test_draws_come_from_the_estimated_distribution(fit):
    drawn = draw_theta(fit, 40_000, 1)
    sd = np.sqrt(np.diag(fit.vcov))
    np.testing.assert_allclose((drawn.mean(axis=0) - fit.estimate.theta) / sd, 0.0, atol=0.025)
    got = np.cov(drawn.T) / np.outer(sd, sd)
    np.testing.assert_allclose(got, fit.vcov / np.outer(sd, sd), atol=0.03)


def test_draws_repeat(fit):
    np.testing.assert_array_equal(draw_theta(fit, 5, None), draw_theta(fit, 5, None))
    np.testing.assert_array_equal(draw_theta(fit, 5, 2), draw_theta(fit, 5, 2))
    assert (draw_theta(fit, 5, 2) != draw_theta(fit, 5, 3)).any()


def test_routes_are_written_in_causal_order(answers_of):
    text = "inf1 ~ x1\ntru1 ~ inf1\nres1 ~ tru1"
    frame = ts.fit(text, answers_of()).effects()
    longest = frame[frame["via"].str.contains("->")]
    assert list(longest["via"]) == ["inf1 -> tru1"]
    assert longest.iloc[0][["lhs", "rhs"]].tolist() == ["res1", "x1"]
