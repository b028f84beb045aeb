import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from importlib import import_module
from itertools import pairwise

import pytest

from truststats.errors import OptionError, Problem
from truststats.present.reports.html import inline_svg
from truststats.present.reports.material import material_of
from truststats.present.reports.people import by_group, exclusion_table, missing_table, unit_bands
from truststats.present.reports.report import report, report_html
from truststats.results.store import read_fit

VOID = {"meta", "br", "img", "hr", "link", "input"}
LOADED = re.compile(r"""(?:src|href|xlink:href)\s*=\s*["']([^"']*)""")


class Outline(HTMLParser):
    """Check that elements close in order; keep headings, ids and names of elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def outline(html: str) -> Outline:
    made = Outline()
    made.feed(html)
    assert not made.open
    return made


@pytest.fixture(scope="module", params=["en", "nb"])
def page(request, small_study):
    return report_html(small_study, request.param)


def test_the_page_is_well_formed_and_loads_nothing(page):
    made = outline(page)
    assert not made.names & {"script", "link", "iframe", "object", "img", "base", "form"}
    assert len(made.ids) == len(set(made.ids))
    for target in LOADED.findall(page):
        assert target.startswith(("#", "https://doi.org/")), target
    assert not re.search(r"url\((?!#)", page)
    assert "@import" not in page


def test_headings_go_down_one_step_at_a_time(page):
    levels = outline(page).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_pictures_and_tables_can_be_read_without_seeing(page):
    pictures = re.findall(r"<svg\b[^>]*>", page)
    assert len(pictures) == 4
    assert all('role="img"' in p and re.search('aria-label="[^"]+"', p) for p in pictures)
    assert all("viewBox" in p for p in pictures)
    for head in re.findall(r"<th\b[^>]*>", page):
        assert 'scope="' in head


def test_the_report_is_small_and_the_same_every_time(small_study, page):
    assert len(page.encode()) < 2_000_000
    language = re.search(r'<html lang="(\w+)"', page).group(1)
    assert report_html(small_study, language) == page


def test_problems_and_the_banner_come_before_any_number(small_study):
    text = report_html(small_study)
    assert (
        text.index("SYNTHETIC DATA") < text.index("Read this first") < text.index('class="tiles"')
    )
    real = report_html(replace(small_study, synthetic=False))
    assert 'class="banner"' not in real


def test_every_chapter_is_there_in_order(small_study):
    anchors = re.findall(r'<section id="(\w+)"', report_html(small_study))
    assert anchors == [
        *("who", "answers", "reliability", "measurement", "diagram", "forest", "fit"),
        *("verdicts", "text", "rivals", "provenance"),
    ]


def test_a_bokmal_report_speaks_bokmal(small_study):
    text = report_html(small_study, "nb")
    assert '<html lang="nb">' in text
    for words in ("Les dette først", "Hvem som har svart", "0,21", "[0,15; 0,27]", "støttet"):
        assert words in text
    assert "Ingen har svart i 1 enhet (20 personer var invitert)." in text
    for english in ("Read this first", ">supported<", "Who answered", "Note."):
        assert english not in text


def test_the_study_names_the_language(small_study):
    assert '<html lang="nb">' in report_html(replace(small_study, language="nb"))


def test_what_the_data_say_is_escaped_everywhere(evil_study, evil):
    for language in ("en", "nb"):
        text = report_html(evil_study, language)
        assert "<script" not in text.lower()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        outline(text)


def test_small_cells_are_hidden_and_cannot_be_worked_out(small_study):
    material = material_of(small_study)
    cells = by_group(material).cells()
    hidden = [row for row in cells if "•" in row]
    assert [row[0] for row in cells] == ["North", "Tiny", "South"]
    assert len(hidden) >= 2
    assert "Tiny" in {row[0] for row in hidden}
    assert "fewer than 5 people" in by_group(material).notes[0]
    who = re.search(r'<section id="who".*?</section>', report_html(small_study), flags=re.DOTALL)
    assert ">3<" not in who.group()


def test_min_n_is_the_studys(small_study):
    loose = material_of(replace(small_study, options={"min_n": 1}))
    assert not [row for row in by_group(loose).cells() if "•" in row]
    strict = material_of(replace(small_study, options={"min_n": 80}))
    assert "•" in {row[-1] for row in missing_table(strict).cells()}
    assert "•" in {row[-1] for row in exclusion_table(strict).cells()}


def test_provenance_is_in_words_and_hides_small_counts(small_study):
    told = {"blank": (40, "no answer given"), "dont_know": (None, "don't know or not relevant")}
    exclusions = [
        {"code": code, "unit": "cells", "count": count, "message": text, "by_item": {"vtr1": 40}}
        for code, (count, text) in told.items()
    ]
    study = replace(
        small_study,
        provenance={"exclusions": exclusions, "synthetic": True, "note": None},
        options={"min_n": 5, "controls": ("age", "tenure"), "seed": None},
    )
    text = report_html(study, "nb").split('id="provenance"')[1]
    assert "ikke besvart: 40 svar; vet ikke eller ikke aktuelt: noen få svar" in text
    assert "age, tenure" in text
    for raw in ("by_item", "null", "true", "[", "{", "answer given"):
        assert raw not in re.sub(r"<pre>.*?</pre>|<footer.*", "", text, flags=re.DOTALL), raw


def test_units_are_counted_never_named(small_study):
    bands = unit_bands(material_of(small_study)).cells()
    assert bands[0] == ("no answers", "1")
    assert bands[1] == ("fewer than 5 answers", "1")
    assert "u07" not in re.sub(r"<svg.*?</svg>", "", report_html(small_study), flags=re.DOTALL)


def test_caveats_of_all_claims_are_said_once(small_study):
    text = report_html(small_study)
    assert text.count("answered by the same person at the same time") == 1


def test_a_report_of_a_fit_alone(small_study, text_fit):
    text = report_html(small_study.fit, "nb")
    assert "Estimert modell" in text
    assert '<section id="verdicts"' not in text
    outline(text)


def test_a_fit_to_a_frame_has_no_people_to_show(answers_of, chain):
    fitted = import_module("truststats.workflow.fit").fit(chain, answers_of())
    text = report_html(fitted)
    assert "nothing can be shown about who answered" in text
    outline(text)


def test_a_single_claim_keeps_its_caveat(small_study, verdict_of):
    one = replace(small_study, verdicts=replace(small_study.verdicts, rows=(verdict_of(),)))
    assert "Caveats: cause and outcome" in report_html(one)


def test_notes_are_folded_and_errors_never_are(small_study):
    errors = tuple(Problem(f"e{k}", "error", f"Error {k}.") for k in range(7))
    text = report_html(replace(small_study, checks=errors))
    shown = text[: text.index("<details>")]
    assert all(f"Error {k}." in shown for k in range(7))


def test_a_report_is_written_as_html(small_study, tmp_path):
    path = report(small_study, tmp_path / "report.html", language="nb")
    assert path.read_text(encoding="utf-8") == report_html(small_study, "nb")
    with pytest.raises(OptionError, match=r"cannot be written as 'report\.pdf'") as caught:
        report(small_study, tmp_path / "report.pdf")
    assert "print it from the browser" in str(caught.value)


def test_other_things_have_no_report():
    with pytest.raises(OptionError, match="no report of a int"):
        report_html(3)


def test_pictures_do_not_mix_up_their_parts():
    svg = (
        '<?xml version="1.0"?><!DOCTYPE svg><svg width="70pt" height="50pt"><metadata>x</metadata>'
        '<defs><path id="a"/></defs><use xlink:href="#a"/><g clip-path="url(#a)"/>'
        "<script>alert(1)</script></svg>"
    )
    one = inline_svg(svg, "p1", 'a "label"')
    assert one.startswith('<svg viewBox="0 0 70 50" role="img" aria-label="a &quot;label&quot;"')
    assert 'id="p1-a"' in one
    assert 'href="#p1-a"' in one
    assert "url(#p1-a)" in one
    for gone in ("metadata", "DOCTYPE", "<?xml", "script"):
        assert gone not in one


PROBE = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe src="{name}" style="width:{width}px;height:900px;border:0"></iframe>
<pre id="out">waiting</pre>
<script>
addEventListener("load", function () {{
  var doc = document.querySelector("iframe").contentDocument, root = doc.documentElement;
  var wide = [];
  doc.querySelectorAll("body *").forEach(function (e) {{
    if (e.closest(".scroll") || e.closest(".skip") || e.closest("svg") || e.closest("pre")) return;
    var box = e.getBoundingClientRect();
    if (box.width && box.right > root.clientWidth + 1) wide.push(e.tagName + "." + e.className);
  }});
  var svgs = Array.from(doc.querySelectorAll("svg")).filter(function (s) {{
    return s.getBoundingClientRect().height > 100 && s.getBoundingClientRect().width > 600;
  }});
  document.getElementById("out").textContent = "PROBE " + JSON.stringify({{
    page: root.scrollWidth, room: root.clientWidth, wide: wide, svgs: svgs.length,
    bars: Array.from(doc.querySelectorAll(".bar")).filter(function (b) {{
      return b.getBoundingClientRect().width > 200; }}).length,
    height: root.scrollHeight, title: doc.title }});
}});
</script>
"""
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--hide-scrollbars --allow-file-access-from-files --virtual-time-budget=8000"
)


