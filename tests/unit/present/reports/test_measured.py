from __future__ import annotations

from dataclasses import replace

import pytest

from truststats.present.reports.material import material_of
from truststats.present.reports.measured import measured


@pytest.mark.parametrize("language", ["en", "nb"])
def test_how_many_scales_reach_the_limit(small_study, language):
    chapter = measured(material_of(small_study, language))
    assert chapter is not None
    share = {"en": "2 of 2 scales reach", "nb": "2 av 2 skalaer når"}
    assert share[language] in chapter.body


def test_findings_stand_in_the_text(small_study):
    found = small_study.fit.validity(draws=100)
    chapter = measured(material_of(replace(small_study, validity=found), "en"))
    assert chapter is not None
    assert "Do the scales measure different things?" in chapter.body
    assert ("nearly" in chapter.body) or ("No two scales come close" in chapter.body)


def test_nothing_without_scales(small_study):
    assert measured(material_of(replace(small_study, reliability=None), "en")) is None
