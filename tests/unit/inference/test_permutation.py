"""Shuffled groups: moments, fits and p-values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.estimation.sample import sample_from_rows
from truststats.inference.permutation import (
    measured,
    observed_moments,
    permuted_moments,
    pvalues,
    under_permutation,
)

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


@pytest.fixture(scope="module")
def fit(groups_apart: pd.DataFrame) -> ts.Fit:
    return ts.fit(MODEL, groups_apart, group="g", std_lv=True, group_equal="loadings")


def test_nobody_shuffled_is_the_fit_itself(fit: ts.Fit) -> None:
    got = measured(fit.estimate, observed_moments(fit.estimate.samples))
    m = fit.fit_measures
    assert got.good.all()
    np.testing.assert_allclose(
        got.values[0], [m["chisq"], 1 - m["cfi"], m["rmsea"], m["srmr"]], rtol=1e-6, atol=1e-9
    )


def test_a_draw_is_a_fit_to_shuffled_groups(fit: ts.Fit, groups_apart: pd.DataFrame) -> None:
    samples = fit.estimate.samples
    (drawn,) = permuted_moments(samples, 3, np.random.default_rng(4))
    got = measured(under_permutation(fit.estimate), drawn)
    units = np.repeat(np.arange(3), [s.n_rows for s in samples])
    codes = np.random.default_rng(4).permuted(np.repeat(units[None], 3, axis=0), axis=1)
    rows = np.concatenate([s.rows for s in samples])
    frame = pd.DataFrame(rows, columns=list(fit.partable.ov)).assign(g=codes[1])
    own = ts.fit(
        MODEL, frame, group="g", group_label=[0, 1, 2], std_lv=True, group_equal="loadings"
    ).fit_measures
    np.testing.assert_allclose(
        got.values[1], [own["chisq"], 1 - own["cfi"], own["rmsea"], own["srmr"]], rtol=1e-5,
        atol=1e-8,
    )  # fmt: skip


def test_clusters_change_places_as_wholes() -> None:
    rng = np.random.default_rng(1)
    samples = [
        sample_from_rows(rng.normal(size=(60, 2)), clusters=np.repeat(np.arange(n), 60 // n))
        for n in (6, 4)
    ]
    (drawn,) = permuted_moments(samples, 50, rng)
    assert (drawn.n.sum(axis=1) == 120).all()
    # six clusters of ten and four of fifteen, six of which are dealt to the first group
    assert set(np.unique(drawn.n[:, 0])) <= {60.0, 65.0, 70.0, 75.0, 80.0}
    assert len(np.unique(drawn.n[:, 0])) > 1


def test_p_values_count_what_was_observed() -> None:
    drawn = np.array([[1.0], [2.0], [3.0]])
    assert pvalues(np.array([3.0]), drawn)[0] == pytest.approx(0.5)
    assert pvalues(np.array([4.0]), drawn)[0] == pytest.approx(0.25)
