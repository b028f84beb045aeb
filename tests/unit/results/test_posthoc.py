from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError

LABELS = """
info =~ inf1 + a*inf2 + b*inf3
trust =~ tru1 + c*tru2 + d*tru3
trust ~ e*info
half := e / 2
"""


@pytest.fixture(scope="module")
def fit(answers_of):
    return ts.fit(LABELS, answers_of())


def test_indices_are_sorted(fit):
    got = fit.modification_indices()
    assert list(got)[:5] == ["lhs", "op", "rhs", "mi", "epc"]
    assert got["mi"].is_monotonic_decreasing
    assert got.notna().all(axis=None)
    assert "power" not in got


def test_a_least_value_and_an_operator(fit):
    got = fit.modification_indices(minimum=1.0, op="~~")
    assert (got["mi"] >= 1.0).all()
    assert set(got["op"]) <= {"~~"}
    with pytest.raises(OptionError, match="op"):
        fit.modification_indices(op="=")


def test_power_columns(fit):
    got = fit.modification_indices(power=True, delta=0.2)
    assert (got["delta"] == 0.2).all()
    assert got["power"].between(0.05, 1).all()
    assert (got["decision"] != "").all()


def test_synthetic_answers_are_said_to_be(answers_of):
    frame = answers_of()
    frame.attrs["synthetic"] = True
    assert ts.fit(LABELS, frame).modification_indices().attrs["synthetic"]


def test_score_tests_by_number_and_label(models, answers_of):
    fit = ts.fit(models["equal_labels"], answers_of())
    every = fit.score_test(epc=True)
    assert every.df == 3
    assert list(every.univariate["label"]) == ["a", "a", "e"]
    assert fit.score_test("a").df == 2
    assert fit.score_test([2]).univariate.index.tolist() == [2]
    assert every.epc is not None
    assert {"est", "epc", "epv"} <= set(every.epc)
    assert "Score test: chi-square(3)" in repr(every)
    with pytest.raises(OptionError, match="no constraint") as caught:
        fit.score_test("z")
    assert "labels a, e" in caught.value.why


def test_nothing_to_release(fit):
    with pytest.raises(OptionError, match="no equality constraint"):
        fit.score_test()


def test_a_wald_test_of_one_label_is_its_z(fit):
    got = fit.wald_test("e == 0")
    z = fit.params["e"] / fit.bse["e"]
    assert np.isclose(got.chisq, z**2)
    assert np.isclose(got.chisq, fit.wald_test("half == 0").chisq)
    assert repr(got).startswith("Wald test of e == 0: chi-square(1)")


def test_several_equations(fit):
    got = fit.wald_test("a == c; b == d")
    assert got.df == 2
    assert got.equations == ("a == c", "b == d")
    assert np.isclose(got.chisq, fit.wald_test(["a == c", "b == d\na - c == 0"]).chisq)


def test_clusters_add_an_f_test(answers_of):
    fit = ts.fit(LABELS, answers_of(), cluster="unit", estimator="MLR")
    got = fit.wald_test("a == c\nb == d")
    assert got.df_denominator == fit.n_clusters - 1
    assert "F(2, " in repr(got)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a = c", "is no equation"), ("", "needs an equation"), ("aa == 1", "'aa' labels no")],
)
def test_equations_that_cannot_be_read(fit, text, message):
    with pytest.raises(OptionError, match=message):
        fit.wald_test(text)


def test_one_group_of_a_joint_fit_has_no_tests_of_its_own(answers_of):
    data = answers_of()
    data["half"] = np.where(np.arange(len(data)) % 2, "one", "two")
    fit = ts.fit(LABELS, data, group="half")
    assert set(fit.modification_indices()["group"]) == {"one", "two"}
    with pytest.raises(NotSupportedError, match="joint fit"):
        fit.group("one").modification_indices()


def test_what_is_not_checked(answers_of):
    with pytest.raises(NotSupportedError, match="not available with likelihood='wishart'"):
        ts.fit(LABELS, answers_of(), likelihood="wishart").modification_indices()


