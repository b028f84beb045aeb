"""What a ladder of invariance found: its steps, the items apart, and what is licensed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from truststats import _bridge
from truststats.errors import NotSupportedError, Problem
from truststats.results.comparison import LeftOut
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from truststats.inference.difference import Difference
    from truststats.psychometrics.invariance import Rule
    from truststats.results.fit import Fit
    from truststats.results.permuted import Permuted

__all__ = ["FreedItem", "Invariance", "InvarianceStep"]

_NAN = float("nan")
MEASURES = ("chisq", "df", "pvalue", "cfi", "rmsea", "srmr", "bic")


@dataclass(frozen=True)
class FreedItem:
    """An item whose parameter a partial model leaves free.

    Attributes
    ----------
    item, factor : str
    parameter : str
        As `group_partial` of `truststats.fit` takes it, such as ``"trust=~t2"``.
    step : str
        The step that failed before.
    chisq, df, pvalue, p_adjusted : float, int, float, float
        The score test of its equality, adjusted for the number of items that were tested.
    """

    item: str
    factor: str
    parameter: str
    step: str
    chisq: float
    df: int
    pvalue: float
    p_adjusted: float


@dataclass(frozen=True, eq=False)
class InvarianceStep:
    """One model of the ladder.

    Attributes
    ----------
    name : str
        "configural", "metric", "scalar" or "strict"; of ordinal items "thresholds", "loadings",
        "intercepts" and "residuals"; "lv_variances", "lv_covariances" or "means".
    fit : Fit
    equal : tuple of str
        What is equal over groups.
    free : tuple of str
        Parameters that are not, after all.
    measures : mapping
        chisq, df, pvalue, cfi, rmsea, srmr and bic; the robust or scaled ones where there are any.
    against : str
        The step it is compared with; empty for the first.
    difference : Difference or None
        The test against that step.
    rmsea_d : float
        RMSEA of the difference.
    decision : str
        "holds", "approximately" (within the cut-offs, though the test rejects), "partial",
        "fails", or "equivalent" (another way to write the step before).
    note : str
        Why there is no test, where there is none.
    """

    name: str
    fit: Fit
    equal: tuple[str, ...]
    free: tuple[str, ...]
    measures: Mapping[str, float]
    decision: str
    against: str = ""
    difference: Difference | None = None
    rmsea_d: float = _NAN
    note: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the next step may be built on it."""
        return self.decision != "fails"


