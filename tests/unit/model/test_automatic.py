"""Agreement with lavaan row by row is in tests/reference/test_partables*.py."""

from __future__ import annotations

from truststats.model import parse
from truststats.model.automatic import Row, fill_group, rules_of
from truststats.model.names import names_of

TEXT = "f =~ x1 + x2 + x3\nf ~ z"


def _rows(kind: str) -> dict[str, Row]:
    statements = parse(TEXT)
    rules = rules_of(kind, std_lv=False, orthogonal=False, meanstructure=True, fixed_x=True)
    rows = fill_group(statements, names_of(statements), rules, 2)
    return {"".join(row.key): row for row in rows}


def test_every_row_knows_its_group_and_where_it_came_from():
    rows = _rows("sem")
    assert {row.group for row in rows.values()} == {2}
    assert rows["f~z"].user == 1
    assert rows["x1~~x1"].user == 0


def test_the_rules_of_the_fitting_functions_differ():
    assert [_rows(kind)["f~1"].free for kind in ("sem", "growth", "lavaan")] == [False, True, False]
    assert [_rows(kind)["x1~1"].free for kind in ("sem", "growth", "lavaan")] == [
        True,
        False,
        False,
    ]
    assert [_rows(kind)["x1~~x1"].free for kind in ("sem", "growth", "lavaan")] == [
        True,
        True,
        False,
    ]
    assert [_rows(kind)["f=~x1"].fixed for kind in ("sem", "growth", "lavaan")] == [1.0, 1.0, None]
    assert all(_rows(kind)["z~1"].exo == 1 for kind in ("sem", "growth", "lavaan"))
