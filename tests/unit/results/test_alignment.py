"""What an alignment holds: frames in the order of the data, pairs, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import truststats as ts
from tests.unit.workflow.test_alignment import MODEL, answers
from truststats.errors import OptionError
from truststats.results.alignment import AlignmentResult
from truststats.workflow.unit_licence import invariance_condition


@pytest.fixture(scope="module")
def found() -> AlignmentResult:
    return ts.alignment(MODEL, answers(), group="g", draws=500)


def test_means_in_the_order_of_the_data(found: AlignmentResult) -> None:
    frame = found.frame()
    assert list(frame["group"]) == list(found.groups) == ["b", "c", "a", "d", "e", "f"]
    first, other = frame.iloc[0], frame.iloc[1]
    assert (first["mean"], first["variance"]) == (0.0, 1.0)
    assert np.isnan([first["se"], first["ci_lower"], first["variance_se"]]).all()
    assert other["ci_upper"] - other["mean"] == pytest.approx(1.959964 * other["se"])
    assert other["variance_lower"] < other["variance"] < other["variance_upper"]
    assert frame["n"].sum() == sum(found.people.values())
    assert "rank" not in frame


def test_pairs_say_which_means_differ(found: AlignmentResult) -> None:
    pairs, means = found.pairs(), found.frame().set_index("group")["mean"]
    assert len(pairs) == 15
    one = pairs.iloc[3]
    assert one["difference"] == pytest.approx(means[one["first"]] - means[one["second"]])
    assert ((pairs["ci_lower"] > 0) | (pairs["ci_upper"] < 0)).equals(pairs["differ"])
    assert pairs["p_adjusted"][pairs["differ"]].max() <= 0.05
    assert found.pairs("f").equals(pairs)


def test_items_that_deviate(found: AlignmentResult) -> None:
    table = found.invariance.set_index(["item", "parameter"])
    assert table.loc[("y2", "intercept"), "groups"] == "a"
    assert table.loc[("y2", "intercept"), "apart"] == 1
    assert table.loc[("y4", "loading"), "groups"] == "d"
    rows = found.items.set_index(["item", "group"])
    assert rows.loc[("y2", "a"), "intercept_apart"]
    assert not rows.loc[("y2", "b"), "intercept_apart"]
    inside = found.items.query("item == 'y2' and not intercept_apart")["intercept"]
    assert table.loc[("y2", "intercept"), "average"] == pytest.approx(inside.mean())
    assert found.share == pytest.approx(table["apart"].sum() / (10 * 6))
    assert found.trustworthy


def test_above_the_limit_it_is_not_trusted(found: AlignmentResult) -> None:
    factor = found.factor()
    none = np.zeros_like(factor.loadings_alike)
    doubtful = replace(found, factors=(replace(factor, loadings_alike=none),))
    assert doubtful.share > doubtful.limit == 0.25
    assert not doubtful.trustworthy
    lost = replace(found, factors=(replace(factor, converged=False),))
    assert not lost.trustworthy
    assert np.isnan(doubtful.invariance["average"][0])


def test_factors_by_name(found: AlignmentResult) -> None:
    assert found.factor("f") is found.factor()
    with pytest.raises(OptionError, match=r"no factor 'ff'. Did you mean 'f'"):
        found.factor("ff")
    with pytest.raises(OptionError, match="several"):
        replace(found, factors=found.factors * 2).factor()


def test_it_licenses_no_comparison_of_units(found: AlignmentResult) -> None:
    assert not hasattr(found, "licensed")
    with pytest.raises(OptionError, match="says nothing about invariance"):
        invariance_condition(found, "f")
