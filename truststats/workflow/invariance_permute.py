"""Permutation tests of the steps of a ladder, where asymptotics are doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from truststats.arrays import Array
from truststats.errors import ConvergenceError, NotSupportedError
from truststats.inference.permutation import (
    MEASURES,
    measured,
    observed_moments,
    permuted_moments,
    pvalues,
    under_permutation,
)
from truststats.options import check_draws, generator
from truststats.results.effect_frames import FIXED_SEED
from truststats.results.fit import Fit
from truststats.results.permuted import Permuted

__all__ = ["permute_steps"]


def permute_steps(fits: Mapping[str, Fit], draws: int, seed: Any) -> Permuted:
    """Return how the steps of a ladder compare with shuffled groups.

    The fit of the first step, and the change of fit at every other one, are compared with what
    they are when people (or whole clusters) are dealt out to the groups at random.

    Parameters
    ----------
    fits : mapping of str to Fit
        The steps in their order, each nested in the one before.
    draws : int
        100 or more.
    seed : int, numpy.random.Generator or None

    Raises
    ------
    NotSupportedError
        For missing answers, ordinal items, weights, exogenous variables, or clusters that people
        of several groups belong to.
    """
    first = next(iter(fits.values()))
    _refuse(first)
    check_draws(draws)
    rng = generator(seed, FIXED_SEED)
    samples = first.estimate.samples
    real = observed_moments(samples)
    there = _changes([measured(fit.estimate, real).values for fit in fits.values()])[:, 0]
    starts = [under_permutation(fit.estimate) for fit in fits.values()]
    found: list[Array] = []
    failed = 0
    for drawn in permuted_moments(samples, draws, rng, first.npar):
        got = [measured(start, drawn) for start in starts]
        good = np.logical_and.reduce([one.good for one in got])
        failed += int((~good).sum())
        found.append(_changes([one.values[good] for one in got]))
    reference = np.concatenate(found, axis=1)
    if reference.shape[1] < draws / 2:
        raise ConvergenceError(
            f"{failed} of {draws} refits to shuffled groups did not arrive.",
            why="the reference distribution would be one of the easy draws",
            fix="use fewer items or larger groups",
        )
    p = np.stack([pvalues(*pair) for pair in zip(there, reference, strict=True)])
    return Permuted(tuple(fits), MEASURES, there, reference, p, failed, _shown(seed))


def _changes(values: list[Array]) -> Array:
    """Return the fit of the first model and the changes of the others, (steps, b, 4)."""
    first = [values[0]]
    return np.stack(first + [two - one for one, two in pairwise(values)])


def _shown(seed: Any) -> int | str:
    if seed is None:
        return FIXED_SEED
    return seed if isinstance(seed, int) else "generator"


def _refuse(fit: Fit) -> None:
    samples = fit.estimate.samples
    unchecked = {
        "missing answers": any(sample.incomplete is not None for sample in samples),
        "ordinal items": bool(fit.partable.levels),
        "sampling weights": any(sample.weights is not None for sample in samples),
        "exogenous variables": len(fit.estimate.x) > 0,
        "clusters that span groups": samples[0].design is not None,
    }
    for name, there in unchecked.items():
        if there:
            raise NotSupportedError(
                f"Permutation tests are not available with {name}.",
                why="what may be shuffled is not checked there",
                fix="use missing='listwise' for complete rows, or leave permutations= out",
            )
