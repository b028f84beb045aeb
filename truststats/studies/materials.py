"""What a study starts from: the answers that its settings name, with their design."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from truststats.constructs import Instrument, load_instrument
from truststats.datasets import dataset_path, list_datasets, load_dataset
from truststats.errors import DefinitionError
from truststats.studies.config import BUNDLED, StudyConfig
from truststats.studies.unit_sizes import read_unit_sizes
from truststats.survey import Survey, read_survey

__all__ = ["read_answers"]

BUNDLED_DESIGN = {"instrument": "tbm-core", "cluster": "unit", "group": "city", "synthetic": True}


def read_answers(config: StudyConfig) -> tuple[Survey, Instrument]:
    """Return the answers that a study's settings name, and the questionnaire that was asked.

    Parameters
    ----------
    config : StudyConfig
        The settings.

    Raises
    ------
    DefinitionError
        If no questionnaire is named.
    SurveyError
        If the file cannot be read.
    """
    if isinstance(config.data, Survey):
        return _with_instrument(config.data)
    given = {
        "instrument": config.instrument,
        "cluster": config.cluster,
        "group": config.group,
        "weights": config.weights,
        "columns": config.columns or None,
        "encoding": config.encoding,
        "delimiter": config.delimiter,
        "decimal": config.decimal,
        "unit_sizes": read_unit_sizes(config.unit_sizes) if config.unit_sizes else None,
        "synthetic": config.synthetic,
    }
    settings = {key: value for key, value in given.items() if value is not None}
    data = config.data
    if isinstance(data, str) and data in list_datasets().index:
        settings = {**_bundled(data), **settings}
        data = dataset_path(data)
    if isinstance(settings.get("instrument"), str | Path):
        settings["instrument"] = load_instrument(settings["instrument"])
    return _with_instrument(read_survey(data, **settings))


def _bundled(name: str) -> dict[str, Any]:
    """Return the design of the bundled survey."""
    if name != BUNDLED:
        raise DefinitionError(
            f"The data set {name!r} has no answers of people, so a study cannot run on it.",
            fix=f"use data={BUNDLED!r}, or ts.fit(model, sample_cov=...) with a published matrix",
        )
    units = load_dataset(name, "units")
    return {**BUNDLED_DESIGN, "unit_sizes": dict(zip(units["unit"], units["invited"], strict=True))}


def _with_instrument(survey: Survey) -> tuple[Survey, Instrument]:
    """Return survey and questionnaire, or refuse where nobody said which one was asked."""
    if survey.instrument is None:
        raise DefinitionError(
            "A study needs to know which questionnaire was asked.",
            why="the items, their codes and their reverse keys stand there",
            fix='give instrument="tbm-core" (--instrument tbm-core) or the path of your own; '
            "`truststats instruments` lists those of the library",
        )
    return survey, survey.instrument
