from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.survey.numbers import convert, has_leading_zero, parse_number, sniff_decimal


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("3", ".", 3),
        ("3,5", ",", 3.5),
        ("3.5", ".", 3.5),
        ("41 500,25", ",", 41500.25),
        ("41\u00a0500", ".", 41500),
        ("1.234.567,8", ",", 1234567.8),
        ("1,234", ".", 1234),
        ("\u22123", ".", -3),
        ("1e3", ".", 1000),
        ("3,5", ".", None),
        ("3.55", ",", None),
        ("01.02.2024", ",", None),
        ("Enig", ".", None),
        ("", ".", None),
    ],
)
def test_parse_number(text, decimal, number):
    assert parse_number(text, decimal) == number


def table(**columns):
    return pd.DataFrame(columns, dtype=object)


@pytest.mark.parametrize(
    ("frame", "delimiter", "mark", "conflicting"),
    [
        (table(a=["1,5", "2"], b=["3", ""]), ";", ",", ()),
        (table(a=["1.5", "2"]), ";", ".", ()),
        (table(a=["1", "2"]), ";", ".", ()),
        (table(a=["1,500", "2,250"]), ",", ".", ()),
        (table(a=["1,500", "2,250"]), ";", ",", ()),
        (table(a=["1,500"], b=["1.25"]), ";", ".", ()),
        (table(a=["1,5"], b=["2.5"]), ";", ".", ("a",)),
        (table(a=["0,125"]), ",", ",", ()),
        (table(a=["1,5", "takk, bra"], b=["2.5", "3"]), ";", ".", ()),
        (table(date=["01.02.2024"], a=["1,5"]), ";", ",", ()),
    ],
)
def test_sniff_decimal(frame, delimiter, mark, conflicting):
    found = sniff_decimal(frame, delimiter)
    assert (found.mark, found.conflicting) == (mark, conflicting)


def test_convert_keeps_codes_with_zeros_and_texts():
    codes = pd.Series(["0301", "1103"], dtype=object)
    assert convert(codes, ".").tolist() == ["0301", "1103"]
    texts = convert(pd.Series(["Enig", " ", "NA"], dtype=object), ".")
    assert texts.isna().tolist() == [False, True, False]
    assert has_leading_zero(["301", "0301"])
    assert not has_leading_zero(["0", "0,5", "301"])


def test_convert_numbers():
    numbers = convert(pd.Series(["1,5", "", "#NULL!", 2], dtype=object), ",")
    np.testing.assert_array_equal(numbers, [1.5, np.nan, np.nan, 2])
    assert convert(pd.Series(["1", "2"], dtype=object), ".").dtype == "int64"
    assert convert(pd.Series([True, False], dtype=object), ".").tolist() == [True, False]
