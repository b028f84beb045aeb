"""`choose_estimator`: the rule by which a study takes answers as numbers or as categories."""

from __future__ import annotations

from typing import Any

from truststats.errors import OptionError
from truststats.model import Model
from truststats.model.names import names_of
from truststats.psychometrics.answer_shapes import answer_shapes, barriers, signs
from truststats.results.estimator_choice import EstimatorChoice
from truststats.survey import Survey
from truststats.workflow.models import as_model
from truststats.workflow.ordinal import ONLY_ORDINAL, ordered_names

__all__ = ["choose_estimator"]

_FULL_INFORMATION = ("ml", "fiml", "ml.x", "two.stage", "robust.two.stage")


def choose_estimator(
    survey: Survey, model: Any, *, estimator: str = "auto", missing: str | None = None
) -> EstimatorChoice:
    """Return how a model of a survey's items is estimated, and by which numbers.

    Ordered categories (WLSMV, pairs of answers) if any item has four or fewer categories in use,
    or if a quarter of the items are piled up at an end (over half of the answers in one end
    category, or a skewness beyond 2); but only with 200 people, 100 for every pair of items,
    and at most a tenth of the answers missing. Else numbers (robust ML, all answers used).
    Clusters and weights go with either and play no part.

    Parameters
    ----------
    survey : Survey
        The answers.
    model : Framework, Model or str
        What is to be estimated; its items whose codebook lists the answers are looked at.
    estimator : str
        "auto", or the one that was asked for.
    missing : str, optional
        As for `truststats.fit`; by default what goes with the estimator. Full information holds
        the rule back from ordered categories.

    Raises
    ------
    OptionError
        For pairs of answers where the rule chooses numbers.

    Notes
    -----
    Sources: `truststats.psychometrics.answer_shapes`.
    """
    compiled, _ = as_model(model, survey)
    names = _items(survey, compiled)
    shapes = answer_shapes(survey.values(list(names)).to_numpy(dtype=float))
    for_it = signs(shapes) if names else ()
    against = barriers(shapes) if names else ()
    if missing in _FULL_INFORMATION:
        against = (*against, "full_information")
    advice = "WLSMV" if for_it and not against else "MLR"
    automatic = estimator == "auto"
    chosen = advice if automatic else str(estimator).upper()
    ordinal = chosen in ONLY_ORDINAL
    if automatic and not ordinal and missing == "pairwise":
        raise OptionError(
            "missing='pairwise' goes with ordered categories, and the rule chose numbers.",
            fix="ask for estimator='WLSMV', or leave missing= out, which uses all answers too",
        )
    return EstimatorChoice(
        estimator=chosen,
        missing=missing or ("pairwise" if ordinal else "ml"),
        advice=advice,
        automatic=automatic,
        ordered=ordered_names(None, compiled, survey, chosen) if ordinal and names else (),
        signs=for_it,
        barriers=against,
        names=names,
        shapes=shapes,
        synthetic=survey.synthetic,
    )


def _items(survey: Survey, model: Model) -> tuple[str, ...]:
    """Return the model's items whose codebook lists the answers."""
    known = names_of(model.statements)
    asked = [name for name in known.ov if name not in known.ov_x and name in survey.items]
    return tuple(name for name in asked if survey.coding(name).codes)
