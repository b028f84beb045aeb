"""The chapter that says whether groups may be compared."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from truststats.present.reports.invariance import may_we_compare
from truststats.present.wording.words import words
from truststats.workflow.invariance import invariance


def material(found: Any, language: str = "en") -> Any:
    return SimpleNamespace(say=words(language), invariance=found, min_n=5, language=language)


def test_the_chapter_has_ladder_items_and_means(groups_apart: pd.DataFrame) -> None:
    found = invariance("f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8", groups_apart, group="g")
    chapter = may_we_compare(material(found))
    assert chapter is not None
    assert chapter.title == "May we compare? (g)"
    assert "<svg" in chapter.body
    assert "Which questions stand apart" in chapter.body
    assert "Means of the constructs" in chapter.body
    norsk = may_we_compare(material(found, "nb"))
    assert norsk is not None
    assert "Kan vi sammenligne?" in norsk.title


def test_without_groups_there_is_no_chapter() -> None:
    assert may_we_compare(material(None)) is None
