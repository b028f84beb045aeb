"""Moments of ordered items: their order, what is refused, warned of, and left as it is."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.errors import DataError
from truststats.estimation.polychoric import ordinal_moments, usable


def answers(n: int = 1500, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 3))
    return np.stack([np.digitize(y[:, k], cuts) for k, cuts in enumerate(CUTS)], 1).astype(float)


CUTS = ([-1.0, 0.2], [0.5], [-1.5, -0.8, 0.0, 0.9])
NAMES = ["a", "b", "c"]


def test_order_of_the_statistics() -> None:
    found = ordinal_moments(answers(), NAMES)
    cuts = ("a|t1", "a|t2", "b|t1", "c|t1", "c|t2", "c|t3", "c|t4")
    assert found.statistic_names == (*cuts, "a~~b", "a~~c", "b~~c")
    assert found.threshold_of.tolist() == [0, 0, 1, 2, 2, 2, 2]
    assert found.statistics[7:].tolist() == [found.corr[0, 1], found.corr[0, 2], found.corr[1, 2]]
    assert np.allclose(np.concatenate(CUTS), found.thresholds, atol=0.15)
    assert found.pairs == pytest.approx(0.5, abs=0.1)
    assert (found.se > 0).all()
    assert len(found.statistics) == found.k


def test_reversed_items_mirror_everything() -> None:
    rows = answers()
    turned = rows.copy()
    turned[:, 2] = 4 - turned[:, 2]
    a, b = ordinal_moments(rows, NAMES), ordinal_moments(turned, NAMES)
    assert b.thresholds[3:] == pytest.approx(-a.thresholds[:2:-1])
    assert b.corr[0, 2] == pytest.approx(-a.corr[0, 2], abs=1e-9)
    assert b.se[-1] == pytest.approx(a.se[-1])


def test_whole_weights_count_rows() -> None:
    rows = answers(400)
    weights = np.arange(400) % 3 + 1.0
    found = ordinal_moments(rows, NAMES, weights=weights)
    repeated = ordinal_moments(np.repeat(rows, weights.astype(int), axis=0), NAMES)
    assert found.n == repeated.n
    assert found.statistics == pytest.approx(repeated.statistics)


def test_incomplete_rows() -> None:
    rows = answers()
    rows[:30, 0] = np.nan
    rows[10:20] = np.nan
    assert usable(rows, "listwise").sum() == len(rows) - 30
    pairwise = ordinal_moments(rows, NAMES, missing="pairwise")
    assert pairwise.n == len(rows) - 10
    assert pairwise.places[10] == 20
    alone = ordinal_moments(rows[:, 1:], NAMES[1:], missing="pairwise")
    assert pairwise.corr[1, 2] == pytest.approx(alone.corr[0, 1])
    assert ordinal_moments(rows, NAMES).n == len(rows) - 30


def test_perfect_agreement_is_an_error_that_names_the_pair() -> None:
    rows = np.repeat([[0.0, 0.0], [1.0, 1.0]], 40, axis=0)
    found = ordinal_moments(rows, ["u", "v"])
    assert [p.code for p in found.problems] == ["polychoric_at_bound", "empty_cells"]
    assert found.problems[0].where == "u-v"
    assert found.corr[0, 1] > 0.999


def test_pairs_without_a_table() -> None:
    rows = np.array([[0, 1], [1, np.nan], [0, 1], [1, np.nan], [np.nan, 0.0]])
    with pytest.raises(DataError, match="answer both u and v"):
        ordinal_moments(rows, ["u", "v"], missing="pairwise")
    with pytest.raises(DataError, match="1 rows are left"):
        ordinal_moments(rows[1:3], ["u", "v"])


def test_an_empty_category_is_named() -> None:
    levels = [np.arange(3.0), np.arange(3.0), np.arange(5.0)]
    with pytest.raises(DataError, match="Nobody chose 2 of the item b"):
        ordinal_moments(answers(), NAMES, levels=levels)


def test_a_correlation_that_the_answers_do_not_tell_is_refused() -> None:
    rows = np.repeat([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [2.0, 0.0]], [130, 15, 3, 2], axis=0)
    with pytest.raises(DataError, match="do not tell the correlation of u-v") as caught:
        ordinal_moments(rows, ["u", "v"])
    assert "merge rare answers" in caught.value.fix
    assert np.isfinite(ordinal_moments(rows, ["u", "v"], all_told=False).corr).all()
