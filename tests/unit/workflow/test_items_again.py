from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError
from truststats.model import Model
from truststats.results.store import read_fit
from truststats.workflow.fit import refit

ONE = "f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3\ng ~ f"
OTHER = "g =~ b3 + b1 + b2\nf =~ a2 + a3 + a1\nf ~ g"


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    f = rng.normal(size=500)
    g = 0.5 * f + rng.normal(size=500)
    raw = np.column_stack([*(f + rng.normal(size=500) for _ in range(3)),
                           *(g + rng.normal(size=500) for _ in range(3))])  # fmt: skip
    made = pd.DataFrame(
        np.searchsorted([-1.5, -0.5, 0.8], raw) + 1.0, columns=["a1", "a2", "a3", "b1", "b2", "b3"]
    )
    made = made.mask(rng.random(made.shape) < 0.05)
    made["x"] = rng.normal(size=500)
    made["w"] = rng.uniform(0.5, 2.0, 500)
    made["unit"], made["city"] = rng.integers(0, 60, 500), rng.choice(["N", "S"], 500)
    return made


@pytest.mark.parametrize(
    ("more", "options"),
    [
        ("", {}),
        ("", {"missing": "listwise", "estimator": "ULSMV", "parameterization": "theta"}),
        ("", {"cluster": "unit", "sampling_weights": "w"}),
        ("", {"group": "city", "group_equal": ("thresholds", "loadings")}),
        ("\ng ~ x", {"ordered": ["a1", "a2", "a3", "b1", "b2"]}),
    ],
)
def test_a_refit_is_the_fit_to_the_rows(frame, more, options):
    options = {"ordered": True, "missing": "pairwise"} | options
    again = refit(ts.fit(ONE + more, frame, **options), Model.from_text(OTHER + more))
    own = ts.fit(OTHER + more, frame, **options)
    assert again.partable == own.partable
    np.testing.assert_allclose(again.estimate.theta, own.estimate.theta, atol=1e-9)
    np.testing.assert_allclose(again.vcov, own.vcov, atol=1e-9)
    assert again.chisq == pytest.approx(own.chisq, abs=1e-7)
    assert again.n_clusters == own.n_clusters
    assert list(again.partable.levels) == list(own.partable.levels)


def test_the_same_order_takes_the_moments_over(frame):
    fit = ts.fit(ONE, frame, ordered=True)
    again = refit(fit, Model.from_text(ONE.replace("g ~ f", "g ~~ f")))
    assert again.estimate.moments[0] is fit.estimate.moments[0]
    assert again.chisq == pytest.approx(fit.chisq, rel=1e-6)


def test_a_saved_fit_and_other_variables_are_refused(frame, tmp_path):
    fit = ts.fit(ONE, frame, ordered=True)
    with pytest.raises(DataError, match="do not share"):
        refit(fit, Model.from_text("f =~ a1 + a2 + a3"))
    fit.save(tmp_path / "fit.json")
    with pytest.raises(DataError, match="holds no data"):
        refit(read_fit(tmp_path / "fit.json"), Model.from_text(OTHER))
