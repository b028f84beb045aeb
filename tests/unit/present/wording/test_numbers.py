import numpy as np
import pandas as pd
import pytest

from truststats.present.wording.numbers import (
    degrees,
    fixed,
    format_value,
    integer,
    interval,
    p_cell,
    p_text,
    percent,
)

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "language", "bounded", "shown"),
    [
        (0.214, "en", True, ".21"),
        (-0.214, "en", True, "−.21"),
        (1.02, "en", True, "1.02"),
        (0.214, "en", False, "0.21"),
        (0.214, "nb", True, "0,21"),
        (-0.0004, "en", True, ".00"),
        (14069.84, "en", False, "14,069.84"),
        (14069.84, "nb", False, f"14{NBSP}069,84"),
        (2410.0, "en", False, "2410.00"),
        (float("nan"), "en", False, "–"),
        (None, "nb", False, "–"),
        (float("inf"), "en", False, "–"),
    ],
)
def test_a_number_is_written_as_its_language_does(value, language, bounded, shown):
    assert fixed(value, 2, language, bounded=bounded) == shown


def test_plain_numbers_are_ascii():
    shown = [
        fixed(-0.5, 2, "nb", plain=True),
        fixed(None, plain=True),
        integer(-12345, "nb", plain=True),
        percent(0.5, 1, "nb", plain=True),
        fixed(-12345.6, 1, "nb", plain=True),
    ]
    assert shown == ["-0,50", "NA", "-12 345", "50,0 %", "-12 345,6"]
    assert all(text.isascii() for text in shown)


@pytest.mark.parametrize(
    ("p", "language", "shown"),
    [
        (1e-12, "en", "p < .001"),
        (1e-12, "nb", "p < 0,001"),
        (0.0321, "en", "p = .032"),
        (1.0, "en", "p = 1.000"),
        (np.nan, "en", "p = –"),
    ],
)
def test_small_p_values_are_a_bound(p, language, shown):
    assert p_text(p, language) == shown
    assert p_cell(p, language) == shown.removeprefix("p ").removeprefix("= ")


def test_intervals_do_not_mix_up_decimal_and_separator():
    assert interval(0.15, 0.27, bounded=True) == "[.15, .27]"
    assert interval(0.15, 0.27, language="nb", bounded=True) == "[0,15; 0,27]"


def test_shares_and_counts():
    assert percent(0.6852) == "69%"
    assert percent(0.6852, 1, "nb") == f"68,5{NBSP}%"
    assert integer(3517, "nb") == f"3{NBSP}517"
    assert percent(None) == "–"
    assert integer(None) == "–"


@pytest.mark.parametrize(
    ("value", "spec", "shown"),
    [
        (0.5, "b2", ".50"),
        (0.5, "f3", "0.500"),
        (3, "int", "3"),
        (0.0001, "p", "< .001"),
        (0.123, "pct1", "12.3%"),
        ("•", "int", "•"),
        (None, "text", ""),
        (float("nan"), "text", ""),
        (pd.NA, "int", "–"),
    ],
)
def test_cells_follow_their_format(value, spec, shown):
    assert format_value(value, spec) == shown


def test_degrees_of_freedom_have_decimals_only_where_they_are_no_whole_number():
    assert degrees(8) == degrees(8.0) == "8"
    assert degrees(7.829) == "7.83"
    assert degrees(7.829, "nb") == "7,83"
