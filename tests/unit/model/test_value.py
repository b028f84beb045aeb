from __future__ import annotations

import pickle

import pytest

from truststats import _bridge
from truststats.model import Model, parse


def test_a_model_prints_as_text_that_reads_back():
    model = Model.from_text("f=~x1+a*x2 # a comment\ny~f")
    assert str(model) == "f =~ x1 + a*x2\ny ~ f"
    assert parse(str(model)) == model.statements


def test_models_are_equal_when_their_statements_and_keying_are():
    one = Model.from_text("y ~ x", labels={"x": {"en": "Age"}})
    other = Model.from_text("  y~x\n")
    assert one == other
    assert hash(one) == hash(other)
    assert one != Model.from_text("y ~ z")
    assert one != Model.from_text("y ~ x", recode={"x": 6.0})


def test_the_variables():
    model = Model.from_text("y ~ a*f + age\nf =~ x1 + x2\nb := a*2")
    assert model.latents == ("f",)
    assert model.observed == ("x1", "x2", "y", "age")
    assert model.defined == ("b",)


def test_what_it_carries():
    model = Model.from_text("y ~ x", recode={"y": 6.0}, constructs={"y": "trust"}, framework="fw")
    assert model.recode["y"] == 6.0
    assert model.constructs == {"y": "trust"}
    assert model.framework == "fw"


def test_it_cannot_be_changed():
    with pytest.raises(AttributeError):
        Model.from_text("y ~ x").text = "z ~ x"  # type: ignore[misc]


def test_it_survives_a_pickle():
    model = Model.from_text("y ~ a*x\nb := a*2", recode={"x": 6.0})
    assert pickle.loads(pickle.dumps(model)) == model


def test_its_cards_come_from_present(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_bridge, "text", lambda value: f"text {value.text}")
    monkeypatch.setattr(_bridge, "html", lambda value: f"<b>{value.text}</b>")
    model = Model.from_text("y ~ x")
    assert repr(model) == "text y ~ x"
    assert model._repr_html_() == "<b>y ~ x</b>"
