"""What a study leaves in its folder: the report, tables, figures and the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from truststats.present import diagram, figures, report, table
from truststats.present.tables.fit import effects_table, measurement_table, structural_table
from truststats.present.tables.groups import ladder_table, people_table
from truststats.present.tables.make import missing_answers_table
from truststats.present.tables.table import Table, marked
from truststats.present.wording.words import words
from truststats.studies.folder import RECORD
from truststats.studies.record import write_record
from truststats.survey.check import Checks

if TYPE_CHECKING:
    from truststats.results import StudyResult

__all__ = ["REPORT", "write_output"]

REPORT = "report.html"
TABLES = "tables"
FIGURES = "figures"


def write_output(result: StudyResult, folder: Path) -> None:
    """Write the report, every table as CSV and Word, every figure as SVG and PNG, and the record.

    Parameters
    ----------
    result : StudyResult
        The study.
    folder : path
        A folder from `truststats.studies.folder.claim_folder`.
    """
    write_record(result, folder / RECORD)
    (folder / TABLES).mkdir(exist_ok=True)
    for name, plain in _tables(result):
        content = marked(plain, result)
        content.save(folder / TABLES / f"{name}.csv")
        content.save(folder / TABLES / f"{name}.docx")
    (folder / FIGURES).mkdir(exist_ok=True)
    for name, save in _figures(result):
        save(folder / FIGURES / name)
    report(result, folder / REPORT, language=result.language)


def _tables(result: StudyResult) -> Iterator[tuple[str, Table]]:
    """Yield the tables of a study by file name, in the order of the report."""
    say, language, fit = words(result.language), result.language, result.fit
    least = int(result.options["min_n"])
    yield "problems", table(Checks(tuple(result.checks)).without_rows(), language)
    yield "missing_answers", missing_answers_table(result.survey, say, least)
    yield "items", table(result.instrument, language)
    if result.reliability is not None:
        yield "reliability", table(result.reliability, language)
    if result.validity is not None:
        yield "validity", table(result.validity, language)
    yield "measurement", measurement_table(fit, say)
    yield "fit_measures", table(fit.fit_measures, language)
    yield "paths", structural_table(fit, say)
    yield "effects", effects_table(fit, say)
    yield "estimates", table(fit, language)
    yield "verdicts", table(result.verdicts, language)
    if result.groups is not None:
        yield "groups_people", people_table(result.groups, say, min_n=least)
        yield "groups_effects", table(result.groups, language)
        if result.groups.tests is not None:
            yield "groups_tests", ladder_table(result.groups, say)
    for name in ("rivals", "crosscheck", "bootstrap"):
        value = getattr(result, name)
        if value is not None:
            yield name, table(value, language)


def _figures(result: StudyResult) -> Iterator[tuple[str, Callable[[Path], Any]]]:
    """Yield the figures of a study by file name, each with what writes it as SVG and PNG."""
    language, survey, reliable = result.language, result.survey, result.reliability
    least = int(result.options["min_n"])
    for number, page in enumerate(figures.likert_pages(survey), start=1):
        bars = figures.likert_bars(survey, language, page, min_n=least)
        alt = figures.likert_alt(survey, language, page, min_n=least)
        yield f"answers_{number}", _saver(bars, alt)
    grid = figures.missingness_grid(survey, language, min_n=least)
    yield "missing_answers", _saver(grid, figures.missingness_alt(survey, language, min_n=least))
    if reliable is not None:
        dots = figures.reliability_dots(reliable, language)
        yield "reliability", _saver(dots, figures.reliability_alt(reliable, language))
    if result.validity is not None:
        told = result.validity
        pairs = figures.validity_pairs(told, language)
        yield "validity_pairs", _saver(pairs, figures.validity_pairs_alt(told, language))
        whole = figures.validity_map(told, language)
        yield "validity", _saver(whole, figures.validity_alt(told, language))
    lines = figures.forest(result.verdicts, language)
    yield "claims", _saver(lines, figures.forest_alt(result.verdicts, language))
    if result.groups is not None and result.groups.verdicts is not None:
        found = result.groups.verdicts
        yield (
            "groups",
            _saver(
                figures.forest_groups(found, language), figures.forest_groups_alt(found, language)
            ),
        )
    yield "model", _diagram_saver(diagram(result.fit, language=language))
    yield "framework", _diagram_saver(diagram(result.framework, language=language))


def _saver(figure: Any, alt: str) -> Callable[[Path], Any]:
    """Return what writes a figure."""
    return lambda stem: figures.save_figure(figure, stem, alt=alt)


def _diagram_saver(drawn: Any) -> Callable[[Path], Any]:
    """Return what writes a diagram."""
    return lambda stem: [drawn.save(stem.with_suffix(suffix)) for suffix in (".svg", ".png")]
