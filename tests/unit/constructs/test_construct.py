"""Constructs: what a card must hold, and what is refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from truststats.constructs import Construct, load_construct
from truststats.constructs.construct import ResponseSet
from truststats.constructs.definition import validated
from truststats.errors import DefinitionError

SCALE: dict[str, Any] = {
    "key": "agreement3",
    "codes": [1, 2, 3],
    "labels": {"en": ["no", "so", "yes"], "sv": ["nej", "så", "ja"]},
    "missing": {"9": {"en": "don't know", "sv": "vet inte"}},
}


def item(name: str, **changes: Any) -> dict[str, Any]:
    base = {
        "name": name,
        "construct": "courage",
        "facet": "speak",
        "referent": "self",
        "text": {"en": f"I speak up {name}.", "sv": f"Jag säger ifrån {name}."},
    }
    return base | changes


def card(**changes: Any) -> dict[str, Any]:
    base = {
        "key": "courage",
        "code": "COU",
        "label": {"en": "Courage", "sv": "Mod"},
        "definition": {"en": "Speaks up.", "sv": "Säger ifrån."},
        "level": "individual",
        "structure": "one_factor",
        "facets": {"speak": {"en": "speak up", "sv": "säga ifrån"}},
        "response_set": SCALE,
        "items": [item("cou1"), item("cou2"), item("cou3", reverse=True)],
        "licence": "CC BY 4.0",
        "status": "draft, not validated",
    }
    return copy.deepcopy(base | changes)


def load(**changes: Any) -> Construct:
    return validated(Construct, card(**changes), "courage.toml")


def test_any_language_will_do() -> None:
    construct = load()
    assert construct.languages == ("en", "sv")
    assert construct.label_for("sv") == "Mod"
    assert construct.label_for("nb") == "Courage", "the first language stands in for an absent one"


def test_item_knows_its_construct() -> None:
    assert load().items[0].construct == "courage"


def test_missing_codes_are_numbers_with_labels() -> None:
    scale = load().response_set
    assert scale.missing[9]["sv"] == "vet inte"
    assert scale.recode == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": [item("cou1"), item("cou1")]}, "item name 'cou1' is used twice"),
        (
            {"items": [item("cou1"), item("cou2", text=item("cou1")["text"])]},
            "two items have the same text: 'I speak up cou1.'",
        ),
        ({"items": [item("cou1", text={"en": "I dare."})]}, "item 'cou1' has no 'sv' text"),
        ({"definition": {"sv": "Säger ifrån."}}, "definition has no 'en' text"),
        (
            {"items": [item("cou1", text={"en": "a", "sv": "b", "da": "c"})]},
            "item 'cou1' has a 'da' text but the label of 'courage' has none",
        ),
        ({"items": [item("cou1", facet="speek")]}, "unknown facet 'speek'. Did you mean 'speak'"),
        ({"items": [item("cou1", construct="other")]}, "item 'cou1' says it belongs to 'other'"),
        ({"items": [item("cou1", dimension="part")]}, "unknown dimension 'part'"),
        ({"items": [item("Cou1")]}, "String should match pattern"),
        ({"items": [item("cou1", referent="boss")]}, "items['cou1'].referent"),
        (
            {"items": [item("cou1"), item("cou2", reverse=True, referent="unit")]},
            "reverse-keyed item 'cou2' is about 'unit', which no forward item is about",
        ),
        (
            {"items": [item("cou1", reverse=True)]},
            "word the opposite about the same referent",
        ),
        (
            {"facets": card()["facets"] | {"act": {"en": "act", "sv": "handla"}}},
            "no item covers the facet 'act'",
        ),
        (
            {"dimensions": [{"key": "d", "label": {"en": "D", "sv": "D"}}]},
            "item 'cou1' has no dimension; use one of d",
        ),
        ({"structure": "second_order"}, "needs at least three dimensions"),
        ({"structure": "bifactor"}, "structure: Input should be 'one_factor' or 'second_order'"),
        ({"level": "team"}, "level: Input should be"),
        ({"items": []}, "items: Tuple should have at least 1 item"),
        ({"sources": [{"citation": "X", "doi": "https://doi.org/10.1/x"}]}, "sources[0].doi"),
        ({"licens": "x"}, "licens: this key is not known. Did you mean 'licence'?"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load(**changes)
    assert message in str(caught.value)
    assert "courage.toml" in str(caught.value)


def test_a_dimension_without_items_is_refused() -> None:
    labels = {"en": "D", "sv": "D"}
    dimensions = [{"key": "d", "label": labels}, {"key": "e", "label": labels}]
    items = [item("cou1", dimension="d"), item("cou2", dimension="d")]
    with pytest.raises(DefinitionError, match="no item belongs to the dimension 'e'"):
        load(dimensions=dimensions, items=items)
    with pytest.raises(DefinitionError, match="dimension 'd' is defined twice"):
        load(dimensions=[dimensions[0], dimensions[0]], items=items)


def test_the_response_set_speaks_the_languages_of_the_construct() -> None:
    scale = copy.deepcopy(SCALE)
    del scale["labels"]["sv"], scale["missing"]["9"]["sv"]
    with pytest.raises(DefinitionError, match="response set 'agreement3' has no 'sv' labels"):
        load(response_set=scale)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codes": [1, 3, 2]}, "codes must rise and none may repeat"),
        ({"codes": [1, 2]}, "labels.en has 3 labels for 2 codes"),
        ({"missing": {"3": {"en": "?", "sv": "?"}}}, "code 3 cannot be both an answer and missing"),
        ({"missing": {"9": {"en": "?"}}}, "missing.9 has no 'sv' text"),
        ({"missing": {"nine": {"en": "?", "sv": "?"}}}, "missing.nine"),
    ],
)
def test_what_a_response_set_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        validated(ResponseSet, SCALE | changes, "agreement3.toml")
    assert message in str(caught.value)


def test_separate_dimensions_are_no_part_of_the_factor() -> None:
    control = load_construct("perceived_control")
    assert [i.name for i in control.factor_items] == ["ctrl1", "ctrl2", "ctrl3", "ctrl4"]
    assert [i.name for i in control.items_of("usefulness")] == ["ctrl5", "ctrl6"]


def test_restriction_drops_what_has_no_items() -> None:
    autonomy = load_construct("work_autonomy")
    assert len(autonomy.factor_items) == 9
    core = autonomy.restricted_to(f"aut{i}" for i in range(1, 7))
    assert core.structure == "second_order"
    assert core.factor_items == core.items
    assert len(core.facets) == 6
    short = autonomy.restricted_to(["aut1", "aut3", "aut5"])
    assert short.structure == "one_factor", "one item a dimension identifies no second order"
    assert [d.key for d in short.dimensions] == ["method", "scheduling", "decision"]
    two = autonomy.restricted_to(["aut1", "aut2", "aut3", "aut4"])
    assert two.structure == "one_factor"
    assert [d.key for d in two.dimensions] == ["method", "scheduling"]


def test_a_construct_survives_pickling() -> None:
    construct = load()
    assert pickle.loads(pickle.dumps(construct)) == construct


def test_cards_are_made_by_the_formatter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("truststats._bridge.text", lambda value: f"text {value.key}")
    monkeypatch.setattr("truststats._bridge.html", lambda value: f"html {value.key}")
    construct = load()
    assert repr(construct) == str(construct) == "text courage"
    assert construct._repr_html_() == "html courage"
