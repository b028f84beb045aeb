from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.estimation.constraints import constraints_of
from truststats.estimation.reproduce import places_of, reproduce, without_direction

FREE = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3"
EQUAL = "trust =~ tru1 + a*tru3 + b*tru2\ninfo =~ inf1 + a*inf2 + inf3\na == b"


@pytest.fixture(scope="module")
def fits(answers_of):
    data = answers_of().filter(regex="^(inf|tru)")
    data = data.rank(pct=True).mul(4).apply(lambda column: column.clip(0.5, 3.5).round())
    return [ts.fit(text, data, ordered=True) for text in (FREE, EQUAL)]


def test_pairs_have_no_direction():
    assert without_direction("b~~a") == "a~~b"
    assert without_direction("b|t1") == "b|t1"
    assert places_of(["a|t1", "a~~b"], ["b~~a", "a|t1"]).tolist() == [1, 0]


def test_a_larger_model_reproduces_a_smaller_one(fits):
    free, equal = fits
    got = reproduce(free.estimate, equal.estimate)
    assert got.converged
    assert got.chisq < 1e-8
    names = list(free.partable.ov)
    at = [list(equal.partable.ov).index(name) for name in names]
    implied = equal.implied()["sigma"].to_numpy()[np.ix_(at, at)]
    np.testing.assert_allclose(got.groups[0].state.sigma[0], implied, atol=1e-6)


def test_a_smaller_one_keeps_its_constraints(fits):
    free, equal = fits
    limits = constraints_of(equal.partable)
    got = reproduce(equal.estimate, free.estimate, limits)
    assert got.chisq > 0.1
    assert got.null is not None
    assert np.abs(limits.values(got.theta)).max() < 1e-9
