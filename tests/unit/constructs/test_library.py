"""The library that comes with the package, and files of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from truststats.constructs import (
    Construct,
    list_constructs,
    list_instruments,
    load_construct,
    load_instrument,
)
from truststats.constructs.library import LIBRARY
from truststats.errors import DefinitionError

CODES = {
    "delegation": "DEL",
    "formal_information": "INF_F",
    "informal_information": "INF_I",
    "trust_based_leadership": "TLEAD",
    "goal_clarity": "GOAL",
    "perceived_control": "CTRL",
    "felt_trust": "FELT",
    "vertical_trust": "VTR",
    "horizontal_trust": "HTR",
    "work_autonomy": "AUT",
    "results": "RES",
    "innovation": "INN",
    "job_satisfaction": "JS",
    "turnover_intention": "TI",
}
NEGATIONS = {
    "en": re.compile(r"\b(not|never|no|nobody|nothing|without|\w+n't)\b", re.IGNORECASE),
    "nb": re.compile(r"\b(ikke|aldri|ingen|ingenting|uten)\b", re.IGNORECASE),
}
REFERENTS = {
    "closest_manager": {"en": "my closest manager", "nb": "nærmeste leder"},
    "unit": {"en": "my unit", "nb": "enheten min"},
    "colleagues": {"en": "colleagues in my unit", "nb": "kolleger i enheten min"},
    "municipality": {"en": "the municipality", "nb": "kommunen"},
    "other_services": {"en": "other services", "nb": "andre tjenester"},
    "self": {"en": ("i", "my", "me"), "nb": ("jeg", "meg", "min", "mitt", "mine")},
}


@pytest.fixture(params=sorted(CODES))
def construct(request: pytest.FixtureRequest) -> Construct:
    return load_construct(request.param)


def test_fourteen_constructs_with_their_codes() -> None:
    assert {key: load_construct(key).code for key in list_constructs()} == CODES
    assert list_instruments() == ("tbm-core", "tbm-short")


def test_a_construct_is_found_by_key_and_code_in_any_case() -> None:
    for name in ("vertical_trust", "VTR", "vtr", "Vertical_Trust"):
        assert load_construct(name).key == "vertical_trust"


def test_both_languages_everywhere(construct: Construct) -> None:
    assert construct.languages == ("en", "nb")
    for item in construct.items:
        assert set(item.text) == {"en", "nb"}


def test_items_are_numbered_and_few(construct: Construct) -> None:
    stem = construct.code.lower().replace("_", "")
    assert [i.name for i in construct.items] == [
        f"{stem}{n}" for n in range(1, len(construct.items) + 1)
    ]
    assert 3 <= len(construct.items) <= (9 if construct.key == "work_autonomy" else 6)


def test_no_item_text_is_repeated_anywhere() -> None:
    items = [i for key in list_constructs() for i in load_construct(key).items]
    for language in ("en", "nb"):
        texts = [item.text[language].casefold() for item in items]
        assert len(texts) == len(set(texts))
    names = [item.name for item in items]
    assert len(names) == len(set(names))


def test_no_item_is_a_negation(construct: Construct) -> None:
    for item in construct.items:
        for language, negation in NEGATIONS.items():
            assert not negation.search(item.text[language]), f"{item.name} ({language})"


def test_every_item_is_one_full_sentence(construct: Construct) -> None:
    for item in construct.items:
        for text in item.text.values():
            assert text.endswith(".")
            assert text[0].isupper()
            assert len(text.split()) <= 20


def test_every_item_names_its_referent(construct: Construct) -> None:
    for item in construct.items:
        for language, text in item.text.items():
            wanted = REFERENTS[item.referent][language]
            if isinstance(wanted, tuple):
                assert set(wanted) & set(re.findall(r"\w+", text.casefold())), item.name
            else:
                assert wanted in text.casefold(), f"{item.name} ({language})"


def test_one_reversed_item_a_facet_at_most_and_never_the_first(construct: Construct) -> None:
    facets = [item.facet for item in construct.items if item.reverse]
    assert len(facets) == len(set(facets))
    assert not construct.items[0].reverse


def test_autonomy_has_three_dimensions_of_three() -> None:
    autonomy = load_construct("AUT")
    assert autonomy.structure == "second_order"
    assert [i.dimension for i in autonomy.items] == [
        *("method", "method", "scheduling", "scheduling", "decision", "decision"),
        *("method", "scheduling", "decision"),
    ]
    assert not any(item.reverse for item in autonomy.items)


def test_the_scale_has_five_labelled_codes_and_a_code_for_dont_know(construct: Construct) -> None:
    scale = construct.response_set
    assert scale.codes == (1, 2, 3, 4, 5)
    assert scale.missing == {
        9: {"en": "Don't know / not relevant", "nb": "Vet ikke / ikke aktuelt"}
    }
    assert scale.recode == 6


def test_status_and_licence_are_said(construct: Construct) -> None:
    assert construct.status == "draft, not validated"
    assert "CC BY 4.0" in construct.licence
    assert construct.sources


def test_an_unknown_construct_gets_a_suggestion() -> None:
    with pytest.raises(DefinitionError, match=r"no construct 'vertical_tust'. Did you mean 'vert"):
        load_construct("vertical_tust")


def test_an_unknown_instrument_gets_a_suggestion() -> None:
    with pytest.raises(DefinitionError, match=r"no instrument 'tbm_core'. Did you mean 'tbm-core'"):
        load_instrument("tbm_core")


OWN = """
code = "COU"
level = "individual"
structure = "one_factor"
response_set = "agreement5"
licence = "ours"
status = "draft"
label.en = "Courage"
definition.en = "Speaks up."
[facets]
speak.en = "speak up"
[[items]]
name = "cou1"
facet = "speak"
referent = "self"
text.en = "I speak up."
[[items]]
name = "cou2"
facet = "speak"
referent = "self"
text.en = "I say what I think."
"""
SHEET = """
version = "1"
languages = ["en"]
status = "draft"
title.en = "Ours"
[[blocks]]
construct = "courage"
items = ["cou2"]
[[blocks]]
construct = "vertical_trust"
items = ["vtr1", "vtr2"]
[[blocks]]
construct = "courage"
items = ["cou1"]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "courage.toml").write_text(OWN, encoding="utf8")
    (tmp_path / "ours.toml").write_text(SHEET, encoding="utf8")
    return tmp_path


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf8")


