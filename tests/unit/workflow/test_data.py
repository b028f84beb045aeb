"""What happens to answers before a model sees them: refused with words, or counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import truststats as ts
from truststats.errors import DataError
from truststats.model import Model
from truststats.workflow.data import prepare_rows

TEXT = "f =~ a + b + c"
NAMES = ("a", "b", "c")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    factor = rng.normal(size=100)
    return pd.DataFrame({name: factor + rng.normal(size=100) for name in NAMES})


def _prepare(frame, *, missing="listwise", cluster=None, x=(), names=NAMES):
    model = Model.from_text(TEXT)
    return prepare_rows(model, names, frame, missing=missing, cluster=cluster, x=x)


def _refused(frame, **options):
    with pytest.raises(DataError) as caught:
        _prepare(frame, **options)
    return str(caught.value)


# refusals -----------------------------------------------------------------------------------------


def test_a_missing_column(data):
    text = _refused(data.rename(columns={"a": "aa", "c": "zzz"}))
    assert "no column 'a'" in text
    assert "Did you mean 'aa'?" in text
    assert "'c'" in text
    assert "model variables: a, b, c" in text


def test_a_column_of_text(data):
    text = _refused(data.astype({"b": object}).assign(b=lambda d: d["b"].where(d.index > 4, "no")))
    assert "Column 'b' holds text, for example 'no', in 5 rows." in text
    assert "ts.read_survey" in text


def test_two_columns_of_one_name(data):
    text = _refused(pd.concat([data, data[["a"]]], axis=1))
    assert "2 columns named 'a'" in text


def test_a_constant_column(data):
    text = _refused(data.assign(c=4.0))
    assert "No variation in c (= 4)." in text
    assert "constant" in text


def test_a_column_that_is_constant_once_rows_are_gone(data):
    data.loc[10:, "c"] = np.nan
    data.loc[:9, "b"] = 2.0
    assert "No variation in b (= 2)." in _refused(data)


def test_an_empty_column(data):
    for missing in ("listwise", "ml"):
        assert "No value at all in c." in _refused(data.assign(c=np.nan), missing=missing)


def test_infinite_values(data):
    data.loc[3, "a"] = -np.inf
    data.loc[4, "c"] = np.inf
    assert "Infinite values in a, c." in _refused(data)


def test_too_few_rows(data):
    text = _refused(data.iloc[:3])
    assert "Only 3 of 3 rows are left for 3 variables." in text
    assert "missing='ml'" not in text


def test_too_few_complete_rows(data):
    data.loc[2:, "c"] = np.nan
    text = _refused(data)
    assert "Only 2 of 100 rows" in text
    assert "missing='ml'" in text


def test_the_same_variable_twice(data):
    text = _refused(data.assign(c=2 * data["a"] + 1))
    assert "a and c are the same variable (correlation 1.000000)." in text
    assert "drop c" in text
    assert "correlation -1.000000" in _refused(data.assign(c=-data["a"]))


def test_a_sum_of_the_others(data):
    text = _refused(data.assign(c=data["a"] + data["b"]))
    assert "covariance matrix of 3 variables from 100 rows is singular" in text


def test_never_answered_together(data):
    data.loc[:50, "a"] = np.nan
    data.loc[51:, "b"] = np.nan
    text = _refused(data, missing="ml")
    assert "a and b are answered together in 0 rows" in text


def test_an_unknown_cluster(data):
    text = _refused(data.assign(unit="x"), cluster="units")
    assert "no cluster column 'units'. Did you mean 'unit'?" in text


def test_a_single_cluster(data):
    text = _refused(data.assign(unit="x"), cluster="unit")
    assert "cluster variable 'unit' has a single value" in text
    assert "cluster=None" in text


def test_no_rows(data):
    for missing in ("listwise", "ml"):
        assert "The data have no rows." in _refused(data.iloc[:0], missing=missing)


@pytest.mark.parametrize("kind", ["datetime64[ns]", "timedelta64[ns]", "complex"])
def test_columns_that_are_no_plain_numbers(data, kind):
    column = pd.Series(np.arange(100)).astype(kind)
    text = _refused(data.assign(b=column))
    assert "Column 'b' holds" in text
    assert "plain numbers" in text


@pytest.mark.parametrize("thing", [{"a": [1.0]}, [1, 2], np.ones((5, 3)), "data.csv"], ids=type)
def test_something_that_is_no_frame(thing):
    text = _refused(thing)
    assert f"data is a {type(thing).__name__}, which is not a data frame." in text
    assert "sample_cov=" in text


# what is accepted ---------------------------------------------------------------------------------


@pytest.fixture
def codes(data):
    return (3 + data.round()).clip(1, 5).astype(int)


@pytest.mark.parametrize("kind", ["int8", "Int64", "Float64", "float32", "object", "category"])
def test_every_kind_of_number_gives_the_same_sample(codes, kind):
    want, got = _prepare(codes), _prepare(codes.astype(kind))
    np.testing.assert_array_equal(got.sample.rows, want.sample.rows)


def test_nullable_integers_with_holes(codes):
    codes = codes.astype("Int64")
    codes.loc[3, "a"] = pd.NA
    got = _prepare(codes)
    assert got.sample.n == 99
    assert _prepare(codes, missing="ml").sample.incomplete.n_patterns == 2


def test_categories_that_are_numbers_with_holes(codes):
    codes.loc[7, "b"] = np.nan
    got = _prepare(codes.astype({"b": "category"}))
    assert got.sample.n == 99


def test_true_and_false(data):
    got = _prepare(data > 0)
    assert set(np.unique(got.sample.rows)) == {0.0, 1.0}


def test_other_frames(data):
    want = _prepare(data).sample
    polars = _prepare(pl.DataFrame({name: data[name].to_numpy() for name in NAMES})).sample
    arrow = _prepare(pa.Table.from_pandas(data)).sample
    np.testing.assert_array_equal(polars.rows, want.rows)
    np.testing.assert_array_equal(arrow.rows, want.rows)


def test_more_columns_than_the_model_wants(data):
    got = _prepare(data.assign(name="text", other=1.0)[["other", "c", "name", "a", "b"]])
    np.testing.assert_array_equal(got.sample.rows, data.to_numpy())


def test_the_input_is_never_changed(data):
    data.loc[3, "a"] = np.nan
    before = data.copy(deep=True)
    for missing in ("listwise", "ml"):
        got = _prepare(data, missing=missing)
        got.sample.rows[:] = 0.0
    pd.testing.assert_frame_equal(data, before)


def test_the_samples_rows_are_its_own(data):
    got = _prepare(data)
    got.sample.rows[:] = 0.0
    assert data["a"].std() > 0


# rows that are left out ---------------------------------------------------------------------------


@pytest.fixture
def holed(data):
    data.loc[0:3, "a"] = np.nan
    data.loc[3:5, "b"] = np.nan
    data.loc[10:11, :] = np.nan
    data["x"] = np.arange(100.0)
    data.loc[90:92, "x"] = np.nan
    data["unit"] = ["u", "v", "w", "z"] * 25
    data.loc[20:24, "unit"] = None
    return data


def test_listwise(holed):
    got = _prepare(holed)
    assert (got.n_rows, got.sample.n) == (100, 92)
    assert got.exclusions == {"incomplete on the model's variables (listwise)": 8}
    problem = got.problems[0]
    assert (problem.code, problem.severity, problem.count) == ("rows_excluded", "warning", 8)
    assert "8 of 100 rows (8.0 %) left out" in problem.message
    assert "missing='ml'" in problem.remedy


def test_a_small_loss_is_a_note(data):
    data.loc[0, "a"] = np.nan
    assert _prepare(data).problems[0].severity == "note"
    assert _prepare(data.drop(index=0)).problems == ()


def test_casewise_keeps_all_but_empty_rows(holed):
    got = _prepare(holed, missing="ml")
    assert got.sample.n == 98
    assert got.exclusions == {"no answer to any of the model's variables": 2}
    assert got.problems[0].remedy == ""


def test_casewise_needs_the_covariates(holed):
    got = _prepare(holed, missing="ml", names=(*NAMES, "x"), x=("x",))
    assert got.exclusions == {"missing on an exogenous variable": 3}
    assert got.sample.n == 97


def test_rows_without_a_cluster(holed):
    got = _prepare(holed, cluster="unit")
    assert got.exclusions == {
        "no value for the cluster unit": 5,
        "incomplete on the model's variables (listwise)": 8,
    }
    assert got.sample.n == 87
    assert got.sample.n_clusters == 4
    assert len(got.sample.clusters) == 87


def test_a_silent_cluster_counts_casewise_only(holed):
    silent = holed["unit"] == "w"
    holed.loc[silent, list(NAMES)] = np.nan
    assert _prepare(holed, cluster="unit").sample.n_clusters == 3
    assert _prepare(holed, cluster="unit", missing="ml").sample.n_clusters == 4


# surveys ------------------------------------------------------------------------------------------

GOAL = "g =~ goal1 + goal2 + goal3"
VTR = "t =~ vtr1 + vtr2 + vtr3 + vtr4 + vtr5"


@pytest.fixture(scope="module")
def raw():
    return ts.load_dataset("municipal_employees")


@pytest.fixture(scope="module")
def survey(raw):
    return ts.read_survey(raw, instrument="tbm-core", cluster="unit")


def test_a_survey_takes_its_missing_codes_out_and_a_frame_does_not(raw, survey):
    of_survey = ts.fit(GOAL, survey, cluster=None)
    of_frame = ts.fit(GOAL, raw)
    items = ["goal1", "goal2", "goal3"]
    plain = raw[items].where(raw[items] < 9)
    assert of_survey.nobs == len(plain.dropna())
    assert of_frame.nobs == len(raw[items].dropna())
    assert of_frame.nobs > of_survey.nobs
    assert raw[items].max().max() == 9
    assert of_survey.sample_moments()["mean"].max() < 5
    np.testing.assert_allclose(of_survey.params, ts.fit(GOAL, plain).params, rtol=1e-7)


def test_reverse_keying_happens_with_a_survey_only(raw, survey):
    vertical = survey.instrument["vertical_trust"]
    of_survey = ts.fit(vertical, survey, cluster=None)
    of_frame = ts.fit(vertical, raw[[f"vtr{k}" for k in range(1, 6)]].query("vtr5 < 9"))
    turned = of_survey.tidy().set_index("rhs").loc["vtr5"]
    assert turned[turned["op"] == "=~"]["est"].iloc[0] > 0
    plain = of_frame.tidy().set_index("rhs").loc["vtr5"]
    assert plain[plain["op"] == "=~"]["est"].iloc[0] < 0
    text = ts.fit(VTR, survey, cluster=None)  # plain text says nothing of reversal
    assert text.params["t=~vtr5"] < 0


def test_the_cluster_comes_from_the_survey(survey):
    clustered = ts.fit(GOAL, survey)
    assert (clustered.cluster, clustered.estimator) == ("unit", "MLR")
    # a unit all of whose answers are gone would still not be invented
    assert clustered.n_clusters == survey.clusters().nunique()
    off = ts.fit(GOAL, survey, cluster=None)
    assert (off.cluster, off.estimator, off.n_clusters) == (None, "ML", None)
    other = ts.fit(GOAL, survey, cluster="sector", missing="ml")
    assert other.n_clusters == 2


def test_items_and_other_columns_together(survey):
    fit = ts.fit("goal1 ~ tenure", survey, cluster=None)
    assert fit.partable.ov == ("goal1", "tenure")


def test_a_column_the_survey_does_not_have(survey):
    with pytest.raises(DataError, match=r"no column 'goal9'.*Did you mean 'goal") as caught:
        ts.fit("goal1 ~ goal9", survey)
    assert "model variables: goal1, goal9" in str(caught.value)


def test_the_survey_is_never_changed(raw):
    before = raw.copy(deep=True)
    survey = ts.read_survey(raw, instrument="tbm-core", cluster="unit")
    values = survey.values().copy()
    ts.fit(survey.instrument["vertical_trust"], survey)
    pd.testing.assert_frame_equal(raw, before)
    pd.testing.assert_frame_equal(survey.values(), values)


def test_names_in_another_unicode_form_are_told():
    frame = pd.DataFrame({"a\u030a": [1.0, 2.0]})
    with pytest.raises(DataError, match="different Unicode characters"):
        ts.fit("f =~ \u00e5 + b + c", frame)


@pytest.mark.parametrize("cluster", ["k", ["k"]])
def test_a_cluster_is_the_name_of_one_column(cluster):
    frame = pd.DataFrame(np.eye(5)[:, [0, 1, 2, 3, 3]], columns=["a", "b", "c", "k", "k"])
    with pytest.raises(ts.TrustStatsError, match=r"2 columns named|is a list, not"):
        ts.fit(TEXT, frame, cluster=cluster)