def test_without_weights_indices_would_depend_on_units(answers_of):
    fit = ts.fit(LABELS, answers_of(), estimator="ULSMV")
    with pytest.raises(NotSupportedError, match="not given with estimator='ULSMV'") as caught:
        fit.modification_indices()
    assert "GLS" in caught.value.fix


def test_generalised_least_squares_is_near_the_likelihood(answers_of, fit):
    other = ts.fit(LABELS, answers_of(), estimator="GLS").modification_indices(sort=False)
    assert np.corrcoef(other["mi"], fit.modification_indices(sort=False)["mi"])[0, 1] > 0.95


@pytest.fixture(scope="module")
def items(answers_of):
    data = answers_of().filter(regex="^(inf|tru)")
    return data.rank(pct=True).mul(4).apply(lambda column: column.clip(0.5, 3.5).round())


def test_ordinal_items_have_robust_tests_too(items):
    text = "info =~ inf1 + a*inf2 + a*inf3\ntrust =~ tru1 + tru2 + tru3"
    fit = ts.fit(text, items, ordered=True)
    table = fit.modification_indices(power=True)
    assert list(table)[3:6] == ["mi", "mi_robust", "epc"]
    assert table["mi_robust"].is_monotonic_decreasing
    assert set(table["op"]) >= {"=~", "~~", "~*~"}
    assert not ((table["op"] == "~~") & (table["lhs"] == table["rhs"])).any()
    assert set(fit.modification_indices(op="~*~")["op"]) == {"~*~"}
    got = fit.score_test()
    assert got.df == 1
    assert got.univariate["chisq_robust"].item() == pytest.approx(got.chisq_robust)
    assert "robust" in repr(got)
    assert fit.wald_test("a == 1").df == 1
    plain = ts.fit(text, items, ordered=True, estimator="WLS").score_test()
    assert plain.chisq_robust == pytest.approx(plain.chisq, rel=1e-6)


def test_continuous_answers_have_no_robust_ones(models, answers_of):
    got = ts.fit(models["equal_labels"], answers_of()).score_test()
    assert got.chisq_robust is None
    assert "chisq_robust" not in got.univariate


def test_a_saved_fit(fit, tmp_path):
    again = ts.read_fit(fit.save(tmp_path / "fit.json"))
    np.testing.assert_allclose(
        again.modification_indices()["mi"], fit.modification_indices()["mi"], rtol=1e-6
    )


def test_a_wald_test_of_a_formula_asks_for_a_label(fit):
    with pytest.raises(OptionError, match="by its formula") as caught:
        fit.wald_test("y ~ x == 0")
    assert "label" in caught.value.fix


@pytest.mark.parametrize("equations", [None, 3, ["u == 1", None]])
def test_wald_equations_are_text(equations):
    with pytest.raises(OptionError, match="is no text"):
        _bare_fit().wald_test(equations)


@pytest.mark.parametrize("equation", ["u == 1/0", "u == log(-1)"])
def test_a_wald_equation_without_a_value_gives_no_number(equation):
    with pytest.raises(OptionError, match="has no value at the estimates"):
        _bare_fit().wald_test(equation)


@pytest.mark.parametrize("release", [[], 1.5])
def test_a_release_that_names_no_constraint(release):
    with pytest.raises(OptionError, match="no constraint"):
        _bare_fit("u == v").score_test(release)


def _bare_fit(*lines):
    names = ["a", "b", "c", "d"]
    cov = pd.DataFrame(0.4 + 0.6 * np.eye(4), index=names, columns=names)
    text = "\n".join(["f =~ a + u*b + v*c + d", *lines])
    return ts.fit(text, sample_cov=cov, sample_nobs=200)


def test_without_standard_errors_there_is_no_wald_test(answers_of):
    fit = ts.fit("f =~ inf1 + u*inf2 + v*inf3", answers_of(), se="none")
    with pytest.raises(OptionError, match="needs standard errors"):
        fit.wald_test("u == v")
    with pytest.raises(OptionError, match="no standard errors"):
        ts.fit("tru1 ~ inf1", answers_of(), se="none").effects("monte_carlo")
