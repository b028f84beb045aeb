from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import OptionError


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(8)
    lead = rng.normal(size=(500, 1))
    trust = 0.75 * lead + np.sqrt(1 - 0.75**2) * rng.normal(size=(500, 1))
    work = 0.3 * lead + 0.3 * trust + rng.normal(size=(500, 1))
    x = [f + 0.6 * rng.normal(size=(500, 3)) for f in (lead, trust, work)]
    names = [f"{stem}{k}" for stem in "ltw" for k in (1, 2, 3)]
    return pd.DataFrame(np.hstack(x), columns=names)


TEXT = "lead =~ l1 + l2 + l3\ntrust =~ t1 + t2 + t3\nwork =~ w1 + w2 + w3\nwork ~ lead + trust"


@pytest.fixture(scope="module")
def found(answers):
    return ts.fit(TEXT, answers).validity(draws=200)


def test_every_pair_has_its_numbers(found, answers):
    frame = found.frame().set_index(["lhs", "rhs"])
    assert list(frame.index) == [("lead", "trust"), ("lead", "work"), ("trust", "work")]
    assert (frame["cor_lower"] < frame["cor"]).all()
    assert (frame["htmt_lower"] < frame["htmt"]).all()
    assert found.ratio_method == "percentile"
    assert frame.loc[("lead", "trust"), "htmt"] == pytest.approx(0.75, abs=0.06)
    base = ts.fit(TEXT, answers).latent_cor()
    assert frame.loc[("lead", "trust"), "cor"] == pytest.approx(base.loc["lead", "trust"], abs=1e-4)


def test_only_close_pairs_are_refitted(found, answers):
    tested = found.frame()["pvalue_diff"].notna()
    assert list(tested) == [True, False, False]
    fit = ts.fit(TEXT, answers)
    assert fit.validity(tests="all", draws=100).frame()["pvalue_diff"].notna().all()
    assert fit.validity(tests="none", draws=100).frame()["cfi_diff"].isna().all()


def test_near_collinearity_is_a_finding(found):
    (problem,) = found.problems
    assert problem.code == "near_collinear"
    assert problem.where == "lead, trust"
    row = found.rows[0]
    assert f"correlate {row.cor:.2f}, interval {row.cor_lower:.2f} to" in problem.message
    assert "As causes of work" in problem.message
    assert f"inflation of {1 / (1 - row.cor**2):.1f}" in problem.message
    assert "near_collinear" in repr(found)


def test_without_an_outcome_the_two_are_taken_alone(answers):
    fit = ts.fit("lead =~ l1 + l2 + l3\ntrust =~ t1 + t2 + t3", answers)
    assert "As causes of Y" in fit.validity(draws=100).problems[0].message


def test_beyond_the_cut_there_is_no_test(answers):
    rng = np.random.default_rng(1)
    twin = answers.assign(
        **{f"t{k}": answers[f"l{k}"] + 0.5 * rng.normal(size=500) for k in (1, 2, 3)}
    )
    fit = ts.fit("lead =~ l1 + l2 + l3\ntrust =~ t1 + t2 + t3", twin)
    row = fit.validity(cut=0.5, draws=100).rows[0]
    assert np.isnan(row.pvalue_diff)
    assert row.severity in ("moderate", "severe", "marginal")


def test_negative_correlations_are_held_at_minus_the_cut(answers):
    turned = answers.assign(**{f"t{k}": -answers[f"t{k}"] for k in (1, 2, 3)})
    one = ts.fit(TEXT, answers).validity(draws=100).rows[0]
    other = ts.fit(TEXT, turned).validity(draws=100).rows[0]
    assert other.cor == pytest.approx(-one.cor, abs=1e-5)
    assert other.chisq_diff == pytest.approx(one.chisq_diff, rel=1e-4)
    assert other.htmt == pytest.approx(one.htmt)


def test_the_seed_is_fixed(answers, found):
    again = ts.fit(TEXT, answers).validity(draws=200)
    pd.testing.assert_frame_equal(found.frame(), again.frame())


def test_second_order_factors_have_no_ratio(models, answers_of):
    answers = answers_of()
    rng = np.random.default_rng(4)
    whole = answers[["inf1", "tru1", "res1"]].sum(axis=1)
    for k in (1, 2, 3):
        answers[f"out{k}"] = 0.3 * whole + rng.normal(size=len(answers))
    text = models["second_order"] + "\nout =~ out1 + out2 + out3"
    found = ts.fit(text, answers).validity(draws=100)
    assert [row.construct for row in found.scales] == ["climate", "out"]
    assert np.isnan(found.rows[0].htmt)
    assert found.scales[0].fornell_larcker is None


def test_bad_input(answers):
    fit = ts.fit(TEXT, answers)
    with pytest.raises(OptionError, match="no correlation below 1"):
        fit.validity(cut=1.0)
    with pytest.raises(OptionError, match="tests='some'"):
        fit.validity(tests="some")
    with pytest.raises(OptionError, match="too few"):
        fit.validity(draws=10)
