from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.coefficients import (
    OF_KIND,
    alpha_error,
    alpha_of,
    model_coefficients,
    model_values,
    sample_covariance,
)
from truststats.psychometrics.composites import composites_of


def scale(fit):
    group = fit.estimate.groups[0]
    composite = composites_of(fit.partable, group.layout, group.state)[0]
    return group, composite, np.ones(len(composite.items))


def test_the_delta_method_is_that_of_numerical_derivatives(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    group, composite, signs = scale(fit)
    cov = sample_covariance(group, composite.items, ordinal=False)
    made = model_coefficients(group, composite, signs, fit.vcov, cov)
    names = ("omega", "maximal", "ave")
    step = 1e-6

    def at(theta):
        return model_values(group.layout, composite, names, signs, theta[None])[0]

    slope = np.array(
        [(at(fit.estimate.theta + e) - at(fit.estimate.theta - e)) / (2 * step)
         for e in step * np.eye(len(fit.estimate.theta))]
    ).T  # fmt: skip
    want = np.sqrt(np.diag(slope @ fit.vcov @ slope.T))
    got = {one.name: one.se for one in made}
    assert [got[name] for name in names] == pytest.approx(want, rel=1e-5)
    assert np.isnan(got["omega_observed"])
    assert [one.name for one in made] == list(OF_KIND["congeneric"])


def test_alpha_has_the_standard_error_of_its_resamples(models, answers_of):
    answers = answers_of()
    fit = ts.fit(models["chain"], answers)
    group, composite, signs = scale(fit)
    se = alpha_of(group, composite.items, signs, ordinal=False, kept=False).se
    frame = fit.reliability(ci="percentile", draws=400)
    assert se == pytest.approx(frame.query("coefficient == 'alpha'")["se"].iloc[0], rel=0.15)


def test_alpha_of_normal_answers_needs_no_rows():
    """Without rows the standard error is normal theory's; with many normal rows both are one."""
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(4000, 3)) + rng.normal(size=(4000, 1))
    frame = pd.DataFrame(rows, columns=list("abc"))
    text = "f =~ a + b + c"
    whole = ts.fit(text, frame)
    alone = ts.fit(text, sample_cov=frame.cov(), sample_nobs=4000)
    found = []
    for fit in (whole, alone):
        group, composite, signs = scale(fit)
        cov = sample_covariance(group, composite.items, ordinal=False)
        found.append(alpha_error(group, composite.items, signs, cov, ordinal=False))
    assert found[0] == pytest.approx(found[1], rel=0.05)


def test_missing_answers_make_alpha_less_certain(models, answers_of):
    full = ts.fit(models["chain"], answers_of(), missing="ml")
    holes = ts.fit(models["chain"], answers_of(holes=0.2), missing="ml")
    one, other = (f.reliability().query("coefficient == 'alpha'")["se"] for f in (full, holes))
    assert (other.to_numpy() > one.to_numpy()).all()


def test_a_saved_fit_keeps_alpha_without_an_interval(models, answers_of, tmp_path):
    fit = ts.fit(models["chain"], answers_of())
    back = ts.read_fit(fit.save(tmp_path / "fit.json"))
    row = back.reliability().query("coefficient == 'alpha'").iloc[0]
    assert row["value"] == pytest.approx(fit.reliability()["value"].iloc[0])
    assert np.isnan(row["se"])
    assert row["problems"] == "no_interval"
