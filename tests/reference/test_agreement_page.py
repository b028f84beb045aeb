"""The generated page of deviations lists all that is compared; nothing exceeds its tolerance."""

from __future__ import annotations

import re

import agreement
import oracle_cases
import report_deviations


def rows() -> dict[tuple[str, str], list[str]]:
    """Return the cells of every row of the page's tables, by fit and data."""
    text = report_deviations.PAGE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    width = 4 + len(agreement.KINDS)
    return {(c[0], c[1]): c for c in cells if len(c) == width and c[0] != "fit"}


def test_the_page_lists_every_golden_and_every_covered_case() -> None:
    goldens = {
        (fit["name"], report_deviations.DATA[fit["data"]]) for fit in report_deviations.tabled()
    }
    cases = {report_deviations.case_name(covered) for covered in oracle_cases.COVERED}
    assert set(rows()) == goldens | cases


def test_the_page_says_what_is_asked_of_every_golden() -> None:
    found = rows()
    for fit in report_deviations.tabled():
        options = found[fit["name"], report_deviations.DATA[fit["data"]]][2]
        words = report_deviations.in_words(fit.get("args", {}), fit.get("function"))
        assert options.startswith(words), fit["name"]


def test_no_deviation_on_the_page_exceeds_its_tolerance() -> None:
    for name, cells in rows().items():
        for cell in cells[4:]:
            assert cell == "–" or float(re.sub("<", "", cell)) <= 1.0, name


def test_options_in_words() -> None:
    words = report_deviations.in_words
    assert words({}) == "ML"
    assert words({"estimator": "MLR", "missing": "fiml"}) == "MLR; FIML"
    equal = {"group": "school", "group.equal": ["loadings", "intercepts"]}
    assert words(equal) == "groups; equal loadings, intercepts"
    assert words({"fixed.x": False}, "growth") == "model type growth; random covariates"
