from __future__ import annotations

import numpy as np
import pytest

import truststats as ts


@pytest.fixture(scope="module")
def boot(answers_of):
    text = "info =~ inf1 + inf2 + inf3\nres1 ~ a*info\nres2 ~ b*res1\nab := a*b"
    return ts.bootstrap(ts.fit(text, answers_of()), draws=200)


def test_one_row_a_parameter(boot):
    frame = boot.tidy()
    assert list(frame) == [
        "lhs", "op", "rhs", "label", "est", "se", "ci_lower", "ci_upper",
        "std_all", "std_se", "std_ci_lower", "std_ci_upper",
    ]  # fmt: skip
    own = boot.fit.tidy()
    np.testing.assert_array_equal(frame["est"], own["est"])
    np.testing.assert_allclose(frame["std_all"], own["std_all"])
    fixed = own["se"] == 0
    assert (frame["se"][fixed] == 0).all()
    assert (frame["se"][~fixed] > 0).all()


def test_percentiles_of_the_refits(boot):
    frame = boot.tidy(0.90).set_index(["lhs", "op", "rhs"])
    at = boot.fit.partable.label.index("a")
    values = boot.theta[:, boot.fit.partable.unique[at]]
    row = frame.loc[("res1", "~", "info")]
    assert row["se"] == pytest.approx(values.std(ddof=1))
    assert row["ci_lower"] == pytest.approx(np.quantile(values, 0.05))
    assert row["ci_upper"] == pytest.approx(np.quantile(values, 0.95))


def test_defined_parameters_are_defined_in_every_draw(boot):
    labels = boot.fit.partable.label
    a, b = (boot.theta[:, boot.fit.partable.unique[labels.index(x)]] for x in "ab")
    row = boot.tidy().set_index("lhs").loc["ab"]
    assert row["ci_lower"] == pytest.approx(np.quantile(a * b, 0.025))


def test_effects(boot):
    frame = boot.effects()
    assert list(frame) == [
        "effect", "lhs", "rhs", "via", "est", "se", "ci_lower", "ci_upper",
        "std_all", "std_se", "std_ci_lower", "std_ci_upper",
    ]  # fmt: skip
    own = boot.fit.effects()
    np.testing.assert_allclose(frame["est"], own["est"])
    np.testing.assert_allclose(frame["std_all"], own["std_all"])
    indirect = frame.query("effect == 'indirect'").iloc[0]
    ab = boot.tidy().set_index("lhs").loc["ab"]
    assert indirect["ci_lower"] == pytest.approx(ab["ci_lower"])
    assert set(boot.effects(specific=False)["effect"]) == {"direct", "indirect", "total"}


def test_bootstrap_and_delta_agree_on_normal_answers(boot):
    frame, own = boot.tidy(), boot.fit.tidy()
    free = own["se"] > 0
    ratio = frame["se"][free] / own["se"][free]
    assert ratio.between(0.7, 1.4).all()


def test_draws_and_introduction(boot):
    assert boot.draws == 200
    assert boot.unit == "rows"
    assert repr(boot)
    assert boot._repr_html_()
