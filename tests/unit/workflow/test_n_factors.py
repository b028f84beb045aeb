"""`ts.n_factors`: the rules, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.present.repr import text_card


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    common = np.repeat(rng.normal(size=(400, 2)), 4, axis=1)
    y = 0.8 * common + 0.6 * rng.normal(size=(400, 8))
    return pd.DataFrame(np.digitize(y, [-1.2, -0.3, 0.5, 1.3]) + 1, columns=list("abcdefgh"))


@pytest.mark.parametrize("options", [{}, {"random": "normal"}, {"ordered": True, "draws": 30},
                                     {"quantile": None}])  # fmt: skip
def test_two_factors_are_seen(frame: pd.DataFrame, options: dict) -> None:
    found = ts.n_factors(frame, **options)
    assert set(found.suggested.values()) == {2}
    table = found.frame()
    assert len(table) == 8
    assert table["map"].idxmin() == 1
    assert np.isnan(table["map"].iloc[-1])
    again = ts.n_factors(frame, **options)
    assert again.frame().equals(table)


def test_kaisers_rule_is_only_a_warning(frame: pd.DataFrame) -> None:
    found = ts.n_factors(frame, draws=20)
    text = repr(found)
    assert "Not to be used: 2 eigenvalues exceed one" in text
    assert "Skal ikke brukes" in text_card(found, "nb")
    assert max(map(len, text.splitlines())) <= 80


def test_random_answers_have_no_factor() -> None:
    noise = pd.DataFrame(np.random.default_rng(1).normal(size=(300, 12)))
    noise.columns = [f"x{k}" for k in range(12)]
    found = ts.n_factors(noise)
    assert found.suggested["parallel_components"] == 0
    assert found.suggested["map"] == 0
    assert found.suggested["kaiser"] >= 4


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"random": "uniform"}, OptionError, "not one of its choices"),
        ({"random": "normal", "ordered": True}, OptionError, "no categories"),
        ({"draws": 5}, OptionError, "draws=5"),
        ({"quantile": 95}, OptionError, "quantile=95"),
        ({"items": ["a", "b"]}, DataError, "2 items"),
    ],
)
def test_what_is_refused(frame: pd.DataFrame, options: dict, error: type, match: str) -> None:
    with pytest.raises(error, match=match):
        ts.n_factors(frame, **options)


def test_correlations_that_do_not_fit_together() -> None:
    rng = np.random.default_rng(3)
    y = 0.9 * rng.normal(size=(30, 1)) + 0.3 * rng.normal(size=(30, 9))
    frame = pd.DataFrame((y > 0.1) * 1, columns=[f"q{k}" for k in range(9)])
    found = ts.n_factors(frame, ordered=True, draws=20)
    assert "polychorics_smoothed" in {p.code for p in found.problems}
    assert np.isfinite(found.factors.observed).all()
