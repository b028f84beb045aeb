from __future__ import annotations

import math
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest

import truststats as ts
from truststats.errors import ConvergenceError, DataError, DefinitionError, OptionError

KEYS = ["trust_first", "direct_only", "one_factor", "leadership_common_cause"]


@pytest.fixture(scope="module")
def fit(framework_fit):
    return framework_fit


@pytest.fixture(scope="module")
def found(fit):
    return ts.rivals(fit)


def test_one_row_a_rival(fit, found):
    assert found.synthetic is fit.synthetic is True
    assert [row.key for row in found] == KEYS
    for row in found:
        assert row.label == fit.framework.rival(row.key).label
        assert set(row.sentence) == {"en", "nb"}
    assert set(found.note) == {"en", "nb"}


def test_the_difference_decides(fit, found):
    own = fit.fit_measures["bic"]
    for row in found:
        assert row.delta_bic == pytest.approx(row.bic - own)
        if row.relation in ("fits worse", "fits better"):
            assert abs(row.delta_bic) > 10
            assert (row.delta_bic > 0) == (row.relation == "fits worse")
        else:
            assert abs(row.delta_bic) <= 10


def test_one_factor_behind_everything_fits_worse(found):
    row = found["one_factor"]
    assert row.relation == "fits worse"
    assert "clearly worse" in row.sentence["en"]
    assert row.cfi < 0.9


def test_a_rival_is_its_fit_on_the_same_rows(fit, found):
    model = fit.framework.rival_model("direct_only", fit.survey.instrument)
    other = ts.fit(model, fit.survey, estimator="MLR", missing="listwise")
    row, measures = found["direct_only"], other.fit_measures
    assert row.chisq == pytest.approx(other.chisq, rel=1e-5)
    assert row.df == other.df
    assert row.bic == pytest.approx(measures["bic"], rel=1e-9)
    assert row.aic == pytest.approx(measures["aic"], rel=1e-9)
    assert row.srmr == pytest.approx(measures["srmr"], rel=1e-5)
    assert row.cfi == pytest.approx(measures["cfi_robust"], rel=1e-6)
    assert row.rmsea == pytest.approx(measures["rmsea_robust"], rel=1e-5)


def test_only_some(fit):
    assert [row.key for row in ts.rivals(fit, ["one_factor"])] == ["one_factor"]


def test_an_unknown_rival(fit):
    with pytest.raises(OptionError, match="Did you mean 'one_factor'"):
        ts.rivals(fit, ["one_faktor"])


class _Own:
    """Stands in for the refitted rival: the framework's own fit, some BIC apart."""

    def __init__(self, fit, gap, df=None, converged=True):
        self.fit, self.gap, self.converged = fit, gap, converged
        self.df = fit.df if df is None else df

    def __getattr__(self, name):
        return getattr(self.fit, name)

    @property
    def fit_measures(self):
        measures = self.fit.fit_measures.copy()
        measures["bic"] += self.gap
        return measures


@pytest.mark.parametrize(
    ("gap", "df", "relation"),
    [
        (10.5, None, "fits worse"),
        (-10.5, None, "fits better"),
        (3.0, 5, "fits as well"),
        (-3.0, 5, "fits as well"),
        (0.0, None, "equivalent"),
    ],
)
def test_every_relation(fit, monkeypatch, gap, df, relation):
    monkeypatch.setattr(
        import_module("truststats.workflow.rivals"), "refit", lambda own, model: _Own(own, gap, df)
    )
    row = ts.rivals(fit, ["trust_first"])["trust_first"]
    assert row.relation == relation
    assert row.delta_bic == pytest.approx(gap)


@pytest.mark.parametrize("how", ["error", "not converged"])
def test_a_rival_that_cannot_be_estimated(fit, monkeypatch, how):
    def fails(own, model):
        if how == "error":
            raise ConvergenceError("no optimum")
        return _Own(own, 0.0, converged=False)

    monkeypatch.setattr(import_module("truststats.workflow.rivals"), "refit", fails)
    row = ts.rivals(fit, ["trust_first"])["trust_first"]
    assert row.relation == "not estimated"
    assert math.isnan(row.bic)
    assert "could not be estimated" in row.sentence["en"]


def test_a_fit_of_text(answers_of):
    with pytest.raises(DefinitionError, match="no claims"):
        ts.rivals(ts.fit("f =~ inf1 + inf2 + inf3", answers_of()))


def test_a_fit_without_a_survey(fit):
    with pytest.raises(DataError, match="a survey with an instrument"):
        ts.rivals(replace(fit, survey=None))


def test_provenance_names_the_framework(fit):
    got = fit.provenance["framework"]
    assert (got["name"], got["version"]) == (fit.framework.name, fit.framework.version)
    assert got["content_hash"] == fit.framework.content_hash


@pytest.fixture(scope="module")
def ordinal(fit):
    return ts.fit(fit.model, fit.survey, estimator="WLSMV", missing="pairwise")


def test_ordinal_rivals_are_held_against_the_model_by_a_test(ordinal):
    found = ts.rivals(ordinal, ["direct_only", "trust_first"])
    worse, apart = found["direct_only"], found["trust_first"]
    assert worse.relation == "fits worse"
    assert worse.pvalue_diff < 0.001
    assert math.isnan(worse.bic)
    assert math.isnan(worse.delta_bic)
    assert apart.relation == "not compared"
    assert math.isnan(apart.pvalue_diff)
    assert "estimator='MLR'" in apart.sentence["en"]
    assert "scaled test" in found.note_for("en")
    for language in ("en", "nb"):
        shown = ts.table(found, language).text()
        assert "BIC" not in shown.split("SYN")[0]
    assert "< .001" in repr(found)


@pytest.mark.parametrize(
    ("nested", "pvalue", "relation"),
    [
        ("equivalent", None, "equivalent"),
        ("a in b", 0.0005, "fits worse"),
        ("b in a", 0.0005, "fits better"),
        ("a in b", 0.01, "fits as well"),
        ("b in a", math.nan, "fits as well"),
        ("not nested", None, "not compared"),
    ],
)
def test_every_relation_of_ordinal_models(ordinal, monkeypatch, nested, pvalue, relation):
    room = import_module("truststats.workflow.rivals")
    sides = []

    def tested(smaller, larger):
        sides.append((smaller, larger))
        return SimpleNamespace(pvalue=pvalue)

    other = replace(ordinal)
    monkeypatch.setattr(room, "refit", lambda own, model: other)
    monkeypatch.setattr(room, "net", lambda a, b: SimpleNamespace(relation=nested))
    monkeypatch.setattr(room, "difference", tested)
    assert ts.rivals(ordinal, ["one_factor"])["one_factor"].relation == relation
    if pvalue is not None:
        assert sides == [(other, ordinal) if nested == "a in b" else (ordinal, other)]
