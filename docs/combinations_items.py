"""The part of docs/reference/combinations.md about ordered items, as small fits say.

`make_combinations.py` puts it into the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import truststats as ts
from truststats.errors import TrustStatsError
from truststats.workflow.ordinal import ORDINAL, ordinal_settings

ITEMS = ("f1", "f2", "f3", "g1", "g2", "g3")
MODEL = "f =~ f1 + f2 + f3\ng =~ g1 + g2 + g3\ng ~ b*f"
SE = ("standard", "robust.sem", "bootstrap", "none")
TESTS = ("standard", "satorra.bentler", "mean.var.adjusted", "scaled.shifted")
FAMILIES = {"DWLS": "DWLS", "ULS": "ULS", "WLS": "WLS"}


@dataclass(frozen=True)
class Case:
    """A kind of data or model, by what it adds to the model text and the options."""

    words: str
    text: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


CASES = (
    Case("complete rows"),
    Case('`missing="pairwise"`', options={"missing": "pairwise"}),
    Case("covariates (exogenous, given)", "\ng ~ x"),
    Case("continuous items beside ordered ones", "\ng =~ c"),
    Case("clusters", options={"cluster": "unit"}),
    Case("sampling weights, with clusters", options={"cluster": "unit", "sampling_weights": "w"}),
    Case("strata, with clusters", options={"cluster": "unit", "strata": "region"}),
    Case("groups", options={"group": "half", "group_equal": ("thresholds", "loadings")}),
    Case("groups whose people share clusters", options={"group": "half", "cluster": "unit"}),
    Case(
        "all of these but strata", "\ng ~ x\ng =~ c",
        {"missing": "pairwise", "cluster": "unit", "sampling_weights": "w", "group": "half"},
    ),
)  # fmt: skip

VERBS: Mapping[str, Callable[[Any], Any]] = {
    "standardised solution, R²": lambda fit: (fit.standardized(), fit.r_square),
    "effects, delta method": lambda fit: fit.effects(),
    "effects, Monte Carlo": lambda fit: fit.effects("monte_carlo", draws=200),
    "effects, bootstrap": lambda fit: fit.effects("percentile", draws=100),
    "residuals and z-values": lambda fit: (fit.residuals("z"), fit.residual_summary()),
    "modification indices": lambda fit: fit.modification_indices(),
    "difference test, nesting": lambda fit: ts.compare(fit, smaller(fit)).iloc[1]["chisq_diff"],
    "factor scores: mode (EBM)": lambda fit: fit.predict(),
    "factor scores: mean (EAP)": lambda fit: fit.predict(method="eap"),
    "factor scores: ML": lambda fit: fit.predict(method="ml"),
    "category probabilities": lambda fit: fit.category_probabilities(),
    "reliability": lambda fit: fit.reliability(),
    "are scales different things": lambda fit: fit.validity(tests="none"),
    "table, diagram": lambda fit: (ts.table(fit).text(), fit.groups or ts.diagram(fit).svg),
}


@cache
def frame() -> pd.DataFrame:
    """Return answers to two factors' items, with whatever else a case needs."""
    draw = np.random.default_rng(11)
    n = 500
    x, f = draw.normal(size=n), draw.normal(size=n)
    g = 0.5 * f + 0.3 * x + draw.normal(size=n)
    rows = np.column_stack([one + draw.normal(size=n) for one in (f, f, f, g, g, g)])
    made = pd.DataFrame(np.searchsorted([-1.2, 0.0, 1.2], rows) + 1.0, columns=list(ITEMS))
    made["x"], made["c"] = x, g + draw.normal(size=n)
    made["unit"] = np.arange(n) // 8
    made["region"], made["half"] = made["unit"] % 3, np.where(np.arange(n) % 2, "N", "S")
    made["w"] = draw.uniform(0.5, 2.0, n)
    return made


def fit(case: Case, text: str = MODEL, **options: Any) -> Any:
    """Return the fit of a case."""
    return ts.fit(text + case.text, frame(), **{"ordered": ITEMS, **case.options, **options})


