from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import layout_from_partable
from truststats.estimation.start import scattered_starting_values, starting_values
from truststats.model import Model, build_partable


def _start(text, frame, *, user=None, **options):
    table = build_partable(Model.from_text(text), **options)
    layout = layout_from_partable(table)
    rows = frame[list(table.ov)].to_numpy()
    at = {name: k for k, name in enumerate(layout.nodes)}
    loads = [
        (at[lhs], at[rhs])
        for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True)
        if op == "=~"
    ]
    given = np.full(layout.q, np.nan) if user is None else user
    mean = rows.mean(axis=0) if layout.has_means else None
    return layout, starting_values(layout, loads, given, np.cov(rows.T, ddof=0), mean)


@pytest.mark.parametrize("means", [False, True])
@pytest.mark.parametrize("name", ["two_factors", "chain", "equal_labels", "second_order", "mixed"])
def test_starts_are_finite_and_possible(models, answers_of, name, means):
    layout, theta = _start(models[name], answers_of(), meanstructure=means)
    assert np.isfinite(theta).all()
    assert np.linalg.eigvalsh(evaluate(layout, theta[None]).sigma[0])[0] > 0


def test_unit_variance_instead_of_a_marker(models, answers_of):
    layout, theta = _start(models["chain"], answers_of(), std_lv=True)
    assert np.isfinite(theta).all()
    assert np.linalg.eigvalsh(evaluate(layout, theta[None]).sigma[0])[0] > 0
    assert (theta[layout.paths] > 0).all()


def test_a_reversed_item_starts_negative(answers_of):
    frame = answers_of()
    frame["inf2"] = -frame["inf2"]
    layout, theta = _start("f =~ inf1 + inf2 + inf3", frame)
    loading = dict(zip(layout.row[layout.paths].tolist(), theta[layout.par[layout.paths]],
                       strict=True))  # fmt: skip
    assert loading[1] < 0 < loading[2]


def test_a_reversed_marker(answers_of):
    frame = answers_of()
    frame["inf1"] = -frame["inf1"]
    layout, theta = _start("f =~ inf1 + inf2 + inf3", frame)
    assert (theta[layout.par[layout.paths]] < 0).all()


def test_the_users_starts_are_kept(answers_of):
    user = np.full(6, np.nan)
    user[[0, 5]] = 0.123, 4.5
    _, theta = _start("f =~ inf1 + inf2 + inf3", answers_of(), user=user)
    assert (theta[0], theta[5]) == (0.123, 4.5)


def test_intercepts_start_at_the_means(answers_of):
    frame = answers_of()
    layout, theta = _start("f =~ inf1 + inf2 + inf3", frame, meanstructure=True)
    got = theta[layout.par[layout.intercepts]]
    np.testing.assert_allclose(got, frame[["inf1", "inf2", "inf3"]].mean())


def test_two_indicators(answers_of):
    _, theta = _start("f =~ inf1 + inf2\ng =~ tru1 + tru2", answers_of())
    assert np.isfinite(theta).all()


def test_a_single_indicator(answers_of):
    layout, theta = _start("f =~ inf1\ng =~ tru1 + tru2 + tru3\ng ~ f", answers_of())
    assert np.isfinite(theta).all()
    assert np.linalg.eigvalsh(evaluate(layout, theta[None]).sigma[0])[0] > 0


def test_scale_of_the_items_does_not_matter(models, answers_of):
    frame = answers_of()
    items = [name for name in frame if name[:3] in ("inf", "tru", "res")]
    layout, theta = _start(models["chain"], frame.assign(**{n: 1000 * frame[n] for n in items}))
    assert np.linalg.eigvalsh(evaluate(layout, theta[None]).sigma[0])[0] > 0


def test_scattered_starts_are_the_same_every_time(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    layout, theta = fit.estimate.layout, fit.estimate.theta
    user = np.full(layout.q, np.nan)
    user[0] = 0.7
    first = scattered_starting_values((layout,), theta, user, 5)
    assert first.shape == (5, layout.q)
    assert (first[:, 0] == 0.7).all()
    np.testing.assert_array_equal(first, scattered_starting_values((layout,), theta, user, 5))
    variances = np.isin(np.arange(layout.q), layout.par[layout.row == layout.col])
    np.testing.assert_array_equal(first[:, variances], np.tile(theta[variances], (5, 1)))


def test_a_factor_inherits_its_mean_along_the_paths(answers_of):
    plain = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"
    latent = plain + "\ninf1 ~ 0*1\ninfo ~ 1"
    frame = answers_of()[["inf1", "inf2", "inf3", "tru1", "tru2", "tru3"]] + 40.0
    same = ts.fit(plain, frame, meanstructure=True)
    other = ts.fit(latent, frame)
    assert other.converged
    assert other.chisq == pytest.approx(same.chisq, abs=1e-6)
