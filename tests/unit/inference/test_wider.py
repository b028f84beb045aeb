from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.candidates import candidates
from truststats.inference.wider import added, apart, targets_of, unfolded, weighted_score

TEXT = "info =~ inf1 + a*inf2 + a*inf3\ntrust =~ tru1 + tru2 + tru3\ninf1 | t1 + -0.1*t2"


@pytest.fixture(scope="module")
def items(answers_of):
    data = answers_of().filter(regex="^(inf|tru)")
    return data.rank(pct=True).mul(4).apply(lambda column: column.clip(0.5, 3.5).round())


@pytest.fixture(scope="module")
def fit(items):
    return ts.fit(TEXT, items, ordered=True)


def _discrepancy(targets, theta):
    gaps = [(target, target.look(theta)[0]) for target in targets]
    return sum(target.share * float(gap**2 @ target.weight) for target, gap in gaps)


def _slopes(targets, theta):
    steps = 1e-6 * np.eye(len(theta))
    ups = [_discrepancy(targets, theta + step) for step in steps]
    return (np.array(ups) - [_discrepancy(targets, theta - step) for step in steps]) / 2e-6


def test_added_parameters_move_the_discrepancy_as_the_gradient_says(fit):
    wanted = candidates(fit.partable)
    assert {c.op for c in wanted} == {"=~", "~~", "~1", "|", "~*~"}
    estimate = fit.estimate
    theta = np.concatenate([estimate.theta, [c.value for c in wanted]])
    targets = added(targets_of(estimate, "DWLS"), wanted, len(estimate.theta))
    got = weighted_score(estimate, targets, theta)
    np.testing.assert_allclose(-2.0 * got.score, _slopes(targets, theta), atol=1e-6)
    np.testing.assert_allclose(got.score[: len(estimate.theta)], 0.0, atol=1e-6)
    assert got.meat is None


def test_every_row_apart(fit):
    table, estimate = fit.partable, fit.estimate
    rows = [k for k, u in enumerate(table.unique) if u >= 0]
    theta = estimate.theta[[table.unique[k] for k in rows]]
    targets = apart(table, targets_of(estimate, "DWLS"), rows)
    got = weighted_score(estimate, targets, theta, meat=True)
    np.testing.assert_allclose(-2.0 * got.score, _slopes(targets, theta), atol=1e-6)
    tied = [spot for spot, k in enumerate(rows) if table.label[k] == "a"]
    assert np.isclose(got.score[tied].sum(), 0.0, atol=1e-6)
    assert np.abs(got.score[tied]).min() > 1e-4
    assert np.linalg.eigvalsh(got.meat)[0] > -1e-10
    assert unfolded(table, estimate.layout, 1, rows).q == len(rows)


def test_groups_keep_their_scaling_factors(items):
    data = items.assign(half=np.where(np.arange(len(items)) % 2, "one", "two"))
    fit = ts.fit(
        "info =~ inf1 + inf2 + inf3", data, ordered=True, group="half", std_lv=True,
        group_equal=["thresholds", "loadings"],
    )  # fmt: skip
    table, estimate = fit.partable, fit.estimate
    rows = [k for k, u in enumerate(table.unique) if u >= 0]
    theta = estimate.theta[[table.unique[k] for k in rows]]
    targets = apart(table, targets_of(estimate, "DWLS"), rows)
    got = weighted_score(estimate, targets, theta)
    np.testing.assert_allclose(-2.0 * got.score, _slopes(targets, theta), atol=1e-6)
    assert {table.op[k] for k in rows} >= {"|", "~*~", "=~"}


@pytest.mark.parametrize("kind", ["GLS", "WLS"])
def test_least_squares_of_continuous_answers_stands_still_at_its_estimate(answers_of, kind):
    text = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3"
    fit = ts.fit(text, answers_of(), estimator=kind, meanstructure=True)
    got = weighted_score(
        fit.estimate, targets_of(fit.estimate, kind), fit.estimate.theta, meat=True
    )
    np.testing.assert_allclose(got.score, 0.0, atol=1e-6)
    if kind == "WLS":
        np.testing.assert_allclose(got.meat, got.info, rtol=1e-6, atol=1e-8)
