from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ a*info\ntwice := 2*a"


@pytest.fixture(scope="module")
def pooled(answers_of):
    rows = answers_of(200)
    draw = np.random.default_rng(6)
    gone = draw.random(len(rows)) < 0.3
    frames = []
    for _ in range(4):
        one = rows.copy()
        one.loc[gone, "tru1"] = one["tru1"].sample(gone.sum(), random_state=draw).to_numpy()
        frames.append(one)
    return ts.fit(MODEL, frames)


def test_the_table_has_one_row_a_parameter_and_fixed_rows_have_no_test(pooled):
    table = pooled.tidy()
    assert len(table) == len(pooled.fits[0].tidy())
    marker = table[(table["op"] == "=~") & (table["rhs"] == "inf1")].iloc[0]
    assert (marker["est"], marker["se"]) == (1.0, 0.0)
    assert np.isnan(marker["t"])
    assert (marker["ci_lower"], marker["ci_upper"]) == (1.0, 1.0)


def test_a_defined_parameter_follows_its_parts(pooled):
    table = pooled.tidy()
    path = table[(table["lhs"] == "trust") & (table["op"] == "~")].iloc[0]
    twice = table[table["op"] == ":="].iloc[0]
    assert twice["est"] == pytest.approx(2 * path["est"])
    assert twice["se"] == pytest.approx(2 * path["se"])
    assert twice["fmi"] == pytest.approx(path["fmi"])


def test_small_samples_have_fewer_degrees_of_freedom(pooled):
    large, small = pooled.tidy(), pooled.tidy(df="barnard-rubin")
    real = large["se"] > 0
    assert (small["df"][real] < large["df"][real]).all()
    assert (small["df"][real] < 200).all()


def test_params_bse_and_covariances_agree_with_the_table(pooled):
    table = pooled.tidy()
    row = table[(table["lhs"] == "trust") & (table["op"] == "~")].iloc[0]
    assert pooled.params["a"] == pytest.approx(row["est"])
    assert pooled.bse["a"] == pytest.approx(row["se"])
    assert pooled.cov_params().loc["a", "a"] == pytest.approx(row["se"] ** 2)


def test_proportional_variances_average_the_increase(pooled):
    usual, scaled = pooled.tidy()["se"], pooled.tidy(total="proportional")["se"]
    real = usual > 0
    assert not np.allclose(usual[real], scaled[real])


def test_measures_follow_the_test_that_is_asked_for(pooled):
    assert pooled.fit_measures["chisq"] == pytest.approx(pooled.d3.chisq)
    second = pooled.measures("D2")
    assert second["chisq"] == pytest.approx(pooled.d2.chisq)
    assert "aic" not in second
    with pytest.raises(OptionError):
        pooled.measures("D4")


def test_glance_card_and_effects(pooled):
    assert pooled.glance().iloc[0]["m"] == 4
    assert "Rubin" in repr(pooled)
    assert "<" in pooled._repr_html_()
    assert {"est", "ci_lower"} <= set(pooled.effects().columns)
    assert 0 < pooled.r_square["trust"] < 1
    assert len(pooled.chisq_each) == 4


def test_a_pooled_fit_is_drawn_but_not_reported(pooled, tmp_path):
    assert ts.diagram(pooled).svg.startswith("<svg")
    with pytest.raises(OptionError, match="no report of pooled"):
        ts.report(pooled, tmp_path / "pooled.html")


def test_what_pooled_fits_lack_says_where_to_look(pooled):
    assert not hasattr(pooled, "predict")
    with pytest.raises(AttributeError, match=r"pooled.fits\[0\]"):
        pooled.modification_indices()
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = pooled.nonsense
    with pytest.raises(NotSupportedError, match="imputed"):
        pooled.pooled.modification_indices()


def test_statsmodels_habits(pooled):
    table, limits = pooled.tidy(0.9), pooled.conf_int(0.1)
    free = [u >= 0 for u in pooled.partable.unique]
    np.testing.assert_allclose(limits[0], table["ci_lower"][free])
    np.testing.assert_allclose(pooled.pvalues, table["pvalue"][free])
    assert list(pooled.pvalues.index) == list(pooled.params.index)
