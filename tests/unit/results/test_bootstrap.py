from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.inference.intervals import INTERVALS, resample_intervals


@pytest.fixture(scope="module")
def boot(answers_of):
    text = "info =~ inf1 + inf2 + inf3\nres1 ~ a*info\nres2 ~ b*res1\nab := a*b"
    return ts.bootstrap(ts.fit(text, answers_of()), draws=199)


def test_one_row_a_parameter(boot):
    frame = boot.tidy()
    assert list(frame) == [
        "lhs", "op", "rhs", "label", "est", "se", "pvalue", "ci_lower", "ci_upper",
        "std_all", "std_se", "std_pvalue", "std_ci_lower", "std_ci_upper",
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
    # Of 199 values the 10th has a rank of 10 / 200.
    ordered = np.sort(values)
    assert row["ci_lower"] == pytest.approx(ordered[9])
    assert row["ci_upper"] == pytest.approx(ordered[189])


def test_defined_parameters_are_defined_in_every_draw(boot):
    labels = boot.fit.partable.label
    a, b = (boot.theta[:, boot.fit.partable.unique[labels.index(x)]] for x in "ab")
    row = boot.tidy().set_index("lhs").loc["ab"]
    assert row["ci_lower"] == pytest.approx(np.sort(a * b)[4])


def test_effects(boot):
    frame = boot.effects()
    assert list(frame) == [
        "effect", "lhs", "rhs", "via", "est", "se", "pvalue", "ci_lower", "ci_upper",
        "std_all", "std_se", "std_pvalue", "std_ci_lower", "std_ci_upper",
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
    assert boot.draws == 199
    assert boot.unit == "rows"
    assert repr(boot)
    assert boot._repr_html_()


@pytest.mark.parametrize("ci", INTERVALS)
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_p_and_interval_agree_everywhere(boot, ci, level):
    for frame in (boot.tidy(level, ci=ci), boot.effects(level, ci=ci)):
        for prefix in ("", "std_"):
            p = frame[f"{prefix}pvalue"]
            free = p.notna()
            outside = (frame[f"{prefix}ci_lower"] > 0) | (frame[f"{prefix}ci_upper"] < 0)
            np.testing.assert_array_equal(p[free] < 1 - level, outside[free])
            assert (frame.loc[~free, f"{prefix}se"] == 0).all()
            assert free.sum() > 3


def test_the_interval_of_the_object_is_the_default(boot):
    other = ts.bootstrap(boot.fit, draws=199, ci="bca")
    np.testing.assert_array_equal(other.theta, boot.theta)
    pd.testing.assert_frame_equal(other.tidy(), boot.tidy(ci="bca"))
    pd.testing.assert_frame_equal(other.effects(), boot.effects(ci="bca"))
    assert (other.tidy()["ci_lower"] != boot.tidy()["ci_lower"]).any()


def test_bca_has_the_acceleration_of_each_rows_influence(boot):
    """Of a variance, against estimates without each row in turn."""
    fit = boot.fit
    key = ("res1", "~~", "res1")
    at = fit.partable.unique[fit.tidy().set_index(["lhs", "op", "rhs"]).index.get_loc(key)]
    rows = pd.DataFrame(fit.estimate.sample.rows, columns=list(fit.partable.ov))
    without = np.array(
        [ts.fit(fit.model, rows.drop(index=k)).estimate.theta[at] for k in range(len(rows))]
    )
    away = without.mean() - without
    speed = (away**3).sum() / (6 * (away**2).sum() ** 1.5)
    assert abs(speed) > 0.02
    est, draws = fit.estimate.theta[[at]], boot.theta[:, [at]]
    wanted = resample_intervals("bca", est, draws, 0.9, np.array([speed]))
    row = boot.tidy(0.9, ci="bca").set_index(["lhs", "op", "rhs"]).loc[key]
    assert row["ci_lower"] == pytest.approx(wanted.lower[0], abs=0.02 * row["se"])
    assert row["ci_upper"] == pytest.approx(wanted.upper[0], abs=0.02 * row["se"])
    assert row["pvalue"] == pytest.approx(wanted.pvalue[0])
