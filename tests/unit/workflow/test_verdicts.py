"""The rule that turns a number into a verdict, and the gates before it."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, DefinitionError, Problem
from truststats.workflow.verdicts import decide, framework_of, holm

NAN = float("nan")


def _decide(estimate, half, *, sign=1, sesoi=0.10):
    """The verdict on an estimate whose 95 % interval reaches `half` to both sides."""
    inner = half * 1.645 / 1.96
    return decide(
        estimate, estimate - half, estimate + half, estimate - inner, estimate + inner,
        sign=sign, sesoi=sesoi,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("estimate", "half", "verdict"),
    [
        (0.30, 0.10, "supported"),
        (0.10, 0.05, "supported"),  # exactly the smallest effect counts
        (0.30, 0.40, "undetermined"),  # too wide
        (0.08, 0.05, "undetermined"),  # above zero, but maybe too small to matter
        (0.05, 0.04, "practically_zero"),  # above zero and surely too small to matter
        (0.00, 0.05, "practically_zero"),
        (-0.03, 0.05, "practically_zero"),
        (-0.05, 0.04, "practically_zero"),  # against the claim, but too small to matter
        (0.00, 0.30, "undetermined"),
        (-0.30, 0.10, "contradicted"),
        (-0.09, 0.08, "contradicted"),
        (-0.30, 0.40, "undetermined"),
    ],
)
def test_every_branch_for_both_signs(estimate, half, verdict):
    assert _decide(estimate, half) == verdict
    assert _decide(-estimate, half, sign=-1) == verdict


def test_the_order_of_the_rules():
    # Inside the bounds at 90 % decides before "above zero at 95 %".
    assert decide(0.09, 0.081, 0.099, 0.083, 0.097, sign=1, sesoi=0.10) == "practically_zero"


@pytest.mark.parametrize(
    ("lower90", "upper90"), [(-0.10, 0.05), (-0.05, 0.10)], ids=["lower", "upper"]
)
def test_the_bounds_themselves_are_not_practically_zero(lower90, upper90):
    assert decide(0.0, -0.12, 0.12, lower90, upper90, sign=1, sesoi=0.10) == "undetermined"


def test_a_limit_of_zero_is_not_above_zero():
    assert decide(0.2, 0.0, 0.4, 0.03, 0.37, sign=1, sesoi=0.10) == "undetermined"
    assert decide(-0.2, -0.4, 0.0, -0.37, -0.03, sign=1, sesoi=0.10) == "undetermined"


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("value", [NAN, np.inf])
def test_no_number_no_verdict(place, value):
    numbers = [0.3, 0.2, 0.4, 0.22, 0.38]
    numbers[place] = value
    assert decide(*numbers, sign=1, sesoi=0.1) == "not_judged"


def test_the_smallest_effect_matters():
    assert _decide(0.15, 0.05, sesoi=0.10) == "supported"
    assert _decide(0.15, 0.05, sesoi=0.18) == "undetermined"
    assert _decide(0.15, 0.05, sesoi=0.30) == "practically_zero"


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_never_exceeds_one_and_keeps_the_order():
    np.testing.assert_allclose(holm([0.6, 0.9]), [1.0, 1.0])
    np.testing.assert_allclose(holm([0.02, 0.02]), [0.04, 0.04])
    assert len(holm([])) == 0


def test_holm_does_not_count_what_is_missing():
    got = holm([0.01, NAN, 0.04])
    np.testing.assert_allclose(got[[0, 2]], [0.02, 0.04])
    assert np.isnan(got[1])


# on the framework's answers -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def fit(framework_fit):
    return framework_fit


@pytest.fixture(scope="module")
def verdicts(fit):
    return ts.verdicts(fit, draws=2000)


def test_one_row_a_claim(fit, verdicts):
    assert verdicts.synthetic is fit.synthetic is True
    framework = fit.framework
    assert [row.claim_id for row in verdicts] == [claim.id for claim in framework.claims]
    for row, claim in zip(verdicts, framework.claims, strict=True):
        assert (row.path, row.sign, row.sesoi, row.estimand, row.adjust, row.level) == (
            claim.path, claim.sign, claim.sesoi, claim.estimand, claim.adjust, claim.level,
        )  # fmt: skip
        assert row.ci_lower <= row.ci90_lower <= row.estimate <= row.ci90_upper <= row.ci_upper


def test_rows_follow_the_rule(verdicts):
    for row in verdicts:
        numbers = (row.estimate, row.ci_lower, row.ci_upper, row.ci90_lower, row.ci90_upper)
        if row.verdict != "not_judged":
            assert row.verdict == decide(*numbers, sign=row.sign, sesoi=row.sesoi)
    np.testing.assert_allclose(
        [row.p_holm for row in verdicts], holm([row.pvalue for row in verdicts])
    )


def test_direct_claims_are_the_standardised_paths(fit, verdicts):
    frame = fit.standardized().set_index(["lhs", "op", "rhs"])
    for row in verdicts:
        if row.estimand == "direct":
            own = frame.loc[(row.path[1], "~", row.path[0])]
            assert row.estimate == pytest.approx(own["est_std"])
            assert row.se == pytest.approx(own["se"], rel=1e-6)
            assert row.ci_lower == pytest.approx(own["ci_lower"])
            assert row.pvalue == pytest.approx(own["pvalue"], abs=1e-12)


def test_indirect_claims_are_products(fit, verdicts):
    frame = fit.standardized().set_index(["lhs", "op", "rhs"])["est_std"]
    for row in verdicts:
        if row.estimand == "indirect":
            first, middle, last = row.path
            want = frame[(middle, "~", first)] * frame[(last, "~", middle)]
            assert row.estimate == pytest.approx(want)


def test_limits_of_products_are_percentiles(fit, verdicts):
    for level, names in ((0.95, ("ci_lower", "ci_upper")), (0.90, ("ci90_lower", "ci90_upper"))):
        own = fit.effects("monte_carlo", level, draws=2000).query("effect == 'specific'")
        own = own.set_index(["lhs", "rhs", "via"])
        for row in verdicts:
            if row.estimand == "indirect":
                first, middle, last = row.path
                want = own.loc[(last, first, middle)]
                assert getattr(row, names[0]) == pytest.approx(want["std_ci_lower"])
                assert getattr(row, names[1]) == pytest.approx(want["std_ci_upper"])


def test_pvalues_of_products_belong_to_their_limits(verdicts):
    # p < .05 exactly when zero is outside the 95 % interval of the same draws.
    for row in verdicts:
        if row.estimand == "indirect":
            assert 1 / 2000 <= row.pvalue <= 1
            assert (row.pvalue < 0.05) == (row.ci_lower > 0 or row.ci_upper < 0)
            if row.pvalue > 0.10:
                assert row.ci90_lower < 0 < row.ci90_upper


def test_the_pvalue_of_a_product_counts_draws_on_both_sides(fit):
    module = import_module("truststats.workflow.verdicts")
    claims = [claim for claim in fit.framework.claims if claim.estimand == "indirect"]
    fit = _with(fit, vcov=25 * fit.vcov)  # wide, so that draws fall on both sides
    listed = module.claimed_effects(claims, fit)
    got = module._intervals(fit, listed, 400, 1)
    frames = import_module("truststats.results.effect_frames")
    effects = import_module("truststats.inference.effects")
    drawn = effects.effect_values(
        fit.estimate.layout, listed, frames.draw_theta(fit, 400, 1), standardized=True,
        keep=frames.structural_paths(fit)[1],
    )  # fmt: skip
    # Draws with a negative variance have no standardised effect.
    total, count = np.isfinite(drawn).sum(axis=0), (drawn <= 0).sum(axis=0)
    fewer = np.minimum(count, total - count)
    assert (count > 0).any()
    # Zero lies between two ordered draws, which have these ranks.
    assert (got["p"] >= 2 * fewer / (total + 1)).all()
    assert (got["p"] <= 2 * (fewer + 1) / (total + 1)).all()


def test_draws_are_seeded(fit, verdicts):
    assert ts.verdicts(fit, draws=2000).rows == verdicts.rows
    other = ts.verdicts(fit, draws=2000, seed=4)
    indirect = [row.claim_id for row in verdicts if row.estimand == "indirect"]
    assert any(other[id].ci_lower != verdicts[id].ci_lower for id in indirect)
    assert fit.verdicts(draws=2000).rows == verdicts.rows


def test_everyone_answered_for_themselves(verdicts):
    assert all("same_source" in row.caveats for row in verdicts)


def _with(fit, **changes):
    return replace(fit, **changes)


def test_an_inadmissible_solution_is_not_judged(fit):
    heywood = Problem("heywood", "error", "Negative variance")
    got = ts.verdicts(_with(fit, noted=(heywood,)), draws=200)
    assert {row.verdict for row in got} == {"not_judged"}
    assert all("not_admissible" in row.caveats for row in got)


def test_a_warning_does_not_stop_the_judging(fit, verdicts):
    warned = Problem("rows_excluded", "warning", "some rows")
    got = ts.verdicts(_with(fit, noted=(warned,)), draws=2000)
    assert [row.verdict for row in got] == [row.verdict for row in verdicts]


def test_no_optimum_is_not_judged(fit):
    solution = replace(fit.estimate.solution, converged=np.array([False]))
    got = ts.verdicts(_with(fit, estimate=replace(fit.estimate, solution=solution)), draws=200)
    assert {row.verdict for row in got} == {"not_judged"}
    assert all("not_converged" in row.caveats for row in got)


def _correlations(monkeypatch, values):
    """Let the implied correlations of constructs be these, .2 elsewhere."""
    given = {frozenset(pair): value for pair, value in values.items()}

    def latent_cor(self):
        names = list(self.partable.lv)
        cells = [[given.get(frozenset((a, b)), 0.2) for b in names] for a in names]
        return pd.DataFrame(cells, index=names, columns=names)

    monkeypatch.setattr(ts.Fit, "latent_cor", latent_cor)


def test_constructs_that_cannot_be_told_apart_are_not_judged(fit, verdicts, monkeypatch):
    _correlations(monkeypatch, {("delegation", "vertical_trust"): 0.90})
    got = ts.verdicts(fit, draws=2000)
    assert got["delegation_trust"].verdict == "not_judged"
    assert "discriminant" in got["delegation_trust"].caveats
    # the close pair is adjusted for here: what it is told apart from matters as well
    assert got["formal_information_trust"].verdict == "not_judged"
    assert got["autonomy_results"].caveats == verdicts["autonomy_results"].caveats
    assert got["autonomy_results"].verdict == verdicts["autonomy_results"].verdict


@pytest.mark.parametrize("r", [0.80, 0.899, -0.85])
def test_constructs_that_are_close_are_judged_with_a_caveat(fit, verdicts, monkeypatch, r):
    _correlations(monkeypatch, {("delegation", "vertical_trust"): r})
    row = ts.verdicts(fit, draws=2000)["delegation_trust"]
    assert row.verdict == verdicts["delegation_trust"].verdict
    assert row.caveats.count("discriminant") == 1


def test_constructs_that_are_apart_get_no_caveat(fit, monkeypatch):
    _correlations(monkeypatch, {("delegation", "vertical_trust"): 0.799})
    assert "discriminant" not in ts.verdicts(fit, draws=200)["delegation_trust"].caveats


def test_only_pairs_on_the_path_count(fit, monkeypatch):
    # Two constructs of the adjustment set may be close; the effect is adjusted for both anyway.
    _correlations(monkeypatch, {("perceived_control", "trust_based_leadership"): 0.95})
    row = ts.verdicts(fit, draws=200)["delegation_trust"]
    assert {"perceived_control", "trust_based_leadership"} <= set(row.adjust)
    assert "discriminant" not in row.caveats


def test_few_clusters_are_a_caveat(fit):
    sample = replace(fit.estimate.sample, n_clusters=20)
    got = ts.verdicts(_with(fit, estimate=replace(fit.estimate, samples=(sample,))), draws=200)
    assert all("few_clusters" in row.caveats for row in got)


def test_many_clusters_are_none(verdicts):
    assert not any("few_clusters" in row.caveats for row in verdicts)


def test_a_fit_of_text_has_no_claims(answers_of):
    fit = ts.fit("f =~ inf1 + inf2 + inf3", answers_of())
    with pytest.raises(DefinitionError, match="no claims to judge") as caught:
        ts.verdicts(fit)
    assert "ts.fit(ts.load_framework(), survey)" in caught.value.fix


def test_the_model_of_a_framework_has_claims(fit):
    assert framework_of(_with(fit, framework=None)) is fit.model.framework


def test_a_model_that_lacks_a_construct(fit, answers_of):
    small = ts.fit("f =~ inf1 + inf2 + inf3", answers_of())
    with pytest.raises(DataError, match="is about vertical_trust ~ delegation, which") as caught:
        ts.verdicts(_with(small, framework=fit.framework))
    assert "framework's own model" in caught.value.fix


def test_above_zero_but_short_of_the_smallest_effect_is_said(fit, verdicts):
    strict = [claim.model_copy(update={"sesoi": 0.9}) for claim in fit.framework.claims]
    framework = fit.framework.model_copy(update={"claims": tuple(strict)})
    # Nearly everything is practically zero against so large an effect ...
    got = ts.verdicts(_with(fit, framework=framework), draws=200)
    assert "supported" not in {row.verdict for row in got}
    # ... and just above the estimate it is above zero, but undetermined.
    clear = next(row for row in verdicts if row.ci_lower > 0 and row.estimand == "direct")
    at = clear.estimate + 1e-6
    near = [claim.model_copy(update={"sesoi": at}) for claim in fit.framework.claims]
    framework = fit.framework.model_copy(update={"claims": tuple(near)})
    row = ts.verdicts(_with(fit, framework=framework), draws=200)[clear.claim_id]
    assert row.verdict == "undetermined"
    assert row.caveats[0] == "below_sesoi"
    assert not any("below_sesoi" in row.caveats for row in verdicts if row.verdict == "supported")


def test_an_expected_negative_sign_turns_the_verdict(fit, verdicts):
    turned = [claim.model_copy(update={"sign": -1}) for claim in fit.framework.claims]
    framework = fit.framework.model_copy(update={"claims": tuple(turned)})
    got = ts.verdicts(_with(fit, framework=framework), draws=2000)
    for row, other in zip(got, verdicts, strict=True):
        assert row.estimate == other.estimate
        if other.verdict == "supported":
            assert row.verdict == "contradicted"
        if other.verdict in ("practically_zero", "not_judged"):
            assert row.verdict == other.verdict


def test_a_total_claim(fit):
    claim = fit.framework.claims[0].model_copy(update={"estimand": "total"})
    framework = fit.framework.model_copy(update={"claims": (claim,)})
    row = ts.verdicts(_with(fit, framework=framework))[claim.id]
    own = fit.effects().query("effect == 'total' and lhs == @claim.outcome and rhs == @claim.cause")
    assert row.estimate == pytest.approx(own["std_all"].iloc[0])
    assert row.se == pytest.approx(own["std_se"].iloc[0], rel=1e-6)


def test_a_measurement_of_one_construct_has_nothing_to_be_told_apart_from(fit):
    closeness = import_module("truststats.workflow.verdicts")._closeness
    survey = fit.survey
    assert closeness(ts.fit(survey.instrument["goal_clarity"], survey)) == {}


def test_a_rival_gives_no_verdict_on_paths_it_leaves_out():
    framework, instrument = ts.load_framework(), ts.load_instrument("tbm-core")
    survey = ts.read_survey(ts.load_dataset("municipal_employees"), instrument=instrument)
    rival = ts.fit(framework.rival_model("direct_only", instrument), survey)
    with pytest.raises(DataError, match=r"results ~ vertical_trust.*does not\s+estimate"):
        ts.verdicts(rival)
