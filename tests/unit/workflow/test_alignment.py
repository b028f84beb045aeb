"""`ts.alignment`: populations with known truth, options, problems, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError

MODEL = "f =~ y1 + y2 + y3 + y4 + y5"
MEANS = {"b": 0.0, "c": 0.4, "a": -0.3, "d": 0.2, "e": 0.6, "f": 0.0}


def answers(n: int = 260, seed: int = 12, apart: bool = True) -> pd.DataFrame:
    """Return SYNTHETIC answers of six groups; in "a" y2, in "d" y4 deviates."""
    rng = np.random.default_rng(seed)
    frames: list[pd.DataFrame] = []
    for label, mean in MEANS.items():
        factor = mean + rng.normal(size=n)
        loadings, intercepts = np.full(5, 0.9), np.full(5, 3.0)
        if apart:
            intercepts[1] += 0.9 * (label == "a")
            loadings[3] -= 0.5 * (label == "d")
        y = intercepts + factor[:, None] * loadings + 0.6 * rng.normal(size=(n, 5))
        frame = pd.DataFrame(y.round(3), columns=[f"y{k}" for k in range(1, 6)])
        units = [f"{label}{k // 13}" for k in range(n)]
        frames.append(frame.assign(g=label, unit=units, wave=[f"w{k % 40}" for k in range(n)]))
    return pd.concat(frames, ignore_index=True)


def test_means_are_recovered() -> None:
    found = ts.alignment(MODEL, answers(), group="g", draws=200)
    frame = found.frame().set_index("group")
    off = (frame["mean"] - pd.Series(MEANS)) / frame["se"]
    assert off.abs().max() < 3
    assert (found.method, found.reference, found.group) == ("fixed", "b", "g")
    assert found.problems == ()
    assert found.factor().best == found.factor().starts
    assert found.measures["df"] == 30
    again = ts.alignment(MODEL, answers(), group="g", draws=200)
    assert again.pairs().equals(found.pairs())


def test_a_fit_of_the_groups_is_aligned_as_it_is() -> None:
    data = answers()
    base = ts.fit(MODEL, data, group="g", std_lv=True, estimator="MLR")
    found = ts.alignment(base, draws=200)
    other = ts.alignment(MODEL, data, group="g", draws=200)
    numbers = ["mean", "variance", "se", "ci_lower"]
    assert found.frame()[numbers].to_numpy() == pytest.approx(
        other.frame()[numbers].to_numpy(), rel=1e-4, abs=1e-6, nan_ok=True
    )
    assert found.measures == pytest.approx(other.measures, rel=1e-5)
    assert found.invariance["groups"].equals(other.invariance["groups"])


def test_clusters_within_and_across_groups() -> None:
    data = answers()
    plain = ts.alignment(MODEL, data, group="g", draws=200)
    within = ts.alignment(MODEL, data, group="g", cluster="unit", draws=200)
    across = ts.alignment(MODEL, data, group="g", cluster="wave", draws=200)
    assert (plain.cluster, within.cluster, across.cluster) == (None, "unit", "wave")
    for other in (within, across):
        assert other.frame()["mean"].to_numpy() == pytest.approx(
            plain.frame()["mean"].to_numpy(), abs=1e-5
        )
        ratio = (other.frame()["se"] / plain.frame()["se"]).dropna()
        assert (ratio != 1.0).all()
        assert ratio.between(0.6, 1.6).all()


def test_several_factors_each_by_itself() -> None:
    data = answers()
    other = answers(seed=4, apart=False).add_prefix("z_")
    both = pd.concat([data, other], axis=1)
    text = MODEL + "\nh =~ z_y1 + z_y2 + z_y3 + z_y4"
    found = ts.alignment(text, both, group="g", draws=200)
    assert [factor.name for factor in found.factors] == ["f", "h"]
    assert len(found.frame()) == 12
    assert len(found.pairs("h")) == 15
    alone = ts.alignment(MODEL, data, group="g", draws=200).frame()
    mine = found.frame().query("factor == 'f'")
    assert mine["mean"].to_numpy() == pytest.approx(alone["mean"].to_numpy(), abs=0.05)
    assert found.factor("h").share < found.factor("f").share


def test_free_and_the_reference() -> None:
    data = answers()
    free = ts.alignment(MODEL, data, group="g", method="free", reference="c", draws=200)
    assert free.reference == "c"
    row = free.frame().set_index("group").loc["c"]
    assert row["variance"] == 1.0
    assert row["se"] > 0
    same = ts.alignment(MODEL, answers(apart=False), group="g", method="free", draws=200)
    assert "reference_mean_unknown" in [problem.code for problem in same.problems]


def test_missing_answers_and_factors_turned_round() -> None:
    data = answers()
    holes = data.mask(np.random.default_rng(1).random(data.shape) < 0.1)
    holes[["g", "unit"]] = data[["g", "unit"]]
    found = ts.alignment(MODEL, holes, group="g", draws=200)
    frame = found.frame().set_index("group")
    assert ((frame["mean"] - pd.Series(MEANS)) / frame["se"]).abs().max() < 3.5
    turned = data.assign(**{f"y{k}": -data[f"y{k}"] for k in range(1, 6)})
    back = ts.alignment(MODEL, turned, group="g", draws=200)
    assert back.factor().share == pytest.approx(
        ts.alignment(MODEL, data, group="g", draws=200).factor().share, abs=0.02
    )


def test_too_many_deviating_parameters_are_a_warning() -> None:
    rng = np.random.default_rng(2)
    data = answers(n=600, apart=False)
    for k in range(1, 6):
        shift = data["g"].map(dict(zip(MEANS, rng.normal(0.0, 0.7, 6), strict=True)))
        scale = data["g"].map(dict(zip(MEANS, rng.uniform(0.5, 1.5, 6), strict=True)))
        data[f"y{k}"] = scale * (data[f"y{k}"] - 3.0) + 3.0 + shift
    found = ts.alignment(MODEL, data, group="g", draws=200)
    assert not found.trustworthy
    codes = [problem.code for problem in found.problems]
    assert "alignment_not_trustworthy" in codes


def test_one_factor_for_two_is_a_warning() -> None:
    data = answers(apart=False)
    data["y5"] += 1.5 * (extra := np.random.default_rng(1).normal(size=len(data)))
    data["y4"] += 1.5 * extra
    found = ts.alignment(MODEL, data, group="g", draws=200)
    assert "configural_misfit" in [problem.code for problem in found.problems]


def test_small_groups_are_left_out() -> None:
    data = answers()
    small = pd.concat([data, data.head(40).assign(g="tiny")], ignore_index=True)
    found = ts.alignment(MODEL, small, group="g", draws=200)
    assert "tiny" not in found.groups
    assert [(one.group, one.reason) for one in found.left_out] == [("tiny", "few_rows")]
    shown = ts.alignment(MODEL, small, group="g", draws=200, least=30)
    assert "tiny" in shown.groups
    with pytest.raises(OptionError, match=r"least=3(?s:.)*never shown"):
        ts.alignment(MODEL, small, group="g", least=3)


def test_a_survey_keeps_its_label_and_its_clusters() -> None:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    found = ts.alignment(ts.load_construct("horizontal_trust"), survey, group="sector", draws=200)
    assert found.synthetic
    assert found.cluster == "unit"
    for frame in (found.frame(), found.pairs(), found.items, found.invariance):
        assert frame.attrs["synthetic"]
    assert "ordinal_as_continuous" in [problem.code for problem in found.problems]


def test_groups_about_few_managers_are_left_out() -> None:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    construct = ts.load_construct("vertical_trust")
    with pytest.raises(DataError, match="few"):
        ts.alignment(construct, survey, group="unit", least=30)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"method": "both"}, "method='both'"),
        ({"reference": "z"}, "reference='z' is no group"),
        ({"eps": 0.0}, "eps=0.0 is out of range"),
        ({"power": 2.0}, "power=2.0"),
        ({"starts": 0}, "starts=0"),
        ({"alpha": 1.0}, "alpha=1.0"),
        ({"level": 95}, "95"),
        ({"group": None}, "no group column"),
        ({"model": "f =~ y1 + y2\nh =~ y3 + y4 + y5"}, "f has fewer than 3 items"),
        ({"model": "f =~ 1*y1 + y2 + y3 + y4"}, "Loadings and intercepts have to be free"),
        ({"method": "free", "group_label": ["a", "b"]}, "method='free' with 2 groups"),
    ],
)
def test_bad_options(options: dict[str, object], match: str) -> None:
    given: dict[str, object] = {"model": MODEL, "group": "g", **options}
    with pytest.raises(OptionError, match=match):
        ts.alignment(given.pop("model"), answers(n=150), **given)  # pyright: ignore[reportArgumentType]


def test_what_is_not_supported() -> None:
    data = answers(n=150)
    with pytest.raises(NotSupportedError, match=r"(?s)taken as numbers.*estimator='MLR'"):
        ts.alignment(MODEL, data, group="g", ordered=True)
    with pytest.raises(NotSupportedError, match="estimator='WLSMV'"):
        ts.alignment(MODEL, data, group="g", estimator="WLSMV")
    with pytest.raises(NotSupportedError, match=r"(?s)one factor each.*y3"):
        ts.alignment("f =~ y1 + y2 + y3\nh =~ y3 + y4 + y5", data, group="g")
    with pytest.raises(OptionError, match="no groups"):
        ts.alignment(ts.fit(MODEL, data, std_lv=True))
    with pytest.raises(OptionError, match="equal over its groups"):
        ts.alignment(ts.fit(MODEL, data, group="g", group_equal="loadings", std_lv=True))
    with pytest.raises(OptionError, match="have to be free"):
        ts.alignment(ts.fit(MODEL, data, group="g"))