@pytest.fixture(scope="module")
def folder(small_study, tmp_path_factory):
    made = tmp_path_factory.mktemp("browser")
    for language in ("en", "nb"):
        report(small_study, made / f"{language}.html", language=language)
    return made


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_width_makes_the_page_scroll_sideways(chromium, folder, width, language):
    probe = folder / f"probe_{width}_{language}.html"
    probe.write_text(PROBE.format(name=f"{language}.html", width=width), encoding="utf-8")
    done = subprocess.run(
        [
            *(chromium, *FLAGS.split(), f"--user-data-dir={folder / 'profile'}"),
            *("--window-size=1400,1000", "--dump-dom", probe.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = re.search(r"PROBE (\{.*?\})</pre>", done.stdout)
    assert found, done.stdout[-500:] + done.stderr[-500:]
    seen = json.loads(found.group(1).replace("&amp;", "&"))
    assert seen["wide"] == []
    assert seen["page"] <= seen["room"]
    assert seen["room"] == width
    assert seen["svgs"] == (4 if width > 640 else 3), "phones show bars in place of the first"
    assert (seen["bars"] > 5) is (width <= 640)
    assert seen["height"] > 3000
    assert seen["title"] == "A small study"


def test_the_report_of_a_fit_from_disk_still_says_that_it_is_synthetic(small_study, tmp_path):
    back = read_fit(small_study.fit.save(tmp_path / "fit.json"))
    path = report(back, tmp_path / "new" / "folder" / "report.html", language="nb")
    text = path.read_text("utf8")
    assert '<p class="banner" role="note"><strong>SYNTETISKE DATA' in text
