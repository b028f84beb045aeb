"""The report: one HTML file from questionnaire to verdict, that loads nothing from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from truststats.errors import OptionError
from truststats.present.reports import claims as report_claims
from truststats.present.reports import estimator as report_estimator
from truststats.present.reports import groups as report_groups
from truststats.present.reports import invariance as report_invariance
from truststats.present.reports import measured as report_measured
from truststats.present.reports import model as report_model
from truststats.present.reports import people as report_people
from truststats.present.reports.html import Chapter, page
from truststats.present.reports.material import Material, material_of
from truststats.present.reports.title import foot, head

__all__ = ["report", "report_html"]

_CHAPTERS = (
    report_people.who,
    report_people.answers,
    report_measured.measured,
    report_estimator.estimator,
    report_model.measurement,
    report_model.picture,
    report_claims.forest_plot,
    report_model.fit_measures,
    report_claims.verdicts,
    report_invariance.may_we_compare,
    report_groups.groups,
    report_claims.sentences,
    report_claims.rivals,
    report_claims.crosscheck,
    report_model.provenance,
)


def report(value: Any, path: str | Path, language: str | None = None) -> Path:
    """Write a report as one HTML file: no network, no scripts, ready to be printed or mailed.

    Parameters
    ----------
    value : StudyResult or Fit
        What to report. A fit of a framework gets its verdicts; rivals and a second engine are
        only in the report of a study.
    path : path
        File to write, ending in ``.html``. Folders that are not there are made.
    language : str, optional
        Language code; None takes the study's, or English.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    OptionError
        If the name does not end in ``.html``, or the value is neither a study nor a fit.

    Examples
    --------
    >>> import truststats as ts
    >>> ts.report(fit, "report.html", language="nb")  # doctest: +SKIP
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        raise OptionError(
            f"A report cannot be written as {target.name!r}.",
            why="it is one HTML file, which every browser opens and prints",
            fix=f"use {target.with_suffix('.html').name!r}; print it from the browser for a PDF",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(report_html(value, language), encoding="utf-8", newline="\n")
    return target


def report_html(value: Any, language: str | None = None) -> str:
    """Return the report as the text of an HTML page.

    Parameters
    ----------
    value : StudyResult or Fit
        What to report.
    language : str, optional
        Language code; None takes the study's, or English.

    Raises
    ------
    OptionError
        If the value is neither a study nor a fit.
    """
    material = material_of(value, language)
    chapters = [made for chapter in _CHAPTERS if (made := _made(chapter, material))]
    return page(material.title, head(material), chapters, foot(material), material.say)


def _made(chapter: Any, material: Material) -> Chapter | None:
    return chapter(material)
