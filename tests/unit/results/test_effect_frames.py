from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import OptionError
from truststats.results.effect_frames import draw_theta, structural_paths


@pytest.fixture(scope="module")
def fit(models, answers_of):
    return ts.fit(models["chain"], answers_of())


def test_structural_paths_leave_the_loadings_out(fit):
    nodes = fit.estimate.layout.nodes
    paths, keep = structural_paths(fit)
    named = [(nodes[target], nodes[source]) for target, source in paths]
    assert named == [("trust", "info"), ("results", "trust"), ("results", "info")]
    assert keep.sum() == 3
    assert all(keep[path] for path in paths)


def test_draws_come_from_the_estimated_distribution(fit):
    drawn = draw_theta(fit, 40_000, 1)
    sd = np.sqrt(np.diag(fit.vcov))
    np.testing.assert_allclose((drawn.mean(axis=0) - fit.estimate.theta) / sd, 0.0, atol=0.025)
    got = np.cov(drawn.T) / np.outer(sd, sd)
    np.testing.assert_allclose(got, fit.vcov / np.outer(sd, sd), atol=0.03)


def test_draws_repeat(fit):
    np.testing.assert_array_equal(draw_theta(fit, 5, None), draw_theta(fit, 5, None))
    np.testing.assert_array_equal(draw_theta(fit, 5, 2), draw_theta(fit, 5, 2))
    assert (draw_theta(fit, 5, 2) != draw_theta(fit, 5, 3)).any()


def test_routes_are_written_in_causal_order(answers_of):
    text = "inf1 ~ x1\ntru1 ~ inf1\nres1 ~ tru1"
    frame = ts.fit(text, answers_of()).effects()
    longest = frame[frame["via"].str.contains("->")]
    assert list(longest["via"]) == ["inf1 -> tru1"]
    assert longest.iloc[0][["lhs", "rhs"]].tolist() == ["res1", "x1"]


@pytest.mark.parametrize(
    "ci", ["delta", "monte_carlo", "percentile", "bias_corrected", "bca", "normal", "basic"]
)
def test_p_and_interval_agree(fit, ci):
    draws = None if ci == "delta" else 400
    for level in (0.8, 0.95):
        frame = fit.effects(ci, level, draws=draws)
        for prefix in ("", "std_"):
            outside = (frame[f"{prefix}ci_lower"] > 0) | (frame[f"{prefix}ci_upper"] < 0)
            np.testing.assert_array_equal(frame[f"{prefix}pvalue"] < 1 - level, outside)


def test_bootstrap_intervals_on_demand(fit):
    frame = fit.effects("bca", draws=300, seed=4)
    own = ts.bootstrap(fit, 300, seed=4).effects(ci="bca")
    assert list(frame) == list(fit.effects())
    for name in own:
        assert list(frame[name]) == list(own[name])
    np.testing.assert_allclose(frame["z"], frame["est"] / frame["se"])
    again = fit.effects("bca.simple", draws=300, seed=4)
    assert (again["ci_lower"] != frame["ci_lower"]).any()


def test_the_p_of_simulated_effects_is_not_the_delta_methods(fit):
    frame, delta = fit.effects("monte_carlo"), fit.effects()
    product = frame["effect"] == "indirect"
    assert (frame["pvalue"] != delta["pvalue"])[product].all()
    np.testing.assert_array_equal(frame["z"], delta["z"])


def test_effects_of_groups(models, answers_of):
    data = answers_of()
    data["region"] = np.where(np.arange(len(data)) % 2, "north", "south")
    fit = ts.fit(models["chain"], data, group="region", group_equal=["loadings"])
    for ci in ("delta", "bca"):
        frame = fit.effects(ci, draws=200)
        assert list(frame.columns[:5]) == ["effect", "lhs", "rhs", "via", "group"]
        north, south = (frame[frame["group"] == name] for name in ("north", "south"))
        assert len(north) == len(south) == len(frame) / 2
        assert (north["est"].to_numpy() != south["est"].to_numpy()).all()
        direct = south.query("effect == 'direct' and lhs == 'trust'").iloc[0]
        tidy = fit.tidy().query("op == '~' and lhs == 'trust' and group == 'south'").iloc[0]
        assert direct["est"] == pytest.approx(tidy["est"])


def test_differences_between_groups(models, answers_of, fit):
    data = answers_of()
    data["region"] = np.array(["north", "south", "west"])[np.arange(len(data)) % 3]
    grouped = ts.fit(models["chain"], data, group="region")
    for ci in ("delta", "percentile"):
        frame = grouped.effects(ci, draws=200, contrast=True).set_index("group")
        assert list(dict.fromkeys(frame.index))[3:] == [
            "south - north", "west - north", "west - south",
        ]  # fmt: skip
        gap = frame.loc["west", "est"].to_numpy() - frame.loc["north", "est"].to_numpy()
        np.testing.assert_allclose(frame.loc["west - north", "est"], gap)
        # The groups are independent.
        se = np.hypot(frame.loc["west", "se"].to_numpy(), frame.loc["north", "se"].to_numpy())
        slack = 1e-7 if ci == "delta" else 0.2
        np.testing.assert_allclose(frame.loc["west - north", "se"], se, rtol=slack)
    with pytest.raises(OptionError, match="compares groups"):
        fit.effects(contrast=True)
