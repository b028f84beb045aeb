"""Models of ordinal items against lavaan 0.6-14 on synthetic items, and Wu & Estabrook's groups.

Left out: the robust RMSEA, for which lavaan 0.6-14 has N - 1 where 0.7 and we have N (the external
cases compare it), and the robust CFI and TLI of several groups, whose baseline lavaan scales by
the number of groups (`test_ordinal_robust.py` shows that ours does not depend on it).
"""

from __future__ import annotations

from typing import Any

import agreement
import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts

GOLDEN = material.golden("ordinal")
BY_GROUPS = [name for name, one in GOLDEN["fits"].items() if "group.label" in one]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "ordinal_items.csv")


def expected(name: str) -> dict[str, Any]:
    one = dict(GOLDEN["fits"][name])
    measures = {k: v for k, v in one["fitmeasures"].items() if not k.startswith("rmsea") or (
        not k.endswith("robust"))}  # fmt: skip
    if name in BY_GROUPS:
        measures = {k: v for k, v in measures.items() if not k.endswith("robust")}
    return one | {"fitmeasures": measures}


@pytest.mark.parametrize("name", list(GOLDEN["fits"]))
def test_agrees_with_lavaan(name: str, data: pd.DataFrame) -> None:
    one = expected(name)
    options = material.python_options(one.get("args") or {})
    fit = ts.fit(one["model"], data, ordered=True, **options)
    found = agreement.deviations(fit, one)
    assert not found, agreement.explain(found)


@pytest.mark.parametrize(
    "one", GOLDEN["wu_estabrook"],
    ids=lambda one: f"{len(one['model'])}-{one['parameterization']}-{len(one['group_equal'])}",
)  # fmt: skip
def test_groups_with_equal_thresholds(one: dict[str, Any], data: pd.DataFrame) -> None:
    fit = ts.fit(
        one["model"], data, ordered=True, group="group", group_label=["a", "b"], std_lv=True,
        group_equal=one["group_equal"], parameterization=one["parameterization"],
    )  # fmt: skip
    ours, theirs = fit.fit_measures, one["fitmeasures"]
    assert (ours["df"], ours["npar"]) == (theirs["df"], theirs["npar"])
    for name in ("chisq", "chisq.scaled"):
        assert ours[name.replace(".", "_")] == pytest.approx(theirs[name], rel=1e-5)


def test_a_model_with_ordinal_mediators_is_the_same_in_both_parameterisations(data) -> None:
    # lavaan does not converge in the delta parameterisation.
    text = GOLDEN["fits"]["paths_theta"]["model"]
    delta, theta = (
        ts.fit(text, data, ordered=True, parameterization=p) for p in ("delta", "theta")
    )
    assert delta.chisq == pytest.approx(theta.chisq, rel=1e-7)
    for name in ("est_std", "se"):
        np.testing.assert_allclose(
            delta.standardized()[name], theta.standardized()[name], atol=1e-6
        )
