from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.present.cards.test_estimator import choice_of
from truststats.present.reports.estimator import estimator
from truststats.present.reports.material import material_of
from truststats.present.reports.report import report_html


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_chapter_says_what_why_and_how_else(small_study, language):
    study = replace(small_study, choice=choice_of())
    made = estimator(material_of(study, language))
    assert made is not None
    assert "--estimator MLR" in made.body
    assert "300" in made.body
    assert made.title in report_html(study, language)


def test_without_a_choice_there_is_no_chapter(small_study):
    assert estimator(material_of(replace(small_study, choice=None), "en")) is None
