"""Every kind of change of an item is told apart, and licenses what its construct allows."""

from __future__ import annotations

from typing import Any

import pytest

import truststats as ts
from truststats.constructs.change import (
    KINDS,
    construct_changes,
    fewest_of_parts,
    item_changes,
)

CORE = ts.load_instrument("tbm-core")
BOTH = ("en", "nb")
OTHER = {"en": "I trust what I am told.", "nb": "Jeg stoler på det jeg får høre."}


def rows_of(new: Any, languages: tuple[str, ...] = BOTH) -> dict[str, Any]:
    return {row.name: row for row in item_changes(CORE, new, languages)}


def licence_of(new: Any, construct: str) -> Any:
    rows = item_changes(CORE, new, BOTH)
    return {row.construct: row for row in construct_changes(CORE, new, rows)}[construct]


def with_answers(construct: str, **update: Any) -> Any:
    """Return the questionnaire with other answers to one construct."""
    own = CORE.constructs[construct]
    answers = own.response_set.model_copy(update=update)
    changed = own.model_copy(update={"response_set": answers})
    return CORE.model_copy(update={"constructs": {**CORE.constructs, construct: changed}})


def test_an_item_that_nobody_touched_is_kept_and_can_anchor(revised: Any) -> None:
    row = rows_of(revised(CORE))["vtr1"]
    assert (row.kind, row.details, row.anchor, row.points) == ("kept", (), True, (5, 5))


def test_spaces_do_not_make_another_wording_but_a_comma_does(revised: Any) -> None:
    text = CORE.item("vtr1").text
    spaced = {**text, "en": text["en"].replace(" ", "  ")}
    comma = {**text, "en": text["en"].replace(" what", ", what")}
    assert rows_of(revised(CORE, {"vtr1": {"text": spaced}}))["vtr1"].kind == "kept"
    assert rows_of(revised(CORE, {"vtr1": {"text": comma}}))["vtr1"].kind == "reworded"


def test_a_wording_changed_in_one_language_counts_where_that_language_counts(revised: Any) -> None:
    text = {**CORE.item("vtr1").text, "nb": OTHER["nb"]}
    new = revised(CORE, {"vtr1": {"text": text}})
    assert rows_of(new)["vtr1"].kind == "reworded"
    assert rows_of(new, ("en",))["vtr1"].anchor


def test_items_dropped_and_added(revised: Any) -> None:
    rows = rows_of(revised(CORE, {"vtr3": None}))
    assert (rows["vtr3"].kind, rows["vtr3"].points) == ("dropped", (5, 0))
    back = {row.name: row for row in item_changes(revised(CORE, {"vtr3": None}), CORE, BOTH)}
    assert (back["vtr3"].kind, back["vtr3"].old) == ("added", None)


def test_a_renamed_item_is_found_by_its_wording(revised: Any) -> None:
    row = rows_of(revised(CORE, {"vtr3": {"name": "vtr33"}}))["vtr3"]
    assert row.renamed
    assert row.anchor
    assert (row.old.name, row.new.name) == ("vtr3", "vtr33")


def test_a_key_turned_round_is_rekeyed(revised: Any) -> None:
    row = rows_of(revised(CORE, {"vtr1": {"reverse": True}}))["vtr1"]
    assert (row.kind, row.anchor) == ("rekeyed", False)


def test_an_item_of_another_construct_is_moved(revised: Any) -> None:
    own, other = CORE.constructs["vertical_trust"], CORE.constructs["felt_trust"]
    item = own.items[0].model_copy(update={"construct_key": "felt_trust", "facet": "tasks"})
    new = revised(
        CORE,
        constructs={
            **CORE.constructs,
            "vertical_trust": own.model_copy(update={"items": own.items[1:]}),
            "felt_trust": other.model_copy(update={"items": (*other.items, item)}),
        },
    )
    row = rows_of(new)["vtr1"]
    assert (row.kind, row.details) == ("moved", ("moved",))
    assert licence_of(new, "vertical_trust").changed == ("vtr1",)
    gained = licence_of(new, "felt_trust")
    assert (gained.licence, gained.reason) == ("means", "anchors")


SEVEN = {
    "codes": (1, 2, 3, 4, 5, 6, 7),
    "labels": {code: tuple(f"{code} {k}" for k in range(7)) for code in BOTH},
}


