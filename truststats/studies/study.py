"""Run a whole study: from the answers to verdicts, a report and the record of every number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from truststats.constructs import Instrument
from truststats.errors import ConvergenceError, DataError, NotSupportedError, TrustStatsError
from truststats.framework import Framework, load_framework
from truststats.present.progress import Progress, steps
from truststats.results import Fit, StudyResult
from truststats.results.estimator_choice import EstimatorChoice
from truststats.studies.config import BUNDLED, StudyConfig, read_config
from truststats.studies.folder import claim_folder, need_report_packages
from truststats.studies.materials import BUNDLED_DESIGN, read_answers
from truststats.studies.output import write_output
from truststats.studies.provenance import provenance
from truststats.survey import Survey
from truststats.workflow import bootstrap, crosscheck, fit, reliability, rivals, verdicts
from truststats.workflow.compare_groups import compare_groups
from truststats.workflow.estimator_rule import choose_estimator
from truststats.workflow.invariance import invariance
from truststats.workflow.models import answered_instrument

__all__ = ["study"]

STEPS = (
    "read",
    "check",
    "fit",
    "bootstrap",
    "verdicts",
    "groups",
    "invariance",
    "rivals",
    "reliability",
    "validity",
    "crosscheck",
    "write",
)


def study(
    config: str | Path | StudyConfig | Mapping[str, Any] | None = None,
    /,
    *,
    force: bool = False,
    progress: Progress | str | None = "auto",
    **settings: Any,
) -> StudyResult:
    """Run a study end to end and write its output folder.

    Without any argument it runs on the bundled synthetic survey.

    Parameters
    ----------
    config : path, StudyConfig, mapping or None
        A `study.toml`, or its settings.
    force : bool
        Write into a folder that holds other things too. Nothing is ever deleted.
    progress : "auto", Progress or None
        Show progress in the terminal or notebook, in an object of your own, or not at all.
    **settings
        Any setting of `truststats.studies.StudyConfig`, over those of `config`: ``data``,
        ``instrument``, ``framework``, ``cluster``, ``group``, ``language``, ``out`` (``None``
        writes nothing), ``estimator``, ``missing``, ``bootstrap``, ``min_n`` and so on.

    Returns
    -------
    StudyResult
        Everything the study found.

    Raises
    ------
    DefinitionError
        If a setting is unknown or cannot be used.
    SurveyError, DataError
        If the answers cannot be read or used, or the output folder holds other things.

    Examples
    --------
    >>> import truststats as ts
    >>> result = ts.study(
    ...     data="answers.csv", instrument="tbm-core", cluster="unit"
    ... )  # doctest: +SKIP
    """
    chosen = _settings(config, settings)
    folder = None
    if chosen.out is not None:
        need_report_packages()
        folder = claim_folder(chosen.out, force=force)
    with steps(progress, _steps(chosen), language=chosen.language) as step:
        step("read")
        framework = load_framework(chosen.framework)
        answers, instrument = read_answers(chosen)
        step("check")
        checks = answers.check()
        step("fit")
        model = framework.model(answered_instrument(answers), controls=chosen.controls)
        choice = choose_estimator(
            answers, model, estimator=chosen.estimator, missing=chosen.missing
        )
        fitted = fit(model, answers, estimator=choice.estimator, missing=choice.missing)
        result = _result(chosen, answers, instrument, framework, fitted, checks, choice, step)
        if folder is not None:
            step("write")
            write_output(result, folder)
    return result


def _steps(config: StudyConfig) -> tuple[str, ...]:
    """Return the steps that the settings ask for."""
    skipped = {
        "rivals": not config.rivals,
        "groups": not config.compare_groups or _group_of(config) is None,
        "invariance": not config.compare_groups or _group_of(config) is None,
        "bootstrap": not config.bootstrap,
        "crosscheck": not config.crosscheck,
        "write": config.out is None,
    }
    return tuple(step for step in STEPS if not skipped.get(step))


def _group_of(config: StudyConfig) -> str | None:
    """Return the column of the groups that the settings name, or that the answers come with."""
    if isinstance(config.data, Survey):
        return config.data.design.group
    bundled = None
    if isinstance(config.data, str) and config.data == BUNDLED:
        bundled = str(BUNDLED_DESIGN["group"])
    return config.group or bundled


def _settings(
    config: str | Path | StudyConfig | Mapping[str, Any] | None, settings: Mapping[str, Any]
) -> StudyConfig:
    """Return the settings of a file or mapping, with single ones replaced."""
    if isinstance(config, str | Path):
        return StudyConfig.of({**read_config(config), **settings}, where=str(config))
    if isinstance(config, StudyConfig):
        config = {name: getattr(config, name) for name in config.model_fields_set}
    return StudyConfig.of({**(config or {}), **settings})


def _result(
    config: StudyConfig,
    answers: Survey,
    instrument: Instrument,
    framework: Framework,
    fitted: Fit,
    checks: Any,
    choice: EstimatorChoice,
    step: Any,
) -> StudyResult:
    """Take the numbers of the study from the fitted model."""

    def done(name: str, work: Callable[[], Any], *, wanted: bool = True) -> Any:
        if not wanted:
            return None
        step(name)
        return work()

    draws = config.bootstrap
    return StudyResult(
        title=config.title or _in_language(instrument.title, config.language),
        language=config.language,
        synthetic=answers.synthetic,
        survey=answers,
        instrument=instrument,
        framework=framework,
        fit=fitted,
        bootstrap=done(
            "bootstrap", lambda: bootstrap(fitted, draws, seed=config.seed), wanted=draws > 0
        ),
        verdicts=done("verdicts", lambda: verdicts(fitted, seed=config.seed)),
        groups=done(
            "groups",
            lambda: compare_groups(
                fitted.model,
                answers,
                estimator=choice.estimator,
                missing=choice.missing,
                seed=config.seed,
            ),
            wanted=config.compare_groups and answers.design.group is not None,
        ),
        invariance=done(
            "invariance",
            lambda: _invariance(framework, answers, choice),
            wanted=config.compare_groups and answers.design.group is not None,
        ),
        rivals=done("rivals", lambda: rivals(fitted), wanted=config.rivals),
        reliability=done("reliability", lambda: reliability(fitted)),
        validity=done("validity", lambda: _validity(fitted, config.seed)),
        crosscheck=done("crosscheck", lambda: crosscheck(fitted), wanted=config.crosscheck),
        checks=tuple(checks),
        options={**config.model_dump(exclude={"data"}), "out": config.out},
        choice=choice,
        provenance=provenance(answers, instrument, framework, fitted, config.min_n),
    )


def _invariance(framework: Framework, answers: Survey, choice: EstimatorChoice) -> Any:
    """Return whether the groups may be compared, or nothing where that cannot be asked."""
    try:
        return invariance(
            framework, answers, upto="scalar", estimator=choice.estimator, missing=choice.missing
        )
    except TrustStatsError:
        return None


def _validity(fitted: Fit, seed: Any) -> Any:
    """Return whether the scales can be told apart, or nothing where that cannot be asked."""
    try:
        return fitted.validity(seed=seed)
    except (ConvergenceError, DataError, NotSupportedError):
        return None


def _in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language, in English where that language is missing."""
    return texts.get(language) or texts["en"]
