"""The bundled sample, fitted, against its truth table."""

import pytest

from truststats.datasets import load_dataset
from truststats.framework import load_framework
from truststats.simulate import simulate
from truststats.workflow.fit import fit


@pytest.fixture(scope="module")
def claims():
    """Estimate, standard error and smallest effect per claim, oriented, beside the truth."""
    framework = load_framework("tbm")
    effects = fit(framework, simulate()).effects()
    table = load_dataset("municipal_employees", "truth").set_index("claim_id")
    rows = []
    for claim in framework.claims:
        wanted = effects[(effects["lhs"] == claim.path[-1]) & (effects["rhs"] == claim.path[0])]
        if claim.estimand == "indirect":
            wanted = wanted[wanted["via"] == " -> ".join(claim.path[1:-1])]
            wanted = wanted[wanted["effect"] == "specific"]
        else:
            wanted = wanted[wanted["effect"] == claim.estimand]
        rows.append((claim.id, *wanted[["std_all", "std_se"]].iloc[0]))
    out = table.assign(**{k: 0.0 for k in ("estimate", "se")})
    for name, estimate, se in rows:
        out.loc[name, ["estimate", "se"]] = [estimate, se]
    return out.assign(oriented=out["sign"] * out["estimate"])


def _verdict(row):
    if abs(row.oriented) + 1.6449 * row.se < row.sesoi:
        return "practically_zero"
    if row.oriented >= row.sesoi and row.oriented > 1.96 * row.se:
        return "supported"
    return "contradicted" if row.oriented < -1.96 * row.se else "undetermined"


def test_estimates_are_near_the_truth(claims):
    assert ((claims["estimate"] - claims["true_std"]).abs() < 3 * claims["se"]).all()


def test_planning_standard_errors_are_near_the_real_ones(claims):
    ratio = claims["planning_se"] / claims["se"]
    assert ratio.between(0.7, 1.4).all()


def test_decidable_claims_get_the_verdict_they_deserve(claims):
    for row in claims.itertuples():
        if row.true_state != "too_close_to_decide":
            assert _verdict(row) == row.large_sample_verdict, row.Index


def test_the_sample_leaves_something_open(claims):
    assert "undetermined" in {_verdict(row) for row in claims.itertuples()}
