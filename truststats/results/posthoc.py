"""What a fit is asked afterwards about its parameters: modification indices, score, Wald tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import ConvergenceError, DataError, NotSupportedError, OptionError
from truststats.inference.candidates import ITEM_OPERATORS, OPERATORS, candidates
from truststats.inference.modify import decide, mi_power, modification, standardized_change
from truststats.inference.score import (
    ScorePieces,
    robust_score_test,
    score_pieces,
    score_test,
)
from truststats.inference.wald import WaldStatistic, wald
from truststats.model.constraints import Constraint, gap_jacobian
from truststats.options import choose, did_you_mean
from truststats.results.part import refuse_explored, refuse_part
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = [
    "ParameterTests",
    "ScoreTest",
    "WaldTest",
    "modification_indices",
    "score",
    "wald_test",
]


@dataclass(frozen=True, repr=False)
class ScoreTest:
    """The score test of equality constraints.

    Attributes
    ----------
    chisq, df, pvalue : float, int, float
        All released constraints together.
    univariate : DataFrame
        One row for each released constraint: lhs, op, rhs, label, chisq, df, pvalue.
    epc : DataFrame or None
        Estimate, expected change and expected value of every parameter.
    chisq_robust, pvalue_robust : float or None
        For ordinal items, whose `chisq` is a chi-square for estimator="WLS" alone.
    """

    chisq: float
    df: int
    pvalue: float
    univariate: pd.DataFrame
    epc: pd.DataFrame | None = field(default=None)
    chisq_robust: float | None = None
    pvalue_robust: float | None = None

    def __repr__(self) -> str:
        head = f"Score test: chi-square({self.df}) = {self.chisq:.3f}, p = {self.pvalue:.4f}"
        if self.chisq_robust is not None:
            head += f"; robust {self.chisq_robust:.3f}, p = {self.pvalue_robust:.4f}"
        return f"{head}\n{self.univariate.to_string(float_format='{:.3f}'.format)}"


@dataclass(frozen=True, repr=False)
class WaldTest(WaldStatistic):
    """A Wald test and the equations it is of.

    Attributes
    ----------
    equations : tuple of str
        What was tested.
    """

    equations: tuple[str, ...] = ()

    def __repr__(self) -> str:
        text = f"Wald test of {'; '.join(self.equations)}: chi-square({self.df}) = "
        text += f"{self.chisq:.3f}, p = {self.pvalue:.4f}"
        if self.f is None:
            return text
        return (
            f"{text}; F({self.df}, {self.df_denominator}) = {self.f:.3f}, p = {self.pvalue_f:.4f}"
        )


def _usable(fit: Fit, what: str) -> None:
    """Refuse a fit whose likelihood has no gradient to test, or none that was checked."""
    refuse_part(fit, what)
    refuse_explored(fit, what)
    if not fit.converged:
        raise ConvergenceError(
            f"{what} need an optimum, and this fit did not converge.",
            fix="look at fit.problems first",
        )
    if fit.estimator.startswith("ULS") and not fit.partable.levels:
        raise NotSupportedError(
            f"{what} are not given with estimator={fit.estimator!r}.",
            why="without weights they would change with the units of the answers",
            fix="fit the model with estimator='GLS' or 'ML'",
        )
    for name, there in _unchecked(fit).items():
        if there:
            raise NotSupportedError(
                f"{what} are not available with {name} yet.",
                why="they are not checked against an independent source",
                fix="fit the model with estimator='ML' and missing='listwise' or 'ml', without "
                "weights and auxiliary variables",
            )
    if fit.loaded is not None and fit.missing == "ml":
        raise DataError(
            f"{what} need the answers, which a saved fit does not hold.",
            fix="fit the model to the data again",
        )


def _unchecked(fit: Fit) -> dict[str, bool]:
    """Return what score tests are not checked with, by name, and whether the fit has it."""
    options, items = fit.options, bool(fit.partable.levels)
    weighted = options.get("sampling_weights") is not None
    return {
        f"missing={fit.missing!r}": not items and fit.missing not in ("listwise", "ml"),
        "likelihood='wishart'": options.get("likelihood") == "wishart",
        "sampling weights": not items and weighted,
        "auxiliary variables": fit.whole is not None,
    }


def _discrepancy(fit: Fit) -> str:
    """Return what a fit of continuous answers minimised."""
    return fit.estimator if fit.estimator in ("GLS", "WLS") else "ML"


def modification_indices(
    fit: Fit, *, minimum: float = 0.0, sort: bool = True, op: str | Sequence[str] | None = None,
    power: bool = False, delta: float = 0.1, alpha: float = 0.05, high_power: float = 0.75,
) -> pd.DataFrame:  # fmt: skip
    """Return the table of modification indices; see `Fit.modification_indices`."""
    _usable(fit, "Modification indices")
    operators = (op,) if isinstance(op, str) else op
    for one in operators or ():
        choose("op", one, (*OPERATORS, *ITEM_OPERATORS))
    wanted = candidates(fit.partable)
    found = modification(fit.estimate, wanted, _discrepancy(fit))
    changes = standardized_change(fit.estimate, wanted, found.epc, fit.partable.ov_x)
    frame = pd.DataFrame(
        {name: [getattr(c, name) for c in wanted] for name in ("lhs", "op", "rhs")}, dtype=object
    )
    if len(fit.estimate.groups) > 1:
        frame["group"] = [fit.partable.group_labels[c.group - 1] for c in wanted]
    frame["mi"], judged, index = found.mi, "mi", found.mi
    if found.robust is not None:
        frame["mi_robust"], judged, index = found.robust, "mi_robust", found.robust
    frame["epc"] = found.epc
    for name, values in changes.items():
        frame[f"sepc_{name}"] = values
    if power:
        frame["delta"] = delta
        frame["ncp"], frame["power"] = mi_power(index, found.epc, delta=delta, alpha=alpha)
        chosen = decide(index, frame["power"].to_numpy(), alpha=alpha, high=high_power)
        frame["decision"] = chosen
    keep = frame[judged].notna() & (frame[judged] >= minimum)
    if operators is not None:
        keep &= frame["op"].isin(operators)
    frame = frame[keep]
    if sort:
        frame = frame.sort_values(judged, ascending=False, kind="stable")
    return labelled(frame.reset_index(drop=True), fit.synthetic)


def score(
    fit: Fit, release: Sequence[int | str] | int | str | None = None, *, epc: bool = False
) -> ScoreTest:
    """Return the score test of equality constraints; see `Fit.score_test`."""
    _usable(fit, "Score tests")
    if any(c.op != "==" for c in fit.partable.constraints):
        raise NotSupportedError(
            "Score tests beside inequality constraints are not available yet.",
            why="they are not checked against an independent source",
            fix="write the constraint that is active as ==",
        )
    items = bool(fit.partable.levels)
    pieces = score_pieces(fit.partable, fit.estimate, _discrepancy(fit), meat=items)
    if not pieces.names:
        raise OptionError(
            "The model has no equality constraint to release.",
            fix="use fit.modification_indices() for parameters that are fixed",
        )
    chosen = _released(pieces, release)
    total = score_test(pieces, chosen)
    rows: list[dict[str, object]] = []
    for k in chosen:
        name, one = pieces.names[k], score_test(pieces, [k])
        row: dict[str, object] = {"lhs": name.lhs, "op": "==", "rhs": name.rhs}
        row |= {"label": name.label, "chisq": one.chisq, "df": one.df, "pvalue": one.pvalue}
        if items:
            better = robust_score_test(pieces, [k])
            row |= {"chisq_robust": better.chisq, "pvalue_robust": better.pvalue}
        rows.append(row)
    table = labelled(pd.DataFrame(rows, index=pd.Index(chosen)), fit.synthetic)
    changes = _changes(fit, pieces, total.epc) if epc else None
    made = ScoreTest(total.chisq, total.df, total.pvalue, table, changes)
    if not items:
        return made
    better = robust_score_test(pieces, chosen)
    return replace(made, chisq_robust=better.chisq, pvalue_robust=better.pvalue)


def _released(pieces: ScorePieces, release: Sequence[int | str] | int | str | None) -> list[int]:
    """Return the numbers of the constraints to release."""
    every = range(len(pieces.names))
    if release is None:
        return list(every)
    asked = list(release) if isinstance(release, list | tuple | range) else [release]
    if not asked:
        raise OptionError("release= names no constraint.", fix="leave it out to release them all")
    found: list[int] = []
    for one in asked:
        at = [k for k in every if one in (k, pieces.names[k].label) and one != ""]
        if not at:
            labels = sorted({name.label for name in pieces.names if name.label})
            raise OptionError(
                f"release={one!r} is no constraint of this model."
                + (did_you_mean(one, labels) if isinstance(one, str) else ""),
                why=f"it has {len(pieces.names)}, numbered from 0"
                + (f", and the labels {', '.join(labels)}" if labels else ""),
                fix="take a number or a label from fit.score_test().univariate",
            )
        found += at
    return sorted(set(found))


def _changes(fit: Fit, pieces: ScorePieces, epc: Array) -> pd.DataFrame:
    """Return what every free row of the parameter table would become."""
    table, rows = fit.partable, pieces.rows
    est = fit.estimate.theta[np.array(table.unique, dtype=np.intp)[rows]]
    columns: dict[str, object] = {
        name: [getattr(table, name)[k] for k in rows] for name in ("lhs", "op", "rhs", "label")
    }
    if table.n_groups > 1:
        columns["group"] = [table.group_labels[table.group[k] - 1] for k in rows]
    frame = pd.DataFrame(columns).assign(est=est, epc=epc, epv=est + epc)
    return labelled(frame, fit.synthetic)


def wald_test(fit: Fit, equations: str | Sequence[str]) -> WaldTest:
    """Return the Wald test of equations between labels; see `Fit.wald_test`."""
    refuse_part(fit, "A Wald test")
    if np.isnan(fit.vcov).all():
        raise OptionError(
            "A Wald test needs standard errors, and this fit has none.",
            where=f"se={fit.se_type!r}",
            fix="fit with standard errors",
        )
    texts: list[Any] = list(equations) if isinstance(equations, list | tuple) else [equations]
    if not all(isinstance(text, str) for text in texts):
        raise OptionError(
            f"equations={equations!r} is no text.", fix="write equations such as 'a == b; c == 0'"
        )
    parts = [part.strip() for text in texts for part in re.split(r"[;\n]", text) if part.strip()]
    constraints = [_equation(part) for part in parts]
    if not constraints:
        raise OptionError("wald_test() needs an equation.", fix="write one such as 'a == b'")
    table, theta = fit.partable, fit.estimate.theta
    known = table.known(theta)
    for constraint in constraints:
        for name in constraint.gap.names:
            if name not in known:
                raise OptionError(
                    f"{name!r} labels no parameter.{did_you_mean(name, sorted(known))}",
                    where=str(constraint),
                    fix=f"label the parameter in the model, as in y ~ {name}*x",
                )
    gaps = np.array([float(c.gap.evaluate(known)) for c in constraints])
    for constraint, gap in zip(constraints, gaps, strict=True):
        if not np.isfinite(gap):
            raise OptionError(
                f"{str(constraint)!r} has no value at the estimates.",
                why="it divides by zero, or takes a root or logarithm that does not exist",
                fix="write the equation in another way",
            )
    slopes = gap_jacobian(constraints, table.defined, table.labelled, table.fixed_labels, theta)
    got = wald(gaps, slopes, fit.vcov, fit.n_clusters)
    names = tuple(str(c) for c in constraints)
    return WaldTest(
        got.chisq, got.df, got.pvalue, got.f, got.df_denominator, got.pvalue_f, equations=names
    )


def _equation(text: str) -> Constraint:
    if "~" in text:
        raise OptionError(
            f"{text!r} names a parameter by its formula.",
            why="equations are over labels",
            fix="label it in the model, as in y ~ b*x, and write 'b == 0'",
        )
    sides = text.split("==")
    if len(sides) != 2 or not all(side.strip() for side in sides):
        raise OptionError(
            f"{text!r} is no equation.", fix="write two expressions over labels with == between"
        )
    return Constraint("==", sides[0].strip(), sides[1].strip())


class ParameterTests:
    """Tests of parameters as methods; `Fit` is the only class that takes them over."""

    def modification_indices(
        self, *, minimum: float = 0.0, sort: bool = True, op: str | Sequence[str] | None = None,
        power: bool = False, delta: float = 0.1, alpha: float = 0.05, high_power: float = 0.75,
    ) -> pd.DataFrame:  # fmt: skip
        """Return the score test of every fixed or absent parameter, the largest first.

        Parameters
        ----------
        minimum : float
            Leave out smaller indices.
        sort : bool
            Largest first; else in the order of the parameter table.
        op : str or sequence of str, optional
            Only these of ``=~``, ``~``, ``~~``, ``~1``, and of ordinal items ``|`` and ``~*~``.
        power : bool
            Add the power of the test to see a misspecification of `delta`, and the decision of
            Saris, Satorra & van der Veld (2009), doi:10.1080/10705510903203433.
        delta, alpha, high_power : float
            The misspecification in the parameter's own unit, the level, and what counts as high.

        Returns
        -------
        pandas.DataFrame
            lhs, op, rhs (group), mi, epc and its standardised versions sepc_lv, sepc_all, sepc_nox;
            for ordinal items mi_robust, which the order, power and decision then rest on.

        Notes
        -----
        mi = N s^2 / V and epc = s / V (see `truststats.inference.modify`), by normal theory and the
        expected information as in lavaan, also for robust and clustered fits. That of ordinal items
        is lavaan's too, but a chi-square for estimator="WLS" alone: elsewhere judge mi_robust.
        Changing a model because of an index is exploring: test the new model on other answers.
        """
        return modification_indices(
            cast("Fit", self), minimum=minimum, sort=sort, op=op, power=power, delta=delta,
            alpha=alpha, high_power=high_power,
        )  # fmt: skip

    def score_test(
        self, release: Sequence[int | str] | int | str | None = None, *, epc: bool = False
    ) -> ScoreTest:
        """Return the score test of equality constraints: together, and one by one.

        Parameters
        ----------
        release : int, str or sequence of them, optional
            Constraints to release, by their number in the table or by label; all by default.
        epc : bool
            Add the expected change of every parameter if they were released.

        Notes
        -----
        Its degrees of freedom are the directions that the data identify once released. Sources in
        `truststats.inference.score`; normal theory as in lavaan. For ordinal items lavaan's
        statistic, which only estimator="WLS" makes a chi-square, and the generalised score test
        beside it, ``chisq_robust``.
        """
        return score(cast("Fit", self), release, epc=epc)

    def wald_test(self, equations: str | Sequence[str]) -> WaldTest:
        """Return the Wald test of equations between labels, such as ``"a == b; c == 0"``.

        Uses the fit's own covariance matrix, robust where the fit is, and the delta method; with
        clusters also the F test on G - 1 degrees of freedom (Cameron & Miller 2015).
        """
        return wald_test(cast("Fit", self), equations)
