"""Instruments: what they hold, how they are asked, and what their hash covers."""

from __future__ import annotations

from typing import Any

import pytest

from truststats.constructs import Instrument, load_instrument
from truststats.errors import DefinitionError


@pytest.fixture(scope="module")
def core() -> Instrument:
    return load_instrument("tbm-core")


def changed(instrument: Instrument, **changes: Any) -> Instrument:
    fields = {name: getattr(instrument, name) for name in Instrument.model_fields}
    return Instrument(**(fields | changes))


def test_core_takes_the_first_items_of_every_construct(core: Instrument) -> None:
    sizes = {construct.code: len(construct.items) for construct in core.constructs.values()}
    assert sizes == {
        "DEL": 4,
        "TLEAD": 5,
        "INF_F": 5,
        "INF_I": 4,
        "VTR": 5,
        "FELT": 4,
        "HTR": 4,
        "AUT": 6,
        "CTRL": 6,
        "GOAL": 3,
        "RES": 4,
        "INN": 4,
        "JS": 3,
        "TI": 2,
    }
    assert len(core) == len(core.items) == 59
    for construct in core.constructs.values():
        stem = construct.code.lower().replace("_", "")
        names = [f"{stem}{i}" for i in range(1, len(construct.items) + 1)]
        assert [item.name for item in construct.items] == names


def test_core_reverses_exactly_five_items(core: Instrument) -> None:
    names = {item.name for item in core.items if item.reverse}
    assert names == {"del4", "tlead5", "inff5", "vtr5", "felt4"}


def test_short_holds_28_items_of_core(core: Instrument) -> None:
    short = load_instrument("tbm-short")
    assert len(short) == 28
    assert set(short.item_order) <= set(core.item_order)
    assert short["work_autonomy"].structure == "one_factor"


def test_items_follow_the_questionnaire(core: Instrument) -> None:
    assert [item.name for item in core.items][:6] == [
        "del1",
        "del2",
        "del3",
        "del4",
        "tlead1",
        "tlead2",
    ]


def test_constructs_and_items_are_found_in_any_case(core: Instrument) -> None:
    assert core["VTR"] is core["vertical_trust"] is core["vtr"]
    assert core.item("VTR1").construct == "vertical_trust"
    assert "VTR" in core
    assert "work_autonomy" in core
    assert "aut6" in core
    assert "aut7" not in core
    assert 3 not in core


def test_what_is_not_asked_is_said_with_a_suggestion(core: Instrument) -> None:
    with pytest.raises(DefinitionError, match=r"no item 'vtrr1'. Did you mean 'vtr1'"):
        core.item("vtrr1")
    with pytest.raises(DefinitionError, match=r"no construct 'vertical_turst'. Did you mean"):
        core["vertical_turst"]


def test_the_hash_covers_what_people_see_and_how_it_is_scored(core: Instrument) -> None:
    assert len(core.content_hash) == 64
    assert core.short_hash == core.content_hash[:12]
    trust = core["vertical_trust"]
    first = trust.items[0]
    reworded = first.model_copy(update={"text": {**first.text, "en": "Other words."}})
    flipped = first.model_copy(update={"reverse": True})
    for other in (reworded, flipped):
        items = (other, *trust.items[1:])
        constructs = {**core.constructs, trust.key: trust.model_copy(update={"items": items})}
        assert changed(core, constructs=constructs).content_hash != core.content_hash
    assert changed(core, version="9").content_hash != core.content_hash


def test_the_hash_leaves_out_sources_licence_and_status(core: Instrument) -> None:
    trust = core["vertical_trust"].model_copy(update={"sources": (), "status": "validated"})
    other = changed(core, constructs={**core.constructs, trust.key: trust}, status="validated")
    assert other.content_hash == core.content_hash


def test_order_and_items_must_agree(core: Instrument) -> None:
    with pytest.raises(ValueError, match="item 'del1' is asked twice"):
        changed(core, item_order=(*core.item_order, "del1"))
    with pytest.raises(ValueError, match="item_order and the constructs' items differ"):
        changed(core, item_order=core.item_order[1:])


def test_every_language_asked_must_be_there(core: Instrument) -> None:
    with pytest.raises(ValueError, match="title has no 'sv' text"):
        changed(core, languages=("en", "nb", "sv"))
    texts = {"en": "T", "nb": "T", "sv": "T"}
    with pytest.raises(ValueError, match="construct 'delegation' has no texts in 'sv'"):
        changed(core, languages=("en", "nb", "sv"), title=texts, introduction={})


def test_cards_are_made_by_the_formatter(core: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("truststats._bridge.text", lambda value: f"text {value.name}")
    monkeypatch.setattr("truststats._bridge.html", lambda value: f"html {value.name}")
    assert repr(core) == str(core) == "text tbm-core"
    assert core._repr_html_() == "html tbm-core"