def test_an_instrument_of_ones_own_mixes_own_and_library_constructs(own: Path) -> None:
    for path in (own / "ours.toml", str(own / "ours.toml")):
        instrument = load_instrument(path)
        assert instrument.name == "ours"
        assert [item.name for item in instrument.items] == ["cou2", "vtr1", "vtr2", "cou1"]
        assert instrument["COU"].response_set.key == "agreement5"


def test_a_construct_of_ones_own(own: Path) -> None:
    assert load_construct(own / "courage.toml").code == "COU"
    with pytest.raises(DefinitionError, match=r"There is no file 'vertical_trust.toml'"):
        load_construct(str(own / "vertical_trust.toml"))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("ours", "cou2", "cou3", "no item 'cou3'. Did you mean 'cou2'"),
        ("ours", '"courage"', '"corage"', "no construct 'corage'. Did you mean 'courage'"),
        ("ours", '["en"]', '["en", "nb"]', "title has no 'nb' text"),
        ("ours", '"vtr1", ', '"vtr2", ', "ours.toml asks no item of 'vertical_trust', or one"),
        ("ours", '["vtr1", "vtr2"]', "[]", "ours.toml asks no item of 'vertical_trust', or one"),
        ("ours", "title.en", "titel.en", "titel: this key is not known. Did you mean 'title'?"),
        ("ours", 'version = "1"', "version = 1", "version: Input should be a valid string"),
        ("courage", "agreement5", "agreement", "no response set 'agreement'. Did you mean 'agre"),
        ("courage", '"I speak up."', '""', "courage.toml, items['cou1'].text.en"),
        ("courage", 'code = "COU"', 'key = "cou"', "courage.toml gives itself the key 'cou'"),
        ("courage", "cou2", "cou1", "item name 'cou1' is used twice"),
        ("courage", "[facets]", "[facets", "courage.toml is not a TOML file"),
        ("courage", '"agreement5"', "5", "response_set"),
        ("courage", "[[items]]", "[items]", "courage.toml"),
    ],
)
def test_a_malformed_file_is_named_with_its_key(
    own: Path, file: str, old: str, new: str, message: str
) -> None:
    replaced(own / f"{file}.toml", old, new)
    with pytest.raises(DefinitionError) as caught:
        load_instrument(own / "ours.toml")
    assert message in str(caught.value)
    assert ".toml" in caught.value.where


def test_items_that_are_no_tables_are_refused(own: Path) -> None:
    text = OWN.split("[facets]")[0] + 'items = "cou1"\nfacets.speak.en = "x"\n'
    (own / "courage.toml").write_text(text, encoding="utf8")
    with pytest.raises(DefinitionError, match=r"courage.toml, items"):
        load_construct(own / "courage.toml")


def test_an_own_response_set_lies_beside(own: Path) -> None:
    (own / "response_sets").mkdir()
    scale = "codes = [0, 10]\nlabels.en = ['none', 'full']\n"
    (own / "response_sets" / "trust10.toml").write_text(scale, encoding="utf8")
    replaced(own / "courage.toml", "agreement5", "trust10")
    assert load_construct(own / "courage.toml").response_set.recode == 10


def test_every_file_of_the_library_ends_with_a_newline_and_names_no_key() -> None:
    for path in LIBRARY.rglob("*.toml"):
        text = path.read_text(encoding="utf8")
        assert text.endswith("\n")
        assert not re.search(r"^key = ", text.split("[[")[0], re.MULTILINE)
