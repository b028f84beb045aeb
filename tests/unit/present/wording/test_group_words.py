"""A joint fit and a comparison of groups in words, tables, pictures and pages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError, Problem
from truststats.present.figures import (
    forest,
    forest_alt,
    reliability_dots,
    residual_heatmap,
)
from truststats.present.reports.groups import groups
from truststats.present.reports.material import material_of
from truststats.present.repr import html_card, text_card
from truststats.present.tables.fit import (
    effects_table,
    measurement_table,
    r_square_table,
    structural_table,
)
from truststats.present.tables.groups import ladder_table, people_table
from truststats.present.wording.group_words import comparison_sentences, in_group, sizes
from truststats.present.wording.problem_words import problem_words
from truststats.present.wording.text import apa
from truststats.present.wording.words import words
from truststats.results import Verdicts
from truststats.results.comparison import GroupComparison, LeftOut

EN, NB = words("en"), words("nb")
TEXT = "trust =~ vtr1 + vtr2 + vtr3\nwork_autonomy =~ aut1 + aut2 + aut3\nwork_autonomy ~ trust"


@pytest.fixture(scope="module")
def joint(small_study) -> Any:
    return ts.fit(
        TEXT, small_study.survey, group="city", group_label=["South", "North"], missing="listwise",
        cluster=None, group_equal=["loadings", "intercepts"], group_partial=["vtr2 ~ 1"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def compared(joint, verdict_of) -> GroupComparison:
    rows = tuple(
        verdict_of(claim_id, group=group, estimand=estimand)
        for group in joint.groups
        for claim_id, estimand in (("one", "direct"), ("two", "indirect"))
    )
    tests = pd.DataFrame(
        {
            "model": ["configural", "loadings", "regressions"], "chisq": [1.0, 2.0, 9.0],
            "df": [1.0, 2.0, 3.0], "cfi": [0.99, 0.95, 0.94], "rmsea": 0.01, "srmr": 0.01,
            "bic": 1.0, "chisq_diff": [np.nan, 9.0, 7.0], "df_diff": [np.nan, 2.0, 1.0],
            "pvalue_diff": [np.nan, 0.01, 0.008], "delta_cfi": [np.nan, -0.04, -0.01],
        }
    )  # fmt: skip
    differences = pd.DataFrame(
        {"claim_id": ["one", "two"], "chisq": 9.0, "df": 1, "pvalue": 0.01, "p_holm": [0.02, 0.3]}
    )
    return GroupComparison(
        "city",
        pd.Series([140, 150, 4], index=["South", "North", "Tiny"]),
        (LeftOut("Tiny", "few_rows", 4, 100),),
        joint,
        tests,
        Verdicts(rows, synthetic=True),
        differences,
        synthetic=True,
    )


def test_the_card_shows_who_and_what_is_equal(joint) -> None:
    card = " ".join(text_card(joint).split())
    south, north = joint.group_nobs
    assert f"Groups South {south}, North {north} (city)" in card
    assert "Equal over groups loadings, intercepts; except vtr2 ~ 1" in card
    assert "paths: 1," in card
    nb = html_card(joint, "nb")
    assert "Likt i alle grupper" in nb
    assert "ladninger, konstantledd; unntatt vtr2 ~ 1" in nb


def test_the_card_of_one_side_says_so(joint) -> None:
    card = text_card(joint.group("North"))
    assert "Group North of a joint fit" in card
    assert "belong to the joint fit" in card
    assert "CFI" not in card


def test_a_problem_names_its_group_in_both_languages() -> None:
    problem = Problem("heywood", "error", "A negative variance of x.", "Do.", "x", group="Øy")
    assert problem_words(problem, EN)[0].startswith("Group Øy: ")
    assert problem_words(problem, NB)[0].startswith("Gruppe Øy: Negativ varians")
    unknown = replace(problem, code="never_heard_of")
    assert problem_words(unknown, NB)[0].startswith("Gruppe Øy: ")
    assert problem_words(replace(problem, group=""), EN)[0] == problem.message
    assert in_group("Øy", "", EN) == ""


def test_small_groups_are_not_counted() -> None:
    people = pd.Series([3, 200, 150], index=["a", "b", "c"])
    said = sizes(people, EN)
    assert said == "a (n not shown), b 200, c (n not shown)", "nor what gives them away"
    assert sizes(people.iloc[1:], NB) == "b 200, c 150"


def test_tables_have_a_column_of_the_group(joint, tmp_path) -> None:
    for made in (
        ts.table(joint), measurement_table(joint, EN), structural_table(joint, EN),
        effects_table(joint, EN), r_square_table(joint, EN), ts.table(joint.reliability()),
    ):  # fmt: skip
        assert made.header[0] == "Group"
        assert list(dict.fromkeys(made.frame["group"])) == ["South", "North"]
        for suffix in ("csv", "docx", "html", "tex"):
            assert made.save(tmp_path / f"t.{suffix}").stat().st_size > 0
    assert ts.table(joint.r_square).frame.shape[0] == len(joint.r_square)


def test_sentences_are_about_their_group(joint) -> None:
    (fitted,) = apa(joint)
    assert re.search(
        r"in 2 groups \(South \d+, North \d+\) with loadings, intercepts equal", fitted
    )
    found = apa(joint.reliability())
    assert [s.split(":")[0] for s in found] == ["Group South"] * 2 + ["Group North"] * 2


def test_a_diagram_shows_one_group(joint) -> None:
    with pytest.raises(DataError, match=r"2 groups: 'South', 'North'"):
        ts.diagram(joint)
    one, other = (ts.diagram(joint, group=name) for name in joint.groups)
    assert one.svg != other.svg
    assert ts.diagram(joint.group("South")).svg == one.svg
    with pytest.raises(OptionError, match="no group 'West'"):
        ts.diagram(joint, group="West")


def test_a_model_of_several_groups_is_drawn_for_one() -> None:
    vector = ts.Model.from_text("f =~ x1 + c(a, b)*x2 + x3")
    with pytest.raises(DataError, match="2 groups: '1', '2'"):
        ts.diagram(vector)
    assert len(ts.diagram(vector, group="2").graph.nodes) == 4
    blocks = ts.Model.from_text(
        "group: A\n f =~ x1 + x2 + x3\ngroup: B\n f =~ x1 + x2 + x3\n x1 ~~ x2"
    )
    assert len(ts.diagram(blocks, group="A").graph.edges) == 3
    assert len(ts.diagram(blocks, group="B").graph.edges) == 4


def test_figures_of_one_group_refuse_several(joint) -> None:
    with pytest.raises(OptionError, match=r"fit\.group\(label\)"):
        reliability_dots(joint.reliability())
    with pytest.raises(OptionError, match=r"fit\.group\(label\)"):
        residual_heatmap(joint)
    assert residual_heatmap(joint.group("South")) is not None
    assert reliability_dots(joint.group("South").reliability()) is not None


def test_verdicts_of_groups(compared, verdict_of) -> None:
    found = compared.verdicts
    assert found.groups == ("South", "North")
    assert len(found.of("North")) == 2
    assert found.of("North")["one"].group == "North"
    with pytest.raises(OptionError, match=r"verdicts\.of\('South'\)"):
        found["one"]
    with pytest.raises(OptionError, match="no group 'West'"):
        found.of("West")
    assert ts.table(found).header[0] == "Group"
    assert "North" in text_card(found)
    assert "Group North:" in apa(found)[2]
    assert "North" in text_card(found.of("North")["one"])
    assert "group" not in Verdicts((verdict_of(),)).frame().columns


def test_the_forest_has_the_groups_side_by_side(compared) -> None:
    figure = forest(compared.verdicts)
    said = [t.get_text() for t in figure.legends[0].get_texts()]
    assert said[:2] == ["South", "North"]
    assert len(figure.axes) == 2
    alt = forest_alt(compared.verdicts, "nb")
    assert alt.count("Gruppe South") == 2
    assert "I hver gruppe" not in alt


def test_sentences_of_a_comparison(compared) -> None:
    said = list(comparison_sentences(compared, EN))
    assert "clearly worse than free ones" in said[1]
    assert "paths taken together differ" in said[2]
    assert said[3] == "The effect differs between the groups for: More trust, more autonomy."
    assert "ranking" in said[4]
    assert said[5] == "Tiny is left out: fewer than 100 people gave usable answers."
    assert len(list(comparison_sentences(compared, NB))) == 6


def test_tables_of_a_comparison_hide_small_groups(compared) -> None:
    assert [row[1] for row in people_table(compared, EN).cells()].count("•") == 2
    assert ladder_table(compared, EN).cells()[1][0] == "Equal loadings"
    made = ts.table(compared)
    assert made.frame["group"].tolist() == ["South", "North"] * 2
    assert made.header[-1] == "p (equal)"


def test_the_chapter(small_study, compared) -> None:
    material = replace(material_of(small_study), groups=compared)
    chapter = groups(material)
    assert chapter.title == "Compared by city"
    assert chapter.body.count('scope="rowgroup"') == 2
    assert chapter.body.count("<svg") == 1
    assert ">4<" not in chapter.body
    none = replace(compared, fit=None, tests=None, verdicts=None, differences=None)
    alone = groups(replace(material, groups=replace(none, reason="few_groups")))
    assert "nothing is compared" in alone.body
    assert groups(material_of(small_study)) is None
    assert "nothing is compared" in " ".join(repr(replace(none, reason="few_groups")).split())


def test_labels_are_escaped(small_study, compared, evil) -> None:
    script, _ = evil
    rows = tuple(replace(r, group=script if r.group == "South" else r.group)
                 for r in compared.verdicts)  # fmt: skip
    risky = replace(compared, verdicts=replace(compared.verdicts, rows=rows), group=script)
    chapter = groups(replace(material_of(small_study), groups=risky))
    assert script not in chapter.body
    assert script not in html_card(risky)


def test_a_report_of_a_joint_fit(joint, tmp_path) -> None:
    page = ts.report(joint, tmp_path / "r.html", language="nb").read_text("utf8")
    assert page.count("Gruppe South") >= 3
    assert "2 grupper" in page
    with pytest.raises(NotSupportedError, match="needs the joint fit"):
        ts.report(joint.group("South"), tmp_path / "r.html")


def test_a_report_never_describes_a_handful(joint, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("truststats.present.reports.material.MIN_N", 1000)
    with pytest.raises(DataError, match="Fewer than 1000 people of 'South', 'North'"):
        ts.report(joint, tmp_path / "r.html")
