from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.psychometrics.composites import composites_of
from truststats.psychometrics.resampled import reliability_draws


def test_every_coefficient_is_resampled(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    group = fit.estimate.groups[0]
    scales = [
        (c, np.ones(len(c.items))) for c in composites_of(fit.partable, group.layout, group.state)
    ]
    drawn, failed = reliability_draws(fit.estimate, [scales], 120, np.random.default_rng(1))
    assert failed == 0
    assert set(drawn) == {
        (0, factor, name)
        for factor in ("info", "trust", "results")
        for name in ("alpha", "omega", "omega_observed", "maximal", "ave")
    }
    value = fit.reliability().set_index(["construct", "coefficient"])["value"]
    assert drawn[0, "trust", "omega"].mean() == pytest.approx(value["trust", "omega"], abs=0.02)
    # a refit's omega over its own sample is nearly its omega over its own model
    apart = drawn[0, "trust", "omega"] - drawn[0, "trust", "omega_observed"]
    assert np.abs(apart).max() < 0.05


def test_clusters_widen_intervals(models, answers_of):
    answers = answers_of()
    # whole copies of rows in one unit: half as much is known
    doubled = answers.loc[answers.index.repeat(2)].reset_index(drop=True)
    doubled["unit"] = np.repeat(np.arange(len(answers)), 2)
    wide = ts.fit(models["chain"], doubled, cluster="unit").reliability(ci="normal", draws=300)
    plain = ts.fit(models["chain"], doubled).reliability(ci="normal", draws=300)
    ratio = (wide["se"] / plain["se"]).mean()
    assert ratio == pytest.approx(np.sqrt(2), rel=0.1)
