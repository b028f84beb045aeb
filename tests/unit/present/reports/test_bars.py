"""The answers as bars of plain HTML, shown on narrow screens in place of the figure."""

from __future__ import annotations

import re

import pytest

from truststats.present.figures.likert_rows import likert_rows
from truststats.present.reports.bars import answer_bars
from truststats.present.reports.html import template
from truststats.present.reports.report import report_html
from truststats.present.wording.words import words

KEYS = ("vertical_trust", "work_autonomy")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_item_has_its_wording_and_a_full_bar(small_study, language):
    survey = small_study.survey
    html = answer_bars(survey, KEYS, words(language), min_n=5)
    bars = re.findall(
        r'<li>([^<]+) <small>n = (\d+|•)\*?</small><span class="bar"(.*?)</span>', html
    )
    assert len(bars) == len(survey.items)
    for wording, n, parts in bars:
        assert len(wording) > 10
        assert n == "•" or 0 < int(n) <= survey.n
        widths = [float(w) for w in re.findall(r"width:([\d.]+)%", parts)]
        assert sum(widths) == pytest.approx(100, abs=0.3)
    missing = survey.missingness()["missing"]
    few = int(((missing > 0) & (missing < 5)).sum())
    assert sum(n == "•" for _, n, _ in bars) == few > 0, "n would tell how few did not answer"
    labels = survey.instrument["vertical_trust"].response_set.labels[language]
    assert all(label in html for label in labels)


def test_the_bars_hold_the_numbers_of_the_figure_and_no_small_count(small_study):
    labels, rows = likert_rows(small_study.survey, "en", KEYS, min_n=60)
    assert len(labels) == 5
    drawn = [row for row in rows if row.counts is not None]
    assert all(row.hidden and row.size("en").startswith("•") for row in drawn)
    assert {int(c) % 20 for row in drawn for c in row.counts} == {0}, "steps of 60 of 300 people"
    _, rows = likert_rows(small_study.survey, "en", KEYS, min_n=5)
    assert min(c for row in rows if row.counts is not None for c in row.counts if c) >= 5
    html = answer_bars(small_study.survey, KEYS, words("en"), min_n=60)
    assert "pooled" in html
    assert "too few" in answer_bars(small_study.survey, KEYS, words("en"), min_n=999)


def test_a_page_shows_either_the_figure_or_the_bars(small_study):
    page = report_html(small_study)
    assert page.count('<div class="bars">') == page.count('<div class="wide">') > 0
    narrow = re.search(
        r"@media \(max-width: 40rem\) \{(.*?)\n\}", template("report.css"), re.DOTALL
    )
    assert ".wide { display: none; }" in narrow[1]
    assert ".bars { display: block; }" in narrow[1]
    assert ".bars { display: none;" in template("report.css").split("@media")[0]


def test_wordings_are_escaped(evil_study, evil):
    html = answer_bars(evil_study.survey, KEYS, words("en"), min_n=5)
    assert evil[0] not in html
    assert "&lt;script&gt;" in html
