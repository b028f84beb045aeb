from __future__ import annotations

import numpy as np
import pandas as pd

from truststats.survey.atoms import cells_of, circle


def sets(*names):
    return [frozenset(name) for name in names]


def test_a_tree_of_tables_has_no_circle():
    assert circle(sets("ab", "bc", "cd")) == []
    assert circle(sets("ab", "abc")) == []
    assert circle(sets("a", "b")) == []


def test_a_circle_is_what_is_left():
    assert set(circle(sets("ab", "bc", "ac", "cd"))) == set(sets("ab", "bc", "ac"))


def test_cells_add_up_their_atoms():
    frame = pd.DataFrame(
        {"city": list("AAABB"), "unit": list("uuvww"), "role": ["x", "y", "x", "x", None]}
    )
    cells = cells_of(frame, [("unit",), ("city", "role")], ("city", "unit"))
    values = np.asarray(cells.sums @ cells.atoms(np.ones(5)))
    found = {tuple(key.items()): n for key, n in zip(cells.keys, values, strict=False)}
    assert found[()] == 5
    assert found[("city", "A"), ("unit", "u")] == 2
    assert found[("city", "B"), ("role", "–")] == 1
    assert (values[~cells.own] == 0).all()
    for total, parts in cells.lines:
        assert values[total] == values[parts].sum()
    assert cells.people_in(np.array([k for k, key in enumerate(cells.keys)
                                     if key == {"city": "B"}])).sum() == 2  # fmt: skip


def test_a_circle_is_taken_apart_into_all_its_variables():
    frame = pd.DataFrame({"a": list("xxyy"), "b": list("pqpq"), "c": list("mnnm")})
    cells = cells_of(frame, [("a", "b"), ("b", "c"), ("a", "c")])
    assert len(cells.atom_of) == 1
    assert cells.sums.shape[1] == 8
    assert cells.own.all()
