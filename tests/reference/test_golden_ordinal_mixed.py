"""Ordinal items beside continuous ones and covariates, with weights and clusters, against lavaan.

Left out, as in `test_golden_ordinal.py`: the robust RMSEA (N - 1 in lavaan 0.6-14) and the robust
CFI and TLI of several groups. Those of clusters compare the whole way from a covariance matrix of
the moments that R made of lavaan's casewise scores.
"""

from __future__ import annotations

from typing import Any

import agreement
import material
import pandas as pd
import pytest

import truststats as ts

GOLDEN = material.golden("ordinal_mixed")["fits"]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "ordinal_mixed.csv")


def _left_out(name: str, *, grouped: bool) -> bool:
    return name.endswith("robust") and (grouped or name.startswith("rmsea"))


@pytest.mark.parametrize("name", list(GOLDEN))
def test_agrees_with_lavaan(name: str, data: pd.DataFrame) -> None:
    one: dict[str, Any] = dict(GOLDEN[name])
    given = {k: v for k, v in (one.get("args") or {}).items() if k != "conditional.x"}
    grouped = "group.label" in one
    measures = one["fitmeasures"].items()
    one["fitmeasures"] = {k: v for k, v in measures if not _left_out(k, grouped=grouped)}
    fit = ts.fit(
        one["model"], data, ordered=one["ordered"], cluster=one.get("cluster"),
        **material.python_options(given),
    )  # fmt: skip
    found = agreement.deviations(fit, one)
    assert not found, agreement.explain(found)
