"""Fits of the right shape, made without estimation, for the tests of pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from truststats.framework import Framework, load_framework
from truststats.model import Model, build_partable


@dataclass(frozen=True)
class FakeFit:
    """What a diagram reads of a fit."""

    model: Model
    rows: pd.DataFrame
    framework: Framework | None = None
    r2: dict[str, float] = field(default_factory=dict)

    def tidy(self) -> pd.DataFrame:
        return self.rows.copy()

    @property
    def r_square(self) -> pd.Series:
        return pd.Series(self.r2, dtype=float)


def fake_fit(model: Model, framework: Framework | None = None) -> FakeFit:
    """Give every parameter of a model a number that follows from its place in the table."""
    table = build_partable(model)
    rows = []
    for k, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True)):
        est = 0.7 if op == "=~" else 1.0 if lhs == rhs else ((k * 37) % 53) / 100 - 0.12
        rows.append((lhs, op, rhs, est, 0.04, 0.01, est))
    names = ["lhs", "op", "rhs", "est", "se", "pvalue", "std_all"]
    caused = [lhs for lhs, op in zip(table.lhs, table.op, strict=True) if op == "~"]
    return FakeFit(model, pd.DataFrame(rows, columns=names), framework, dict.fromkeys(caused, 0.42))


@pytest.fixture(scope="session")
def framework() -> Framework:
    """Return the bundled framework."""
    return load_framework("tbm")


@pytest.fixture(scope="session")
def framework_fit(framework: Framework) -> FakeFit:
    """Return numbers for the model of the bundled framework."""
    return fake_fit(framework.model("tbm-core"), framework)


@pytest.fixture(scope="session")
def text_fit() -> Callable[[str], Any]:
    """Return a function that gives numbers to the model of a text."""
    return lambda text: fake_fit(Model.from_text(text))
