from __future__ import annotations

import math

import pytest

from truststats import _bridge
from truststats.results.crosscheck import Crosscheck, EngineCheck

NAN = math.nan


def _engine(**changes: object) -> EngineCheck:
    values: dict[str, object] = {
        "engine": "other",
        "version": "1.0",
        "ran": True,
        "est": (1.0, 2.00002, NAN),
        "se": (0.1, 0.202, NAN),
        "ours": (1.0, 2.0, 3.0),
        "ours_se": (0.1, 0.2, 0.3),
        "names": ("y ~ x", "y ~ z", "y ~1"),
    }
    return EngineCheck(**(values | changes))  # type: ignore[arg-type]


def test_the_largest_differences():
    engine = _engine()
    assert engine.title == "other 1.0"
    assert engine.n_compared == 2
    assert engine.largest == pytest.approx(2e-5)
    assert engine.largest_in_se == pytest.approx(1e-4)
    assert engine.where == "y ~ z"
    assert engine.largest_se == pytest.approx(0.01)
    assert engine.agrees


def test_a_difference_that_matters():
    assert not _engine(est=(1.0, 2.1, 3.0)).agrees


@pytest.mark.parametrize(
    "changes",
    [
        {"ran": False, "est": (), "se": (), "ours": (), "ours_se": (), "names": ()},
        {"converged": False},
        {"est": (NAN, NAN, NAN)},
    ],
)
def test_nothing_to_compare_is_no_agreement(changes: dict[str, object]):
    assert not _engine(**changes).agrees


def test_without_standard_errors():
    engine = _engine(se=(), ours_se=(NAN, NAN, NAN))
    assert math.isnan(engine.largest_se)
    assert math.isnan(engine.largest_in_se)
    assert engine.where == ""
    assert engine.agrees


def _crosscheck(*engines: EngineCheck) -> Crosscheck:
    return Crosscheck(
        lhs=("y", "y", "y"),
        op=("~", "~", "~1"),
        rhs=("x", "z", ""),
        label=("a", "", ""),
        est=(1.0, 2.0, 3.0),
        se=(0.1, 0.2, 0.3),
        engines=engines,
        sentences={"en": "Same.", "nb": "Likt."},
    )


def test_the_frame_stands_side_by_side():
    absent = EngineCheck(
        "lavaan", "", ran=False, reasons={"en": "not installed", "nb": "ikke installert"}
    )
    frame = _crosscheck(_engine(), absent).frame
    assert list(frame.columns) == [
        "lhs", "op", "rhs", "label", "est_truststats", "se_truststats", "est_other", "se_other",
    ]  # fmt: skip
    assert len(frame) == 3


def test_moments_have_a_column_of_their_own():
    frame = _crosscheck(_engine(basis="moments", se=())).frame
    assert "est_truststats_moments" in frame
    assert "se_other" not in frame


def test_agreement_needs_an_engine():
    absent = EngineCheck(
        "lavaan", "", ran=False, reasons={"en": "not installed", "nb": "ikke installert"}
    )
    assert _crosscheck(_engine(), absent).agrees
    assert not _crosscheck(absent).agrees
    assert not _crosscheck(_engine(), _engine(est=(9.0, 2.0, 3.0))).agrees


def test_why_an_engine_did_not_run():
    absent = EngineCheck("lavaan", "", ran=False, reasons={"en": "not there", "nb": "ikke der"})
    assert absent.why == absent.why_for("sv") == "not there"
    assert absent.why_for("nb") == "ikke der"
    assert _engine().why == ""


def test_it_speaks_and_iterates():
    check = _crosscheck(_engine())
    assert check.sentence == "Same."
    assert check.sentence_for("nb") == "Likt."
    assert check.sentence_for("sv") == "Same."
    assert [engine.engine for engine in check] == ["other"]
    assert len(check) == 1


def test_its_cards_come_from_present(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_bridge, "text", lambda value: value.sentence)
    monkeypatch.setattr(_bridge, "html", lambda value: f"<p>{value.sentence}</p>")
    assert repr(_crosscheck(_engine())) == "Same."
    assert _crosscheck(_engine())._repr_html_() == "<p>Same.</p>"
