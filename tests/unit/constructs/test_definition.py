"""Reading TOML, turning what pydantic finds into errors that teach, and hashing content."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from truststats.constructs.definition import (
    Definition,
    Name,
    Texts,
    content_hash,
    find_definition,
    read_toml,
    require_languages,
    same_name,
    validated,
)
from truststats.errors import DefinitionError


class Part(Definition):
    name: Name
    text: Texts
    weight: int = 1


class Whole(Definition):
    title: str
    parts: tuple[Part, ...]


GOOD = {"title": "T", "parts": [{"name": "a", "text": {"en": "x"}}]}


def test_a_sound_definition_is_returned() -> None:
    whole = validated(Whole, GOOD, "w.toml")
    assert whole.parts[0].name == "a"


def test_an_unknown_key_is_named_with_a_suggestion() -> None:
    with pytest.raises(DefinitionError) as caught:
        validated(Whole, {**GOOD, "titel": "T"}, "w.toml")
    assert "w.toml, titel: this key is not known. Did you mean 'title'?" in str(caught.value)


def test_a_nested_key_is_found_by_the_name_of_its_table() -> None:
    data = {"title": "T", "parts": [{"name": "a", "text": {"en": ""}, "wieght": 2}]}
    with pytest.raises(DefinitionError) as caught:
        validated(Whole, data, "w.toml")
    message = str(caught.value)
    assert "w.toml has 2 mistakes in the definition of a whole." in message
    assert "parts['a'].text.en: String should have at least 1 character, but found ''" in message
    assert "parts['a'].wieght: this key is not known. Did you mean 'weight'?" in message


def test_a_missing_key_is_named_by_position_where_the_table_has_no_name() -> None:
    with pytest.raises(DefinitionError, match=r"parts\[0\].name: this key is missing"):
        validated(Whole, {"title": "T", "parts": [{"text": {"en": "x"}}]}, "w.toml")


def test_a_language_tag_that_is_none_is_refused() -> None:
    data = {"title": "T", "parts": [{"name": "a", "text": {"Norwegian": "x"}}]}
    with pytest.raises(DefinitionError, match=r"parts\['a'\].text.Norwegian"):
        validated(Whole, data, "w.toml")


def test_definitions_are_frozen() -> None:
    whole = validated(Whole, GOOD, "w.toml")
    with pytest.raises(ValueError, match="frozen"):
        whole.title = "other"  # pyright: ignore[reportAttributeAccessIssue]


def test_read_toml_names_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"There is no file 'no.toml'"):
        read_toml(tmp_path / "no.toml")


def test_read_toml_names_the_line_of_a_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('a = 1\nb = "open\n', encoding="utf8")
    with pytest.raises(DefinitionError, match=r"bad.toml is not a TOML file: .*line 2"):
        read_toml(path)


def test_read_toml_wants_utf8(tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    path.write_bytes('a = "mål"'.encode("cp1252"))
    with pytest.raises(DefinitionError, match=r"old.toml is not UTF-8 text") as caught:
        read_toml(path)
    assert "save the file again" in str(caught.value)


def test_content_hash_is_blind_to_the_order_of_keys_only() -> None:
    assert content_hash({"a": 1, "b": [1, 2]}) == content_hash({"b": [1, 2], "a": 1})
    assert content_hash({"a": [1, 2]}) != content_hash({"a": [2, 1]})
    assert len(content_hash("å")) == 64


def test_require_languages_lists_every_text_that_lacks_one() -> None:
    texts = [("x", {"en": "1"}), ("y", {"en": "1", "nb": "2", "sv": "3"})]
    with pytest.raises(ValueError, match="x has no 'nb' text; y has a 'sv' text but the label of"):
        require_languages("'k'", ["en", "nb"], texts)


def test_same_name_returns_repeated_names_once() -> None:
    assert same_name(["a", "b", "a", "a", "c", "b"]) == ["a", "b"]
    assert same_name(["a"]) == []


def test_find_definition_takes_the_first_folder_and_suggests(tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    for folder in (near, far):
        folder.mkdir()
        (folder / "trust.toml").touch()
    assert find_definition("construct", "trust", [near, far]) == near / "trust.toml"
    with pytest.raises(DefinitionError, match=r"no construct 'trst'. Did you mean 'trust'"):
        find_definition("construct", "trst", [near, far])


def test_a_list_is_not_called_short_because_its_elements_are_wrong() -> None:
    class Few(Definition):
        parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    with pytest.raises(DefinitionError, match=r"f.toml, parts\['a'\].text: this key is missing"):
        validated(Few, {"parts": [{"name": "a"}]}, "f.toml")
    with pytest.raises(DefinitionError, match=r"f.toml, parts: Tuple should have at least 1 item"):
        validated(Few, {"parts": []}, "f.toml")


def test_a_long_wrong_value_is_cut() -> None:
    with pytest.raises(DefinitionError, match=r"but found \['xxx[^\n]{50,60}\.\.\.\n"):
        validated(Whole, {**GOOD, "title": ["x" * 500]}, "w.toml")


def test_a_copy_forgets_what_was_computed() -> None:
    class Sum(Definition):
        a: int

        @cached_property
        def twice(self) -> int:
            return 2 * self.a

    one = Sum(a=1)
    assert one.twice == 2
    assert one.model_copy(update={"a": 5}).twice == 10
    assert one.twice == 2
