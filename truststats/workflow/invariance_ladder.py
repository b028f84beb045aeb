"""The ladder itself: fit a step, judge it, take the partial route, stop where it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from truststats.errors import NotSupportedError, Problem
from truststats.inference.difference import Difference
from truststats.psychometrics.invariance import Rule, decide, form_holds, rmsea_d
from truststats.results.fit import Fit
from truststats.results.invariance import FreedItem, InvarianceStep, measures_of_step
from truststats.results.permuted import Permuted
from truststats.workflow.difference import difference
from truststats.workflow.invariance_partial import Partial, free_one_at_a_time

__all__ = ["STRUCTURAL", "Climbed", "Ladder", "difference_of"]

STRUCTURAL: Mapping[str, str] = {
    "lv_variances": "lv.variances",
    "lv_covariances": "lv.covariances",
    "means": "means",
}
"""Steps that compare the factors themselves, not how they are measured."""


@dataclass(frozen=True)
class Climbed:
    """Where a ladder ended: its steps, what was freed, every score test and what to say."""

    steps: tuple[InvarianceStep, ...]
    freed: tuple[FreedItem, ...]
    tests: tuple[pd.DataFrame, ...]
    problems: tuple[Problem, ...]


@dataclass
class Ladder:
    """How steps are fitted and judged; `climb` goes through them.

    Attributes
    ----------
    refit : callable
        Returns the fit with what is equal, what is free after all, starting near a fit.
    rule : Rule
    adjust : str
        Of the items' score tests.
    partial : tuple of str
        The steps that may take the partial route.
    stop : bool
        Whether a failure ends the ladder.
    permuted : Permuted or None
        Reference distributions that replace the chi-square's.
    also : mapping
        Parameters that are freed together with another.
    operators : mapping
        Which parameters of an item a step tests, where they are not the usual ones.
    names : mapping
        The item or factor that a variable stands for, where waves have variables of their own.
    """

    refit: Callable[[tuple[str, ...], tuple[str, ...], Fit], Fit]
    rule: Rule
    adjust: str = "holm"
    partial: tuple[str, ...] = ()
    stop: bool = True
    permuted: Permuted | None = None
    also: Mapping[str, Sequence[str]] = field(default_factory=dict)
    operators: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    steps: list[InvarianceStep] = field(default_factory=list)
    freed: list[FreedItem] = field(default_factory=list)
    tests: list[pd.DataFrame] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def climb(
        self, first: Fit, steps: Mapping[str, tuple[str, ...]], structural: Mapping[str, str]
    ) -> Climbed:
        """Return the ladder.

        Parameters
        ----------
        first : Fit
            The configural model.
        steps : mapping of str to tuple of str
            What is equal at each step, the configural one first.
        structural : mapping of str to str
            Further equalities, each added to the last accepted measurement step that does not
            hold residual variances equal.
        """
        names = list(steps)
        at = self._first(names[0], first)
        going = at.accepted or not self.stop
        for name in names[1:] if going else ():
            at = self._next(name, steps[name], at)
            if not at.accepted and self.stop:
                break
        self._structure(steps, structural)
        return Climbed(
            tuple(self.steps), tuple(self.freed), tuple(self.tests), tuple(self.problems)
        )

    def _first(self, name: str, fit: Fit) -> InvarianceStep:
        found = measures_of_step(fit)
        holds = fit.converged and form_holds(found["cfi"], found["rmsea"], found["srmr"])
        if self.permuted is not None:
            holds = fit.converged and self.permuted.pvalue(name) >= self.rule.alpha
        step = InvarianceStep(name, fit, (), (), found, "holds" if holds else "fails")
        self.steps.append(step)
        return step

    def _next(self, name: str, equal: tuple[str, ...], before: InvarianceStep) -> InvarianceStep:
        """Fit and judge a step against an accepted one; take the partial route if it fails."""
        free = self._carried(name, before.free)

        def judged(free: tuple[str, ...], near: Fit) -> InvarianceStep:
            return self._judged(name, self.refit(equal, free, near), equal, free, before)

        step = judged(free, before.fit)
        if step.accepted and free and step.decision != "equivalent":
            step = replace(step, decision="partial")
        self.steps.append(step)
        if step.accepted or name not in self.partial or not step.fit.converged:
            return step
        route = free_one_at_a_time(
            step, judged, adjust=self.adjust, alpha=self.rule.alpha, also=self.also,
            operators=self.operators.get(name), names=self.names,
        )  # fmt: skip
        self.tests.append(route.tests)
        if not route.step.accepted:
            self.problems.append(_not_reached(name, route))
            return step
        self.freed += route.freed
        self.steps.append(route.step)
        return route.step

    def _carried(self, name: str, free: Sequence[str]) -> tuple[str, ...]:
        """Return what stays free: the intercept too of an item whose loading is."""
        out = list(free)
        if name in ("scalar", "intercepts"):
            loose = [text.split("=~")[1] for text in free if "=~" in text]
            out += [f"{item}~1" for item in loose if f"{item}~1" not in out]
        return tuple(out)

    def _judged(
        self,
        name: str,
        fit: Fit,
        equal: tuple[str, ...],
        free: tuple[str, ...],
        before: InvarianceStep,
    ) -> InvarianceStep:
        step = InvarianceStep(
            name, fit, equal, free, measures_of_step(fit), "fails", against=before.name
        )
        if not fit.converged:
            return replace(step, note="not_converged")
        if fit.df == before.fit.df:
            return replace(step, decision="equivalent", note="equivalent")
        test = difference_of(fit, before.fit)
        size = rmsea_d(
            test.chisq, test.df, float(fit.nobs), max(len(fit.groups), 1), test.scaling_factor
        )
        changes = {
            key: step.measures[key] - before.measures[key] for key in ("cfi", "rmsea", "srmr")
        }
        pvalue, exact = test.pvalue, name in STRUCTURAL
        if self.permuted is not None and not free and name in self.permuted.names:
            pvalue, exact = self.permuted.pvalue(name), True
        decision = decide(self.rule, name, pvalue, changes, exact=exact)
        return replace(step, difference=test, rmsea_d=size, decision=decision)

    def _structure(
        self, steps: Mapping[str, tuple[str, ...]], structural: Mapping[str, str]
    ) -> None:
        """Add the steps about the factors: each kept only where it holds."""
        kept = [s for s in self.steps if s.accepted and "residuals" not in s.equal]
        if not kept:
            return
        at = kept[-1]
        for name, kind in structural.items():
            if not _may_be_equal(kind, at.equal):
                continue
            equal = (*at.equal, kind)
            step = self._judged(name, self.refit(equal, at.free, at.fit), equal, at.free, at)
            self.steps.append(step)
            at = step if step.accepted else at


def _may_be_equal(kind: str, equal: Sequence[str]) -> bool:
    """Tell whether a comparison of factors means anything with what is equal already."""
    if kind == "lv.covariances":
        return "lv.variances" in equal
    return ("intercepts" if kind == "means" else "loadings") in equal


def difference_of(smaller: Fit, larger: Fit) -> Difference:
    """Return the difference test; by Satorra & Bentler (2010) where that of 2001 has no value."""
    found = difference(smaller, larger)
    if found.scaling_factor > 0 or found.method != "satorra_bentler_2001":
        return found
    try:
        return difference(smaller, larger, "satorra_bentler_2010")
    except NotSupportedError:
        return found


def _not_reached(name: str, route: Partial) -> Problem:
    """Say why the partial route of a step ended without success."""
    tried = len(route.freed)
    if route.reason == "anchors":
        return Problem(
            "partial_anchors",
            "warning",
            f"Step {name} fails, also with {tried} items free: freeing more would leave a factor "
            "fewer than two items that are equal in all groups.",
            "Compare relations within groups, not means; look at the items in .tests.",
            count=tried,
        )
    return Problem(
        "partial_no_item",
        "warning",
        f"Step {name} fails, and after freeing {tried} items no single item stands apart.",
        "Many small differences add up: alignment, or comparing within groups, may suit better.",
        count=tried,
    )
