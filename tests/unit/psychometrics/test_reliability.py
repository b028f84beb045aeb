from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.reliability import alpha, omega


def _row(frame, construct, coefficient):
    at = (frame["construct"] == construct) & (frame["coefficient"] == coefficient)
    assert at.sum() == 1
    return frame[at].iloc[0]


def _from_cov(text, names, cov, **options):
    frame = pd.DataFrame(cov, index=names, columns=names)
    return ts.fit(text, sample_cov=frame, sample_nobs=500, **options)


def test_alpha_by_hand():
    cov = np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]])
    assert alpha(cov) == pytest.approx(1.5 * (1 - 6 / 12))


def test_alpha_of_parallel_items_is_spearman_brown():
    r, k = 0.4, 5
    cov = np.full((k, k), r) + (1 - r) * np.eye(k)
    assert alpha(cov) == pytest.approx(k * r / (1 + (k - 1) * r))


def test_alpha_of_one_item_is_unknown():
    assert math.isnan(alpha(np.ones((1, 1))))
    assert math.isnan(alpha(np.array([[1.0, -1.0], [-1.0, 1.0]])))


def test_omega_by_hand():
    got = omega(np.array([0.8, 0.7, 0.6]), 1.0, np.diag([0.36, 0.51, 0.64]))
    assert got == pytest.approx(2.1**2 / (2.1**2 + 1.51))


def test_omega_counts_residual_covariances():
    residual = np.array([[0.36, 0.1], [0.1, 0.51]])
    assert omega(np.array([0.8, 0.7]), 1.0, residual) == pytest.approx(2.25 / (2.25 + 1.07))


def test_the_two_agree_for_equal_loadings():
    cov = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    fit = _from_cov("f =~ a + b + c + d", list("abcd"), cov)
    frame = fit.reliability()
    assert _row(frame, "f", "omega")["value"] == pytest.approx(alpha(cov), rel=1e-6)
    assert _row(frame, "f", "alpha")["value"] == pytest.approx(alpha(cov))


def test_a_fit(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    frame = ts.reliability(fit)
    assert list(frame) == ["construct", "label", "coefficient", "formula", "value", "n_items"]
    assert list(frame["construct"].unique()) == ["info", "trust", "results"]
    assert (frame["n_items"] == 3).all()
    items = ["tru1", "tru2", "tru3"]
    cov = answers_of()[items].cov().to_numpy()
    assert _row(frame, "trust", "alpha")["value"] == pytest.approx(alpha(cov))
    t = fit.tidy().set_index(["lhs", "op", "rhs"])["est"]
    layout, state = fit.estimate.layout, fit.estimate.state
    at = layout.nodes.index("trust")
    loadings = np.array([t[("trust", "=~", item)] for item in items])
    residual = np.diag([t[(item, "~~", item)] for item in items])
    want = omega(loadings, state.e[0, at, at], residual)
    assert _row(frame, "trust", "omega")["value"] == pytest.approx(want)


def test_residual_covariances_belong_to_the_error():
    cov = np.full((4, 4), 0.4) + 0.6 * np.eye(4)
    cov[0, 1] = cov[1, 0] = 0.6
    fit = _from_cov("f =~ a + b + c + d\na ~~ b", list("abcd"), cov)
    got = _row(fit.reliability(), "f", "omega")["value"]
    assert got == pytest.approx(0.4 * 16 / (0.4 * 16 + 4 * 0.6 + 2 * 0.2), rel=1e-6)


def test_second_order_factor(models, answers_of):
    fit = ts.fit(models["second_order"], answers_of())
    row = _row(fit.reliability(), "climate", "omega")
    assert row["n_items"] == 9
    assert "second-order" in row["formula"]
    t = fit.tidy().set_index(["lhs", "op", "rhs"])["est"]
    share = sum(
        t[("climate", "=~", factor)] * t[(factor, "=~", f"{factor[:3]}{k}")]
        for factor in ("info", "trust", "results")
        for k in (1, 2, 3)
    )
    total = fit.implied()["sigma"].to_numpy().sum()
    assert row["value"] == pytest.approx(share**2 * t[("climate", "~~", "climate")] / total)


def test_a_second_order_factor_of_shared_items_has_no_omega(models, answers_of):
    fit = ts.fit(models["second_order"] + "\ninfo =~ tru1", answers_of())
    assert math.isnan(_row(fit.reliability(), "climate", "omega")["value"])
    assert _row(fit.reliability(), "results", "omega")["value"] > 0


def test_items_of_two_factors_have_no_omega(answers_of):
    fit = ts.fit("info =~ inf1 + inf2 + inf3 + tru1\ntrust =~ tru1 + tru2 + tru3", answers_of())
    frame = fit.reliability()
    assert math.isnan(_row(frame, "info", "omega")["value"])
    assert math.isnan(_row(frame, "trust", "omega")["value"])
    assert _row(frame, "trust", "alpha")["value"] > 0


def test_a_single_item_has_no_row(answers_of):
    fit = ts.fit("info =~ inf1\ntrust =~ tru1 + tru2 + tru3", answers_of())
    assert set(fit.reliability()["construct"]) == {"trust"}


def test_an_observed_model_has_no_factors(models, answers_of):
    frame = ts.fit(models["observed"], answers_of()).reliability()
    assert frame.empty
    assert list(frame) == ["construct", "label", "coefficient", "formula", "value", "n_items"]


def test_labels_come_from_the_model(models, answers_of):
    model = ts.Model.from_text(models["chain"], labels={"trust": {"en": "Trust", "nb": "Tillit"}})
    frame = ts.fit(model, answers_of()).reliability()
    assert _row(frame, "trust", "omega")["label"] == "Trust"
    assert _row(frame, "info", "omega")["label"] == "info"


def test_alpha_uses_the_em_covariances_where_answers_are_missing(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(holes=0.1), missing="ml")
    cov = fit.sample_moments()["cov"].loc[["inf1", "inf2", "inf3"], ["inf1", "inf2", "inf3"]]
    assert _row(fit.reliability(), "info", "alpha")["value"] == pytest.approx(alpha(cov.to_numpy()))


def test_a_factor_measured_by_items_and_factors_has_no_omega(answers_of):
    text = """
        f1 =~ inf1 + inf2 + inf3
        f2 =~ tru1 + tru2 + tru3
        g =~ f1 + f2 + res1
    """
    table = ts.reliability(ts.fit(text, answers_of())).set_index(["construct", "coefficient"])
    assert table.loc[("g", "omega"), "n_items"] == 7
    assert np.isnan(table.loc[("g", "omega"), "value"])
