from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.workflow.sampling import Sampling, check_sampling, sampling

DRAWN = {
    "sampling_weights": None,
    "sampling_weights_normalization": "total",
    "strata": None,
    "lonely_psu": "fail",
}
FRAME = pd.DataFrame({"w": [1.0, 2.0, 3.0, 6.0], "h": ["a", "a", "b", None]})
EVERY = np.ones(4, dtype=bool)


def test_weights_sum_to_the_rows_kept():
    got = Sampling(FRAME["w"].to_numpy())
    keep = np.array([True, True, True, False])
    np.testing.assert_allclose(got.normalized(keep, None)[:3], [0.5, 1.0, 1.5])


def test_weights_sum_to_the_rows_of_each_group():
    got = Sampling(FRAME["w"].to_numpy(), "group").normalized(EVERY, np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(got, [2 / 3, 4 / 3, 2 / 3, 4 / 3])


def test_weights_may_stay():
    got = Sampling(FRAME["w"].to_numpy(), "none").normalized(EVERY, None)
    np.testing.assert_allclose(got, FRAME["w"])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, -1, 2, -3], "2 rows have a negative sampling weight in 'w': rows 2, 4"),
        ([1, 0, 2, 3], "1 row has a sampling weight of zero in 'w': row 2"),
        ([1, None, 2, 3], "1 row has no sampling weight in 'w': row 2"),
        ([1, np.inf, 2, 3], "an infinite sampling weight"),
        (["x", "y", "z", "u"], "not numbers"),
    ],
)
def test_weights_that_are_none(values, words):
    with pytest.raises(DataError, match=words):
        sampling(None, FRAME.assign(w=values), DRAWN | {"sampling_weights": "w"})


def test_a_column_that_is_not_there():
    with pytest.raises(DataError, match="no column 'weight' for sampling_weights"):
        sampling(None, FRAME, DRAWN | {"sampling_weights": "weight"})
    with pytest.raises(OptionError, match="not the name of a column"):
        sampling(None, FRAME, DRAWN | {"strata": 3})


def test_strata_are_numbered_and_may_be_missing():
    got = sampling(None, FRAME, DRAWN | {"strata": "h"})
    assert got.strata.tolist() == [0, 0, 1, -1]
    assert got.strata_labels == ("a", "b")


def test_clusters_of_two_strata_are_refused():
    made = Sampling(strata=np.array([0, 1, 1, 1]), strata_labels=("a", "b"), strata_name="h")
    with pytest.raises(DataError, match="1 clusters lie in more than one stratum") as caught:
        made.design(np.array([0, 0, 1, 2]), EVERY, None)
    assert "frame['h']" in caught.value.fix


def test_a_stratum_of_one_cluster():
    strata, units = np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2])
    made = Sampling(strata=strata, strata_labels=("a", "b"), strata_name="h")
    with pytest.raises(DataError, match="single cluster: b"):
        made.design(units, EVERY, None)
    kept = Sampling(strata=strata, strata_labels=("a", "b"), lonely_psu="certainty")
    design, numbers = kept.design(units, EVERY, None)
    assert (design.count, numbers.tolist()) == (3, [0, 1, 2, 2])


def test_clusters_that_span_groups_have_a_design():
    units, groups = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    design, _ = Sampling().design(units, EVERY, groups)
    assert (design.count, design.strata) == (2, None)
    assert Sampling().design(units, EVERY, np.array([0, 0, 1, 1])) is None
    codes = [p.code for p in Sampling().problems(EVERY, units, groups)]
    assert codes == ["clusters_span_groups"]


def test_very_unequal_weights_are_a_note():
    found = Sampling(np.array([1.0, 1.0, 1.0, 9.0])).problems(EVERY, None, None)
    assert "4 rows weigh as much as 2 with" in found[0].message
    assert "design effect 2.33" in found[0].message
    assert not Sampling(np.array([1.0, 1.2, 1.0, 0.9])).problems(EVERY, None, None)


@pytest.mark.parametrize(
    ("drawn", "made", "auxiliary", "rows", "error"),
    [
        ({"strata": "h"}, {"missing": "two.stage", "se": "x"}, (), True, NotSupportedError),
        ({"strata": "h"}, {"missing": "ml", "se": "cr3"}, (), True, NotSupportedError),
        ({"sampling_weights": "w"}, {"missing": "ml", "se": "x"}, ("a",), True, NotSupportedError),
        ({"sampling_weights": "w"}, {"missing": "ml", "se": "x"}, (), False, OptionError),
        ({"lonely_psu": "adjust"}, {"missing": "ml", "se": "x"}, (), True, OptionError),
        ({"sampling_weights_normalization": "n"}, {"missing": "ml"}, (), True, OptionError),
    ],
)
def test_what_does_not_go_together(drawn, made, auxiliary, rows, error):
    with pytest.raises(error):
        check_sampling(DRAWN | drawn, made, auxiliary, rows=rows)


def test_rows_as_units_of_strata(answers_of):
    data = answers_of(120, units=4).assign(layer=np.arange(120) % 3)
    model = "info =~ inf1 + inf2 + inf3\ntru1 ~ info"
    fit = ts.fit(model, data, strata="layer")
    assert fit.n_clusters is None
    assert "Strata           layer" in repr(fit)
    assert not np.allclose(fit.bse, ts.fit(model, data, estimator="MLR").bse, rtol=1e-6)


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_the_unit_of_weights_does_not_matter(unit):
    made = Sampling(weights=np.array([1.0, 2.0, 3.0, 2.0]) * unit)
    assert made.problems(EVERY, None, None) == []
    np.testing.assert_allclose(made.normalized(EVERY, None), [0.5, 1.0, 1.5, 1.0])


def test_weights_are_named_not_given():
    with pytest.raises(OptionError, match="sampling_weights= is a Series, not the name"):
        sampling(None, FRAME, DRAWN | {"sampling_weights": pd.Series([1.0, 2.0])})
