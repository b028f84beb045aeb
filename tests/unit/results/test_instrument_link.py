"""`InstrumentLink`: its frame, its rows and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError

ASKED = ts.load_instrument("tbm-core").restricted_to(["vtr1", "vtr2", "vtr3", "ti1", "ti2"])


@pytest.fixture(scope="module")
def link(revised: Any, two_waves: Any) -> Any:
    change = ts.compare_instruments(ASKED, revised(ASKED))
    return change.link(*two_waves(change, 0.3), waves=("2025", "2027"))


def test_one_row_a_construct(link: Any) -> None:
    frame = link.frame().set_index("construct")
    assert frame["licensed"].to_dict() == {"vertical_trust": True, "turnover_intention": False}
    assert frame.loc["vertical_trust", "anchors"] == "vtr1, vtr2, vtr3"
    assert np.isnan(frame.loc["turnover_intention", "change"])
    assert frame.attrs["synthetic"]


def test_constructs_are_found_by_key_or_code(link: Any) -> None:
    assert link["VTR"] is link["vertical_trust"]
    with pytest.raises(OptionError, match="Neither version"):
        link["results"]


def test_a_change_that_is_not_licensed_is_not_given(link: Any) -> None:
    with pytest.raises(NotSupportedError, match="untestable"):
        _ = link["turnover_intention"].change


def test_people_are_counted_by_wave(link: Any) -> None:
    assert list(link.people) == ["2025", "2027"]
    assert link.both == 0
    assert link["VTR"].ladder.unit == "waves"
