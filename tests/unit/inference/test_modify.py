from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.candidates import Candidate, candidates
from truststats.inference.modify import decide, mi_power, modification, standardized_change


@pytest.fixture(scope="module")
def fit(models, answers_of):
    return ts.fit(models["chain"], answers_of())


def _one(fit, candidate):
    got = modification(fit.estimate, [candidate])
    return got.mi[0], got.epc[0]


def test_an_index_is_near_what_a_refit_gains(models, answers_of):
    data = answers_of()
    fit = ts.fit(models["chain"], data)
    free = ts.fit(models["chain"] + "\ninf1 ~~ inf2", data)
    mi, epc = _one(fit, Candidate("inf1", "~~", "inf2"))
    gain = fit.chisq - free.chisq
    assert abs(mi - gain) < 0.15 * gain + 0.1
    assert np.sign(epc) == np.sign(free.params["inf1~~inf2"])


def test_a_parameter_that_the_others_determine_has_no_index(fit):
    mi, epc = _one(fit, Candidate("info", "=~", "inf1", value=1.0))
    assert np.isnan(mi)
    assert np.isnan(epc)


def test_all_at_once_are_the_same_as_one_by_one(fit):
    wanted = candidates(fit.partable)
    got = modification(fit.estimate, wanted)
    alone = np.array([_one(fit, c)[0] for c in wanted])
    np.testing.assert_allclose(got.mi, alone, rtol=1e-8)


def test_a_true_parameter_of_zero_has_an_index_like_a_chi_square():
    draw = np.random.default_rng(3)
    values = []
    text = "f =~ a + b + c + d"
    import pandas as pd

    for _ in range(60):
        f = draw.normal(size=(400, 1))
        data = pd.DataFrame(f + draw.normal(size=(400, 4)), columns=list("abcd"))
        values.append(_one(ts.fit(text, data), Candidate("a", "~~", "b"))[0])
    # The mean of 60 chi-squares with one degree of freedom is 1 with standard error 0.18.
    assert abs(np.mean(values) - 1.0) < 0.6


def test_missing_values(models, answers_of):
    whole, holes = answers_of(), answers_of(holes=0.1)
    one = Candidate("inf1", "~~", "tru1")
    full, _ = _one(ts.fit(models["chain"], whole, missing="ml"), one)
    listwise, _ = _one(ts.fit(models["chain"], whole, meanstructure=True), one)
    np.testing.assert_allclose(full, listwise, rtol=1e-8)
    assert np.isfinite(_one(ts.fit(models["chain"], holes, missing="ml"), one)[0])


def test_standardized_changes(fit):
    wanted = [Candidate("info", "=~", "tru1"), Candidate("inf1", "~~", "inf2")]
    epc = np.array([0.5, 0.2])
    got = standardized_change(fit.estimate, wanted, epc)
    sd = np.sqrt(fit.estimate.state.variances[0])
    at = {name: k for k, name in enumerate(fit.estimate.layout.nodes)}
    assert np.isclose(got["lv"][0], 0.5 * sd[at["info"]])
    assert np.isclose(got["all"][0], 0.5 * sd[at["info"]] / sd[at["tru1"]])
    assert got["lv"][1] == 0.2
    residual = np.sqrt(np.diag(fit.estimate.state.psi[0]))
    assert np.isclose(got["all"][1], 0.2 / residual[at["inf1"]] / residual[at["inf2"]])


def test_sources_that_are_given_keep_their_unit(models, answers_of):
    fit = ts.fit(models["mimic"], answers_of())
    wanted = [Candidate("inf3", "~", "x1")]
    got = standardized_change(fit.estimate, wanted, np.array([0.3]), fit.partable.ov_x)
    variance = fit.implied()["sigma"].loc
    sd, sd_x = (np.sqrt(variance[v, v]) for v in ("inf3", "x1"))
    np.testing.assert_allclose([got["nox"][0], got["all"][0]], [0.3 / sd, 0.3 * sd_x / sd])


def test_power():
    ncp, power = mi_power(np.array([36.411]), np.array([0.577]), delta=0.1)
    np.testing.assert_allclose(ncp, 1.0937, rtol=1e-3)
    np.testing.assert_allclose(power, 0.182, atol=5e-4)
    assert mi_power(np.array([1.0]), np.array([0.1]), delta=1.0)[1][0] > 0.99


def test_decisions():
    mi, power = np.array([9.0, 9.0, 1.0, 1.0, np.nan]), np.array([0.2, 0.9, 0.9, 0.2, np.nan])
    assert decide(mi, power).tolist() == [
        "misspecified", "look at epc", "not misspecified", "inconclusive", "",
    ]  # fmt: skip


def test_robust_indices_of_ordinal_items_are_like_a_chi_square():
    import pandas as pd

    draw = np.random.default_rng(7)
    found = []
    for _ in range(60):
        f = draw.normal(size=(400, 1))
        data = pd.DataFrame(f + draw.normal(size=(400, 4)), columns=list("abcd"))
        items = (data > 0.3).astype(int) + (data > 1.8).astype(int)
        fit = ts.fit("f =~ a + b + c + d", items, ordered=True)
        got = modification(fit.estimate, [Candidate("a", "~~", "b")])
        assert got.robust is not None
        found.append((got.mi[0], got.robust[0]))
    mi, robust = np.mean(found, axis=0)
    # The mean of 60 chi-squares with one degree of freedom is 1 with standard error 0.18.
    assert abs(robust - 1.0) < 0.6
    assert mi < 0.75 * robust


def test_many_candidates_are_done_in_blocks(models, answers_of, monkeypatch):
    fit = ts.fit(models["chain"], answers_of(), estimator="GLS")
    wanted = candidates(fit.partable)
    whole = modification(fit.estimate, wanted, "GLS")
    monkeypatch.setattr("truststats.inference.modify._AT_ONCE", 7)
    np.testing.assert_allclose(modification(fit.estimate, wanted, "GLS").mi, whole.mi, rtol=1e-10)
    assert not len(modification(fit.estimate, [], "GLS").mi)
