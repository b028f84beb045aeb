from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import truststats as ts
from truststats.errors import OptionError
from truststats.inference.jackknife import cluster_labels, jackknife

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


@pytest.fixture(scope="module")
def data(answers_of):
    return answers_of(160, units=5)


@pytest.fixture(scope="module")
def fit(data):
    return ts.fit(MODEL, data, cluster="unit", se="cr3")


def test_literal_refits_without_each_cluster(data, fit):
    own = [
        ts.fit(MODEL, data[data["unit"] != unit], meanstructure=True).estimate.theta
        for unit in data["unit"].unique()
    ]
    gap = np.array(own) - fit.estimate.theta
    np.testing.assert_allclose(fit.vcov, gap.T @ gap * 4 / 5, rtol=1e-3, atol=1e-7)


def test_intervals_refer_to_t(fit):
    assert fit.reference_df == 4
    row = fit.tidy().iloc[6]
    assert (row["ci_upper"] - row["est"]) / row["se"] == pytest.approx(2.776445, rel=1e-6)
    low, high = fit.conf_int().iloc[4]
    assert (low, high) == pytest.approx((row["ci_lower"], row["ci_upper"]))
    effect = fit.effects().iloc[0]
    assert effect["pvalue"] == pytest.approx(row["pvalue"])
    assert effect["ci_lower"] == pytest.approx(row["ci_lower"])


def test_its_intervals_are_wider_than_those_of_the_sandwich(data, fit):
    sandwich = ts.fit(MODEL, data, cluster="unit").conf_int()
    assert (np.ptp(fit.conf_int(), axis=1) > np.ptp(sandwich, axis=1)).mean() > 0.9


def test_few_clusters_name_the_remedy(data, fit):
    found = {p.code: p for p in ts.fit(MODEL, data, cluster="unit").problems}
    assert "se='cr3'" in found["few_clusters"].remedy
    assert "few_clusters" not in {p.code for p in fit.problems}


def test_a_cluster_that_is_a_whole_group_cannot_be_left_out(data):
    grouped = data.assign(side=np.where(np.arange(len(data)) % 2, "a", "b"))
    estimate = ts.fit(MODEL, grouped, group="side", cluster="unit", se="cr3").estimate
    alone = replace(estimate.samples[1], clusters=np.zeros(estimate.samples[1].n_rows, dtype=int))
    broken = jackknife(replace(estimate, samples=(estimate.samples[0], alone)))
    assert broken.converged.tolist() == [False, True, True, True, True]
    assert np.isnan(broken.vcov).all()
    assert len(cluster_labels(estimate)) == len(broken.theta) == 5


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"se": "cr3"}, OptionError),
        ({"se": "cr3", "cluster": "unit", "strata": "layer"}, ts.NotSupportedError),
        ({"se": "cr3", "cluster": "unit", "bounds": "standard"}, ts.NotSupportedError),
    ],
    ids=str,
)
def test_refusals(data, options, error):
    with pytest.raises(error):
        ts.fit(MODEL, data.assign(layer=1), **options)
