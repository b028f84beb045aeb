from __future__ import annotations

from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model.caret import line_and_column, not_supported, point, syntax_error


def test_lines_and_columns_count_from_one():
    text = "ab\ncd"
    assert line_and_column(text, 0) == (1, 1)
    assert line_and_column(text, 3) == (2, 1)
    assert line_and_column(text, 4) == (2, 2)


def test_the_caret_stands_under_the_place():
    shown = point("f =~ x1\ny ~ b*z", 14).split("\n")
    assert shown[0] == "line 2, column 7:"
    assert shown[1].index("z") == shown[2].index("^")


def test_tabs_stay_in_the_margin():
    assert point("\ty ~ x", 1).split("\n")[2] == "  \t^"


def test_carets_end_with_the_line():
    assert point("y ~ x\nz ~ x", 4, 40).split("\n")[2].count("^") == 1


def test_a_place_in_an_empty_text():
    assert "line 1, column 1" in point("", 0)


def test_windows_line_ends_are_not_shown():
    assert "\r" not in point("y ~ x\r\nz = x\r\n", 9)


def test_errors_carry_the_place():
    error = syntax_error("bad", "y = x", 2, fix="use ~")
    assert isinstance(error, ModelSyntaxError)
    assert "line 1, column 3" in error.where
    assert error.fix == "use ~"
    assert isinstance(not_supported("later", "y | x", 2), NotSupportedError)
