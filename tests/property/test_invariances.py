"""What must not change a result, or must change it in a known way, whatever the numbers are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import truststats as ts

DATA = Path(__file__).resolve().parents[1] / "reference" / "data"
ITEMS = [f"{construct}{i}" for construct in ("inf", "tru", "res") for i in (1, 2, 3)]
MODEL = """
info =~ inf1 + inf2 + inf3
trust =~ tru1 + tru2 + tru3
results =~ res1 + res2 + res3
trust ~ a*info
results ~ b*trust + c*info
indirect := a*b
"""
# Two fits of the same thing stop within the solver's tolerance of each other.
SAME = 1e-5
FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
WAYS = [
    {},
    {"estimator": "MLR"},
    {"missing": "fiml", "estimator": "MLR"},
    {"missing": "fiml", "estimator": "MLR", "cluster": "unit"},
]


def answers(options: dict[str, Any]) -> pd.DataFrame:
    """Return the synthetic answers, with holes where the fit can use them."""
    kind = "missing" if options.get("missing") else "complete"
    return pd.read_csv(DATA / f"synthetic_{kind}.csv")[["unit", *ITEMS]]


def table(fit: Any) -> pd.DataFrame:
    """Return est, se and std_all by parameter; a covariance has no direction."""
    frame = fit.tidy()
    swap = (frame["op"] == "~~") & (frame["rhs"] < frame["lhs"])
    lhs = frame["lhs"].where(~swap, frame["rhs"])
    rhs = frame["rhs"].where(~swap, frame["lhs"])
    frame = frame.assign(lhs=lhs, rhs=rhs)
    return frame.set_index(["lhs", "op", "rhs"])[["est", "se", "std_all"]].sort_index()


def assert_same_fit(one: Any, other: Any) -> None:
    """Both fits give the same estimates, standard errors and chi-square."""
    a, b = table(one), table(other)
    pd.testing.assert_frame_equal(a, b, atol=SAME, rtol=10 * SAME, check_dtype=False)
    assert one.chisq == pytest.approx(other.chisq, rel=SAME, abs=SAME)


@pytest.mark.parametrize("options", WAYS, ids=str)
@FEW
@given(order=st.permutations(["info", "trust", "results"]), flip=st.booleans())
def test_order_of_the_items_in_the_model(
    options: dict[str, Any], order: list[str], flip: bool
) -> None:
    lines = dict(line.split(" =~ ") for line in MODEL.strip().splitlines()[:3])
    rest = MODEL.strip().splitlines()[3:]
    swapped = {}
    for name, items in lines.items():
        first, second, third = items.split(" + ")
        swapped[name] = [first, third, second] if flip else [first, second, third]
    text = [f"{name} =~ {' + '.join(swapped[name])}" for name in order]
    data = answers(options)
    other = ts.fit("\n".join([*text, *rest]), data, **options)
    assert_same_fit(ts.fit(MODEL, data, **options), other)


@pytest.mark.parametrize("options", WAYS, ids=str)
@FEW
@given(order=st.permutations(["unit", *ITEMS]))
def test_order_of_the_columns(options: dict[str, Any], order: list[str]) -> None:
    data = answers(options)
    assert_same_fit(ts.fit(MODEL, data, **options), ts.fit(MODEL, data[order], **options))


@pytest.mark.parametrize("options", WAYS, ids=str)
@FEW
@given(seed=st.integers(0, 2**16))
def test_order_of_the_rows(options: dict[str, Any], seed: int) -> None:
    data = answers(options)
    mixed = data.sample(frac=1.0, random_state=seed)
    assert_same_fit(ts.fit(MODEL, data, **options), ts.fit(MODEL, mixed, **options))


@pytest.mark.parametrize("options", WAYS, ids=str)
@FEW
@given(
    item=st.sampled_from(ITEMS),
    shift=st.floats(-50, 50),
    stretch=st.sampled_from([-10.0, -1.0, 0.1, 2.0, 25.0]),
)
def test_linear_rescaling_of_an_item(
    options: dict[str, Any], item: str, shift: float, stretch: float
) -> None:
    data = answers(options)
    moved = data.assign(**{item: shift + stretch * data[item]})
    one, other = ts.fit(MODEL, data, **options), ts.fit(MODEL, moved, **options)
    assert one.chisq == pytest.approx(other.chisq, rel=1e-4, abs=1e-4)
    a, b = table(one)["std_all"], table(other)["std_all"]
    means = a.index.get_level_values("op") == "~1"
    np.testing.assert_allclose(a[~means].abs(), b[~means].abs(), atol=1e-4)


@pytest.mark.parametrize("options", WAYS, ids=str)
@FEW
@given(items=st.sets(st.sampled_from(ITEMS), min_size=1), top=st.integers(5, 10))
def test_reversing_twice_is_nothing(options: dict[str, Any], items: set[str], top: int) -> None:
    data = answers(options)
    names = sorted(items)
    twice = data.assign(**{n: (top + 1) - ((top + 1) - data[n]) for n in names})
    assert_same_fit(ts.fit(MODEL, data, **options), ts.fit(MODEL, twice, **options))


@pytest.mark.parametrize("options", WAYS[:3], ids=str)
@pytest.mark.parametrize("times", [2, 5])
def test_duplicated_rows(options: dict[str, Any], times: int) -> None:
    data = answers(options)
    once = ts.fit(MODEL, data, **options)
    many = ts.fit(MODEL, pd.concat([data] * times, ignore_index=True), **options)
    a, b = table(once), table(many)
    np.testing.assert_allclose(a["est"], b["est"], atol=1e-5)
    np.testing.assert_allclose(
        a["se"].to_numpy(float), b["se"].to_numpy(float) * np.sqrt(times), rtol=1e-4, atol=1e-8
    )
    assert many.chisq == pytest.approx(times * once.chisq, rel=1e-4)
    assert many.nobs == times * once.nobs


def test_duplicated_clusters_count_as_one() -> None:
    options = {"estimator": "MLR", "cluster": "unit"}
    data = answers(options)
    once = ts.fit(MODEL, data, **options)
    twice = ts.fit(MODEL, pd.concat([data, data], ignore_index=True), **options)
    a, b = table(once), table(twice)
    np.testing.assert_allclose(a["est"], b["est"], atol=1e-5)
    np.testing.assert_allclose(a["se"].to_numpy(float), b["se"].to_numpy(float), rtol=1e-4)


def test_full_information_on_complete_data_is_maximum_likelihood() -> None:
    data = answers({})
    plain = ts.fit(MODEL, data, meanstructure=True)
    full = ts.fit(MODEL, data, missing="fiml", information="expected")
    assert_same_fit(plain, full)


def test_names_of_the_clusters_do_not_matter() -> None:
    options = {"estimator": "MLR", "cluster": "unit"}
    data = answers(options)
    codes = data.assign(unit=data["unit"].str[1:].astype(int) * 7)
    assert_same_fit(ts.fit(MODEL, data, **options), ts.fit(MODEL, codes, **options))


def test_a_cluster_for_every_row_is_the_plain_sandwich() -> None:
    data = answers({}).assign(unit=lambda d: np.arange(len(d)))
    # As in lavaan, clusters switch the mean structure on and bring the factor G / (G - 1).
    plain = ts.fit(MODEL, data, estimator="MLR", meanstructure=True)
    by_row = ts.fit(MODEL, data, estimator="MLR", cluster="unit")
    a, b = table(plain), table(by_row)
    np.testing.assert_allclose(a["est"], b["est"], atol=SAME)
    factor = np.sqrt(len(data) / (len(data) - 1))
    np.testing.assert_allclose(a["se"] * factor, b["se"], rtol=1e-4, atol=1e-8)


def test_an_empty_row_adds_nothing() -> None:
    options = {"missing": "fiml", "estimator": "MLR"}
    data = answers(options)
    empty = pd.DataFrame([dict.fromkeys(data.columns)]).astype(data.dtypes.to_dict())
    longer = pd.concat([data, empty], ignore_index=True)
    one, other = ts.fit(MODEL, data, **options), ts.fit(MODEL, longer, **options)
    assert one.nobs == other.nobs
    assert_same_fit(one, other)
