from __future__ import annotations

import numpy as np

from truststats.estimation.auxiliary import baseline_with_correlates, with_correlates
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import layouts_from_partable
from truststats.model import Model, build_partable

MODEL = "f =~ y1 + y2 + y3\ng =~ y4\ny5 ~ f + g"


def layouts(n_groups=1):
    labels = ("a", "b")[:n_groups] if n_groups > 1 else ()
    table = build_partable(
        Model.from_text(MODEL),
        meanstructure=True,
        fixed_x=False,
        n_groups=n_groups,
        group_labels=labels,
    )
    return layouts_from_partable(table)


def test_the_model_stays_and_the_correlates_reproduce_their_moments():
    (own,) = layouts()
    (wide,) = with_correlates((own,), ["z1", "z2"])
    assert wide.nodes == (*own.nodes[:5], "z1", "z2", "f", "g")
    assert wide.q == own.q + 3 + 2 + 2 * 5
    theta = np.linspace(0.1, 0.9, own.q)
    extra = np.r_[2.0, 0.3, 2.0, np.linspace(-0.2, 0.2, 10), 1.5, 2.5]
    small, large = evaluate(own, theta[None]), evaluate(wide, np.r_[theta, extra][None])
    np.testing.assert_allclose(large.sigma[0][:5, :5], small.sigma[0], atol=1e-12)
    np.testing.assert_allclose(large.mu[0], np.r_[small.mu[0], 1.5, 2.5])
    np.testing.assert_allclose(large.sigma[0][5:, 5:], [[2.0, 0.3], [0.3, 2.0]])


def test_an_item_without_residual_is_reached_through_its_factor():
    (wide,) = with_correlates(layouts(), ["z"])
    at = wide.nodes.index("g")
    partners = wide.col[(wide.row == 5) & (wide.kind == 1)]
    assert at in partners
    assert 3 not in partners


def test_groups_share_the_model_but_not_the_correlates():
    first, second = with_correlates(layouts(2), ["z"])
    assert first.q == second.q
    assert not set(first.par[-7:]) & set(second.par[-7:])


def test_the_baseline_correlates_only_what_is_auxiliary():
    first, second = baseline_with_correlates(["a", "b", "c"], ["z"], 2)
    assert first.q == second.q == 2 * (4 + 3 + 4)
    off = (first.kind == 1) & (first.row != first.col)
    assert (first.row[off] == 3).all()
