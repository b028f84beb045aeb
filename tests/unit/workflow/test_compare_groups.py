"""Comparing groups: what is fitted, what is left out and why, and what is tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.framework import Framework
from truststats.workflow import compare_groups as module
from truststats.workflow.compare_groups import LADDER, LADDER_ITEMS, compare_groups


@pytest.fixture(scope="module")
def framework() -> Framework:
    return ts.load_framework()


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    frame = ts.load_dataset("municipal_employees")
    return frame.dropna(subset=["unit"])


def survey_of(frame: pd.DataFrame) -> ts.Survey:
    return ts.read_survey(frame, instrument="tbm-core", group="city", synthetic=True)


@pytest.fixture(scope="module")
def compared(framework: Framework, answers: pd.DataFrame) -> Any:
    survey = survey_of(answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PER_PARAMETER", 1)
        return survey, compare_groups(framework, survey, missing="listwise")


def test_the_ladder_is_that_of_fits_and_their_difference(compared: Any, framework: Any) -> None:
    survey, found = compared
    fits = {
        name: ts.fit(
            framework, survey, estimator="MLR", missing="listwise", group="city", group_equal=equal
        )
        for name, equal in LADDER.items()
    }
    table = found.tests.set_index("model")
    for name, one in fits.items():
        assert table.loc[name, "chisq"] == pytest.approx(one.chisq, rel=1e-9)
        assert table.loc[name, "df"] == one.df
    both = ts.compare(fits["loadings"], fits["regressions"]).iloc[1]
    assert table.loc["regressions", "chisq_diff"] == pytest.approx(both["chisq_diff"], rel=1e-6)
    assert table.loc["regressions", "pvalue_diff"] == pytest.approx(both["pvalue_diff"], rel=1e-6)


def test_each_claim_is_compared_by_its_own_test(compared: Any) -> None:
    _, found = compared
    contrast = found.fit.effects(contrast=True, specific=True)
    names = " - ".join(reversed(found.groups))
    apart = contrast[(contrast["group"] == names) & (contrast["effect"] == "direct")]
    apart = apart.set_index(["rhs", "lhs"])
    by_id = found.differences.set_index("claim_id")
    for row in found.verdicts.of(found.groups[0]):
        if row.estimand == "direct":
            z = float(apart.loc[(row.path[0], row.path[-1]), "z"])
            assert by_id.loc[row.claim_id, "chisq"] == pytest.approx(z**2, rel=1e-6)
            assert by_id.loc[row.claim_id, "df"] == 1


def test_effects_stand_claim_by_claim_in_the_groups_own_order(compared: Any) -> None:
    survey, found = compared
    order = list(dict.fromkeys(survey.groups().astype(str)))
    assert list(found.groups) == order == list(found.people.index)
    frame = found.frame()
    assert list(frame["group"][:4]) == order * 2
    assert frame["p_equal"].between(0, 1).all()
    assert "ranking" in repr(found)


def test_ordinal_items_have_equal_thresholds_first(framework: Any, answers: pd.DataFrame) -> None:
    survey = survey_of(answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PER_PARAMETER", 1)
        found = compare_groups(framework, survey, estimator="WLSMV", missing="pairwise")
    table = found.tests.set_index("model")
    assert list(table.index) == list(LADDER_ITEMS)
    assert found.fit.options["group_equal"] == ("thresholds", "loadings")
    fits = [
        ts.fit(
            framework, survey, estimator="WLSMV", missing="pairwise", group="city",
            group_equal=LADDER_ITEMS[name],
        )
        for name in ("loadings", "regressions")
    ]  # fmt: skip
    assert table.loc["loadings", "chisq"] == pytest.approx(fits[0].chisq, rel=1e-6)
    assert table.loc["regressions", "chisq"] == pytest.approx(fits[1].chisq, rel=1e-6)
    both = ts.compare(*fits).iloc[1]
    assert table.loc["regressions", "chisq_diff"] == pytest.approx(both["chisq_diff"], rel=1e-4)
    assert table["bic"].isna().all()
    text = " ".join(repr(found).split())
    assert "with answers as ordered categories" in text
    assert "Equal thresholds fit about as well" in text
    assert "steps" not in text


def test_items_with_two_categories_have_one_step_for_all() -> None:
    rng = np.random.default_rng(7)
    f = rng.normal(size=800)
    frame = pd.DataFrame({f"a{k}": (f + rng.normal(size=800) > 0) + 1.0 for k in range(4)})
    frame["city"] = np.arange(800) % 2
    first = ts.fit("f =~ a0 + a1 + a2 + a3", frame, ordered=True, group="city")
    steps = module._ladder_of(first)
    assert list(steps) == ["configural", "loadings", "regressions"]
    assert steps["loadings"] == ("thresholds", "loadings", "intercepts")


def test_too_few_people_are_named_and_left_out(framework: Any, answers: pd.DataFrame) -> None:
    frame = answers.copy()
    frame.loc[frame.index[:60], "city"] = "Tiny"
    frame.loc[frame.index[60:300], "city"] = "Small"
    found = compare_groups(framework, survey_of(frame), missing="listwise")
    reasons = {one.group: one.reason for one in found.left_out}
    assert reasons["Tiny"] == "few_rows"
    assert reasons["Small"] == "few_per_parameter"
    assert "Tiny" not in found.groups
    text = " ".join(repr(found).split())
    assert "Tiny is left out: fewer than 100" in text
    assert "five for each parameter" in text


def test_a_constant_item_leaves_a_group_out(
    framework: Any, answers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PER_PARAMETER", 1)
    frame = answers.copy()
    frame.loc[frame["city"] == frame["city"].iloc[0], "del1"] = 3
    found = compare_groups(framework, survey_of(frame), missing="listwise")
    (left,) = found.left_out
    assert (left.reason, left.items) == ("constant", ("del1",))
    assert found.fit is None
    assert found.reason == "few_groups"
    assert "the same answer to del1" in repr(found)
    assert found.frame().empty


def test_what_cannot_be_estimated_says_why(
    framework: Any, answers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise DataError("No way.")

    monkeypatch.setattr(module, "fit", fails)
    found = compare_groups(framework, survey_of(answers))
    assert found.fit is None
    assert "could not be compared: No way." in repr(found)


def test_the_column_has_to_be_there(framework: Any, answers: pd.DataFrame) -> None:
    survey = ts.read_survey(answers, instrument="tbm-core", synthetic=True)
    with pytest.raises(OptionError, match="no group column to compare by"):
        compare_groups(framework, survey)
    with pytest.raises(DataError, match="no column 'town'"):
        compare_groups(framework, survey, group="town")


def test_a_difference_that_is_there_is_found() -> None:
    """Compare a claim's effect that is .6 in one group and zero in the other."""
    rng = np.random.default_rng(3)
    n = 1500
    city = np.where(np.arange(n) % 2 == 0, "Bø", "Øy")
    cause = rng.normal(size=n)
    outcome = np.where(city == "Bø", 0.6, 0.0) * cause + rng.normal(size=n)
    frame = pd.DataFrame({"city": city})
    for name, factor in (("a", cause), ("b", outcome)):
        for k in (1, 2, 3):
            frame[f"{name}{k}"] = factor + rng.normal(size=n)
    text = "f =~ a1 + a2 + a3\n g =~ b1 + b2 + b3\n g ~ f"
    fits = [
        ts.fit(text, frame, group="city", estimator="MLR", group_equal=equal)
        for equal in (["loadings"], ["loadings", "regressions"])
    ]
    made = module._ladder({"loadings": fits[0], "regressions": fits[1]})
    assert made["pvalue_diff"].iloc[1] < 1e-6
    assert list(made["df_diff"][1:]) == [1.0]


def test_a_group_of_few_managers_is_left_out():
    """Where three units rate their managers, results of the group are about three people."""
    frame = ts.load_dataset("municipal_employees")
    there = frame["city"] == "Bøgeby"
    frame.loc[there, "unit"] = [f"u{k % 3}" for k in range(there.sum())]
    survey = ts.read_survey(
        frame, instrument="tbm-core", cluster="unit", group="city", synthetic=True
    )
    found = compare_groups("vt =~ vtr1 + vtr2 + vtr3 + vtr4", survey)
    assert [(one.group, one.reason) for one in found.left_out] == [("Bøgeby", "few_managers")]
    assert found.fit is None
    goals = module.as_model("goal =~ goal1 + goal2 + goal3", survey)[0]
    names = ["Fjordby", "Bøgeby"]
    assert not module._left_out(goals, survey, frame["city"], names, "ml")
