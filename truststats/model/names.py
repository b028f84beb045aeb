"""Sort the variables of a model by the part they play, in lavaan's order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from truststats.model.statement import Statement

__all__ = ["Names", "names_of"]


@dataclass(frozen=True)
class Names:
    """The variables of a model by role, each tuple without repetition.

    Attributes
    ----------
    lv : tuple of str
        Latent variables: the left of ``=~``, in order of appearance.
    ov : tuple of str
        Observed variables: indicators, then outcomes, then predictors of regressions, then those
        of covariances only, then those of intercepts only.
    ov_ind : tuple of str
        Observed indicators of latent variables.
    ov_y : tuple of str
        Observed outcomes that are neither predictors nor indicators.
    ov_x : tuple of str
        Exogenous observed predictors: no indicator, no outcome, and not mentioned in a
        covariance or intercept of the text, which would make them random.
    lv_x : tuple of str
        Latent variables that nothing predicts and that are not indicators.
    lv_y : tuple of str
        Latent outcomes that are neither predictors nor indicators.
    """

    lv: tuple[str, ...]
    ov: tuple[str, ...]
    ov_ind: tuple[str, ...]
    ov_y: tuple[str, ...]
    ov_x: tuple[str, ...]
    lv_x: tuple[str, ...]
    lv_y: tuple[str, ...]


@lru_cache(maxsize=128)
def names_of(statements: tuple[Statement, ...]) -> Names:
    """Return the variables by role, as `lavNames` of lavaan sorts them."""
    measured = [(s.lhs, s.rhs) for s in statements if s.op == "=~"]
    regressed = [(s.lhs, s.rhs) for s in statements if s.op == "~"]
    lv = dict.fromkeys(lhs for lhs, _ in measured)
    indicators = dict.fromkeys(rhs for _, rhs in measured)
    outcomes = dict.fromkeys(lhs for lhs, _ in regressed)
    predictors = dict.fromkeys(rhs for _, rhs in regressed)
    covaried = dict.fromkeys(v for s in statements if s.op == "~~" for v in (s.lhs, s.rhs))
    centred = dict.fromkeys(s.lhs for s in statements if s.op == "~1")
    everything = (*indicators, *outcomes, *predictors, *covaried, *centred)
    return Names(
        lv=tuple(lv),
        ov=_without(dict.fromkeys(everything), lv),
        ov_ind=_without(indicators, lv),
        ov_y=_without(outcomes, lv, indicators, predictors),
        ov_x=_without(predictors, lv, indicators, outcomes, covaried, centred),
        lv_x=_without(lv, outcomes, indicators),
        lv_y=tuple(v for v in lv if v in outcomes and v not in predictors and v not in indicators),
    )


def _without(names: Iterable[str], *others: dict[str, None]) -> tuple[str, ...]:
    return tuple(name for name in names if not any(name in other for other in others))
