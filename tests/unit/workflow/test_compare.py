from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError


@pytest.fixture(scope="module")
def fits(models, answers_of):
    text = models["chain"]
    return [ts.fit(t, answers_of()) for t in (text, text.replace("trust + info", "trust"))]


def test_one_row_a_fit(fits):
    table = ts.compare(*fits)
    assert list(table.index) == ["1", "2"]
    assert table.index.name == "model"
    for row, fit in zip(table.itertuples(), fits, strict=True):
        assert row.chisq == fit.chisq
        assert row.bic == fit.fit_measures["bic"]
        assert row.cfi == fit.fit_measures["cfi"]


def test_difference_in_bic(fits):
    table = ts.compare(*fits)
    assert table["delta_bic"].min() == 0.0
    np.testing.assert_allclose(table["delta_bic"], table["bic"] - table["bic"].min())


def test_names(fits):
    assert list(ts.compare(*fits, names=["full", "less"]).index) == ["full", "less"]


def test_one_fit_is_not_enough(fits):
    with pytest.raises(OptionError, match="at least two"):
        ts.compare(fits[0])
    with pytest.raises(OptionError, match="at least two"):
        ts.compare()


def test_other_variables(fits, answers_of):
    other = ts.fit("info =~ inf1 + inf2 + inf3 + x1", answers_of())
    with pytest.raises(DataError, match="Fits 1 and 3 do not share their variables") as caught:
        ts.compare(*fits, other)
    assert "x1" in str(caught.value)
    assert "not comparable" in caught.value.why


def test_other_rows(fits, models, answers_of):
    other = ts.fit(models["chain"], answers_of().iloc[:200])
    with pytest.raises(DataError, match="Fits 1 and 2 use 240 and 200 rows"):
        ts.compare(fits[0], other)


def test_likelihoods_given_different_variables_are_not_compared(answers_of):
    frame = answers_of()
    one = ts.fit("inf1 ~ inf2\ninf3 ~ inf1", frame)
    two = ts.fit("inf1 ~ inf3\ninf2 ~ inf1", frame)
    with pytest.raises(DataError, match="same variables as given"):
        ts.compare(one, two)


def test_fits_of_different_answers_are_not_compared(answers_of):
    frame = answers_of()
    text = "f =~ inf1 + inf2 + inf3"
    shuffled = frame.assign(inf1=frame["inf1"].to_numpy()[::-1])
    with pytest.raises(DataError, match="different answers"):
        ts.compare(ts.fit(text, frame), ts.fit(text, shuffled))


def test_rows_are_ordered_by_degrees_of_freedom_and_tested(fits):
    table = ts.compare(fits[1], fits[0], names=["less", "full"])
    assert list(table.index) == ["full", "less"]
    row = table.loc["less"]
    assert (row["relation"], row["method"], row["df_diff"]) == ("nested", "standard", 1)
    assert np.isclose(row["chisq_diff"], fits[1].chisq - fits[0].chisq)
    assert np.isclose(row["delta_cfi"], table["cfi"].diff().iloc[1])
    assert np.isclose(table["aic_weight"].sum(), 1.0)
    assert np.isnan(table["chisq_diff"].iloc[0])


def test_models_that_are_not_nested_get_no_test(answers_of):
    data = answers_of()
    one = ts.fit("b ~ a\nc ~ b\na ~~ a", data.rename(columns={"x1": "a", "tru1": "b", "res1": "c"}))
    two = ts.fit("b ~ c\na ~ b\nc ~~ c", data.rename(columns={"x1": "a", "tru1": "b", "res1": "c"}))
    row = ts.compare(one, two).iloc[1]
    assert row["relation"] == "equivalent"
    assert np.isnan(row["chisq_diff"])


def test_a_test_that_has_no_value_says_so(models, answers_of):
    data, text = answers_of(), models["chain"]
    fits = [ts.fit(t, data, estimator="MLR") for t in (text, text.replace("trust + info", "trust"))]
    table = ts.compare(*fits)
    row = table.iloc[1]
    assert row["method"] == "satorra_bentler_2001"
    assert ("not positive" in row["note"]) == bool(np.isnan(row["chisq_diff"]))


def test_different_tests_are_not_compared(fits, models, answers_of):
    robust = ts.fit(models["chain"], answers_of(), estimator="MLR")
    with pytest.raises(OptionError, match="different tests"):
        ts.compare(fits[0], robust)


@pytest.fixture(scope="module")
def halves(answers_of):
    data = answers_of()
    return data.assign(half=np.where(np.arange(len(data)) < 100, "one", "two"))


def test_nested_fits_of_several_groups_are_tested(models, halves):
    text = models["chain"]
    fits = [ts.fit(text, halves, group="half", group_equal=e) for e in ([], ["loadings"])]
    row = ts.compare(*fits).iloc[1]
    assert row["relation"] == "nested"
    assert row["df_diff"] == fits[1].df - fits[0].df
    assert row["chisq_diff"] == pytest.approx(fits[1].chisq - fits[0].chisq)


def test_groups_of_other_people_are_not_compared(models, halves):
    text = models["chain"]
    swapped = halves.assign(half=halves["half"].map({"one": "two", "two": "one"}))
    options = {"group": "half", "group_label": ["one", "two"]}
    with pytest.raises(DataError, match="different answers"):
        ts.compare(*(ts.fit(text, data, **options) for data in (halves, swapped)))


def test_least_squares_have_no_information_criteria(models, answers_of):
    text = models["chain"]
    fits = [
        ts.fit(t, answers_of(), estimator="GLS")
        for t in (text, text.replace("trust + info", "trust"))
    ]
    table = ts.compare(*fits)
    assert not {"aic", "bic", "delta_bic", "aic_weight"} & set(table.columns)
    assert table["pvalue_diff"].notna().sum() == 1


def test_a_method_that_is_not_available_leaves_the_table(models, answers_of):
    data, text = answers_of(holes=0.05), models["chain"]
    fits = [
        ts.fit(t, data, estimator="MLR", missing="ml")
        for t in (text, text.replace("trust + info", "trust"))
    ]
    row = ts.compare(*fits, method="satorra_2000").iloc[1]
    assert np.isnan(row["chisq_diff"])
    assert "missing='ml'" in row["note"]