@cache
def _fitted(words: str) -> Any:
    return fit(next(case for case in CASES if case.words == words))


def smaller(whole: Any) -> Any:
    """Return the same case without its path."""
    case = next(case for case in CASES if _fitted(case.words) is whole)
    return fit(case, MODEL.replace("b*f", "0*f"))


def given(work: Callable[[], Any]) -> bool:
    """Return whether something is given, not refused."""
    try:
        work()
    except TrustStatsError:
        return False
    return True


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _mark(there: bool) -> str:
    return "yes" if there else "–"


def defaults() -> str:
    """Return what every estimator's name stands for."""
    rows = [[f"`{n}`", d, f"`{se}`", f"`{test}`"] for n, (d, se, test) in ORDINAL.items()]
    return _table(["estimator", "discrepancy", "se", "test"], rows)


def by_case() -> str:
    """Return which estimators each kind of data has."""
    names = [name for name in ORDINAL if given(lambda name=name: fit(CASES[0], estimator=name))]
    rows = []
    for case in CASES:
        own = [n for n in names if given(lambda n=n, case=case: fit(case, estimator=n))]
        said = "all" if own == names else ", ".join(f"`{n}`" for n in own) or "none"
        rows.append([case.words, said])
    return _table(["data and model", "estimators"], rows)


def _settings(name: str, se: str, test: str) -> Any:
    return ordinal_settings(name, missing=None, se=se, test=test)


def by_test() -> str:
    """Return for each discrepancy which standard errors go with which tests."""
    rows = []
    for name in FAMILIES:
        for test in TESTS:
            marks = [
                _mark(given(lambda se=se, test=test, name=name: _settings(name, se, test)))
                for se in SE
            ]
            if "yes" in marks:
                rows.append([name, f"`{test}`", *marks])
    return _table(["discrepancy", "test", *(f"`{se}`" for se in SE)], rows)


def after() -> str:
    """Return what can be asked of a fit, by the kind of data."""
    shown = [case for case in CASES if "strata" not in case.options]
    rows = []
    for words, verb in VERBS.items():
        marks = [
            _mark(given(lambda case=case, verb=verb: verb(_fitted(case.words)))) for case in shown
        ]
        rows.append([words, *marks])
    return _table(["asked of a fit", *(case.words for case in shown)], rows)


def refusals() -> str:
    """Return what is not given, with the way out that the error names."""
    asked: dict[str, dict[str, Any]] = {
        '`estimator="MLR"`': {"estimator": "MLR"},
        '`missing="ml"`': {"missing": "ml"},
        '`se="cr3", cluster="unit"`': {"se": "cr3", "cluster": "unit"},
        '`se="standard", cluster="unit"`': {"se": "standard", "cluster": "unit"},
        '`auxiliary="x"`': {"auxiliary": "x"},
        '`bounds="standard"`': {"bounds": "standard"},
        "`effect_coding=True`": {"effect_coding": True},
        '`model_type="growth"`': {"model_type": "growth"},
        "a list of imputed frames": {},
    }
    rows = []
    for words, options in asked.items():
        try:
            if options:
                fit(CASES[0], **options)
            else:
                ts.fit(MODEL, [frame(), frame()], ordered=True)
        except TrustStatsError as error:
            rows.append([words, error.what.rstrip("."), error.fix or ""])
        else:
            raise AssertionError(words)
    return _table(["asked", "answer", "what to do"], rows)


def section() -> str:
    """Return the section of the page."""
    return f"""\
## Ordered items

With `ordered=` (or an estimator of this table on a survey whose codebook lists the answers)
thresholds and polychoric correlations are fitted. What these tables say is what small fits did
when the page was made.

{defaults()}

{by_case()}

{by_test()}

After the fit, with `WLSMV`:

{after()}

As for continuous items there are no bootstrap intervals with sampling weights; Monte Carlo
intervals take their place. Scales are told apart in one group at a time.

{refusals()}
"""
