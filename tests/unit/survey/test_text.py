from __future__ import annotations

import pytest

from truststats.survey.text import identifier_key, nfc, text_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VTR_01", "vtr1"),
        ("Tillit på år", "tillit_paa_aar"),
        ("Bøgeby", "BOEGEBY"),
        ("Ärende", "aerende"),
        ("INF_F1", "inff1"),
        ("a\u030ar", "år"),
        ("aut10", "AUT 10"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert identifier_key(one) == identifier_key(other)


@pytest.mark.parametrize(("one", "other"), [("ø", "o"), ("aut1", "aut10"), ("vtr1", "vtr1r")])
def test_names_that_differ(one, other):
    assert identifier_key(one) != identifier_key(other)


def test_text_key_keeps_letters_and_drops_punctuation():
    assert text_key("  Helt\u00a0ENIG. ") == "helt enig"
    assert text_key("ø") != text_key("o")


def test_nfc_drops_marks_and_joins_blanks():
    assert nfc("\ufeffEnhet\n pa\u030a  år ") == "Enhet på år"
