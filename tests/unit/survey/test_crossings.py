from __future__ import annotations

import pandas as pd
import pytest

from truststats.errors import DataError, OptionError
from truststats.survey.crossings import allowed_tables, refuse_person_rows, smallest_cell

PEOPLE = pd.DataFrame(
    {
        "city": ["A"] * 12 + ["B"] * 12,
        "unit": ["u"] * 6 + ["v"] * 6 + ["w"] * 12,
        "role": (["x"] * 6 + ["y"] * 6) * 2,
        "age": (["old"] * 2 + ["young"] * 4) * 4,
    }
)


def tables(*wanted, crossings="coarsen", min_n=5):
    return allowed_tables(PEOPLE, wanted, ("city", "unit"), min_n, crossings)


def test_smallest_cell():
    assert smallest_cell(PEOPLE, ["city", "role"]) == 6
    assert smallest_cell(PEOPLE, ["unit", "age"]) == 2
    assert smallest_cell(PEOPLE, []) == 24


def test_what_is_coarse_enough_stays():
    assert tables(("city",), ("unit",), ("city", "role"))[0] == (("city",), ("unit",),
                                                                ("city", "role"))  # fmt: skip
    assert tables(("unit", "age"), crossings="suppress")[0] == (("unit", "age"),)


def test_a_unit_gives_way_to_its_city_and_then_to_the_whole():
    kept, notes = tables(("unit", "age"), min_n=4)
    assert kept == (("city", "age"),)
    assert notes[0].message == (
        "The crossing unit x age has cells of fewer than 4 people; shown instead: city x age."
    )
    kept, _ = tables(("unit", "age"), min_n=5)
    assert kept == (("age",),)
    kept, _ = tables(("unit", "role", "age"), min_n=5)
    assert kept == (("role",), ("age",))


def test_refused():
    with pytest.raises(DataError, match="The crossing unit x age has cells of fewer than 5"):
        tables(("unit", "age"), crossings="refuse")
    with pytest.raises(OptionError, match="crossings="):
        tables(("unit",), crossings="hide")


def test_rows_of_people():
    refuse_person_rows(PEOPLE, [])
    refuse_person_rows(PEOPLE, ["city", "role"], allow=True)
    with pytest.raises(DataError, match="allow_person_rows=True"):
        refuse_person_rows(PEOPLE, ["city"])
    with pytest.raises(DataError, match="Some combinations of unit, age are those of fewer than 5"):
        refuse_person_rows(PEOPLE, ["unit", "age"], allow=True)
