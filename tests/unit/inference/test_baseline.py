from __future__ import annotations

import numpy as np
import pytest

import truststats as ts

MODEL = "f =~ inf1 + inf2 + tru1\nf ~ x1 + x2"
NAMES = ["inf1", "inf2", "tru1"]
INDEPENDENT = "\n".join(f"{name} ~~ {name}" for name in NAMES)
ALONE = "\n".join(f"{a} ~~ 0*{b}" for k, a in enumerate(NAMES) for b in NAMES[k + 1 :])


def _measures(text, data, **options):
    return ts.fit(text, data, **options).fit_measures


@pytest.mark.parametrize(
    ("holes", "options"),
    [
        (0.0, {}),
        (0.0, {"estimator": "MLR"}),
        (0.0, {"estimator": "MLR", "meanstructure": True}),
        (0.0, {"cluster": "unit"}),
        (0.1, {"missing": "ml"}),
        (0.1, {"missing": "ml", "estimator": "MLR"}),
        (0.1, {"missing": "ml", "cluster": "unit"}),
    ],
    ids=str,
)
def test_the_closed_form_is_the_fit_of_the_independence_model(answers_of, holes, options):
    data = answers_of(holes=holes)
    own = _measures("f =~ inf1 + inf2 + tru1 + res1", data, **options)
    names = [*NAMES, "res1"]
    text = "\n".join(
        [f"{a} ~~ {a}" for a in names]
        + [f"{a} ~~ 0*{b}" for k, a in enumerate(names) for b in names[k + 1 :]]
    )
    fitted = _measures(text, data, **options)
    assert own["baseline_df"] == fitted["df"] == 6
    assert own["baseline_chisq"] == pytest.approx(fitted["chisq"], rel=1e-7)
    assert own["baseline_pvalue"] == pytest.approx(fitted["pvalue"], abs=1e-12)
    if "chisq_scaled" in fitted:
        assert own["baseline_chisq_scaled"] == pytest.approx(fitted["chisq_scaled"], rel=1e-6)
        assert own["baseline_chisq_scaling_factor"] == pytest.approx(
            fitted["chisq_scaling_factor"], rel=1e-6
        )


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"cluster": "unit"}], ids=str)
def test_exogenous_variables_keep_their_covariances(answers_of, options):
    data = answers_of()
    own = _measures(MODEL, data, **options)
    # Each item on its own, given nothing; the covariates only among themselves.
    fitted = _measures(f"{INDEPENDENT}\n{ALONE}", data, **options)
    joint = data[[*NAMES, "x1", "x2"]].cov(ddof=0).to_numpy()
    pieces = [data[NAMES].cov(ddof=0).to_numpy(), data[["x1", "x2"]].cov(ddof=0).to_numpy()]
    extra = len(data) * (
        sum(np.linalg.slogdet(piece)[1] for piece in pieces) - np.linalg.slogdet(joint)[1]
    )
    assert own["baseline_df"] == 9
    assert own["baseline_chisq"] == pytest.approx(fitted["chisq"] + extra)


@pytest.mark.parametrize("holes", [0.0, 0.1])
def test_random_covariates_give_the_same_baseline(answers_of, holes):
    data = answers_of(holes=holes)
    options = {"missing": "ml"} if holes else {}
    fixed = _measures(MODEL, data, **options)
    free = _measures(MODEL, data, fixed_x=False, **options)
    assert free["baseline_chisq"] == pytest.approx(fixed["baseline_chisq"])
    assert free["baseline_df"] == fixed["baseline_df"]


def test_random_covariates_with_holes(answers_of):
    data = answers_of()
    data.loc[:20, "x1"] = np.nan
    fit = ts.fit(MODEL, data, missing="ml", fixed_x=False)
    assert fit.nobs == len(data)
    alone = ts.fit("x1 ~~ x2", data, missing="ml", fixed_x=False)
    total = alone.fit_measures["logl"] + sum(
        ts.fit(f"{name} ~~ {name}", data[[name]], missing="ml").fit_measures["logl"]
        for name in NAMES
    )
    unrestricted = fit.estimate.sample.saturated_logl
    assert fit.fit_measures["baseline_chisq"] == pytest.approx(2 * (unrestricted - total))


def test_no_degrees_of_freedom(answers_of):
    fit = ts.fit("inf1 ~~ inf1", answers_of())
    assert fit.fit_measures["baseline_df"] == 0
    assert np.isnan(fit.fit_measures["baseline_pvalue"])


@pytest.mark.parametrize(
    "options",
    [{"estimator": "MLR"}, {"estimator": "MLR", "meanstructure": True}, {"cluster": "unit"}],
    ids=str,
)
def test_scaling_with_covariates_is_that_of_the_independence_model(answers_of, options):
    data = answers_of().assign(x1=lambda d: np.exp(d["x1"]))
    own = _measures(MODEL, data, **options)
    apart = "\n".join(f"{name} ~~ 0*{x}" for name in NAMES for x in ("x1", "x2"))
    text = f"{INDEPENDENT}\n{ALONE}\n{apart}\nx1 ~~ x1 + x2\nx2 ~~ x2"
    fitted = _measures(text, data, **options)
    assert own["baseline_df"] == fitted["df"]
    assert own["baseline_chisq"] == pytest.approx(fitted["chisq"])
    assert own["baseline_chisq_scaled"] == pytest.approx(fitted["chisq_scaled"], rel=1e-6)
