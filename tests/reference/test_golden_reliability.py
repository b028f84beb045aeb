"""Reliability against semTools 0.5-6, psych and equation 21 of Green & Yang (2009)."""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.items import item_statistics, pairwise_covariance
from truststats.psychometrics.reliability import alpha

FITS = [
    spec["name"]
    for spec in material.fits_table()["fits"]
    if "reliability" in spec.get("extract", [])
]
CLOSE = 1e-4  # absolute: a ratio of sums of estimates


@pytest.mark.parametrize("name", FITS)
def test_alpha_and_omega(name: str) -> None:
    table = material.run(name).reliability()
    found = table.set_index(["construct", "coefficient"])["value"]
    expected = material.golden(name)["reliability"]
    # of a second-order factor semTools gives the share that this factor alone explains
    for construct, value in expected["omega_implied_variance"].items():
        second = (construct, "omega_hierarchical") in found
        name = "omega_hierarchical" if second else "omega"
        assert found[construct, name] == pytest.approx(value, abs=CLOSE)
    for construct, value in expected["omega_observed_variance"].items():
        if (construct, "omega_observed") in found:
            assert found[construct, "omega_observed"] == pytest.approx(value, abs=CLOSE)
    for construct, value in expected["alpha_psych"].items():
        assert found[construct, "alpha"] == pytest.approx(value, abs=CLOSE)


GOLDEN = material.golden("reliability")
EXACT = 2e-6  # absolute: both sides stop within rounding of the optimum
TWO = "f =~ i1 + i2 + i3 + i4\ng =~ j1 + j2 + j3"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.DATA / "reliability_items.csv")


@pytest.fixture(scope="module")
def ordinal() -> pd.DataFrame:
    return pd.read_csv(material.DATA / "ordinal_items.csv")


def found(fit: Any, **options: Any) -> pd.Series:
    return fit.reliability(**options).set_index(["construct", "coefficient"])["value"]


def check(got: pd.Series, coefficient: str, expected: dict[str, float]) -> None:
    for construct, value in expected.items():
        assert got[construct, coefficient] == pytest.approx(value, abs=EXACT)


@pytest.mark.parametrize("name", ["three", "covaried"])
def test_congeneric_scales(name: str, data: pd.DataFrame) -> None:
    expected = GOLDEN[name]
    got = found(ts.fit(GOLDEN["models"][name], data))
    check(got, "omega", expected["omega"])
    check(got, "omega_observed", expected["omega_observed"])
    check(got, "ave", expected.get("ave", {}))


def test_best_weights(data: pd.DataFrame) -> None:
    """semTools optimises the weights by a search that stops at about 1e-6."""
    texts = {"a": "a =~ x1 + x2 + x3", "b": "b =~ x4 + x5 + x6"}
    for construct, text in texts.items():
        check(
            found(ts.fit(text, data)), "maximal", {construct: GOLDEN["three"]["maximal"][construct]}
        )


def test_omega_without_an_item(data: pd.DataFrame) -> None:
    items = ts.fit(GOLDEN["models"]["three"], data).item_statistics().set_index("item")
    for item, value in zip(["x1", "x2", "x3"], GOLDEN["three"]["without"], strict=True):
        assert items.loc[item, "omega_dropped"] == pytest.approx(value, abs=EXACT)


def test_second_order(data: pd.DataFrame) -> None:
    expected = GOLDEN["second"]
    got = found(ts.fit(GOLDEN["models"]["second"], data))
    check(got, "omega_hierarchical", {"g": expected["l2"]["omegaL1"]})
    check(got, "omega_level2", {"g": expected["l2"]["omegaL2"]})
    check(got, "omega_partial", {"g": expected["l2"]["partialOmegaL1"]})
    check(got, "omega", expected["total"])
    check(got, "omega", {name: expected["level1"][name] for name in "abc"})


def test_bifactor(data: pd.DataFrame) -> None:
    got = found(ts.fit(GOLDEN["models"]["bifactor"], data, std_lv=True))
    check(got, "omega_hierarchical", GOLDEN["bifactor"]["omega"])
    check(got, "omega", GOLDEN["bifactor"]["total"])


@pytest.mark.parametrize(
    ("name", "items", "turned"),
    [
        ("a", ["x1", "x2", "x3"], ()),
        ("u", ["u1", "u2", "u3", "u4"], ("u3",)),
        ("holes", ["x1h", "x2", "x3"], ()),
        ("many", ["x1h", "x4", "x5h", "x7"], ()),
    ],
)
def test_items_of_psych(name: str, items: list[str], turned: Any, data: pd.DataFrame) -> None:
    expected = GOLDEN["psych"][name]
    signs = np.array([-1.0 if item in turned else 1.0 for item in items])
    cov = pairwise_covariance(data[items].to_numpy())
    assert alpha(cov, signs) == pytest.approx(expected["alpha"], abs=1e-10)
    got = item_statistics(cov, signs)
    np.testing.assert_allclose(got.item_rest, expected["rest"], atol=1e-10)
    np.testing.assert_allclose(got.alpha_dropped, expected["dropped"], atol=1e-10)


def test_bifactor_of_psych_is_near(data: pd.DataFrame) -> None:
    """psych rotates an exploratory solution; ours is the confirmatory one of the same structure."""
    got = found(ts.fit(GOLDEN["models"]["second"], data))
    expected = GOLDEN["psych"]["omega"]
    assert got["g", "omega"] == pytest.approx(expected["total"], abs=0.01)
    assert got["g", "omega_hierarchical"] == pytest.approx(expected["hierarchical"], abs=0.02)


def test_ordinal_items(data: pd.DataFrame) -> None:
    expected = GOLDEN["ordinal"]
    fit = ts.fit("u =~ u1 + u2 + u3 + u4", data, ordered=True)
    got = found(fit, reverse=["u3"])
    check(got, "alpha", expected["alpha"])
    check(got, "alpha_ordinal", expected["alpha_ordinal"])
    check(got, "omega_categorical", expected["omega_implied"])
    check(got, "omega_categorical_observed", expected["omega"])
    check(got, "ave", expected["ave"])
    assert GOLDEN["green_yang"]["turned"] == pytest.approx(expected["omega_implied"]["u"])


def test_unequal_numbers_of_categories(ordinal: pd.DataFrame) -> None:
    expected = GOLDEN["green_yang"]
    items = ["i1", "i2", "i3", "i4", "j1", "j2", "j3"]
    whole = ordinal.dropna(subset=items)
    got = found(ts.fit(TWO, whole, ordered=True))
    check(got, "omega_categorical", {name: expected[name] for name in "fg"})
    check(got, "omega_categorical_observed", GOLDEN["unequal"])
    check(got, "alpha_ordinal", GOLDEN["unequal_alpha"]["ordinal"])
    check(got, "alpha", {"f": GOLDEN["unequal_alpha"]["psych"]})
    pairs = found(ts.fit(TWO, ordinal, ordered=True, missing="pairwise"))
    check(pairs, "omega_categorical", {"f": expected["pairwise_f"]})
    check(pairs, "alpha", {"f": GOLDEN["unequal_alpha"]["pairwise"]})


def test_ordinal_items_in_groups(ordinal: pd.DataFrame) -> None:
    expected = GOLDEN["green_yang"]["groups"]
    fit = ts.fit(TWO, ordinal, ordered=True, group="group", group_label=expected["labels"])
    for k, label in enumerate(expected["labels"]):
        got = found(fit.group(label))
        check(got, "omega_categorical", {name: expected[name][k] for name in "fg"})
