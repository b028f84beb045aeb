"""Exploratory blocks in model text: read, written, freed, held by zeros, and refused."""

from __future__ import annotations

import pytest

from truststats.errors import IdentificationError, ModelSyntaxError, NotSupportedError
from truststats.model import Model
from truststats.model.exploratory import anchored, check_explored, freed

TEXT = 'efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3 + x4 + x5\ny ~ f1 + f2'


def test_blocks_are_read_and_written() -> None:
    model = Model.from_text(TEXT)
    (block,) = model.blocks
    assert (block.name, block.factors) == ("b1", ("f1", "f2"))
    assert block.items == ("x1", "x2", "x3", "x4", "x5")
    assert Model.from_text(str(model)) == model
    assert 'efa("b1")*f2 =~ x1 + x2' in str(model)
    assert Model.from_text("f =~ x1 + x2 + x3").blocks == ()


def test_freed_and_held() -> None:
    statements = Model.from_text(TEXT).statements
    loose = {(s.lhs, s.op, s.rhs): s for s in freed(statements)}
    assert loose[("f1", "=~", "x1")].free
    assert loose[("f1", "~~", "f1")].fixed == 1.0
    assert loose[("f1", "~~", "f2")].fixed is None
    held = {
        (s.lhs, s.op, s.rhs): s
        for s in anchored(statements, {"b1": ("x4", "x1")}, {("f2", "x1"): 0.4})
    }
    assert held[("f2", "=~", "x4")].fixed == 0.0
    assert held[("f2", "=~", "x1")].start == 0.4
    assert held[("f1", "~~", "f2")].fixed == 0.0
    plain = Model.from_text("f =~ x1 + x2").statements
    assert freed(plain) == plain


@pytest.mark.parametrize("more", ["y ~ f1", "f1 ~ z\nf2 ~ z", "f1 ~~ 0*f2", "f1 ~ 1", "f1 ~~ y",
                                  "g =~ f1 + f2 + z", "y ~ a*f1 + f2"])  # fmt: skip
def test_factors_must_be_treated_alike(more: str) -> None:
    text = f"{TEXT.splitlines()[0]}\n{more}"
    with pytest.raises(NotSupportedError, match="cannot be rotated"):
        check_explored(Model.from_text(text).statements)


def test_what_is_alike_is_taken() -> None:
    first = TEXT.splitlines()[0]
    for more in ("y ~ f1 + f2", "f1 + f2 ~~ z\nz =~ y1 + y2 + y3", "f1 ~~ f2", "f1 ~~ y\ny ~~ f2"):
        check_explored(Model.from_text(f"{first}\n{more}").statements)


def test_too_few_items() -> None:
    text = 'efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3'
    with pytest.raises(IdentificationError, match="2 factors and 3 items"):
        check_explored(Model.from_text(text).statements)
    with pytest.raises(NotSupportedError, match="all of its items"):
        check_explored(
            Model.from_text('efa("b")*f1 =~ x1 + x2 + x3 + x4 + x5\nefa("b")*f2 =~ x1').statements
        )


@pytest.mark.parametrize("text", ["efa(b1)*f1 =~ x1 + x2", 'efa("")*f1 =~ x1', 'efa("b")*y ~ x'])
def test_blocks_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ModelSyntaxError, match="line 1, column 1"):
        Model.from_text(text)
