from __future__ import annotations

from truststats.model import Statement, canonical, parse


def test_the_place_is_not_part_of_the_comparison():
    assert Statement("y", "~", "x", line=1, column=5) == Statement("y", "~", "x", line=9)
    assert len({Statement("y", "~", "x", line=1), Statement("y", "~", "x", line=2)}) == 1


def test_the_canonical_text_is_what_lavaan_reads():
    text = "f=~x1+NA*x2+a*start(.5)*x3+-1/2*x4;y~1+f;ab:=a*2"
    assert canonical(parse(text)) == (
        "f =~ x1 + NA*x2 + a*x3 + start(0.5)*x3 + -0.5*x4\ny ~ 1\ny ~ f\nab := a*2"
    )
    assert parse(canonical(parse(text))) == parse(text)


def test_numbers_are_written_in_full():
    rows = (Statement("y", "~", "x", fixed=1 / 3), Statement("y", "~", "z", fixed=-2.0))
    assert canonical(rows) == "y ~ 0.3333333333333333*x + -2*z"
    assert parse(canonical(rows)) == rows
