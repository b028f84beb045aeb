"""The order in which a file holds its columns and rows never changes an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from truststats.constructs import load_instrument
from truststats.survey import read_survey, scale_scores

INSTRUMENT = load_instrument("tbm-core")
ITEMS = [item.name for item in INSTRUMENT.items]
CELLS = st.sampled_from([1, 2, 3, 4, 5, 5.0, 9, 7, None, "Helt enig", "Disagree", "3", "tja", ""])


@st.composite
def surveys(draw) -> pd.DataFrame:
    rows = draw(st.integers(1, 8))
    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=8, unique=True))
    cells = {i: draw(st.lists(CELLS, min_size=rows, max_size=rows)) for i in items}
    frame = pd.DataFrame(cells, dtype=object)
    frame["unit"] = draw(st.lists(st.sampled_from(["01", "2", "x"]), min_size=rows, max_size=rows))
    return frame


@settings(max_examples=80, deadline=None)
@given(frame=surveys(), seed=st.integers(0, 2**16))
def test_order_never_changes_values(frame, seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(frame)), rng.permutation(frame.columns)
    mixed = frame.iloc[rows][columns]
    straight = read_survey(frame, instrument=INSTRUMENT, cluster="unit")
    shuffled = read_survey(mixed, instrument=INSTRUMENT, cluster="unit")
    pd.testing.assert_frame_equal(
        shuffled.values(), straight.values().iloc[rows].reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(
        scale_scores(shuffled), scale_scores(straight).iloc[rows].reset_index(drop=True)
    )
    assert shuffled.exclusions() == straight.exclusions()
    pd.testing.assert_frame_equal(shuffled.response(), straight.response(), check_dtype=False)


@settings(max_examples=50, deadline=None)
@given(frame=surveys())
def test_every_cell_without_a_value_is_counted_once(frame):
    survey = read_survey(frame, instrument=INSTRUMENT)
    cells = sum(e.count for e in survey.exclusions() if e.unit == "cells")
    assert cells == int(survey.values().isna().to_numpy().sum())
    survey.check()


@settings(max_examples=50, deadline=None)
@given(frame=surveys(), delimiter=st.sampled_from([",", ";", "\t"]))
def test_a_csv_gives_the_same_answers_as_the_frame(frame, delimiter, tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    frame.to_csv(path, index=False, sep=delimiter)
    written = read_survey(path, instrument=INSTRUMENT, cluster="unit", delimiter=delimiter)
    direct = read_survey(frame, instrument=INSTRUMENT, cluster="unit")
    pd.testing.assert_frame_equal(written.values(), direct.values())
