"""Both waves in one frame: old names, turned items, and who depends on whom."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.workflow.instrument_waves import waves_of

TRUST = ts.load_instrument("tbm-core").restricted_to(["vtr1", "vtr2", "vtr5"])


@pytest.fixture(scope="module")
def change(revised: Any) -> Any:
    return ts.compare_instruments(TRUST, revised(TRUST, {"vtr2": {"name": "vtr22"}}))


def survey(instrument: Any, n: int = 6, **columns: Any) -> Any:
    """Return n rows of answers with further columns."""
    answers = {name: (np.arange(n) + k) % 5 + 1 for k, name in enumerate(instrument.item_order)}
    design = {"cluster": "unit"} if "unit" in columns else {}
    return ts.read_survey(pd.DataFrame({**answers, **columns}), instrument=instrument, **design)


def test_items_stand_under_their_old_names_and_are_turned(change: Any) -> None:
    waves = waves_of(change, survey(change.old), survey(change.new))
    assert list(waves.frame.columns) == ["vtr1", "vtr2", "vtr5", "wave", "cluster", "weight"]
    assert waves.frame["vtr5"].tolist()[:3] == [3, 2, 1], "6 minus 3, 4, 5"
    assert waves.labels == ("0.1", "0.2")
    assert waves.new.tolist() == [False] * 6 + [True] * 6
    assert not waves.clustered
    assert not waves.weighted


def test_waves_can_be_named(change: Any) -> None:
    given = survey(change.old), survey(change.new)
    assert waves_of(change, *given, labels=("2025", "2027")).labels == ("2025", "2027")
    with pytest.raises(OptionError, match="tell the waves apart"):
        waves_of(change, *given, labels=("2025", "2025"))


def test_people_and_units_are_clusters_over_both_waves(change: Any) -> None:
    units = list("aabbcc")
    old = survey(change.old, who=[1, 2, 3, 4, 5, 6], unit=units)
    new = survey(change.new, who=[1, 2, 7, 8, 9, None], unit=units)
    by_person = waves_of(change, old, new, id="who", cluster=None)
    assert by_person.both == 2
    assert len(set(by_person.clusters)) == 10
    by_unit = waves_of(change, old, new)
    assert by_unit.clusters.tolist() == by_unit.clusters.tolist()[:6] * 2
    both = waves_of(change, old, new, id="who")
    assert len(set(both.clusters)) == 3


def test_people_who_changed_units_are_refused(change: Any) -> None:
    old = survey(change.old, who=range(6), unit=list("aabbcc"))
    new = survey(change.new, who=range(6), unit=list("bbaacc"))
    with pytest.raises(NotSupportedError, match="different units"):
        waves_of(change, old, new, id="who")
    assert len(set(waves_of(change, old, new, id=None).clusters)) == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([1, 1, 2, 3, 4, 5], range(6), "a second time"),
        (range(6), range(10, 16), "Nobody is in both"),
    ],
)
def test_ids_that_cannot_be_ids_are_refused(change: Any, old: Any, new: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        waves_of(change, survey(change.old, who=old), survey(change.new, who=new), id="who")


def test_a_column_that_is_not_there_is_refused(change: Any) -> None:
    given = survey(change.old, who=range(6)), survey(change.new)
    with pytest.raises(DataError, match="no column 'who'"):
        waves_of(change, *given, id="who")


def test_each_wave_is_read_with_its_own_version(change: Any) -> None:
    with pytest.raises(OptionError, match=r"old wave was read with tbm-core 0\.2"):
        waves_of(change, survey(change.new), survey(change.old))
    with pytest.raises(OptionError, match="not a Survey"):
        waves_of(change, survey(change.old), survey(change.new).frame)
    bare = ts.read_survey(survey(change.new).frame)
    with pytest.raises(OptionError, match="no questionnaire"):
        waves_of(change, survey(change.old), bare)


def test_weights_and_the_synthetic_label_are_kept(change: Any) -> None:
    old = survey(change.old)
    rows = survey(change.new, w=np.arange(1.0, 7.0)).frame.assign(synthetic=1)
    new = ts.read_survey(rows, instrument=change.new, weights="w", synthetic=True)
    waves = waves_of(change, old, new)
    assert waves.weighted
    assert waves.weights.tolist() == [1.0] * 6 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert waves.synthetic
