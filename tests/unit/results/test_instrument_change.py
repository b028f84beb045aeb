"""`InstrumentChange`: its frames and its rows."""

from __future__ import annotations

from typing import Any

import pytest

import truststats as ts
from truststats.errors import OptionError

CORE = ts.load_instrument("tbm-core")


@pytest.fixture
def change(revised: Any) -> Any:
    text = {"en": "My manager keeps promises.", "nb": "Lederen min holder løfter."}
    return ts.compare_instruments(CORE, revised(CORE, {"vtr1": {"text": text}, "vtr5": None}))


def test_one_row_an_item(change: Any) -> None:
    frame = change.frame().set_index("item")
    assert len(frame) == len(CORE)
    assert frame.loc["vtr1", "kind"] == "reworded"
    assert frame.loc["vtr1", "new_wording"] == "My manager keeps promises."
    assert tuple(frame.loc["vtr5", ["kind", "new_item", "new_points"]]) == ("dropped", "", 0)
    assert "vtr1" not in change.anchors
    assert "vtr2" in change.anchors


def test_one_row_a_construct(change: Any) -> None:
    row = change.constructs_frame().set_index("construct").loc["vertical_trust"]
    assert tuple(row[["licence", "reason", "n_anchors"]]) == ("means", "anchors", 3)
    assert (row["changed"], row["dropped"], row["asked"], row["new_asked"]) == (
        "vtr1", "vtr5", 5, 4,
    )  # fmt: skip


def test_a_construct_is_found_by_key_or_code(change: Any) -> None:
    assert change["VTR"] is change["vertical_trust"]
    with pytest.raises(OptionError, match="Did you mean 'vertical_trust'"):
        change["vertical_trst"]
