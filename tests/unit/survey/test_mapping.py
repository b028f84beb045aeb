from __future__ import annotations

import pytest

from truststats.errors import SurveyError
from truststats.survey.mapping import ItemRule, read_mapping

ITEMS = ("vtr1", "vtr2", "vtr3")


def test_toml_with_defaults(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(
        """
        [defaults]
        codes = [1, 7]
        missing = [8]
        [items]
        vtr1 = "A1"
        vtr2 = { column = "A2", reverse = true, codes = [1, 4] }
        vtr3 = false
        """,
        "utf-8",
    )
    rules = read_mapping(path, ITEMS)
    assert rules["vtr1"] == ItemRule("A1", False, (1, 7), (8.0,))
    assert rules["vtr2"] == ItemRule("A2", True, (1, 4), (8.0,))
    assert rules["vtr3"].column is None


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_csv(tmp_path, encoding):
    path = tmp_path / "map.csv"
    path.write_text(
        "item;column;reverse;codes;missing\nvtr1;spørsmål;ja;1 7;8 9\nvtr2;B;;;\n", encoding
    )
    rules = read_mapping(str(path), ITEMS)
    assert rules["vtr1"] == ItemRule("spørsmål", True, (1, 7), (8.0, 9.0))
    assert rules["vtr2"] == ItemRule("B")


def test_nothing_and_plain_dictionaries():
    assert read_mapping(None, ITEMS) == {}
    assert read_mapping({"vtr1": "A", "vtr2": None}, ITEMS)["vtr2"] == ItemRule(None)
    assert read_mapping({"vtr1": ItemRule("A")}, ()) == {"vtr1": ItemRule("A")}
    assert read_mapping({"vtr1": {"column": "A", "missing": 9}}, ITEMS)["vtr1"].missing == (9.0,)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"vtr11": "A"}, r"'vtr11', which is no item.*Did you mean 'vtr1'"),
        ({"A": "vtr1"}, "turn the mapping round"),
        ({"vtr1": "A", "vtr2": "A"}, "column 'A' to both 'vtr1' and 'vtr2'"),
        ({"vtr1": {"colum": "A"}}, r"unknown key 'colum'.*Did you mean 'column'"),
        ({"vtr1": ["A"]}, "neither a column name nor a table"),
        ({"vtr1": {"column": "A", "codes": "one"}}, "are not numbers"),
    ],
)
def test_faulty_mappings(mapping, message):
    with pytest.raises(SurveyError, match=message):
        read_mapping(mapping, ITEMS)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.toml", "[items", "no valid TOML"),
        ("m.toml", "vtr1 = 'A'", r"no \[items\] table"),
        ("m.csv", "a,b\n1,2\n", "needs the columns item and column"),
        ("m.csv", "item,column\nvtr1,A\nvtr1,B\n", "names item 'vtr1' twice"),
        ("m.json", "{}", "is .toml or .csv, not '.json'"),
    ],
)
def test_faulty_files(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(SurveyError, match=message):
        read_mapping(path, ITEMS)


def test_absent_file(tmp_path):
    with pytest.raises(SurveyError, match="no mapping file"):
        read_mapping(tmp_path / "m.toml", ITEMS)
