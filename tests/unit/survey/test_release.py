from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truststats.errors import DataError, OptionError
from truststats.survey.audit import Statement, audit
from truststats.survey.release import release

TABLES = [("city",), ("city", "unit"), ("role",), ("city", "role")]


def people(seed=1, n=160, units=6, roles=3):
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, units, n) ** 2 // units
    return pd.DataFrame(
        {
            "city": np.where(unit % 2, "B", "A"),
            "unit": [f"u{u}" for u in unit],
            "role": rng.choice([f"r{k}" for k in range(roles)], n, p=_shares(roles)),
            "trust": rng.integers(1, 6, n).astype(float),
        }
    )


def _shares(count):
    weights = 0.3 ** np.arange(count)
    return weights / weights.sum()


def naive(made):
    """Return what the audit finds where only small cells are hidden."""
    kind = made.kinds["n"]
    values = kind.linked.values
    small = made.cells.own & (values > 0) & (values < made.min_n)
    rows = [made.cells.sums[[j]].tocoo() for j in range(len(values))]
    cells = [dict(zip(row.coords[1].tolist(), row.data.tolist(), strict=True)) for row in rows]
    said = [
        Statement(str(j), cells[j], values[j], values[j])
        for j in range(len(values))
        if not small[j]
    ]
    return audit(said, {int(j): cells[j] for j in np.flatnonzero(small)})


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(30, 200))
def test_nothing_hidden_can_be_worked_out_from_all_tables_together(seed, n):
    made = release(
        people(seed, n), TABLES, levels=("city", "unit"), values={"trust": (1, 5)},
        crossings="suppress",
    )  # fmt: skip
    assert made.audit().ok
    for frame in made.tables.values():
        shown = frame["n"].dropna()
        assert not ((shown > 0) & (shown < 5)).any()
        assert frame.loc[frame["n"].isna(), "trust"].isna().all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), small=st.integers(1, 4))
def test_hiding_small_cells_only_gives_them_away(seed, small):
    """A line with one small cell is solved by its total, whatever else is in the table."""
    rng = np.random.default_rng(seed)
    sizes = [small, *rng.integers(5, 30, 4)]
    frame = pd.DataFrame({"unit": np.repeat(list("abcde"), sizes)})
    frame["city"] = np.where(frame["unit"].isin(list("abc")), "A", "B")
    made = release(frame, [("city",), ("unit",)], levels=("city", "unit"))
    assert not naive(made).ok
    assert naive(made).frame["determined"].all()
    assert made.audit().ok


def test_a_cell_hidden_in_one_table_is_hidden_in_all():
    frame = pd.DataFrame({"city": list("AAAAAAAB") * 6, "unit": "u"})
    frame.loc[frame["city"] == "B", "unit"] = "v"
    frame.loc[:2, ["city", "unit"]] = ["C", "w"]
    made = release(frame, [("city",), ("unit",)], levels=("city", "unit"))
    cities = made.table("city").set_index("city")["n"]
    units = made.table("unit").set_index("unit")["n"]
    assert units.index[-1] == cities.index[-1] == "Total"
    assert np.isnan(cities["C"])
    for city, unit in (("A", "u"), ("B", "v"), ("C", "w")):
        np.testing.assert_equal(cities[city], units[unit])


def test_tables_that_close_a_circle_are_protected_together():
    frame = people(7, 90, units=4)
    frame["shift"] = np.where(np.arange(90) % 7 == 0, "night", "day")
    tables = [("city", "role"), ("role", "shift"), ("city", "shift")]
    made = release(frame, tables, crossings="suppress")
    assert made.audit().ok
    assert np.isnan(made.table("city", "role")["n"]).any()


def test_a_unit_with_one_manager_is_one_person():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"unit": np.repeat([f"u{k}" for k in range(14)], 20)})
    frame["city"] = np.where(frame["unit"].isin(["u12", "u13"]), "B", "A")
    frame["trust"] = rng.integers(1, 6, len(frame)).astype(float)
    frame["goals"] = frame["trust"]
    made = release(
        frame, [("city",), ("city", "unit")], levels=("city", "unit"),
        values={"trust": (1, 5), "goals": (1, 5)}, about_managers=["trust"],
    )  # fmt: skip
    units = made.table("city", "unit")
    assert units["n"].notna().all(), "how many answered is no secret"
    assert units["goals"].notna().all()
    inside = units["unit"] != "Total"
    assert units.loc[inside, "trust"].isna().all()
    assert made.audit().ok
    cities = made.table("city").set_index("city")["trust"]
    assert cities.isna().tolist() == [True, True, False], "B has two managers, A is the rest"


def test_one_manager_of_many_answers_dominates():
    frame = pd.DataFrame({"unit": ["big"] * 300 + [f"u{k}" for k in range(9) for _ in range(5)]})
    frame["city"] = np.where(frame["unit"].isin(["u6", "u7", "u8"]), "B", "A")
    frame["trust"] = 3.0
    made = release(
        frame, [("city",)], levels=("city", "unit"), values={"trust": (1, 5)},
        about_managers=["trust"],
    )  # fmt: skip
    assert made.table("city")["trust"].isna().all()


def test_means_do_not_tell_how_many_answered():
    frame = pd.DataFrame({"unit": ["a"] * 12 + ["b"] * 400})
    frame["trust"] = np.arange(412) % 5 + 1.0
    means = release(frame, [("unit",)], levels=["unit"], values={"trust": (1, 5)}).table("unit")
    assert means["trust"].tolist() == [2.8, 3.0, 2.99]


def test_crossings_are_refused_or_made_coarser():
    frame = people(3, 150)
    with pytest.raises(DataError, match="The crossing unit x role has cells of fewer than 5"):
        release(frame, [("unit", "role")], levels=("city", "unit"))
    made = release(frame, [("unit", "role")], levels=("city", "unit"), crossings="coarsen", min_n=3)
    assert [p.code for p in made.problems] == ["crossing_coarsened"]
    assert ("unit", "role") not in made.tables
    assert made.audit().ok


def test_bad_requests():
    frame = people()
    with pytest.raises(OptionError, match="no column 'rolle'"):
        release(frame, [("rolle",)])
    with pytest.raises(OptionError, match="lies in more than one role"):
        release(frame, [("unit",)], levels=("role", "unit"))
    with pytest.raises(OptionError, match="no column tells them apart"):
        release(frame, [("city",)], values={"trust": (1, 5)}, about_managers=["trust"])
    with pytest.raises(OptionError, match="The release has no table role"):
        release(frame, [("city",)]).table("role")


def test_people_without_a_unit_are_a_category():
    frame = people(5, 120)
    frame.loc[:9, "role"] = None
    made = release(frame, [("role",)])
    assert "–" in set(made.table("role")["role"])
    assert made.table("role").set_index("role")["n"]["Total"] == 120
