"""Write docs/reference/combinations.md: which options of a fit go together, and what to use else.

``python docs/make_combinations.py`` asks the package itself, combination by combination; a test
compares the page with what it says today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import combinations_items

from truststats.errors import TrustStatsError
from truststats.workflow.missing import check_missing
from truststats.workflow.sampling import check_sampling
from truststats.workflow.settings import ESTIMATORS, TWO_STAGE, Settings, settings

PAGE = Path(__file__).parent / "reference" / "combinations.md"
SE = (
    "standard", "first.order", "robust.sem", "robust.sem.nt", "robust.huber.white", "cr3",
    "bootstrap", "none",
)  # fmt: skip
TESTS = (
    "standard", "satorra.bentler", "mean.var.adjusted", "scaled.shifted", "yuan.bentler",
    "yuan.bentler.mplus", "browne.residual.nt", "browne.residual.nt.model",
    "browne.residual.adf", "bollen.stine",
)  # fmt: skip
FAMILIES = {"Maximum likelihood": "ML", "ULS": "ULS", "GLS": "GLS", "WLS": "WLS"}


@dataclass(frozen=True)
class Data:
    """What the rows are like, by the options that say so."""

    words: str
    missing: str = "listwise"
    cluster: bool = False
    weights: bool = False
    strata: bool = False
    rows: bool = True


SITUATIONS = (
    Data("complete rows"),
    Data("a covariance matrix, no rows", rows=False),
    Data("clusters", cluster=True),
    Data("weights, with or without clusters", cluster=True, weights=True),
    Data("strata, with or without clusters and weights", cluster=True, strata=True),
    Data("`missing=\"ml\"`", "ml"),
    Data("`missing=\"ml\"`, clusters", "ml", cluster=True),
    Data("`missing=\"ml\"`, weights, with or without clusters", "ml", cluster=True, weights=True),
    Data("`missing=\"ml\"`, strata", "ml", cluster=True, strata=True),
    Data("`missing=\"ml.x\"`", "ml.x"),
    Data("`missing=\"ml.x\"`, clusters", "ml.x", cluster=True),
    Data("`missing=\"ml.x\"`, weights or strata", "ml.x", weights=True),
    Data("`missing=\"two.stage\"`", "two.stage"),
    Data("`missing=\"two.stage\"`, clusters", "two.stage", cluster=True),
    Data("`missing=\"robust.two.stage\"`", "robust.two.stage"),
    Data("`missing=\"robust.two.stage\"`, clusters", "robust.two.stage", cluster=True),
    Data("two stages, weights or strata", "robust.two.stage", weights=True),
)  # fmt: skip


def chosen(
    estimator: str, data: Data, se: str | None = None, test: str | None = None
) -> Settings | TrustStatsError:
    """Return the settings of a fit without exogenous variables, or the error it would raise."""
    two_stage = data.missing in TWO_STAGE
    drawn = {
        "sampling_weights": "w" if data.weights else None, "strata": "s" if data.strata else None,
        "sampling_weights_normalization": "total", "lonely_psu": "fail",
    }  # fmt: skip
    try:
        made = settings(
            estimator, missing=data.missing, se=se, test=test, rows=data.rows,
            clusters=data.cluster and not two_stage, weights=data.weights or data.strata,
        )  # fmt: skip
        check_sampling(drawn, made.options, (), rows=data.rows)
        cluster = "c" if data.cluster else None
        asked = {**made.options, "cluster": cluster, "auxiliary": (), "constraints": False}
        check_missing(asked, has_x=False)
    except TrustStatsError as error:
        return error
    return made


def given(estimator: str, data: Data, se: str | None = None, test: str | None = None) -> bool:
    """Return whether a fit with these options exists."""
    return isinstance(chosen(estimator, data, se, test), Settings)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def code(names: Iterable[str]) -> str:
    """Return names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names) or "–"


def defaults() -> str:
    """Return what every estimator's name stands for."""
    rows = []
    for name, (discrepancy, se, test, information) in ESTIMATORS.items():
        rows.append([f"`{name}`", discrepancy, f"`{se}`", f"`{test}`", information])
    return table(["estimator", "discrepancy", "se", "test", "information"], rows)


def by_family() -> str:
    """Return for each discrepancy which standard errors go with which tests, on complete rows."""
    parts = []
    for words, name in FAMILIES.items():
        plain = SITUATIONS[0]
        tests = [test for test in TESTS if any(given(name, plain, se, test) for se in SE)]
        usable = [se for se in SE if any(given(name, plain, se, test) for test in tests)]
        # the ULS tests and standard errors called "standard" are others, which are listed
        if name == "ULS":
            tests = [test for test in tests if test != "standard"]
            usable = [se for se in usable if se != "standard"]
        rows = [
            [f"`{test}`", *("yes" if given(name, plain, se, test) else "–" for se in usable)]
            for test in tests
        ]
        parts.append(f"### {words}\n\n" + table(["test", *(f"`{se}`" for se in usable)], rows))
    return "\n\n".join(parts)


