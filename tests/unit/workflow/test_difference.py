from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError
from truststats.workflow.difference import difference, method_for


@pytest.fixture(scope="module")
def texts(models):
    return models["chain"], models["chain"].replace("trust + info", "trust")


def _pair(texts, data, **options):
    larger, smaller = (ts.fit(text, data, **options) for text in texts)
    return smaller, larger


def test_a_plain_difference(texts, answers_of):
    smaller, larger = _pair(texts, answers_of())
    got = difference(smaller, larger)
    assert got.method == "standard"
    assert np.isclose(got.chisq, smaller.chisq - larger.chisq)


def test_the_default_of_a_robust_fit(texts, answers_of):
    smaller, larger = _pair(texts, answers_of(), estimator="MLR")
    got = difference(smaller, larger)
    assert got.method == "satorra_bentler_2001"
    assert np.isclose(got.chisq, (smaller.test.chisq - larger.test.chisq) / got.scaling_factor)


def test_the_robust_methods_are_near_each_other(texts, answers_of):
    pair = _pair(texts, answers_of(), estimator="MLR")
    found = [
        difference(*pair, "satorra_bentler_2010").chisq,
        difference(*pair, "satorra.2000").chisq,
        difference(*pair, "satorra_2000", a_method="exact").chisq,
    ]
    assert np.ptp(found) < 0.5 * max(found)


def test_one_restriction_needs_no_shift(texts, answers_of):
    pair = _pair(texts, answers_of(), estimator="MLR")
    one, two = (difference(*pair, "satorra_2000", adjust=a) for a in ("scaled", "scaled_shifted"))
    assert np.isclose(one.chisq, two.chisq)


def test_methods_that_do_not_go_with_a_test(texts, answers_of):
    smaller, larger = _pair(texts, answers_of())
    robust = ts.fit(texts[0], answers_of(), estimator="MLR")
    with pytest.raises(OptionError, match="does not go with the standard test"):
        method_for(larger, "satorra_2000")
    with pytest.raises(OptionError, match="does not go with the yuan"):
        method_for(robust, "standard")
    with pytest.raises(OptionError, match="different tests"):
        difference(smaller, robust)


def test_satorra_2000_with_missing_values(texts, answers_of):
    pair = _pair(texts, answers_of(holes=0.05), estimator="MLR", missing="ml")
    with pytest.raises(NotSupportedError, match="missing='ml'"):
        difference(*pair, "satorra_2000")


def test_the_residual_tests_of_least_squares_have_no_difference(texts, answers_of):
    pair = _pair(texts, answers_of(), estimator="ULS")
    with pytest.raises(NotSupportedError, match="no difference test") as caught:
        difference(*pair)
    assert "ULSM" in caught.value.fix


@pytest.fixture(scope="module")
def items(answers_of):
    data = answers_of().filter(regex="^(inf|tru)")
    return data.rank(pct=True).mul(4).apply(lambda column: column.clip(0.5, 3.5).round())


ITEMS = (
    "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3",
    "info =~ inf1 + a*inf2 + a*inf3\ntrust =~ tru1 + b*tru2 + b*tru3",
)


@pytest.mark.parametrize("estimator", ["DWLS", "ULS"])
def test_plain_differences_of_ordinal_items_have_no_distribution(items, estimator):
    pair = _pair(ITEMS, items, estimator=estimator, ordered=True)
    with pytest.raises(NotSupportedError, match="have no distribution") as caught:
        difference(*pair)
    assert "WLSMV" in caught.value.fix


def test_ordinal_items(items):
    smaller, larger = _pair(ITEMS, items, ordered=True)
    got = difference(smaller, larger)
    assert (got.method, got.df) == ("satorra_2000", 2)
    table = ts.compare(smaller, larger)
    assert table["chisq_diff"].iloc[1] == pytest.approx(got.chisq)
    assert "bic" not in table
    other = ts.fit(ITEMS[1], items, ordered=True, estimator="ULSMV")
    with pytest.raises(OptionError, match="different estimators"):
        difference(other, larger)


def test_the_order_of_variables_changes_nothing(texts, answers_of):
    lines = texts[0].strip().splitlines()
    turned = "\n".join([*lines[1:3], lines[0], *lines[3:]]).replace("trust + info", "trust")
    larger = ts.fit(texts[0], answers_of(), estimator="MLMV")
    found = [
        difference(ts.fit(text, answers_of(), estimator="MLMV"), larger).chisq
        for text in (texts[1], turned)
    ]
    assert np.isclose(*found, rtol=1e-5)


def test_clusters_change_the_scale_of_the_test_only(items, answers_of):
    data = items.assign(unit=answers_of()["unit"])
    alone, clustered = (
        difference(*_pair(ITEMS, data, ordered=True, estimator="ULSMV", cluster=cluster))
        for cluster in (None, "unit")
    )
    assert alone.df == clustered.df == 2
    assert alone.scaling_factor != pytest.approx(clustered.scaling_factor, rel=1e-3)


def test_factors_that_match_more_than_a_mean_are_refused(items):
    with pytest.raises(NotSupportedError, match=r"does not go with the scaled\.shifted") as caught:
        difference(*_pair(ITEMS, items, ordered=True), "satorra_bentler_2001")
    assert "WLSM" in caught.value.fix
