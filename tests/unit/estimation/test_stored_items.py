"""Moments of ordinal items without rows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from truststats.errors import DataError
from truststats.estimation.mixed_moments import mixed_moments
from truststats.estimation.polychoric import ordinal_moments
from truststats.estimation.stored_items import stored_items

RNG = np.random.default_rng(5)
Y = RNG.standard_normal((300, 1)) + RNG.standard_normal((300, 4))
ROWS = np.c_[np.digitize(Y[:, :3], [-0.8, 0.5]), Y[:, 3]].astype(float)


def both():
    alone = ordinal_moments(ROWS[:, :3], list("abc"))
    beside = mixed_moments(
        ROWS, list("abcd"), [True, True, True, False], x=RNG.standard_normal((300, 2)),
        x_names=["u", "v"],
    )  # fmt: skip
    return alone, beside


@pytest.mark.parametrize("got", both(), ids=["items", "mixed"])
def test_they_come_back_from_a_file(got):
    plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in
             stored_items(got).content().items()}  # fmt: skip
    plain["levels"] = [own.tolist() for own in plain["levels"]]
    back = stored_items(json.loads(json.dumps(plain)))
    np.testing.assert_allclose(back.statistics, got.statistics)
    assert back.statistic_names == got.statistic_names
    assert back.k == got.k
    np.testing.assert_allclose(back.gamma_diagonal, got.gamma_diagonal)


def test_what_needs_the_rows_says_so():
    got = stored_items(both()[0])
    for ask in (lambda: got.gamma, lambda: got.row_moves, lambda: got.gamma_times(np.eye(got.k))):
        with pytest.raises(DataError, match="saved fit"):
            ask()
