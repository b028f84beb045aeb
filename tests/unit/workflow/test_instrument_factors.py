"""One construct in two waves: what is modelled, and why it may not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import truststats as ts

CORE = ts.load_instrument("tbm-core")
OTHER = {"en": "I decide alone.", "nb": "Jeg bestemmer alene."}


def test_two_items_cannot_be_tested(revised: Any) -> None:
    leaving = CORE.restricted_to(["ti1", "ti2"])
    change = ts.compare_instruments(leaving, revised(leaving))
    waves = [ts.simulate(instrument=version) for version in (change.old, change.new)]
    one = change.link(*waves)["turnover_intention"]
    assert (one.licensed, one.reason) == (False, "untestable")


def test_items_that_a_file_lacks_do_not_anchor(revised: Any) -> None:
    trust = CORE.restricted_to(["vtr1", "vtr2", "vtr3"])
    change = ts.compare_instruments(trust, revised(trust))
    old = ts.simulate(instrument=change.old)
    rows = ts.simulate(instrument=change.new).frame.drop(columns=["vtr1", "vtr2"])
    one = change.link(old, ts.read_survey(rows, instrument=change.new), cluster=None)["VTR"]
    assert (one.licensed, one.reason, one.anchors) == (False, "absent", ("vtr3",))


def test_dimensions_of_a_second_order_construct_change_each_by_itself(revised: Any) -> None:
    names = [f"aut{k}" for k in range(1, 7)]
    autonomy = CORE.restricted_to(names)
    change = ts.compare_instruments(autonomy, revised(autonomy))
    waves = [ts.simulate(instrument=v, seed=k) for k, v in enumerate((change.old, change.new))]
    one = change.link(*waves)["work_autonomy"]
    assert [found.anchors for found in one.changes] == [
        ("aut1", "aut2"), ("aut3", "aut4"), ("aut5", "aut6"),
    ]  # fmt: skip
    assert all(abs(found.change) < 3 * found.se for found in one.changes)
    with pytest.raises(ts.NotSupportedError, match="3 factors"):
        _ = one.change


def test_a_factor_that_does_not_hold_licenses_nothing(revised: Any) -> None:
    trust = CORE.restricted_to([f"vtr{k}" for k in range(1, 6)])
    change = ts.compare_instruments(trust, revised(trust))
    rng = np.random.default_rng(2)
    waves = []
    for version in (change.old, change.new):
        rows = ts.simulate(instrument=version).frame
        one, two = rng.normal(size=(2, len(rows)))
        for k, name in enumerate(trust.item_order[:4]):
            own = (one if k < 2 else two) + 0.5 * rng.normal(size=len(rows))
            rows[name] = np.clip(np.round(3 + own), 1, 5)
        waves.append(ts.read_survey(rows, instrument=version))
    one = change.link(*waves, cluster=None)["VTR"]
    assert (one.licensed, one.reason) == (False, "form")
    assert one.ladder.steps[-1].name == "configural"
