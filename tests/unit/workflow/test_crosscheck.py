from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from truststats.errors import ConvergenceError, NotSupportedError, OptionError
from truststats.results.crosscheck import Crosscheck, EngineCheck
from truststats.results.fit import Fit
from truststats.workflow.crosscheck import _short, crosscheck
from truststats.workflow.fit import fit
from truststats.workflow.lavaan_engine import LavaanEstimate

pytest.importorskip("semopy")

MODEL = "f =~ x1 + x2 + x3\ng =~ a*y1 + y2 + y3\ng ~ b*f + z\nb2 := 2*b"


def _data(n: int = 300, missing: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(20)
    f, z = rng.normal(size=n), rng.normal(size=n)
    g = 0.5 * f + 0.3 * z + rng.normal(size=n)
    items = {f"x{k}": f + rng.normal(size=n) for k in (1, 2, 3)}
    items |= {f"y{k}": g + rng.normal(size=n) for k in (1, 2, 3)}
    frame = pd.DataFrame(items)
    return frame.mask(rng.random(frame.shape) < missing).assign(z=z)


@pytest.fixture(scope="module")
def complete() -> Fit:
    return fit(MODEL, _data())


@pytest.fixture
def module() -> ModuleType:
    """Return the module; the package offers the function under the same name."""
    return sys.modules["truststats.workflow.crosscheck"]


@pytest.fixture
def no_lavaan(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    def absent(*_: object, **__: object) -> None:
        raise NotSupportedError("Rscript is not installed.", fix="install R and lavaan")

    monkeypatch.setattr(module, "estimate_lavaan", absent)


@pytest.mark.usefixtures("no_lavaan")
def test_semopy_agrees_and_lavaan_says_why_it_did_not_run(complete: Fit):
    check = crosscheck(complete)
    assert isinstance(check, Crosscheck)
    semopy, lavaan = check
    assert check.agrees
    assert semopy.largest_in_se < 1e-4
    assert semopy.n_compared == complete.npar + 1, "every estimate and the defined parameter"
    assert not lavaan.ran
    assert "Rscript is not installed; install R and lavaan" in lavaan.why
    assert check.sentence.startswith(f"{semopy.title} agrees with every one of")
    assert "lavaan did not run: Rscript is not installed" in check.sentence
    assert check.sentence_for("nb").startswith(f"{semopy.title} gir samme svar")
    assert "Rscript er ikke installert" in check.sentence_for("nb")
    assert set(check.op) == {"=~", "~", "~~", ":="}
    assert "est_semopy" in check.frame
    assert "est_lavaan" not in check.frame


def test_incomplete_answers_are_compared_on_the_same_moments():
    full = fit(MODEL, _data(missing=0.1), missing="ml")
    check = crosscheck(full, engines=["semopy"])
    (semopy,) = check
    assert semopy.basis == "moments"
    assert semopy.agrees
    assert "not the treatment of missing answers" in check.sentence
    frame = check.frame
    assert not np.allclose(frame["est_truststats"], frame["est_truststats_moments"], atol=1e-5)


def test_robust_fits_have_the_same_estimates(complete: Fit):
    robust = crosscheck(fit(MODEL, _data(), estimator="MLR"), engines=["semopy"])
    plain = crosscheck(complete, engines=["semopy"])
    est = robust.frame.set_index(["lhs", "op", "rhs"])["est_semopy"].dropna()
    again = plain.frame.set_index(["lhs", "op", "rhs"])["est_semopy"]
    np.testing.assert_allclose(est, again.loc[est.index], rtol=1e-12)


def test_an_improper_solution_is_checked_outside_the_bounds():
    cov = pd.DataFrame(
        [[0.95, 0.9, 0.9], [0.9, 1.31, 0.81], [0.9, 0.81, 1.31]],
        index=["x1", "x2", "x3"],
        columns=["x1", "x2", "x3"],
    )
    improper = fit("f =~ x1 + x2 + x3", sample_cov=cov, sample_nobs=200)
    assert improper.tidy()["est"].min() < 0.0
    assert crosscheck(improper, engines=["semopy"]).agrees


def test_a_restriction_of_the_means_is_left_to_lavaan():
    restricted = fit("y1 ~ x1\ny1 ~ 0", _data())
    check = crosscheck(restricted, engines=["semopy"])
    assert not check.engines[0].ran
    assert "restricts the means, because" in check.engines[0].why
    assert check.sentence.startswith("No other engine could run. semopy")


def test_an_unknown_engine_is_named(complete: Fit):
    with pytest.raises(OptionError, match="Did you mean 'semopy'"):
        crosscheck(complete, engines=["semopi"])


def _fake(complete: Fit, **changes: Any) -> LavaanEstimate:
    tidy = complete.tidy()
    values: dict[str, Any] = {
        "rows": tidy["est"].to_numpy(),
        "se": tidy["se"].to_numpy(),
        "converged": True,
        "version": "9.9",
    }
    return LavaanEstimate(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "english", "norwegian"),
    [
        ({}, "lavaan 9.9 agrees with every one of", "lavaan 9.9 gir samme svar"),
        ({"converged": False}, "did not arrive at an optimum", "kom ikke fram til en løsning"),
        ({"rows": 1.1}, "do not rely on either", "stol ikke på noen av dem"),
        ({"se": 1.2}, "Its standard errors differ by up to 20.0 %", "Standardfeilene avviker"),
    ],
)
def test_what_is_said_of_lavaan(
    complete: Fit,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    changes: dict[str, Any],
    english: str,
    norwegian: str,
):
    tidy = complete.tidy()
    for name, column in (("rows", "est"), ("se", "se")):
        if name in changes:
            changes = changes | {name: changes[name] * tidy[column].to_numpy()}
    monkeypatch.setattr(module, "estimate_lavaan", lambda *_, **__: _fake(complete, **changes))
    check = crosscheck(complete, engines=["lavaan"])
    assert english in check.sentence
    assert norwegian in check.sentence_for("nb")


def test_an_engine_that_fails_does_not_stop_the_other(
    complete: Fit, monkeypatch: pytest.MonkeyPatch, module: ModuleType
):
    def slow(*_: object, **__: object) -> None:
        raise ConvergenceError("lavaan was not ready after 1 seconds.", fix="give it more time")

    monkeypatch.setattr(module, "estimate_lavaan", slow)
    check = crosscheck(complete)
    assert [engine.ran for engine in check] == [True, False]
    assert "not ready after 1 seconds; give it more time" in check.engines[1].why


def test_lavaan_waits_to_be_asked_where_it_needs_minutes(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType
):
    full = fit(MODEL, _data(missing=0.1), missing="ml")
    monkeypatch.setattr(module, "_LONG", 1)
    monkeypatch.setattr(module, "estimate_lavaan", lambda *_, **__: _fake(full))
    patient = crosscheck(full).engines[1]
    assert "it needs minutes" in patient.why
    assert "flere minutter" in patient.why_for("nb")
    assert crosscheck(full, engines=["lavaan"]).engines[0].ran


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (3.2e-7, "3e-7"), (0.0021, "0.002"), (0.2, "0.2"), (1.0, "1.0"), (np.nan, "?")],
)
def test_sizes_are_short(value: float, text: str):
    assert _short(value) == text


def test_no_engine_is_no_agreement():
    assert not EngineCheck("lavaan", "", ran=False).agrees


def test_reasons_are_translated_by_the_messages_that_are_raised(module: ModuleType):
    folder = Path(str(module.__file__)).parents[1]
    names = ("estimation/semopy_adapter", "workflow/lavaan_engine", "workflow/crosscheck")
    sources = [folder / f"{name}.py" for name in names]
    text = "".join(path.read_text("utf-8") for path in sources)
    assert [what for what in module._NORWEGIAN if f'"{what}"' not in text] == []


def test_semopy_is_not_asked_for_least_squares(module: ModuleType, answers_of: Any):
    model = "info =~ inf1 + inf2 + inf3 + tru1"
    found = fit(model, answers_of(), estimator="GLS")
    (check,) = module.crosscheck(found, engines=["semopy"]).engines
    assert not check.ran
    assert "maximum likelihood only" in check.reasons["en"]
    assert "ML" in check.reasons["nb"]
