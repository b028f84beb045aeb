"""What may be compared, in sentences."""

from __future__ import annotations

import pandas as pd
import pytest

from truststats.present.wording.invariance_words import fit_words, invariance_sentences, step_words
from truststats.present.wording.words import words
from truststats.workflow.invariance import invariance

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


@pytest.mark.parametrize("language", ["en", "nb"])
def test_each_licence_has_its_words(
    language: str, two_groups: pd.DataFrame, groups_apart: pd.DataFrame,
    groups_far_apart: pd.DataFrame,
) -> None:  # fmt: skip
    say = words(language)
    alike = invariance(MODEL, two_groups, group="g")
    some = invariance(MODEL, groups_apart, group="g")
    none = invariance(MODEL, groups_far_apart, group="g", rule="chisq")
    short = invariance(MODEL, two_groups, group="g", upto="metric")
    said = [" ".join(invariance_sentences(one, say)) for one in (alike, some, none, short)]
    assert say("invariance.scalar") in said[0]
    assert say("invariance.partial") in said[1]
    assert "x2" in said[1]
    assert "d = " in said[1]
    failed = next(step for step in none.steps if not step.accepted)
    assert step_words(failed.name, say) in said[2]
    assert step_words("metric", say) in said[3]


def test_small_groups_are_not_counted(groups_apart: pd.DataFrame) -> None:
    found = invariance(MODEL, groups_apart, group="g")
    said = " ".join(invariance_sentences(found, words("en"), min_n=250))
    assert "220" not in said
    assert "240" not in said


def test_what_a_step_rests_on(groups_apart: pd.DataFrame) -> None:
    found = invariance(MODEL, groups_apart, group="g")
    say = words("en")
    assert fit_words(found.steps[0], say).startswith("CFI ")
    assert fit_words(found.steps[1], say).startswith("Δχ²(12) = ")
    assert fit_words(found.steps[1], say, plain=True).isascii()
