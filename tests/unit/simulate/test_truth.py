from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from truststats.constructs import load_instrument
from truststats.errors import DefinitionError
from truststats.framework import load_framework
from truststats.simulate import load_population, truth, truth_table
from truststats.simulate.truth import (
    Projection,
    claim_value,
    project,
    reliabilities,
    verdict_chances,
)


@pytest.fixture(scope="module")
def tbm():
    return load_population("tbm")


@pytest.fixture(scope="module")
def items():
    return [item.name for item in load_instrument("tbm-core").items]


def test_claims_include_clear_zero_and_undecidable_ones(tbm):
    states = truth_table(tbm, load_framework("tbm")).set_index("claim_id")["true_state"]
    assert (states == "supported").sum() >= 4
    assert (states == "practically_zero").sum() >= 1
    assert (states == "too_close_to_decide").sum() >= 1


def test_the_true_zero_is_exactly_zero(tbm):
    table = truth_table(tbm, load_framework("tbm")).set_index("claim_id")
    assert table.loc["informal_information_autonomy", "true_std"] == 0


def test_projecting_on_all_causes_gives_back_the_paths(tbm, items):
    causes = {"felt_trust": list(tbm.paths["felt_trust"])}
    projection = project(tbm, causes, items=items)
    for cause, path in tbm.paths["felt_trust"].items():
        assert projection.paths["felt_trust", cause] == pytest.approx(path)


def test_a_left_out_mediator_adds_its_indirect_effect(tbm, items):
    # felt trust is not in this regression: leadership takes over .45 x .22 of it
    xs = [*tbm.paths["felt_trust"], "formal_information", "informal_information"]
    projection = project(tbm, {"vertical_trust": xs}, items=items)
    expected = 0.28 + 0.45 * 0.22
    assert projection.paths["vertical_trust", "trust_based_leadership"] == pytest.approx(expected)


def test_planning_standard_errors_without_measurement_error(tbm, items, monkeypatch):
    # With perfect measures and one person per unit: residual variance x inverse / n.
    perfect = dict.fromkeys(tbm.latents, 1.0)
    monkeypatch.setattr(truth, "reliabilities", lambda *_: perfect)
    xs = ["delegation", "trust_based_leadership"]
    projection = project(tbm, {"felt_trust": xs}, items=items, n=500, people_per_unit=1)
    m = np.array([[1, 0.55], [0.55, 1]])
    b = np.array([projection.paths["felt_trust", x] for x in xs])
    expected = np.linalg.inv(m) * (1 - b @ m @ b) / 500
    np.testing.assert_allclose(projection.cov["felt_trust"], expected)


def test_reliability_of_parallel_items_is_spearman_brown(tbm):
    # goal1 alone: 0.9 x loading squared
    loading = tbm.items["goal1"].loading
    assert reliabilities(tbm, ["goal1"])["goal_clarity"] == pytest.approx(0.9 * loading**2)
    aut = reliabilities(tbm, ["aut1", "aut2", "aut3", "aut4", "aut5", "aut6"])["work_autonomy"]
    assert 0.6 < aut < 0.85


@pytest.fixture
def chain():
    # x -> m -> y and x -> y
    paths = {("m", "x"): 0.5, ("y", "m"): 0.4, ("y", "x"): 0.1}
    cov = {"m": np.array([[0.01]]), "y": np.array([[0.02, 0.0], [0.0, 0.03]])}
    return Projection({"m": ["x"], "y": ["m", "x"]}, paths, cov)


def test_direct_indirect_and_total(chain):
    assert claim_value(chain, ("x", "y"), "direct")[0] == pytest.approx(0.1)
    assert claim_value(chain, ("x", "m", "y"), "indirect")[0] == pytest.approx(0.2)
    assert claim_value(chain, ("x", "y"), "total")[0] == pytest.approx(0.3)


def test_delta_method_standard_errors(chain):
    assert claim_value(chain, ("x", "y"), "direct")[1] == pytest.approx(0.03**0.5, rel=1e-4)
    sobel = (0.5**2 * 0.02 + 0.4**2 * 0.01) ** 0.5
    assert claim_value(chain, ("x", "m", "y"), "indirect")[1] == pytest.approx(sobel, rel=1e-4)


def test_a_claim_about_a_path_the_model_lacks(chain):
    with pytest.raises(DefinitionError, match="no path m -> x"):
        claim_value(chain, ("m", "x"), "direct")


@pytest.mark.parametrize("true", [-0.3, -0.1, 0.0, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("se", [0.02, 0.05, 0.09])
def test_chances_against_a_grid_of_estimates(true, se):
    step = se / 500
    estimates = np.arange(true - 8 * se, true + 8 * se, step)
    weight = norm.pdf(estimates, true, se) * step
    zero = np.abs(estimates) + 1.6449 * se < 0.1
    supported = ~zero & (estimates > 1.96 * se) & (estimates >= 0.1)
    contradicted = ~zero & (estimates < -1.96 * se)
    chances = verdict_chances(true, se, 0.1)
    for name, rule in (
        ("practically_zero", zero),
        ("supported", supported),
        ("contradicted", contradicted),
    ):
        assert chances[name] == pytest.approx(weight[rule].sum(), abs=2e-3)


def test_a_claims_path_is_in_the_frameworks_model(tbm, items):
    framework = load_framework("tbm")
    statements = framework.model(load_instrument("tbm-core")).statements
    arrows = {(s.rhs, s.lhs) for s in statements if s.op == "~"}
    for claim in framework.claims:
        if claim.estimand != "total":
            assert set(pairwise(claim.path)) <= arrows
