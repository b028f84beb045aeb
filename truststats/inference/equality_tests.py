"""Score tests of single equalities of one fit, cheap because they share their algebra.

With Z the directions that all constraints leave open, P a right inverse of their slopes, s the
gradient, I the information and M = P'IZ (Z'IZ)^-1, the constraints' own score is (P' - M Z') s, its
information (P' - M Z') I P and, with the scores' own variance J, its variance
(P' - M Z') J (P - Z M'). Testing some of them together needs these rows and columns alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from truststats.arrays import Array
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.candidates import Candidate
from truststats.inference.score import Equality, ScorePieces, ScoreStatistic
from truststats.inference.tests import chisq_pvalue
from truststats.inference.vcov import inverse
from truststats.inference.wider import added, weighted_score

__all__ = ["EqualityPieces", "added_pieces", "equality_pieces", "equality_test"]

#: Share of the largest eigenvalue below which a direction carries no information.
_NO_INFORMATION = 1e-9


@dataclass(frozen=True)
class EqualityPieces:
    """What the score tests of single equalities of one fit share.

    Attributes
    ----------
    names : tuple of Equality
    score : (C,) array
        Their scores per case, the free parameters adapted.
    info : (C, C) array
        The information of these.
    meat : (C, C) array or None
        Their own variance, for robust tests.
    n : float
        Number of rows of data.
    """

    names: tuple[Equality, ...]
    score: Array
    info: Array
    meat: Array | None
    n: float


def equality_pieces(pieces: ScorePieces) -> EqualityPieces:
    """Return what the tests of single equalities share.

    Parameters
    ----------
    pieces : ScorePieces
        From `score_pieces`, or `robust_pieces` for robust tests. The expected information is the
        right one: the observed one may be negative where a parameter is set free that is far from
        its optimum (Freedman 2007, doi:10.1198/000313007X243061).
    """
    info, slopes = pieces.info, pieces.jacobian
    z, right = null_space(slopes), np.linalg.pinv(slopes)
    bread, _ = inverse(z.T @ info @ z)
    left = right.T - (right.T @ info @ z) @ bread @ z.T
    own = left @ info @ right
    meat = None if pieces.meat is None else left @ pieces.meat @ left.T
    return EqualityPieces(pieces.names, left @ pieces.score, (own + own.T) / 2.0, meat, pieces.n)


def added_pieces(estimate: OrdinalEstimate, wanted: Sequence[Candidate]) -> EqualityPieces:
    """Return the same for values that a model of ordinal items fixes, instead of equalities.

    Parameters
    ----------
    estimate : OrdinalEstimate
    wanted : sequence of Candidate
        The fixed parameters.
    """
    q = len(estimate.theta)
    theta = np.concatenate([estimate.theta, [c.value for c in wanted]])
    targets = added(estimate.targets, wanted, q)
    got = weighted_score(estimate, targets, theta, meat=True)
    assert got.meat is not None
    bread, _ = inverse(got.info[:q, :q], estimate.null)
    left = np.concatenate([-got.info[q:, :q] @ bread, np.eye(len(wanted))], axis=1)
    own = left @ got.info @ left.T
    names = tuple(Equality(f"{c.lhs}{c.op}{c.rhs}", f"{c.value:g}") for c in wanted)
    return EqualityPieces(names, left @ got.score, own, left @ got.meat @ left.T, estimate.n)


def equality_test(pieces: EqualityPieces, release: Sequence[int]) -> ScoreStatistic:
    """Return the score test of releasing some equalities together, the others kept.

    With g the equalities' score, S its information and V its variance: N g' S^-1 g, and, robust,
    N g' V^-1 g, which is valid where the normal likelihood is wrong about the spread of the
    answers and where these are clustered (Boos 1992, doi:10.1080/00031305.1992.10475921).

    Parameters
    ----------
    pieces : EqualityPieces
    release : sequence of int
        Their numbers, from 0.
    """
    at = np.asarray(release, dtype=np.intp)
    g, own = pieces.score[at], pieces.info[np.ix_(at, at)]
    values, vectors = np.linalg.eigh(own)
    there = values > _NO_INFORMATION * float(np.abs(pieces.info).max())
    basis = vectors[:, there]
    along = basis.T @ g
    epc = basis @ (along / values[there])
    spread = np.diag(values[there])
    if pieces.meat is not None:
        spread = basis.T @ pieces.meat[np.ix_(at, at)] @ basis
    df = int(there.sum())
    chisq = float(pieces.n * along @ np.linalg.solve(spread, along)) if df else 0.0
    return ScoreStatistic(chisq, df, chisq_pvalue(chisq, df), epc)
