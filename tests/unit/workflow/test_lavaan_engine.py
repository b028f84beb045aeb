from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from truststats.errors import ConvergenceError, NotSupportedError
from truststats.results.fit import Fit
from truststats.workflow.crosscheck import crosscheck
from truststats.workflow.fit import fit
from truststats.workflow.lavaan_engine import estimate_lavaan
from truststats.workflow.lavaan_text import model_text, neutral_names

MODEL = """
tillit =~ æ1 + exp*æ2 + æ3
utfall ~ b*tillit + c*alder
dobbel := 2*b + exp(c) - 1e3*b^2
"""


def _data(missing: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(20)
    n = 240
    trust, age = rng.normal(size=n), rng.normal(size=n)
    frame = pd.DataFrame({f"æ{k}": trust + rng.normal(size=n) for k in (1, 2, 3)})
    frame["utfall"] = 0.5 * trust + 0.2 * age + rng.normal(size=n)
    frame = frame.mask(rng.random(frame.shape) < missing)
    return frame.assign(alder=age, enhet=np.arange(n) % 24)


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(MODEL, _data())


def test_names_are_neutral_and_functions_stay(fitted: Fit):
    assert model_text(fitted) == (
        "v5 =~ v0 + b0*v1 + v2\nv3 ~ b1*v5 + b2*v4\nb3 := 2*b1 + exp(b2) - 1e3*b1^2"
    )


def test_without_r_it_says_so(fitted: Fit, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NotSupportedError, match="Rscript is not installed"):
        estimate_lavaan(fitted, timeout=1.0)


def test_a_fit_without_rows_cannot_be_repeated(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: "Rscript")
    bare: Any = SimpleNamespace(
        estimate=SimpleNamespace(samples=(SimpleNamespace(rows=None),)),
        partable=SimpleNamespace(levels={}),
        missing="ml",
        estimator="ML",
    )
    with pytest.raises(NotSupportedError, match="the fit holds no rows"):
        estimate_lavaan(bare, timeout=1.0)


@pytest.mark.parametrize(
    ("stderr", "kind", "words"),
    [
        ("there is no package called ‘lavaan’", NotSupportedError, "is not installed"),
        ("lavaan ERROR: bad", ConvergenceError, "lavaan stopped: lavaan ERROR: bad"),
    ],
)
def test_what_r_says_is_passed_on(
    fitted: Fit, monkeypatch: pytest.MonkeyPatch, stderr: str, kind: type, words: str
):
    monkeypatch.setattr(shutil, "which", lambda _: "Rscript")
    done = subprocess.CompletedProcess([], 1, "", stderr)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(kind, match=words):
        estimate_lavaan(fitted, timeout=1.0)


def test_it_does_not_wait_for_ever(fitted: Fit, monkeypatch: pytest.MonkeyPatch):
    def slow(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("Rscript", 2.0)

    monkeypatch.setattr(shutil, "which", lambda _: "Rscript")
    monkeypatch.setattr(subprocess, "run", slow)
    with pytest.raises(ConvergenceError, match="not ready after 2 seconds") as caught:
        estimate_lavaan(fitted, timeout=2.0)
    assert "timeout=3600" in caught.value.fix


def test_rows_are_found_by_name(fitted: Fit, monkeypatch: pytest.MonkeyPatch):
    def answer(*_: object, cwd: Path, **__: object) -> subprocess.CompletedProcess[str]:
        names, table = neutral_names(fitted), fitted.partable
        lines = ["lhs,op,rhs,group,est,se"]
        for k, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True)):
            left = names[f"label {lhs}"] if op == ":=" else names[lhs]
            right = "whatever" if op == ":=" else names.get(rhs, "")
            lines.append(f"{left},{op},{right},{table.group[k]},{k},NA")
        lines = [lines[0], *reversed(lines[1:]), ".p1.,==,.p2.,0,0,0"]
        (cwd / "estimates.csv").write_text("\n".join(lines), "utf-8")
        (cwd / "about.txt").write_text("9.9\nTRUE\n", "utf-8")
        return subprocess.CompletedProcess([], 0, "", "")

    monkeypatch.setattr(shutil, "which", lambda _: "Rscript")
    monkeypatch.setattr(subprocess, "run", answer)
    got = estimate_lavaan(fitted, timeout=1.0)
    np.testing.assert_array_equal(got.rows, np.arange(len(fitted.partable)))
    assert np.isnan(got.se).all()
    assert (got.version, got.converged) == ("9.9", True)


