"""The bundled sample, fitted, against its truth table."""

import pandas as pd
import pytest

from truststats.datasets import load_dataset
from truststats.framework import load_framework
from truststats.simulate import simulate
from truststats.workflow.fit import fit
from truststats.workflow.verdicts import verdicts


@pytest.fixture(scope="module")
def claims():
    """Truth, estimate, standard error and verdict of every claim."""
    rows = [
        {"claim_id": row.claim_id, "estimate": row.estimate, "se": row.se, "verdict": row.verdict}
        for row in verdicts(fit(load_framework("tbm"), simulate()))
    ]
    truth = load_dataset("municipal_employees", "truth").set_index("claim_id")
    return truth.join(pd.DataFrame(rows).set_index("claim_id"))


def test_estimates_are_near_the_truth(claims):
    assert ((claims["estimate"] - claims["true_std"]).abs() < 3 * claims["se"]).all()


def test_planning_standard_errors_are_near_the_real_ones(claims):
    assert (claims["planning_se"] / claims["se"]).between(0.7, 1.4).all()


def test_decidable_claims_get_the_verdict_they_deserve(claims):
    decidable = claims[claims["true_state"] != "too_close_to_decide"]
    assert len(decidable) > 0
    assert list(decidable["verdict"]) == list(decidable["large_sample_verdict"])


def test_the_sample_leaves_something_open(claims):
    assert "undetermined" in set(claims["verdict"])
