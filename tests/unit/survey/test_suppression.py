from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from truststats.survey.disclosure import lines_of
from truststats.survey.suppression import Linked, complementary, determined, interval, unsafe

# Fischetti & Salazar (2001), Management Science 47, 1008-1027: investment by activity and region.
INVESTMENT = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]])


def linked(cells, *, totals=True, cost=None):
    rows, columns = cells.shape
    each = [np.vstack([np.eye(size), np.ones(size)]) for size in (rows, columns)]
    sums = csr_array(np.kron(*each))
    price = np.asarray(sums @ cells.ravel()) if cost is None else cost
    if not totals:
        price = np.where(inner(cells.shape).ravel(), price, np.inf)
    shape = (rows + 1, columns + 1)
    return Linked(sums, cells.ravel().astype(float), lines_of(shape), price, 0.0)


def inner(shape):
    mask = np.zeros((shape[0] + 1, shape[1] + 1), dtype=bool)
    mask[:-1, :-1] = True
    return mask


def test_the_pattern_of_a_published_example_is_found():
    """Around the confidential 22 the cheapest protection is the rectangle of the paper."""
    one = linked(INVESTMENT, totals=False)
    secret = np.zeros(16, dtype=bool)
    secret[1 * 4 + 2] = True
    hidden = complementary(one, secret, 10.0).reshape(4, 4)
    assert np.argwhere(hidden).tolist() == [[1, 0], [1, 2], [2, 0], [2, 2]]


def test_the_interval_of_a_published_example():
    """Its attacker finds that the confidential 22 is from 5 to 30."""
    one = linked(INVESTMENT)
    hidden = np.zeros((4, 4), dtype=bool)
    hidden[1:3, [0, 2]] = True
    shown = ~hidden.ravel()
    target = np.zeros(9)
    target[1 * 3 + 2] = 1.0
    values = one.values[shown]
    assert interval(one.sums[shown], values, values, target) == pytest.approx((5, 30))


def everything_possible(cells, hidden):
    """Return every whole table that agrees with what is shown."""
    rows, columns = cells.shape
    full = np.zeros((rows + 1, columns + 1))
    full[:-1, :-1] = cells
    full[-1] = full.sum(axis=0)
    full[:, -1] = full.sum(axis=1)
    top = int(cells.sum())
    free = [tuple(at) for at in np.argwhere(hidden[:-1, :-1])]
    for values in product(range(top + 1), repeat=len(free)):
        own = cells.copy()
        for at, value in zip(free, values, strict=True):
            own[at] = value
        table = np.zeros_like(full)
        table[:-1, :-1] = own
        table[-1] = table.sum(axis=0)
        table[:, -1] = table.sum(axis=1)
        if (table == full)[~hidden].all():
            yield own


@settings(max_examples=25, deadline=None)
@given(
    cells=arrays(np.int64, (2, 3), elements=st.integers(0, 2)),
    mask=arrays(np.bool_, (2, 3)),
)
def test_limits_are_those_of_every_table_that_agrees(cells, mask):
    hidden = np.zeros((3, 4), dtype=bool)
    hidden[:-1, :-1] = mask
    hidden[1, 1:] = False
    one = linked(cells)
    shown = ~hidden.ravel()
    values = one.values[shown]
    tables = np.array(list(everything_possible(cells, hidden)))
    for i, j in np.argwhere(hidden):
        target = np.zeros(6)
        target[i * 3 + j] = 1.0
        found = interval(one.sums[shown], values, values, target, whole=True)
        assert found == pytest.approx((tables[:, i, j].min(), tables[:, i, j].max()))
        fixed = determined(one.sums[shown], target[None])[0]
        if fixed:
            assert found[0] == pytest.approx(found[1])


@settings(max_examples=12, deadline=None)
@given(cells=arrays(np.int64, (2, 2), elements=st.integers(1, 12)), at=st.integers(0, 3))
def test_small_tables_lose_as_little_as_is_possible(cells, at):
    """No other of the 512 patterns protects the sensitive cell at a lower price."""
    one = linked(cells)
    secret = np.zeros(9, dtype=bool)
    secret[at + at // 2] = True
    found = complementary(one, secret, 2.0)
    patterns = [np.array(mask) for mask in product([False, True], repeat=9)]
    for mask in sorted(patterns, key=lambda mask: one.cost[mask].sum()):
        at = np.flatnonzero(mask)
        if mask[secret].all() and not unsafe(one, mask, one.sums[at], np.full(len(at), 2.0)).any():
            break
    assert one.cost[found].sum() == pytest.approx(one.cost[mask].sum())


def test_larger_tables_are_protected_one_cell_at_a_time():
    cells = np.random.default_rng(3).integers(0, 30, (14, 9))
    one = linked(cells)
    one = Linked(one.sums, one.atoms, one.lines, np.where(one.values > 0, one.cost, np.inf))
    small = (one.values > 0) & (one.values < 5)
    assert small.sum() * cells.size > 1200
    hidden = complementary(one, small, 3.0)
    at = np.flatnonzero(hidden)
    assert hidden[small].all()
    assert not unsafe(one, hidden, one.sums[at], np.full(len(at), 3.0)).any()
    naive = unsafe(one, small, one.sums[np.flatnonzero(small)], np.full(small.sum(), 3.0))
    assert naive.any()
