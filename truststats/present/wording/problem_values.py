"""Numbers and names of a problem, read back from its English message.

A `Problem` is written in English where it is found. Other languages say the same with their own
words; what the sentence is about (how many, which column, what correlation) is found here, by code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from truststats.errors import Problem

__all__ = ["PATTERNS", "problem_values"]

_RULE = r".*?read with (?P<rule>columns=\{.*\})\.$"
_SHARE = r".*?more than (?P<limit>\d+)%"
_CODE = r"Code (?P<code>\S+) "
_RANGE = _CODE + r".*? from (?P<low>-?\d+) to (?P<high>-?\d+)\."

PATTERNS: Mapping[str, str] = {
    # the file
    "read_as": r"Read (?P<how>.+)\.$",
    "header_row": r".*?row (?P<row>\d+)\.",
    "text_rows": r"(?P<n>\d+) row",
    "labels_read": r".*? of (?P<n>\d+) items? .*?codes: (?P<codes>.+)\.$",
    "short_rows": r".*?header's (?P<width>\d+) fields",
    "ids_as_floats": r".*?\((?P<written>[^()]+)\) and are read as '(?P<read>.+?)'",
    # items
    "missing_columns": r".*? of (?P<total>\d+) items of (?P<instrument>\S+) have"
    r"(?:.*?(?P<hint> Did you mean (?P<guess>columns=\{.*\})\?))?",
    "text_of_another_item": r"Column ['\"](?P<column>.+?)['\"] is named like item '(?P<item>.+?)' "
    r"but .*?the text of '(?P<other>.+?)'",
    "empty_item": r".*?columns=(?P<rule>\{.*\})\.$",
    "item_missingness": _SHARE,
    "ceiling": _SHARE,
    "suspected_reversal": r"Item '(?P<item>.+?)' correlates (?P<r>\S+) with "
    r"(?:(?P<rest>the rest of (?P<block>\S+),)|(?P<pair>'(?P<other>.+?)' of (?P<both>\S+):))"
    + _RULE,
    "already_reversed": r"Item '(?P<item>.+?)' .*? correlates (?P<r>\S+) .*? of (?P<block>\S+)"
    + _RULE,
    # codes
    "unreadable": r".*?answer label: (?P<texts>.+)\. This counts",
    "undeclared_missing_code": _CODE,
    "out_of_range": _RANGE,
    "unknown_code": _RANGE,
    "dont_know_averaged": _CODE,
    "not_integer": r".*?such as (?P<example>-?[\d.]*\d),",
    "value_labels_disagree": r".*?\((?P<label>.+) is (?P<there>\S+) in the file, (?P<here>\S+) "
    r"here\).*?(?P<rule>columns=\{.*\})\.$",
    # rows
    "empty_rows": r".*? of (?P<total>\d+) rows",
    "straight_lining": r".*? of (?P<total>\d+) rows .*? through (?P<items>\d+) items"
    r"(?:.*?(?P<both>reverse-keyed))?",
    "duplicate_rows": r".*?there are (?P<least>\d+) or more",
    "duplicate_respondents": r".*?\((?P<ids>.+) \.\.\.\)",
    # units and groups
    "single_unit": r".*?same unit, ['\"](?P<unit>.*?)['\"], in ['\"](?P<column>.+?)['\"], so",
    "silent_units": r"(?:.*?(?P<invited>\((?P<people>\d+) people were invited\)))?",
    "tiny_units": r".*?fewer than (?P<limit>\d+) answers",
    "unknown_units": r"(?:.*?(?P<hint>Did you mean '(?P<guess>.+?)'\?))?",
    "unit_in_two_groups": r".*?in more than one (?P<group>.+?); different",
    "crossing_coarsened": r"The crossing (?P<crossing>.+?) has cells of fewer than (?P<min_n>\d+) "
    r"people; shown instead: (?P<shown>.+)\.$",
    "empty_groups": r".*?groups? of ['\"](?P<column>.+?)['\"] without",
    # two versions of an instrument
    "version_not_changed": r"Both call themselves (?P<name>[^\n]+), yet they differ\.",
    "change_not_licensed": r".*? of (?P<total>\d+) constructs",
    "languages_differ": r".*? compared in (?P<languages>[^\n]+)\.(?:\n|$)",
    # the fit
    "latent_not_positive_definite": r".*?correlation is (?P<r>\S+), "
    r"between (?P<one>\S+) and (?P<two>\S+)\.",
    "not_converged": r".*?after (?P<iterations>\d+) iterations",
    "em_not_converged": r".*? in (?P<iterations>\d+) EM",
    "fewer_rows_than_parameters": r".*?rows \((?P<rows>\d+)\) .*?\((?P<parameters>\d+)\)",
    "small_group": r".*?part in \((?P<parameters>\d+)\)",
    "few_rows": r".*?are (?P<ratio>[\d.]+) rows .*?\((?P<rows>\d+) for (?P<parameters>\d+)\)",
    "fewer_clusters_than_parameters": r".*?clusters \((?P<clusters>\d+)\) "
    r".*?\((?P<parameters>\d+)\)",
    "no_standard_error": r".*?computed for (?P<names>[^\n]+)\.(?:\n|$)",
    "refits_failed": r"\d+ of (?P<draws>\d+) refits \((?P<share>[\d.]+) %\)",
    "rows_excluded": r"(?P<n>\d+) of (?P<total>\d+) rows \((?P<share>[\d.]+) %\) left out: "
    r"(?:(?P<listwise>incomplete)|(?P<silent>no answer)|(?P<exogenous>missing on)"
    r"|(?P<unit>no value for the cluster (?P<cluster>[^\n]+)\.)"
    r"|(?P<layer>no value for the stratum (?P<stratum>[^\n]+)\.))"
    r"(?:.*?missing='(?P<instead>[\w.]+)')?",
    "unequal_weights": r".*?: (?P<n>\d+) rows weigh as much as (?P<effective>\d+) .*?"
    r"effect (?P<effect>[\d.]+)\)",
    "few_clusters": r".*?only (?P<clusters>\d+) clusters; below about (?P<limit>\d+) ",
    "imputation_not_converged": r"(?P<n>\d+) of (?P<total>\d+) .*?: (?P<numbers>[\d, ]+)\.",
    "ordinal_as_continuous": r".*?with (?P<categories>\d+) or fewer .*?continuous\."
    r"(?P<ceiling> In (?P<piled>\d+) of them over (?P<share>\d+) % .*?\((?P<names>[^)]+)\))?"
    r"(?:.*?ts\.study (?:(?P<kept>keeps)|(?P<held>would)|(?P<advised>fits)))?",
    "rows_not_used": r"(?P<n>\d+) of (?P<total>\d+) rows \((?P<share>[\d.]+) %\) left out: "
    r"(?:(?P<listwise>incomplete)|(?P<silent>no answer)"
    r"|(?P<unit>no value for the cluster (?P<cluster>[^\n]+)\.))",
    "many_groups_apart": r".*?each of (?P<n>\d+) groups",
    "categories_lost": r"In (?P<lost>\d+) of (?P<draws>\d+) resamples \((?P<percent>\d+) %\)",
    "categories_merged": r"(?P<n>\d+) answer .*?use them: (?P<items>[^\n]+)\.(?:\n|$)",
    "empty_cells": r"(?P<n>\d+) of (?P<total>\d+) two-way .*?cells: (?P<pairs>[^\n]+)\.(?:\n|$)",
    "polychoric_at_bound": r"(?P<n>\d+) .*?minus one: (?P<pairs>[^\n]+)\.(?:\n|$)",
    "rotation_not_converged": r"None of (?P<starts>\d+) ",
    "rotation_local_minima": r"(?P<best>\d+) of (?P<converged>\d+) .*? best of (?P<minima>\d+) ",
    "thin_factors": r".*?fewer than (?P<least>\d+) .*? of (?P<salient>\d*\.\d+) or",
    "isolated_code": r".*?apart from the others: (?P<names>.+?)\. If",
    "units_left_out": r"\d+ of (?P<total>\d+) units .*?fewer than (?P<min_n>\d+)",
    "negative_icc": r".*?scales: (?P<names>[^\n]+)\.(?:\n|$)",
    "answers_not_known": r".*?defined for (?P<names>.+?): it is",
    "no_agreement": r".*?answers to (?P<names>.+?) vary more",
    "partial_anchors": r"Step (?P<step>\S+) fails",
    "partial_no_item": r"Step (?P<step>\S+) fails",
    "units_not_compared": r".*? of (?P<total>\d+) conditions",
    "thresholds_lowered": r".*?than usual: (?P<names>[^\n]+)\.(?:\n|$)",
    "near_collinear": r"(?P<one>.+?) and (?P<other>.+?) correlate (?P<r>\S+), interval "
    r"(?P<low>\S+) to (?P<high>\S+)\. As causes of (?P<outcome>.+?) they have "
    r".*?inflation of (?P<vif>\S+): .*? are (?P<wider>\S+) times",
    "one_factor_fits": r".*?\(CFI (?P<cfi>\S+)\)",
    "method_moves_correlations": r".*?explains (?P<share>-?\d+) % .*? by (?P<change>\S+)\.(?:\n|$)",
    "configural_misfit": r".*?\(CFI (?P<cfi>\S+), RMSEA (?P<rmsea>\S+)\)",
    "alignment_not_trustworthy": r"(?P<share>\d+) % .*? up to (?P<limit>\d+) %",
    "alignment_starts_differ": r".*? of (?P<starts>\d+) starts",
    "reference_mean_unknown": r".*?\(standard error (?P<se>\S+)\)",
    "items_not_in_file": r".*?instrument's (?P<asked>\d+) items",
}


def problem_values(problem: Problem) -> dict[str, str | None] | None:
    """Return the numbers and names in a problem's message and remedy.

    Parameters
    ----------
    problem : Problem
        The problem.

    Returns
    -------
    dict or None
        Texts by name, with None for what this message does not say; ``{}`` where the message of
        that code holds nothing to read, and None where it cannot be read.
    """
    pattern = PATTERNS.get(problem.code)
    if pattern is None:
        return {}
    text = f"{problem.message}\n{problem.remedy}" if problem.remedy else problem.message
    found = re.match(pattern, text, re.DOTALL)
    return None if found is None else found.groupdict()
