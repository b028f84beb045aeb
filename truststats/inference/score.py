"""Score tests of equality constraints: what fit would be gained if parameters were set apart.

Every free row of the parameter table gets a parameter of its own. With R the constraints that
are kept, Z the directions they leave open, s the gradient and I the information per case at the
constrained estimate, the statistic is N s' Z (Z' I Z)^-1 Z' s and Z (Z' I Z)^-1 Z' s the expected
parameter change. Its degrees of freedom are the directions gained that the data identify.
Source: Rao (1948), doi:10.1017/S0305004100023987; Lee & Bentler (1980),
doi:10.1111/j.2044-8317.1980.tb00610.x; Bentler & Chou (1992), doi:10.1177/0049124192021002006.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from truststats.arrays import Array
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.modify import score_and_information
from truststats.inference.tests import chisq_pvalue
from truststats.inference.vcov import information, inverse, score_variance
from truststats.inference.wider import apart, targets_of, unfolded, weighted_score
from truststats.model import ParTable
from truststats.model.constraints import gap_jacobian

__all__ = [
    "Equality",
    "ScorePieces",
    "ScoreStatistic",
    "equalities",
    "robust_pieces",
    "robust_score_test",
    "score_pieces",
    "score_test",
]

#: Share of the largest eigenvalue below which a direction carries no information.
_NO_INFORMATION = 1e-9
_AUTOMATIC = re.compile(r"\.p\d+\.$")


@dataclass(frozen=True)
class Equality:
    """One equality constraint.

    Attributes
    ----------
    lhs, rhs : str
        What is equal: parameters, or the two sides of a ``==``.
    label : str
        The label that ties two parameters; empty for a ``==``.
    row : int or None
        The row of the parameter table that a label makes equal to an earlier one.
    """

    lhs: str
    rhs: str
    label: str = ""
    row: int | None = None


@dataclass(frozen=True)
class ScoreStatistic:
    """A score test.

    Attributes
    ----------
    chisq : float
    df : int
    pvalue : float
        NaN with no degrees of freedom.
    epc : (rows,) array
        Expected change of every free row of the parameter table.
    """

    chisq: float
    df: int
    pvalue: float
    epc: Array


@dataclass(frozen=True)
class ScorePieces:
    """What every score test of one fit shares.

    Attributes
    ----------
    rows : (F,) int array
        The free rows of the parameter table.
    names : tuple of Equality
        The constraints, those of labels first.
    jacobian : (C, F) array
        Their derivatives.
    score : (F,) array
        Gradient per case.
    info : (F, F) array
        Expected information per case.
    n : int
        Number of rows of data.
    meat : (F, F) array or None
        Variance of the score per case, for robust tests.
    """

    rows: Array
    names: tuple[Equality, ...]
    jacobian: Array
    score: Array
    info: Array
    n: float
    meat: Array | None = None


def _parameter(partable: ParTable, row: int) -> str:
    """Return the name of a row, with its group where there are several."""
    name = f"{partable.lhs[row]}{partable.op[row]}{partable.rhs[row]}"
    if partable.n_groups == 1:
        return name
    group = partable.group[row]
    label = partable.group_labels[group - 1] if partable.group_labels else str(group)
    return f"{name} [{label}]"


def _named(partable: ParTable, name: str) -> int:
    """Return the row that a name in a constraint stands for: the first of those with a label."""
    if _AUTOMATIC.match(name):
        return int(name[2:-1]) - 1
    return partable.label.index(name)


def equalities(partable: ParTable, theta: Array) -> tuple[tuple[Equality, ...], Array]:
    """Return the equality constraints of a model and their (C, F) derivatives by free row.

    A label on k parameters makes k - 1 constraints: the first with each of the others. In a ``==``
    it stands for the first.
    """
    rows = [k for k, u in enumerate(partable.unique) if u >= 0]
    place = {k: spot for spot, k in enumerate(rows)}
    first: dict[int, int] = {}
    for k in rows:
        first.setdefault(partable.unique[k], k)
    tied = [(first[partable.unique[k]], k) for k in rows if first[partable.unique[k]] != k]
    names: list[Equality] = []
    lines: list[Array] = []
    for start, k in sorted(tied):
        line = np.zeros(len(rows))
        line[place[start]], line[place[k]] = 1.0, -1.0
        lines.append(line)
        names.append(
            Equality(_parameter(partable, start), _parameter(partable, k), partable.label[k], k)
        )
    stated = [k for k, c in enumerate(partable.constraints) if c.op == "=="]
    if stated:
        own = {name: place[_named(partable, name)] for name in partable.labelled}
        given = [partable.constraints[k] for k in stated]
        apart = theta[np.array([partable.unique[k] for k in rows], dtype=np.intp)]
        lines.extend(gap_jacobian(given, partable.defined, own, partable.fixed_labels, apart))
        names += [
            Equality(partable.constraints[k].lhs, partable.constraints[k].rhs) for k in stated
        ]
    return tuple(names), np.array(lines).reshape(len(lines), len(rows))


def score_pieces(
    partable: ParTable, estimate: Estimate, kind: str = "ML", *, meat: bool = False
) -> ScorePieces:
    """Return the constraints, the gradient and the information with every row set apart.

    Parameters
    ----------
    partable : ParTable
    estimate : Estimate
        A converged estimate.
    kind : {"ML", "GLS", "WLS", "ULS"}
        The discrepancy of an estimate from continuous answers.
    meat : bool
        Whether to give a weighted estimate's variance of the score too.

    Notes
    -----
    Normal theory with the expected information, as in lavaan, whatever the fit's own standard
    errors; for weighted least squares the information of the discrepancy.
    """
    rows = [k for k, u in enumerate(partable.unique) if u >= 0]
    names, jacobian = equalities(partable, estimate.theta)
    theta = estimate.theta[np.array([partable.unique[k] for k in rows], dtype=np.intp)]
    at = np.array(rows, dtype=np.intp)
    if kind != "ML" or isinstance(estimate, OrdinalEstimate):
        targets = apart(partable, targets_of(estimate, kind), rows)
        got = weighted_score(estimate, targets, theta, meat=meat)
        return ScorePieces(at, names, jacobian, got.score, got.info, estimate.n, got.meat)
    layouts = [
        unfolded(partable, group.layout, number, rows)
        for number, group in enumerate(estimate.groups, start=1)
    ]
    score, info = score_and_information(estimate, layouts, theta)
    return ScorePieces(at, names, jacobian, score, info, estimate.n)


def robust_pieces(partable: ParTable, estimate: Estimate, kind: str) -> ScorePieces:
    """Return what robust score tests need: information of a kind, and the scores' own variance.

    Parameters
    ----------
    partable : ParTable
    estimate : Estimate
        A converged estimate, with its rows.
    kind : {"expected", "observed"}
        Information of the fit's own standard errors.
    """
    if isinstance(estimate, OrdinalEstimate):
        return score_pieces(partable, estimate, meat=True)
    pieces = score_pieces(partable, estimate)
    rows = pieces.rows.tolist()
    alone = replace(
        estimate,
        layouts=tuple(
            unfolded(partable, group.layout, number, rows)
            for number, group in enumerate(estimate.groups, start=1)
        ),
        theta=estimate.theta[np.array([partable.unique[k] for k in rows], dtype=np.intp)],
        null=None,
    )
    return replace(pieces, info=information(alone, kind), meat=score_variance(alone))


def robust_score_test(pieces: ScorePieces, release: Sequence[int]) -> ScoreStatistic:
    """Return the generalised score test of releasing some constraints together.

    With A and B the information and the meat, T a basis of the directions that were open, Q one of
    those that open now, and L = Q' - Q'A T (T'A T)^-1 T', the statistic is N s'L' (L B L')^-1 L s:
    valid where the discrepancy is wrong about the spread of the answers and where these are
    clustered. Directions that the data do not identify have no spread and are left out.
    Source: Boos (1992), doi:10.1080/00031305.1992.10475921.

    Parameters
    ----------
    pieces : ScorePieces
        From `robust_pieces`.
    release : sequence of int
        Numbers of the constraints to release, from 0.
    """
    assert pieces.meat is not None
    size = len(pieces.score)
    wide = _open(np.delete(pieces.jacobian, list(release), axis=0), size)
    before = _open(pieces.jacobian, size)
    opened = _open(before.T @ wide, wide.shape[1]) if before.shape[1] else np.eye(wide.shape[1])
    q = wide @ opened
    bread, _ = inverse(pieces.info, before)
    left = q.T - q.T @ pieces.info @ bread
    scale = np.sqrt(np.maximum(np.einsum("ij,ik,kj->j", q, pieces.info, q), 1e-300))
    left = left / scale[:, None]
    values, vectors = np.linalg.eigh(left @ pieces.meat @ left.T)
    there = values > _NO_INFORMATION * values.max(initial=0.0)
    along = vectors[:, there].T @ (left @ pieces.score)
    chisq, df = float(pieces.n * np.sum(along**2 / values[there])), int(there.sum())
    epc = inverse(pieces.info, wide)[0] @ pieces.score
    return ScoreStatistic(chisq, df, chisq_pvalue(chisq, df), epc)


def _open(jacobian: Array, size: int) -> Array:
    """Return an orthonormal basis of the directions that constraints leave open."""
    if not len(jacobian):
        return np.eye(size)
    _, values, right = np.linalg.svd(jacobian)
    return right[int((values > 1e-10 * values.max()).sum()) :].T


def _identified(info: Array, z: Array) -> int:
    """Return the number of open directions that carry information."""
    scale = np.sqrt(np.maximum(np.diag(info), 1e-300))
    values = np.linalg.eigvalsh(z.T @ (info / scale[:, None] / scale) @ z)
    return int((values > _NO_INFORMATION * values.max()).sum())


def score_test(pieces: ScorePieces, release: Sequence[int]) -> ScoreStatistic:
    """Return the score test of releasing some constraints together.

    Parameters
    ----------
    pieces : ScorePieces
    release : sequence of int
        Numbers of the constraints to release, from 0.
    """
    size = len(pieces.score)
    kept = np.delete(pieces.jacobian, list(release), axis=0)
    z = _open(kept, size)
    bread, _ = inverse(pieces.info, z)
    epc = bread @ pieces.score
    chisq = float(pieces.n * pieces.score @ epc)
    df = _identified(pieces.info, z) - _identified(pieces.info, _open(pieces.jacobian, size))
    return ScoreStatistic(chisq, df, chisq_pvalue(chisq, df), epc)
