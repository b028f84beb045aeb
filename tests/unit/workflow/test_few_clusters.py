from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import OptionError

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ b*info + x1"


@pytest.fixture(scope="module")
def data(answers_of):
    return answers_of(160, units=6)


@pytest.fixture(scope="module")
def fit(data):
    return ts.fit(MODEL, data, cluster="unit")


def test_regressions_by_default(fit):
    found = ts.score_bootstrap(fit)
    assert found["rhs"].tolist() == ["info", "x1"]
    assert found["label"].tolist() == ["b", ""]
    assert ((found["ci_lower"] < found["est"]) & (found["est"] < found["ci_upper"])).all()
    inside = (found["ci_lower"] < 0) & (found["ci_upper"] > 0)
    assert (inside == (found["pvalue"] > 0.05)).all()


@pytest.mark.parametrize("name", ["b", "trust ~ info", "trust~info"])
def test_names_of_parameters(fit, name):
    assert ts.score_bootstrap(fit, name, draws=199)["rhs"].tolist() == ["info"]


def test_the_seed_is_fixed_unless_given(fit):
    first, again = (ts.score_bootstrap(fit, "b", draws=199) for _ in range(2))
    assert first.equals(again)
    other = ts.score_bootstrap(fit, "b", draws=199, seed=3)
    assert not first.equals(other)


def test_groups_have_a_column(data):
    grouped = data.assign(side=np.where(np.arange(len(data)) % 2, "a", "b"))
    fit = ts.fit(MODEL.replace("b*", ""), grouped, cluster="unit", group="side")
    found = ts.score_bootstrap(fit, "trust ~ info", draws=199)
    assert found["group"].tolist() == ["b", "a"]


def test_rows_with_holes(data):
    holed = data.copy()
    holed.loc[:15, "tru1"] = np.nan
    fit = ts.fit(MODEL, holed, cluster="unit", missing="ml")
    assert ts.score_bootstrap(fit, "b", draws=199)["pvalue"].between(0, 1).all()


def test_what_has_no_clusters_or_no_such_parameter(data, fit):
    with pytest.raises(OptionError, match="no clusters"):
        ts.score_bootstrap(ts.fit(MODEL, data))
    with pytest.raises(OptionError, match="no free parameter 'trust ~ inf'"):
        ts.score_bootstrap(fit, "trust ~ inf")


def test_what_is_not_checked_is_refused(data, fit, tmp_path):
    strata = ts.fit(
        MODEL, data.assign(h=data["unit"].factorize()[0] % 2), cluster="unit", strata="h"
    )
    with pytest.raises(ts.NotSupportedError, match="strata"):
        ts.score_bootstrap(strata)
    with pytest.raises(ts.NotSupportedError, match="no rows"):
        ts.score_bootstrap(ts.read_fit(fit.save(tmp_path / "fit.json")))
