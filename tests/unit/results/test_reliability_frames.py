from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError
from truststats.psychometrics.reliability import alpha, omega
from truststats.results.reliability_frames import COLUMNS, FORMULAS


def row_of(frame, construct, coefficient):
    at = (frame["construct"] == construct) & (frame["coefficient"] == coefficient)
    assert at.sum() == 1
    return frame[at].iloc[0]


def from_cov(text, names, cov, **options):
    frame = pd.DataFrame(cov, index=names, columns=names)
    return ts.fit(text, sample_cov=frame, sample_nobs=500, **options)


def test_the_two_agree_for_equal_loadings():
    cov = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    frame = from_cov("f =~ a + b + c + d", list("abcd"), cov).reliability()
    assert row_of(frame, "f", "omega")["value"] == pytest.approx(float(alpha(cov)), rel=1e-6)
    assert row_of(frame, "f", "alpha")["value"] == pytest.approx(float(alpha(cov)))


def test_a_fit(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    frame = fit.reliability()
    assert list(frame) == COLUMNS
    assert list(frame["construct"].unique()) == ["info", "trust", "results"]
    assert (frame["n_items"] == 3).all()
    assert set(frame["formula"]) <= set(FORMULAS.values())
    assert set(frame["estimator"]) == {"ML"}
    cov = answers_of()[["tru1", "tru2", "tru3"]].cov().to_numpy()
    assert row_of(frame, "trust", "alpha")["value"] == pytest.approx(float(alpha(cov)))
    t = fit.tidy().set_index(["lhs", "op", "rhs"])["est"]
    layout, state = fit.estimate.layout, fit.estimate.state
    at = layout.nodes.index("trust")
    loadings = np.array([t[("trust", "=~", item)] for item in ("tru1", "tru2", "tru3")])
    residual = np.diag([t[(item, "~~", item)] for item in ("tru1", "tru2", "tru3")])
    want = omega(loadings, state.e[0, at, at], residual)
    assert row_of(frame, "trust", "omega")["value"] == pytest.approx(want)


def test_residual_covariances_belong_to_the_error():
    cov = np.full((4, 4), 0.4) + 0.6 * np.eye(4)
    cov[0, 1] = cov[1, 0] = 0.6
    fit = from_cov("f =~ a + b + c + d\na ~~ b", list("abcd"), cov)
    got = row_of(fit.reliability(), "f", "omega")["value"]
    assert got == pytest.approx(0.4 * 16 / (0.4 * 16 + 4 * 0.6 + 2 * 0.2), rel=1e-6)


def test_second_order_factor(models, answers_of):
    fit = ts.fit(models["second_order"], answers_of())
    frame = fit.reliability()
    row = row_of(frame, "climate", "omega_hierarchical")
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
    assert row["value"] < row_of(frame, "climate", "omega")["value"]


def test_items_of_two_factors_have_no_omega(answers_of):
    fit = ts.fit("info =~ inf1 + inf2 + inf3 + tru1\ntrust =~ tru1 + tru2 + tru3", answers_of())
    frame = fit.reliability()
    for factor in ("info", "trust"):
        row = row_of(frame, factor, "omega")
        assert np.isnan(row["value"])
        assert row["problems"] == "shared_items"
    assert row_of(frame, "trust", "alpha")["value"] > 0


def test_a_second_order_factor_of_shared_items_has_no_omega(models, answers_of):
    frame = ts.fit(models["second_order"] + "\ninfo =~ tru1", answers_of()).reliability()
    assert np.isnan(row_of(frame, "climate", "omega")["value"])
    assert row_of(frame, "results", "omega")["value"] > 0


def test_a_factor_measured_by_items_and_factors_has_no_omega(answers_of):
    text = "f1 =~ inf1 + inf2 + inf3\nf2 =~ tru1 + tru2 + tru3\ng =~ f1 + f2 + res1"
    row = row_of(ts.fit(text, answers_of()).reliability(), "g", "omega")
    assert row["n_items"] == 7
    assert np.isnan(row["value"])
    assert row["problems"] == "mixed_indicators"


def test_a_single_item_has_no_row(answers_of):
    fit = ts.fit("info =~ inf1\ntrust =~ tru1 + tru2 + tru3", answers_of())
    assert set(fit.reliability()["construct"]) == {"trust"}


def test_an_observed_model_has_no_factors(models, answers_of):
    fit = ts.fit(models["observed"], answers_of())
    assert fit.reliability().empty
    assert list(fit.reliability()) == COLUMNS
    assert fit.item_statistics().empty


def test_labels_come_from_the_model(models, answers_of):
    model = ts.Model.from_text(models["chain"], labels={"trust": {"en": "Trust", "nb": "Tillit"}})
    frame = ts.fit(model, answers_of()).reliability()
    assert row_of(frame, "trust", "omega")["label"] == "Trust"
    assert row_of(frame, "info", "omega")["label"] == "info"


def test_alpha_uses_the_em_covariances_where_answers_are_missing(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(holes=0.1), missing="ml")
    items = ["inf1", "inf2", "inf3"]
    cov = fit.sample_moments()["cov"].loc[items, items].to_numpy()
    row = row_of(fit.reliability(), "info", "alpha")
    assert row["value"] == pytest.approx(float(alpha(cov)))
    assert row["missing"] == "ml"


def test_items(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    frame = fit.item_statistics().set_index("item")
    answers = answers_of()
    rest = answers[["inf2", "inf3"]].sum(axis=1)
    assert frame.loc["inf1", "item_rest"] == pytest.approx(answers["inf1"].corr(rest))
    two = answers[["inf2", "inf3"]].cov().to_numpy()
    assert frame.loc["inf1", "alpha_dropped"] == pytest.approx(float(alpha(two)))
    assert frame["omega_dropped"].between(0, 1).all()


def test_a_scale_of_two_has_nothing_without_one(answers_of):
    frame = ts.fit("a =~ 1*inf1 + 1*inf2", answers_of()).item_statistics()
    assert frame[["alpha_dropped", "omega_dropped"]].isna().all(axis=None)


def test_an_unknown_item_is_no_reversed_one(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    with pytest.raises(OptionError, match="Did you mean 'inf1'"):
        fit.reliability(reverse=["inf_1"])
    with pytest.raises(OptionError, match="ci='bca'"):
        fit.reliability(ci="bca")


def test_what_is_resampled(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(holes=0.1), missing="ml")
    with pytest.raises(NotSupportedError, match="complete rows"):
        fit.reliability(ci="percentile")
    fit = ts.fit(models["chain"], answers_of())
    one, other = (fit.reliability(ci="percentile", draws=200, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    assert one["ci_lower"].notna().all()


def test_groups_are_resampled_together(models, answers_of):
    answers = answers_of()
    answers["side"] = np.where(np.arange(len(answers)) % 2 == 0, "a", "b")
    joint = ts.fit(models["chain"], answers, group="side")
    frame = joint.reliability(ci="percentile", draws=100)
    assert list(frame["group"].unique()) == ["a", "b"]
    with pytest.raises(NotSupportedError, match="joint fit"):
        joint.group("a").reliability(ci="percentile")
