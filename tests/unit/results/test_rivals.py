import pytest

from truststats.results import RivalRow, Rivals
from truststats.results.rivals import RELATIONS

ROW = RivalRow(
    "one_factor",
    {"en": "One factor", "nb": "Én faktor"},
    *(100.0, 9.0, 0.6, 0.1, 0.09, 1.0, 2.0, 50.0),
    "fits worse",
    {"en": "Worse."},
)


def test_a_frame_speaks_the_language():
    frame = Rivals((ROW,)).frame("nb")
    assert frame["label"].tolist() == ["Én faktor"]
    assert frame["sentence"].tolist() == ["Worse."]
    assert frame["delta_bic"].tolist() == [50.0]


def test_rivals_are_a_sequence_by_key():
    made = Rivals((ROW,), {"en": "By BIC."})
    assert list(made) == [ROW]
    assert len(made) == 1
    assert made["one_factor"] is ROW
    assert made.note_for("nb") == "By BIC."
    assert ROW.relation in RELATIONS
    with pytest.raises(KeyError, match="other"):
        made["other"]
