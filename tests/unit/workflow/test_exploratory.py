"""Fits of models with exploratory blocks: invariant under rotation, and refused where unchecked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError

TEXT = 'efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3 + x4 + x5 + x6\ny ~ f1 + f2'


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    one = rng.normal(size=(500, 1))
    two = 0.4 * one + rng.normal(size=(500, 1))
    x = np.hstack([one + rng.normal(size=(500, 3)), two + rng.normal(size=(500, 3))])
    data = pd.DataFrame(x, columns=[f"x{k}" for k in range(1, 7)])
    data["y"] = 0.4 * one[:, 0] + 0.3 * two[:, 0] + rng.normal(size=500)
    data["unit"] = np.arange(500) // 10
    return data


@pytest.fixture(scope="module")
def fitted(frame: pd.DataFrame) -> ts.Fit:
    return ts.fit(TEXT, frame)


def test_the_rotation_leaves_the_fit(frame: pd.DataFrame, fitted: ts.Fit) -> None:
    other = ts.fit(TEXT, frame, rotation="oblimin")
    assert other.fit_measures["bic"] == pytest.approx(fitted.fit_measures["bic"])
    assert not np.allclose(other.params, fitted.params, atol=1e-4)
    for one in (other, fitted):
        implied = one.implied()["sigma"]
        assert np.allclose(implied, fitted.implied()["sigma"])
        own = one.tidy().set_index(["lhs", "op", "rhs"])
        theirs = fitted.tidy().set_index(["lhs", "op", "rhs"])
        # what no rotation moves has the same standard error
        for key in (("x1", "~~", "x1"), ("y", "~~", "y")):
            assert own.loc[key, "se"] == pytest.approx(theirs.loc[key, "se"], rel=1e-6)


def test_simple_structure_and_order(fitted: ts.Fit) -> None:
    table = fitted.tidy().set_index(["lhs", "op", "rhs"])["est"]
    assert table["f1", "=~", "x1"] > 0.5 > abs(table["f1", "=~", "x6"])
    assert table["f2", "=~", "x6"] > 0.5 > abs(table["f2", "=~", "x1"])
    assert table["y", "~", "f1"] > 0
    assert fitted.npar == 20
    assert fitted.df == 8
    assert fitted.options["rotation"] == "geomin"


def test_robust_and_clustered(frame: pd.DataFrame) -> None:
    fit = ts.fit(TEXT, frame, cluster="unit")
    assert fit.estimator == "MLR"
    assert np.isfinite(fit.bse).all()


def test_saved_and_read(fitted: ts.Fit, tmp_path: Path) -> None:
    again = ts.read_fit(fitted.save(tmp_path / "fit.json"))
    assert np.allclose(again.params, fitted.params)
    assert again.df == fitted.df
    assert again.model.blocks == fitted.model.blocks


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"estimator": "GLS"}, "estimator='GLS'"),
        ({"group": "unit"}, "with group"),
        ({"se": "bootstrap"}, "se='bootstrap'"),
        ({"orthogonal": True}, "orthogonal"),
        ({"bounds": "pos.var"}, "bounds"),
        ({"missing": "two.stage"}, "two.stage"),
        ({"rotation": "varimax"}, "rotation='varimax'"),
        ({"ordered": ["x1"]}, "ordered items"),
    ],
)
def test_what_is_refused(frame: pd.DataFrame, options: dict, match: str) -> None:
    with pytest.raises(NotSupportedError, match=match):
        ts.fit(TEXT, frame.assign(x1=np.sign(frame["x1"])) if "ordered" in options else frame,
               **options)  # fmt: skip


def test_what_is_refused_after_the_fit(frame: pd.DataFrame, fitted: ts.Fit) -> None:
    plain = ts.fit("f =~ x1 + x2 + x3 + x4 + x5 + x6\ny ~ f", frame)
    for verb in (
        lambda: ts.bootstrap(fitted, 100),
        lambda: ts.net(plain, fitted),
        lambda: ts.crosscheck(fitted),
        fitted.modification_indices,
        fitted.score_test,
        lambda: ts.fit(TEXT, [frame, frame]),
    ):
        with pytest.raises(NotSupportedError):
            verb()
    assert ts.compare(plain, fitted)["note"].str.contains("exploratory blocks").any()