@dataclass(frozen=True, eq=False, repr=False)
class Invariance:
    """Whether the same questions measure the same thing in every group, step by step.

    Attributes
    ----------
    group : str
        The column of the groups (or what tells waves apart).
    steps : tuple of InvarianceStep
        The ladder; a failed step may be followed by its partial version.
    rule : Rule
        How the steps were judged.
    adjust : str
        How the p-values of score tests were adjusted.
    freed : tuple of FreedItem
        What partial steps left free, in order.
    tests : DataFrame
        Every score test of a step that failed: step, item, factor, parameter, chisq, df, pvalue,
        p_adjusted.
    licensed : {"scalar", "partial", None}
        Whether means of the factors may be compared: all items measure alike, at least two of
        each factor do, or not.
    people : mapping of str to int
        People used in each group.
    left_out : tuple of LeftOut
        Groups that were not compared.
    latent_means : DataFrame or None
        Means of the factors by group where `licensed`: mean, variance, difference to the first
        group with se and limits, and Cohen's d with limits.
    problems : tuple of Problem
    ordinal : bool
        Whether items are ordinal.
    unit : {"groups", "waves"}
    permuted : Permuted or None
        Reference distributions from permutations, where asked for.
    synthetic : bool
    """

    group: str
    steps: tuple[InvarianceStep, ...]
    rule: Rule
    adjust: str
    freed: tuple[FreedItem, ...]
    tests: pd.DataFrame
    licensed: str | None
    people: Mapping[str, int]
    left_out: tuple[LeftOut, ...] = ()
    latent_means: pd.DataFrame | None = None
    problems: tuple[Problem, ...] = ()
    ordinal: bool = False
    unit: str = "groups"
    permuted: Permuted | None = field(default=None)
    synthetic: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that were compared, the reference first."""
        return tuple(self.people)

    @property
    def fit(self) -> Fit:
        """The most equal model that was accepted; the first one if none was."""
        kept = [step for step in self.steps if step.accepted]
        return (kept or self.steps)[-1 if kept else 0].fit

    @property
    def reached(self) -> str:
        """The name of the last accepted step; empty if even the form differs."""
        kept = [step.name for step in self.steps if step.accepted]
        return kept[-1] if kept else ""

    def step(self, name: str) -> InvarianceStep:
        """Return the last version of a step.

        Raises
        ------
        NotSupportedError
            If the ladder did not come that far.
        """
        found = [step for step in self.steps if step.name == name]
        if not found:
            raise NotSupportedError(
                f"The ladder has no step {name!r}.",
                why=f"it has {', '.join(dict.fromkeys(s.name for s in self.steps))}",
                fix="ask for it with upto=, or use stop=False to go on after a failure",
            )
        return found[-1]

    def frame(self) -> pd.DataFrame:
        """Return one row a step.

        Returns
        -------
        pandas.DataFrame
            step, chisq, df, pvalue, cfi, rmsea, srmr, bic; against, chisq_diff, df_diff,
            pvalue_diff, method, rmsea_d; delta_cfi, delta_rmsea, delta_srmr (this step minus the
            one it is compared with); decision, rule, freed; and ``p_permuted``, from permutations.
        """
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for step in self.steps:
            row: dict[str, Any] = {"step": step.name, **step.measures, "against": step.against}
            test = step.difference
            row["chisq_diff"] = _NAN if test is None else test.chisq
            row["df_diff"] = _NAN if test is None else test.df
            row["pvalue_diff"] = _NAN if test is None else test.pvalue
            row["method"] = "" if test is None else test.method
            row["rmsea_d"] = step.rmsea_d
            row |= {f"delta_{name}": value for name, value in self.changes(step).items()}
            row |= {"decision": step.decision, "rule": self.rule.name}
            row["freed"] = ", ".join(step.free)
            if self.permuted is not None:
                row["p_permuted"] = self.permuted.pvalue(step.name) if not step.free else _NAN
            rows.append(row)
        return labelled(pd.DataFrame(rows), self.synthetic)

    def changes(self, step: InvarianceStep) -> dict[str, float]:
        """Return the changes of CFI, RMSEA and SRMR from the step that one is compared with."""
        names = ("cfi", "rmsea", "srmr")
        before = [s for s in self.steps if s.name == step.against and s.accepted]
        before = before or [s for s in self.steps if s.name == step.against]
        if not before:
            return dict.fromkeys(names, _NAN)
        return {name: step.measures[name] - before[-1].measures[name] for name in names}

    @cached_property
    def items(self) -> pd.DataFrame:
        """How far each item stands apart, with all other items held equal.

        Returns
        -------
        pandas.DataFrame
            One row an item and group: item, factor, group, loading and intercept with standard
            errors, ``dmacs`` and ``dmacs_signed`` against the first group (Nye & Drasgow 2011).
        """
        made = _bridge.call("workflow.invariance_items", "item_effects", self)
        return labelled(made, self.synthetic)

    def plot(self, kind: str = "ladder", language: str = "en") -> Figure:
        """Draw the ladder ("ladder"), or loadings and intercepts by group ("items").

        Parameters
        ----------
        kind : {"ladder", "items"}
        language : str
        """
        return _bridge.call("present.figures.invariance", "invariance_figure", self, kind, language)

    def means(self) -> pd.DataFrame:
        """Return `latent_means`, or say why they must not be compared.

        Raises
        ------
        NotSupportedError
            If they are not licensed.
        """
        if self.latent_means is None:
            raise NotSupportedError(
                "Means of the factors are not compared.",
                why=f"intercepts are not equal enough over {self.unit}: a difference of means "
                "could come from the questions alone",
                fix="read .frame() and .tests, or compare relations instead of means",
            )
        return self.latent_means

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def measures_of_step(fit: Fit) -> dict[str, float]:
    """Return the measures a step is shown with; the robust or scaled ones where there are any.

    Of ordinal items the scaled ones: robust ones do not exist for every step, and steps have to
    be compared by the same measure.
    """
    measures, out = fit.fit_measures, {}
    suffixes = ("_robust", "_scaled", "") if fit.scaled is not None else ("",)
    if fit.partable.levels:
        suffixes = suffixes[1:] or suffixes
    for name in MEASURES:
        kinds = [f"{name}{suffix}" for suffix in suffixes]
        found = [float(measures[kind]) for kind in kinds if kind in measures]
        out[name] = next((value for value in found if np.isfinite(value)), _NAN)
    return out | {"chisq": fit.chisq, "df": float(fit.df), "pvalue": fit.pvalue}
