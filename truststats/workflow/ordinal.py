"""Fits of ordinal items: which are ordinal, and what the estimator's name stands for.

The table of estimators follows lavaan 0.7, where DWLS and ULS have robust standard errors too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from truststats.errors import NotSupportedError, OptionError
from truststats.model import Model
from truststats.model.names import names_of
from truststats.options import choose, did_you_mean
from truststats.survey import Survey
from truststats.workflow.settings import Settings

__all__ = [
    "ONLY_ORDINAL",
    "ORDINAL",
    "check_dependent",
    "ordered_names",
    "ordinal_settings",
    "refuse_with_ordinal",
]

#: discrepancy, standard errors and test by the estimator's name.
ORDINAL: Mapping[str, tuple[str, str, str]] = {
    "WLSMV": ("DWLS", "robust.sem", "scaled.shifted"),
    "WLSMVS": ("DWLS", "robust.sem", "mean.var.adjusted"),
    "WLSM": ("DWLS", "robust.sem", "satorra.bentler"),
    "DWLS": ("DWLS", "robust.sem", "standard"),
    "ULSMV": ("ULS", "robust.sem", "scaled.shifted"),
    "ULSMVS": ("ULS", "robust.sem", "mean.var.adjusted"),
    "ULSM": ("ULS", "robust.sem", "satorra.bentler"),
    "ULS": ("ULS", "robust.sem", "standard"),
    "WLS": ("WLS", "standard", "standard"),
}
#: Estimators that need ordinal items.
ONLY_ORDINAL = ("WLSMV", "WLSMVS", "WLSM", "DWLS")
_TESTS = ("standard", "scaled.shifted", "mean.var.adjusted", "satorra.bentler")


def ordered_names(ordered: Any, model: Model, data: Any, estimator: str | None) -> tuple[str, ...]:
    """Return the model's ordinal items, in its order; empty if all are continuous.

    Parameters
    ----------
    ordered : bool, str, sequence of str or None
        True is every observed variable that is not exogenous. None is what the codebook of a
        survey says, if the estimator is one for ordinal items, and items whose thresholds the
        text names.
    model : Model
    data : Survey or frame
    estimator : str or None

    Raises
    ------
    OptionError
        For names that are not in the model, and for an estimator of ordinal items without any.
    """
    names = names_of(model.statements)
    named = {s.lhs for s in model.statements if s.op == "|"}
    wanted = estimator is not None and str(estimator).upper() in ONLY_ORDINAL
    if ordered is True:
        found = set(names.ov) - set(names.ov_x)
    elif ordered is None:
        coded = isinstance(data, Survey) and wanted
        inside = [name for name in names.ov if name not in names.ov_x]
        found = {name for name in inside if coded and _has_codes(data, name)}
    else:
        given = _names(ordered)
        strange = [name for name in given if name not in names.ov]
        if strange:
            raise OptionError(
                f"ordered={strange[0]!r} is no observed variable of the model."
                f"{did_you_mean(str(strange[0]), names.ov)}",
                fix=f"use some of {', '.join(names.ov)}, or ordered=True for all items",
            )
        found = set(given)
        _refuse_exogenous(found & set(names.ov_x))
    found |= named
    if wanted and not found:
        raise OptionError(
            f"estimator={estimator!r} is for ordinal items, and no item is said to be ordinal.",
            why="a plain frame does not say which of its numbers are ordered categories",
            fix="add ordered=True, or ordered=[...] with the items' names",
        )
    return tuple(name for name in names.ov if name in found)


def _names(ordered: Any) -> list[Any]:
    """Return the names given; a mapping or a number is none."""
    if isinstance(ordered, str):
        return [ordered]
    if ordered is False:
        return []
    if isinstance(ordered, Mapping) or not isinstance(ordered, Iterable):
        raise OptionError(
            f"ordered={ordered!r} names no items.",
            fix="use ordered=True for all items, or a list of names such as ordered=['x1', 'x2']",
        )
    return list(ordered)


def _refuse_exogenous(names: set[str]) -> None:
    """Raise for exogenous variables: nothing is said about their distribution."""
    if names:
        name = sorted(names)[0]
        raise OptionError(
            f"ordered={name!r} is exogenous: nothing in the model explains it.",
            why="everything is given the exogenous variables, whatever their distribution",
            fix=f"leave {name} out of ordered=; if its categories are no equal steps, code them "
            "as 0/1 variables",
        )


def _has_codes(survey: Survey, name: str) -> bool:
    """Tell whether the codebook lists the answers of an item."""
    return name in survey.items and bool(survey.coding(name).codes)


def ordinal_settings(
    estimator: str | None,
    *,
    missing: str | None,
    se: str | None,
    test: str | None,
    fixed_x: bool | None = None,
) -> Settings:
    """Return the settings of a fit of ordinal items, or raise what to use instead."""
    name = "WLSMV" if estimator is None else str(estimator).upper()
    if name not in ORDINAL:
        raise OptionError(
            f"estimator={estimator!r} does not go with ordered items.",
            why="ordinal items are fitted through thresholds and polychoric correlations",
            fix="use estimator='WLSMV', or leave ordered= out to treat items as continuous",
        )
    if missing is not None and missing not in ("listwise", "pairwise"):
        raise OptionError(
            f"missing={missing!r} does not go with ordered items.",
            why="there is no casewise likelihood of thresholds and polychoric correlations",
            fix="use missing='pairwise', which keeps incomplete rows, or 'listwise'",
        )
    discrepancy, default_se, default_test = ORDINAL[name]
    se = choose(
        "se", se or default_se, ("standard", "robust.sem", "bootstrap", "none"),
        aliases={"robust": "robust.sem", "default": default_se},
    )  # fmt: skip
    test = choose("test", test or default_test, _TESTS, aliases={"default": default_test})
    if discrepancy == "WLS" and (se in ("robust.sem", "bootstrap") or test != "standard"):
        raise NotSupportedError(
            f"se={se!r} with test={test!r} is not given with estimator='WLS'.",
            why="its weight is the inverse of the covariance matrix itself",
            fix="leave se= and test= out",
        )
    if discrepancy == "ULS" and se == "standard":
        raise NotSupportedError(
            "se='standard' is not given with unweighted least squares.",
            why="it takes the moments for uncorrelated and of one variance",
            fix="leave se= out",
        )
    return Settings(
        name, discrepancy, missing or "listwise", se, test, "expected", "normal",
        fixed_x=fixed_x is not False,
    )  # fmt: skip


def refuse_with_ordinal(given: Mapping[str, Any]) -> None:
    """Raise for options that are not verified with ordinal items, by name and value.

    Raises
    ------
    NotSupportedError
        Naming the first one and what to use instead.
    """
    instead = {
        "auxiliary": "use missing='pairwise' without auxiliary=",
        "sample_cov": "pass the rows",
        "bounds": "leave bounds= out",
        "likelihood": "leave likelihood= out",
        "information": "leave information= out",
        "effect_coding": "use the marker item or std_lv=True",
    }
    for name, fix in instead.items():
        value = given.get(name)
        if value is not None and value is not False and not (name == "auxiliary" and not value):
            raise NotSupportedError(
                f"{name}= does not go with ordered items yet.",
                why="this combination is not checked against an independent source",
                fix=fix,
            )


def check_dependent(made: Settings, drawn: Mapping[str, Any]) -> None:
    """Raise for standard errors of independent, equally weighted rows where these are not.

    Raises
    ------
    OptionError
        Naming the option of the design.
    """
    names = ("cluster", "sampling_weights", "strata")
    given = [name for name in names if drawn[name] is not None]
    if given and made.se == "standard" and made.discrepancy != "WLS":
        raise OptionError(
            f"se='standard' with {given[0]}={drawn[given[0]]!r}.",
            why="it takes the rows for independent and equally weighted",
            fix=f"leave se= out, or pass {given[0]}=None",
        )