def by_data() -> str:
    """Return which estimators each kind of data has, with the choices left."""
    rows = []
    for data in SITUATIONS:
        names = [name for name in ESTIMATORS if given(name, data)]
        first = [name for name in names if name in ("ML", "MLR")] or names
        usable = [se for se in SE if any(given(n, data, se) for n in first)]
        tests = [test for test in TESTS if any(given(n, data, None, test) for n in first)]
        if not names:
            rows.append([data.words, "none", "–", "–"])
            continue
        if data == SITUATIONS[0]:
            rows.append([data.words, "all", "see below", "see below"])
            continue
        own = data.missing in TWO_STAGE
        se = "its own" if own else code(usable)
        rows.append([data.words, code(names), se, code(tests)])
    return table(["data", "estimator", "se", "test"], rows)


def refusals() -> str:
    """Return what is asked for most and is not given, with the way out that the error names."""
    plain, clusters = SITUATIONS[0], Data("", cluster=True)
    asked: list[tuple[str, tuple]] = [
        ('`estimator="WLSMV"` without `ordered=`', ("WLSMV", plain)),
        ('`estimator="MLM", missing="ml"`', ("MLM", Data("", "ml"))),
        ('`estimator="GLS", missing="ml"`', ("GLS", Data("", "ml"))),
        ('`estimator="MLM", cluster="unit"`', ("MLM", clusters)),
        ('`se="cr3"` without clusters', ("MLR", plain, "cr3")),
        ('`se="cr3", strata="region"`', ("MLR", Data("", cluster=True, strata=True), "cr3")),
        ('`se="bootstrap", cluster="unit"`', ("ML", clusters, "bootstrap")),
        (
            '`se="robust.huber.white", test="satorra.bentler"`',
            ("ML", plain, "robust.huber.white", "satorra.bentler"),
        ),
        ('`estimator="GLS", se="robust.sem"`', ("GLS", plain, "robust.sem")),
        ('`estimator="MLR", sample_cov=...`', ("MLR", Data("", rows=False))),
        ('`missing="two.stage", cluster="unit"`', ("ML", Data("", "two.stage", cluster=True))),
        ('`missing="ml.x", sampling_weights="w"`', ("ML", Data("", "ml.x", weights=True))),
    ]
    rows = []
    for words, call in asked:
        error = chosen(*call)
        assert isinstance(error, TrustStatsError), words
        rows.append([words, error.what.rstrip("."), error.fix or ""])
    return table(["asked", "answer", "what to do"], rows)


def page() -> str:
    """Return the page."""
    asked = [
        (name, data, se, test)
        for name in ESTIMATORS
        for data in SITUATIONS
        for se in (None, *SE)
        for test in (None, *TESTS)
    ]
    count = sum(given(*call) for call in asked)
    return f"""\
# Which options go together

This page is generated by `docs/make_combinations.py`, which asks the package about every
combination of estimator, standard errors, test and kind of data; a test keeps it up to date.
Of {len(asked):,} combinations {count:,} are given. Every other one raises an error that names
one of these: what is not checked against lavaan, or another independent source, is not given.
[Which estimator?](../howto/which_estimator.md) helps to choose. All tables but that of
[ordered items](#ordered-items) are of variables taken as continuous.

## What an estimator stands for

{defaults()}

With clusters, weights or strata `ML` becomes `MLR`. With `missing="ml"` the information is the
observed one.

## By data

What may stay unsaid is the estimator's default; `se` and `test` say what else can be asked for.

{by_data()}

- `se="cr3"` needs clusters. Bootstrap intervals with clusters come from `ts.bootstrap(fit)` and
  `fit.effects("bca")`, which resample clusters.
- `missing="ml.x"` with a robust test, and both two-stage methods, need `fixed_x=False` where the
  model has exogenous observed variables.
- `auxiliary=` goes with `missing="ml"`, without weights, strata, constraints and bounds.
- Several groups change nothing in this table: `group=` with rows, a mapping of matrices without.
- `se="cr3"` and `test="bollen.stine"` take linear equality constraints, and no other constraints
  or bounds.
- `likelihood="wishart"` goes with `estimator="ML"`, complete rows or a covariance matrix, and its
  standard test.

## Standard errors and tests of complete, independent rows

Names of standard errors across, of tests down. `se="robust"` is the estimator's usual robust one.

{by_family()}

{combinations_items.section()}
## Asked for often, and not given

{refusals()}
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
