"""Two versions of a questionnaire: what is refused, and what must be said first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import truststats as ts
from truststats.errors import DefinitionError, OptionError
from truststats.workflow.instrument_change import compare_instruments

CORE = ts.load_instrument("tbm-core")
OTHER = {"en": "I trust what I am told.", "nb": "Jeg stoler på det jeg får høre."}


def codes(change: Any) -> set[str]:
    return {problem.code for problem in change.problems}


def test_names_of_the_library_and_values_are_the_same() -> None:
    one = ts.compare_instruments("tbm-short", "tbm-core")
    two = compare_instruments(ts.load_instrument("tbm-short"), CORE)
    assert one.frame().equals(two.frame())
    assert codes(one) == set()


def test_the_same_questionnaire_twice_is_refused() -> None:
    with pytest.raises(OptionError, match="given twice"):
        compare_instruments(CORE, "tbm-core")


def test_the_same_content_under_another_version_is_all_kept(revised: Any) -> None:
    change = compare_instruments(CORE, revised(CORE))
    assert {row.kind for row in change.items} == {"kept"}
    assert {row.licence for row in change.constructs} == {"all"}


@pytest.mark.parametrize("wrong", ["tbm-cor", Path("nowhere.toml")])
def test_an_unknown_version_is_said(wrong: Any) -> None:
    with pytest.raises(DefinitionError, match="There is no"):
        compare_instruments("tbm-core", wrong)


def test_what_is_no_questionnaire_is_refused() -> None:
    with pytest.raises(OptionError, match="no questionnaire"):
        compare_instruments(CORE, 7)  # type: ignore[arg-type]


def test_other_constructs_are_refused() -> None:
    def only(*keys: str) -> Any:
        held = {key: CORE.constructs[key] for key in keys}
        order = tuple(item.name for c in held.values() for item in c.items)
        return CORE.model_copy(update={"constructs": held, "item_order": order})

    with pytest.raises(OptionError, match="no construct in common"):
        compare_instruments(only("results"), only("innovation"))


def test_no_common_item_is_refused(revised: Any) -> None:
    short = CORE.restricted_to(["res1", "res2"])
    texts = [{"name": f"out{k}", "text": {c: f"{t} {k}" for c, t in OTHER.items()}} for k in (1, 2)]
    new = revised(short, {"res1": texts[0], "res2": texts[1]})
    with pytest.raises(OptionError, match="no item in common"):
        compare_instruments(short, new)


def test_a_change_without_a_new_version_is_said(revised: Any) -> None:
    new = revised(CORE, {"vtr1": {"text": OTHER}}, version=CORE.version)
    assert "version_not_changed" in codes(compare_instruments(CORE, new))


def test_languages(revised: Any) -> None:
    english = revised(CORE, {"vtr1": {"text": {**CORE.item("vtr1").text, "nb": OTHER["nb"]}}})
    change = compare_instruments(CORE, english, language="en")
    assert change["vertical_trust"].licence == "all"
    assert change.languages == ("en",)
    assert compare_instruments(CORE, english)["vertical_trust"].licence == "means"
    with pytest.raises(OptionError, match="no texts in 'sv'"):
        compare_instruments(CORE, english, language="sv")


def test_a_language_more_is_said_and_none_in_common_is_too(revised: Any) -> None:
    english, bokmal = (revised(CORE, languages=(code,), version=code) for code in ("en", "nb"))
    assert codes(compare_instruments(english, CORE)) == {"languages_differ"}
    apart = compare_instruments(english, bokmal)
    assert "no_common_language" in codes(apart)
    assert {row.licence for row in apart.constructs} == {"form", "none"} - {"none"}


def test_what_stands_around_the_items_is_said(revised: Any) -> None:
    order = (CORE.item_order[1], CORE.item_order[0], *CORE.item_order[2:])
    new = revised(CORE, introduction={"en": "Other", "nb": "Annet"}, item_order=order)
    assert codes(compare_instruments(CORE, new)) == {"introduction_changed", "order_changed"}


def test_a_corrected_key_is_said(revised: Any) -> None:
    change = compare_instruments(CORE, revised(CORE, {"vtr5": {"reverse": False}}))
    found = [problem for problem in change.problems if problem.code == "key_corrected"]
    assert found[0].where == "vtr5"
