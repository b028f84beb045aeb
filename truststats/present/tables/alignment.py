"""The table of an alignment: means and variances of every group, in the order of the data."""

from __future__ import annotations

from typing import Any

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.alignment_words import alignment_sentences, deviating
from truststats.present.wording.labels import labels_of
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import Words

__all__ = ["alignment_table"]

_FORMATS = {
    "n": "int",
    "mean": "f2",
    "se": "f2",
    "ci_lower": "[f2",
    "ci_upper": "]f2",
    "variance": "f2",
    "variance_se": "file",
    "variance_lower": "[f2",
    "variance_upper": "]f2",
}


def alignment_table(found: Any, say: Words) -> Table:
    """Return one line a factor and group: the mean and the variance with their intervals.

    Parameters
    ----------
    found : AlignmentResult
        The alignment.
    say : Words
        Words of the language.
    """
    frame, names = found.frame(), labels_of(found, say.language)
    frame["factor"] = [names.name(str(name)) for name in frame["factor"]]
    if len(found.factors) == 1:
        frame = frame.drop(columns="factor")
    ci = say("common.ci", level=fixed(100 * found.level, 0, say.language))
    headers = {
        "mean": say("alignment.mean"), "variance": say("alignment.variance"), "ci_lower": ci,
        "variance_lower": ci,
    }  # fmt: skip
    notes = [*alignment_sentences(found, names, say), *deviating(found, names, say)]
    return built(frame, say("table.alignment"), say, notes, _FORMATS, headers)