def test_other_numbers_of_answers_are_a_rescaling() -> None:
    row = rows_of(with_answers("results", **SEVEN))["res1"]
    assert (row.kind, row.details, row.points) == ("rescaled", ("rescaled",), (5, 7))


@pytest.mark.parametrize("kind", ["turned", "relabelled", "dont_know"])
def test_other_answers_on_the_same_codes(kind: str) -> None:
    labels = CORE.constructs["results"].response_set.labels
    update: dict[str, Any] = {"missing": {}}
    if kind == "turned":
        update = {"labels": {code: row[::-1] for code, row in labels.items()}}
    if kind == "relabelled":
        update = {"labels": {code: ("Never", *row[1:]) for code, row in labels.items()}}
    row = rows_of(with_answers("results", **update))["res1"]
    assert row.details == (kind,)
    assert row.kind == ("rescaled" if kind == "turned" else "relabelled")
    assert not row.anchor


def test_without_a_common_language_nothing_anchors(revised: Any) -> None:
    rows = rows_of(revised(CORE), ())
    assert {row.kind for row in rows.values()} == {"translated"}


def test_the_gravest_change_names_the_kind(revised: Any) -> None:
    row = rows_of(revised(CORE, {"vtr1": {"reverse": True, "text": OTHER}}))["vtr1"]
    assert (row.kind, row.details) == ("rekeyed", ("rekeyed", "reworded"))
    assert set(KINDS) > {row.kind}


@pytest.mark.parametrize(
    ("reworded", "licence", "reason"),
    [
        ((), "all", "unchanged"),
        (("vtr1",), "means", "anchors"),
        (("vtr1", "vtr2"), "means", "anchors"),
        (("vtr1", "vtr2", "vtr3"), "means", "two_anchors"),
        (("vtr1", "vtr2", "vtr3", "vtr4"), "form", "one_anchor"),
        (("vtr1", "vtr2", "vtr3", "vtr4", "vtr5"), "form", "no_anchor"),
    ],
)
def test_anchors_license_means(
    revised: Any, reworded: tuple[str, ...], licence: str, reason: str
) -> None:
    texts = {code: f"{text} (new)" for code, text in OTHER.items()}
    changed = {
        name: {"text": {code: f"{name} {text}" for code, text in texts.items()}}
        for name in reworded
    }
    row = licence_of(revised(CORE, changed), "vertical_trust")
    assert (row.licence, row.reason) == (licence, reason)
    assert row.changed == reworded
    assert len(row.anchors) == 5 - len(reworded)


def test_two_common_items_cannot_be_tested(revised: Any) -> None:
    row = licence_of(revised(CORE, {"goal3": None}), "goal_clarity")
    assert (row.licence, row.reason, row.asked) == ("form", "untestable", (3, 2))


def test_one_item_is_no_factor(revised: Any) -> None:
    row = licence_of(revised(CORE, {"ti2": None}), "turnover_intention")
    assert (row.licence, row.reason) == ("none", "single_item")


def test_a_construct_of_one_version_alone_is_not_compared() -> None:
    short = ts.load_instrument("tbm-short")
    assert licence_of(short, "felt_trust").reason == "not_in_new"
    rows = item_changes(short, CORE, BOTH)
    found = {row.construct: row for row in construct_changes(short, CORE, rows)}
    assert (found["felt_trust"].licence, found["felt_trust"].reason) == ("none", "not_in_old")


def test_every_dimension_of_a_second_order_construct_needs_its_anchors(revised: Any) -> None:
    autonomy = CORE.constructs["work_autonomy"]
    names = [item.name for item in autonomy.items]
    assert fewest_of_parts(autonomy, names, names) == [2, 2, 2]
    row = licence_of(revised(CORE, {"aut1": {"text": OTHER}}), "work_autonomy")
    assert (row.licence, row.reason) == ("form", "thin_part")


def test_items_outside_the_factor_are_compared_but_do_not_anchor(revised: Any) -> None:
    row = rows_of(revised(CORE))["ctrl5"]
    assert (row.kind, row.anchor) == ("kept", False)
    assert licence_of(revised(CORE), "perceived_control").licence == "all"
