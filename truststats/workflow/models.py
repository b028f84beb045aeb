"""What a user may pass as a model, and what must be said about it before any number."""

from __future__ import annotations

from typing import Any

from truststats.constructs import Construct, Instrument
from truststats.errors import DataError, OptionError, Problem
from truststats.framework import Framework, measurement_model
from truststats.model import Model, ParTable
from truststats.survey import Survey

__all__ = [
    "absent_items",
    "answered_instrument",
    "as_model",
    "covariates_at_zero",
    "loose_covariates",
]


def answered_instrument(survey: Survey) -> Instrument:
    """Return the survey's instrument with the items its file holds."""
    assert survey.instrument is not None
    return survey.instrument.restricted_to(survey.items)


def absent_items(model: Model, survey: Survey | None, framework: Framework | None) -> list[Problem]:
    """Say which items of the model's constructs the file does not hold."""
    if survey is None or framework is None or survey.instrument is None:
        return []
    keys = {key for key in model.constructs.values() if key in survey.instrument.constructs}
    asked = [
        item.name
        for construct in survey.instrument.constructs.values()
        if construct.key in keys
        for item in construct.factor_items
    ]
    absent = [name for name in asked if name not in survey.items]
    if not absent:
        return []
    return [
        Problem(
            "items_not_in_file",
            "warning",
            f"{len(absent)} of the instrument's {len(asked)} items are not in the file: "
            f"{', '.join(absent)}. Their constructs are measured by the others.",
            "Map the columns if they are there under other names; else read the constructs as "
            "measured more narrowly.",
            ", ".join(absent),
            len(absent),
        )
    ]


def as_model(model: Any, data: Any) -> tuple[Model, Framework | None]:
    """Return a Model and the framework it comes from."""
    if isinstance(model, str):
        return Model.from_text(model), None
    if isinstance(model, Model):
        return model, model.framework
    if isinstance(model, Framework):
        if not isinstance(data, Survey) or data.instrument is None:
            raise DataError(
                "A framework is fitted to a Survey with an instrument.",
                fix="survey = ts.read_survey(file, instrument='tbm-core'); ts.fit(fw, survey)",
            )
        return model.model(answered_instrument(data)), model
    if isinstance(model, Construct):
        model = [model]
    if isinstance(model, (list, tuple)) and all(isinstance(m, Construct) for m in model):
        if isinstance(data, Survey):
            model = [construct.restricted_to(data.items) for construct in model]
        return measurement_model(model), None
    raise OptionError(
        f"model is a {type(model).__name__}.",
        fix="pass lavaan text, a Model, a Framework, a Construct or a list of constructs",
    )


def loose_covariates(partable: ParTable) -> list[Problem]:
    """Warn of covariates that stand apart from the fixed ones because the text gives them a row."""
    explained = {lhs for lhs, op in zip(partable.lhs, partable.op, strict=True) if op == "~"}
    explained |= {rhs for rhs, op in zip(partable.rhs, partable.op, strict=True) if op == "=~"}
    predictors = [
        rhs
        for rhs, op in zip(partable.rhs, partable.op, strict=True)
        if op == "~" and rhs in partable.ov and rhs not in explained
    ]
    loose = [name for name in dict.fromkeys(predictors) if name not in partable.ov_x]
    if not loose or not partable.ov_x:
        return []
    return [
        Problem(
            "loose_covariates",
            "warning",
            f"{', '.join(loose)} has a variance or intercept of its own in the model text, so it "
            "is random and uncorrelated with the other covariates.",
            "Remove that row, or write the covariances with the other covariates too.",
            ", ".join(loose),
            len(loose),
        )
    ]


def covariates_at_zero(partable: ParTable) -> list[Problem]:
    """Warn of random exogenous variables whose mean a growth model takes to be zero."""
    rows = zip(
        partable.lhs, partable.op, partable.unique, partable.user, partable.exo, partable.ustart,
        strict=True,
    )  # fmt: skip
    found = [
        lhs
        for lhs, op, unique, user, exo, value in rows
        if op == "~1" and lhs in partable.ov_x and unique < 0 and not user and not exo
        and value == 0.0
    ]  # fmt: skip
    names = list(dict.fromkeys(found))
    if not names:
        return []
    shown = ", ".join(names)
    return [
        Problem(
            "covariates_at_zero",
            "warning",
            f"The model takes the mean of {shown} to be zero, as growth models do for observed "
            "variables, also for random covariates.",
            "Write the free means into the model: " + ", ".join(f"{name} ~ 1" for name in names),
            shown,
            len(names),
        )
    ]
