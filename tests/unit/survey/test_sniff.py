from __future__ import annotations

import pytest

from truststats.errors import SurveyError
from truststats.survey.sniff import decode, find_header, known_names, sniff_delimiter


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("å".encode(), "å", "utf-8"),
        ("å".encode("utf-8-sig"), "å", "utf-8-sig"),
        ("å–".encode("cp1252"), "å–", "cp1252"),
        ("å".encode("utf-16"), "å", "utf-16"),
    ],
)
def test_decode(data, text, encoding):
    assert decode(data) == (text, encoding)


def test_decode_with_an_override():
    assert decode("å".encode("mac-roman"), "mac-roman")[0] == "å"


def test_bytes_that_are_in_no_encoding():
    with pytest.raises(SurveyError, match="cannot be decoded") as error:
        decode(b"a\x81", None, "x.csv")
    assert "encoding=" in error.value.fix
    assert error.value.where == "x.csv"


def test_unknown_encoding():
    with pytest.raises(SurveyError, match="encoding='utf-88' is not an encoding"):
        decode(b"a", "utf-88")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b\n1,5;2,5\n1;2\n", ";"),
        ("a,b\n1.5,2\n", ","),
        ("a\tb\n1,5\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('"a;b;c;d",e\n1,2\n3,4\n', ","),
        ("sep=;\na,b;c\n", ";"),
        ("a\n1\n", ","),
        ("Tittel\n\na;b;c\n1;2;3\n4;5;6\n", ";"),
    ],
)
def test_sniff_delimiter(text, delimiter):
    assert sniff_delimiter(text) == delimiter


def test_header_is_the_first_full_row_of_texts():
    rows = [["Title", None, None], [], ["unit", "a", "b"], ["x", 1, 2], ["y", 3, 4]]
    assert find_header(rows).row == 2


def test_header_with_known_names_wins():
    rows = [["one", "two", "three"], ["unit", "VTR_1", "x"], ["n", "1", "2"]]
    known = frozenset({"vtr1"})
    assert find_header(rows, known).row == 1
    assert known_names(rows[1], known) == 1


def test_rows_of_labels_are_data_when_the_instrument_knows_them():
    rows = [
        ["a", "b"],
        ["Ganske enig i dette", "Ganske uenig i dette"],
        ["1", "2"],
        ["3", "4"],
        ["5", "4"],
    ]
    assert find_header(rows).text_rows == 1
    assert (
        find_header(
            rows, answers=frozenset({"ganske enig i dette", "ganske uenig i dette"})
        ).text_rows
        == 0
    )


def test_short_words_below_the_header_are_answers():
    rows = [["a", "b"], ["Enig", "Uenig"], ["1", "2"], ["3", "4"], ["5", "4"]]
    assert find_header(rows).text_rows == 0


def test_no_rows():
    assert find_header([]).row == 0
    assert find_header([["1", "2"], ["3", "4"]]).row == 0
