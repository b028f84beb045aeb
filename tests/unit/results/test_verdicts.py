import math

import pytest

from truststats.results import Verdict, Verdicts
from truststats.results.verdicts import VERDICT_NAMES, in_language

ROW = Verdict(
    "one",
    {"en": "More trust.", "nb": "Mer tillit."},
    ("delegation", "vertical_trust"),
    "direct",
    ("goal_clarity", "felt_trust"),
    1,
    0.1,
    0.2,
    0.03,
    0.14,
    0.26,
    0.15,
    0.25,
    0.001,
    0.01,
    "supported",
    ("same_source",),
)


def test_a_frame_keeps_numbers_and_joins_tuples():
    frame = Verdicts((ROW,)).frame("nb")
    row = frame.iloc[0]
    assert row["statement"] == "Mer tillit."
    assert row["path"] == "delegation -> vertical_trust"
    assert row["adjust"] == "goal_clarity, felt_trust"
    assert math.isclose(row["estimate"], 0.2)
    assert list(frame.columns)[:2] == ["claim_id", "statement"]


def test_no_rows_give_an_empty_frame_with_columns():
    assert "verdict" in Verdicts(()).frame().columns


def test_verdicts_are_a_sequence_by_claim():
    made = Verdicts((ROW,))
    assert list(made) == [ROW]
    assert len(made) == 1
    assert made["one"] is ROW
    with pytest.raises(KeyError, match="two"):
        made["two"]


def test_a_missing_language_falls_back():
    assert in_language({"en": "a", "nb": "b"}, "nb") == "b"
    assert in_language({"en": "a"}, "nb") == "a"
    assert in_language({"sv": "c"}, "nb") == "c"
    assert in_language({}, "nb") == ""
    assert ROW.verdict in VERDICT_NAMES
