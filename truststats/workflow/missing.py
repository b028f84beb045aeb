"""Missing answers beyond full information: what is refused, and the two-stage method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from truststats.arrays import Array, IntArray
from truststats.errors import NotSupportedError, OptionError
from truststats.estimation.estimate import Estimate
from truststats.inference.baseline import baseline_test
from truststats.inference.bootstrap import Resampled
from truststats.inference.tests import ModelTest, likelihood_ratio
from truststats.inference.two_stage import two_stage_baseline, two_stage_test, two_stage_vcov
from truststats.workflow.settings import TWO_STAGE

__all__ = ["Numbers", "auxiliary_names", "check_missing", "two_stage_numbers"]


@dataclass(frozen=True)
class Numbers:
    """What an estimate is reported with.

    Attributes
    ----------
    vcov : (q, q) array
    regular : bool
        Whether the information was positive definite.
    test, baseline : ModelTest
    scaled : (ModelTest, ModelTest) or None
    other : ModelTest or None
        A residual-based or Bollen-Stine test that is reported in place of `test`.
    resampled : Resampled or None
        The refits behind bootstrap standard errors.
    """

    vcov: Array
    regular: bool
    test: ModelTest
    baseline: ModelTest
    scaled: tuple[ModelTest, ModelTest] | None = None
    other: ModelTest | None = None
    resampled: Resampled | None = None


def two_stage_numbers(estimate: Estimate, x: IntArray, *, robust: bool) -> Numbers:
    """Return standard errors and tests of a model of EM moments; see `inference.two_stage`.

    Parameters
    ----------
    estimate : Estimate
        Of samples of `two_stage_sample`.
    x : (px,) int array
        Exogenous observed variables.
    robust : bool
        For answers that are not normal.
    """
    cov, regular = two_stage_vcov(estimate, robust=robust)
    test, baseline = likelihood_ratio(estimate), baseline_test(estimate.samples, x)
    scaled = (
        two_stage_test(estimate, test, robust=robust),
        two_stage_baseline(estimate, baseline, x, robust=robust),
    )
    return Numbers(cov, regular, test, baseline, scaled)


def check_missing(options: Mapping[str, Any], *, has_x: bool) -> None:
    """Refuse combinations that are not checked against an independent source.

    Parameters
    ----------
    options : mapping
        With missing, fixed_x, test, cluster, auxiliary, constraints (whether there are any).
    has_x : bool
        Whether the model has exogenous observed variables.

    Raises
    ------
    NotSupportedError
        Naming the supported way.
    """
    missing, fixed = options["missing"], has_x and options["fixed_x"]
    if missing == "ml.x" and fixed and options["test"] != "standard":
        raise NotSupportedError(
            "missing='ml.x' with a robust test and fixed exogenous variables.",
            why="lavaan's scaling factors of fixed and of random exogenous variables disagree here",
            fix="pass fixed_x=False, which gives the same estimates",
        )
    if options.get("auxiliary"):
        _check_auxiliary(options)
    if missing not in TWO_STAGE:
        return
    if fixed:
        raise NotSupportedError(
            f"missing={missing!r} with fixed exogenous variables.",
            why="their moments are estimated in the first stage like all others",
            fix="pass fixed_x=False",
        )
    if options["cluster"] is not None and missing == "two.stage":
        raise NotSupportedError(
            "missing='two.stage' does not know of clusters.",
            why="its standard errors take rows as independent and normal",
            fix="use missing='robust.two.stage' or missing='ml', or pass cluster=None",
        )


def _check_auxiliary(options: Mapping[str, Any]) -> None:
    if options["missing"] != "ml":
        raise NotSupportedError(
            f"auxiliary= with missing={options['missing']!r}.",
            why="auxiliary variables take part in the casewise likelihood",
            fix="use missing='ml', or let them take part in ts.impute",
        )
    if options.get("constraints"):
        raise NotSupportedError(
            "auxiliary= together with constraints or bounds.",
            why="this is not checked against an independent source",
            fix="use equal labels for equality, or leave the constraints out",
        )


def auxiliary_names(
    given: str | Sequence[str] | None, observed: Sequence[str], latent: Sequence[str]
) -> tuple[str, ...]:
    """Return the auxiliary variables, none of which may be in the model.

    Raises
    ------
    OptionError
        If one is given twice or is a variable of the model.
    """
    names = (given,) if isinstance(given, str) else tuple(given or ())
    inside = [name for name in names if name in {*observed, *latent}]
    if inside:
        raise OptionError(
            f"auxiliary= names variables of the model: {', '.join(inside)}.",
            why="an auxiliary variable only helps to guess what is missing",
            fix="leave them out of auxiliary=",
        )
    if len(set(names)) < len(names):
        raise OptionError("auxiliary= names a variable twice.", fix="name each once")
    return names