@pytest.mark.lavaan
@pytest.mark.usefixtures("live_lavaan")
@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, 0.0),
        ({"estimator": "MLR"}, 0.0),
        ({"cluster": "enhet"}, 0.0),
        ({"std_lv": True, "information": "observed"}, 0.0),
        ({"missing": "ml"}, 0.1),
        ({"missing": "ml", "estimator": "MLR", "fixed_x": False}, 0.1),
        ({"missing": "ml", "cluster": "enhet"}, 0.1),
    ],
)
def test_a_live_lavaan_agrees(options: dict[str, Any], missing: float):
    check = crosscheck(fit(MODEL, _data(missing), **options), engines=["lavaan"])
    assert check.agrees, check.sentence
    assert check.engines[0].largest_se < 1e-3


@pytest.mark.lavaan
@pytest.mark.usefixtures("live_lavaan")
def test_a_live_lavaan_agrees_on_moments():
    data = _data().drop(columns="enhet")
    given = {"sample_cov": data.cov(), "sample_nobs": len(data)}
    plain = crosscheck(fit(MODEL, **given), engines=["lavaan"])
    means = fit(MODEL, **given, sample_mean=data.mean(), meanstructure=True)
    assert plain.agrees, plain.sentence
    assert crosscheck(means, engines=["lavaan"]).agrees


ITEMS = "f =~ æ1 + æ2 + æ3\ng =~ b1 + b2 + b3\ng ~ p*f\nk := p^2"


def _items(missing: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 500
    f = rng.normal(size=n)
    g = 0.5 * f + rng.normal(size=n)
    raw = np.column_stack([one + rng.normal(size=n) for one in (f, f, f, g, g, g)])
    names = ["æ1", "æ2", "æ3", "b1", "b2", "b3"]
    frame = pd.DataFrame(np.searchsorted([-1.2, 0.0, 1.0], raw) + 1.0, columns=names)
    frame = frame.mask(rng.random(frame.shape) < missing)
    return frame.assign(
        x=rng.normal(size=n), c=g + rng.normal(size=n), w=rng.uniform(0.5, 2.0, n),
        u=np.arange(n) % 40, city=np.where(np.arange(n) % 2, "N", "S"),
    )  # fmt: skip


def test_thresholds_keep_their_names():
    fitted = fit(f"{ITEMS}\næ1 | cut*t1 + t2", _items(), ordered=True)
    assert "v0 | b1*t1 + t2" in model_text(fitted)


def test_clusters_of_ordinal_items_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: "Rscript")
    with pytest.raises(NotSupportedError, match="no clusters with ordinal items"):
        estimate_lavaan(fit(ITEMS, _items(), ordered=True, cluster="u"), timeout=1.0)


def test_another_identification_is_not_compared(monkeypatch: pytest.MonkeyPatch):
    fitted = fit(ITEMS, _items(), ordered=True)

    def answer(*_: object, cwd: Path, **__: object) -> subprocess.CompletedProcess[str]:
        text = (cwd / "run.R").read_text("ascii")
        assert 'estimator = "DWLS"' in text
        assert 'test = "scaled.shifted"' in text
        (cwd / "estimates.csv").write_text(
            "lhs,op,rhs,group,free,est,se\nv6,=~,v1,1,1,1,1", "utf-8"
        )
        (cwd / "about.txt").write_text("0.6\nTRUE\n", "utf-8")
        return subprocess.CompletedProcess([], 0, "", "")

    monkeypatch.setattr(shutil, "which", lambda _: "Rscript")
    monkeypatch.setattr(subprocess, "run", answer)
    with pytest.raises(NotSupportedError, match="identifies this model in another way"):
        estimate_lavaan(fitted, timeout=1.0)


@pytest.mark.lavaan
@pytest.mark.usefixtures("live_lavaan")
@pytest.mark.parametrize(
    ("more", "options"),
    [
        ("", {"missing": "pairwise"}),
        ("", {"estimator": "ULSMV", "parameterization": "theta"}),
        ("\ng ~ x", {"sampling_weights": "w"}),
        ("\nf =~ c", {"ordered": ["æ1", "æ2", "æ3", "b1", "b2", "b3"]}),
        ("\næ1 | cut*t1\nb1 | cut*t1", {"group": "city", "group_equal": ("loadings",)}),
    ],
)
def test_a_live_lavaan_agrees_on_ordinal_items(more: str, options: dict[str, Any]):
    frame = _items(0.05 if options.get("missing") else 0.0)
    check = crosscheck(
        fit(ITEMS + more, frame, **({"ordered": True} | options)), engines=["lavaan"]
    )
    assert check.agrees, check.sentence
    assert check.engines[0].largest_se < 1e-3
