"""Answers in: read any file of answers, bind it to its instrument, and check all of it at once.

`read_survey` reads csv, Excel, SPSS, Stata and parquet files and any data frame into a frozen
`Survey` of raw codes; `Survey.check` lists every problem; `scale_scores`, `suppress` and, for
tables that are published together, `release` make what may be shown. Nothing is dropped silently:
what carries no value is counted in `Survey.exclusions`.
"""

from __future__ import annotations

from truststats.survey.audit import Audit, Statement, audit, recoverable
from truststats.survey.check import Checks, check
from truststats.survey.disclosure import Suppressed, dominated, suppress
from truststats.survey.limits import Limits
from truststats.survey.mapping import ItemRule
from truststats.survey.read import read_survey
from truststats.survey.release import Release, release
from truststats.survey.score import scale_scores
from truststats.survey.value import Design, Exclusion, Survey

__all__ = [
    "Audit",
    "Checks",
    "Design",
    "Exclusion",
    "ItemRule",
    "Limits",
    "Release",
    "Statement",
    "Suppressed",
    "Survey",
    "audit",
    "check",
    "dominated",
    "read_survey",
    "recoverable",
    "release",
    "scale_scores",
    "suppress",
]
