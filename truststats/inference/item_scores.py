"""Factor scores of ordered answers: posterior modes and means, and maximum likelihood.

With P_i(z) the probability of the answer to item i at standard normal coordinates z of the
factors, the posterior of a row is proportional to phi(z) prod_i P_i(z), over the items it answered.
EBM is its mode and EAP its mean (Bock & Mislevy 1982, doi:10.1177/014662168200600405); ML drops
phi(z). All are computed once per distinct pattern of answers and take the parameters as known.
Beside continuous or exogenous variables z is that given these, so their density is counted in.

Modes are found by Newton steps: the log of every factor is concave. Means are sums over points that
are placed about each mode and spread by its curvature, then again about the mean and covariance
found (Naylor & Smith 1982, doi:10.2307/2347995; Liu & Pierce 1994, doi:10.1093/biomet/81.3.624).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from truststats.arrays import Array, IntArray
from truststats.estimation.bivariate import FAR
from truststats.inference.cubature import normal_rule
from truststats.inference.item_response import ItemResponse, slopes_and_bends
from truststats.inference.scores import Scores

__all__ = ["ITEM_METHODS", "item_scores"]

ITEM_METHODS = ("ebm", "eap", "ml")
_STEPS = 200
_STEP = 1e-10
#: Precision of the flat prior that keeps maximum likelihood finite, and what counts as infinite.
_FLAT = 1e-9
_UNKNOWN = 1e4
_BLOCK = 32
_ELEMENTS = 2_000_000


def item_scores(
    response: ItemResponse, codes: IntArray, method: str, given: Array | None = None
) -> Scores:
    """Return the scores of rows of answers.

    Parameters
    ----------
    response : ItemResponse
    codes : (n, p) int array
        Categories from 0; -1 where missing.
    method : {"ebm", "eap", "ml"}
    given : (n, d) array, optional
        Values of the exogenous and of the continuous variables that the response knows.

    Returns
    -------
    Scores
        NaN for rows without answers, and by ML for factors whose likelihood has no maximum: all
        their items at one end of the scale, or none answered. Standard errors are the posterior
        standard deviation (EAP) or come from the curvature at the maximum.
    """
    p, known = codes.shape[1], response.known
    table = codes if given is None else np.column_stack([codes, given])
    patterns, place = np.unique(table, axis=0, return_inverse=True)
    place = place.ravel()
    own, at = patterns[:, :p].astype(np.intp), patterns[:, p:]
    low, high = response.limits(own, at)
    mean = np.tile(response.mean, (len(own), 1))
    if known is not None:
        mean += at @ known.factors.T
    if method == "ml":
        values, acov = _likelihood(response, low, high, mean, at)
    else:
        none = np.zeros((len(own), response.turn.shape[1]))
        z, spread = _climb(response.slopes, low, high, np.eye(none.shape[1]), none)
        if method == "eap":
            z, spread = _means(response.slopes, low, high, z, spread)
        values = mean + z @ response.turn.T
        acov = response.turn @ spread @ response.turn.T
    silent = (own < 0).all(axis=1) & (known is None or not known.informs)
    values[silent], acov[silent] = np.nan, np.nan
    return Scores(values[place], acov, place)


def _likelihood(
    response: ItemResponse, low: Array, high: Array, mean: Array, at: Array
) -> tuple[Array, Array]:
    """Return maximum likelihood scores and their covariance, NaN where there is no maximum.

    What continuous answers say is their normal density given the factors: that of the factors
    given them over that of the factors before.
    """
    phi, known = response.turn @ response.turn.T, response.known
    scale = np.sqrt(np.diag(phi))
    slopes = np.linalg.solve(response.turn.T / scale, response.slopes.T).T
    precision, pull = _FLAT * np.eye(len(phi)), np.zeros((len(low), len(phi)))
    if known is not None and known.informs:
        first = np.linalg.inv(known.spread)
        precision += (np.linalg.inv(phi) - first) * np.outer(scale, scale)
        pull = (mean - known.before - at @ known.by_x.T) @ first * scale
    found, spread = _climb(slopes, low, high, precision, pull)
    hidden = np.einsum("jff->jf", spread) > _UNKNOWN
    found[hidden] = np.nan
    spread[hidden] = np.nan
    spread.swapaxes(1, 2)[hidden] = np.nan
    return mean + found * scale, spread * np.outer(scale, scale)


def _climb(
    slopes: Array, low: Array, high: Array, precision: Array, pull: Array
) -> tuple[Array, Array]:
    """Return the (J, r) maxima of log likelihood + z'b - z'P z / 2, and inverse curvatures.

    Parameters
    ----------
    slopes : (p, r) array
    low, high : (J, p) arrays
    precision : (r, r) array
        P.
    pull : (J, r) array
        b of each pattern.
    """
    r = slopes.shape[1]
    squares = (slopes[:, :, None] * slopes[:, None, :]).reshape(len(slopes), r * r)
    z = np.zeros((len(low), r))
    spread = np.empty((len(low), r, r))
    active = np.arange(len(low))
    for _ in range(_STEPS):
        at = z[active]
        logs, slope, bend = _looks(slopes, low[active], high[active], at)
        ahead = pull[active] - at @ precision
        value = logs + _quadratic(at, precision, pull[active])
        bends = precision - (bend @ squares).reshape(-1, r, r)
        spread[active] = np.linalg.inv(bends)
        step = np.einsum("jrs,js->jr", spread[active], slope @ slopes + ahead)
        z[active] = at + _shortened(
            slopes, low[active], high[active], at, step, value, precision, pull[active]
        )
        active = active[np.abs(step).max(axis=1) > _STEP]
        if not len(active):
            break
    return z, spread


def _quadratic(z: Array, precision: Array, pull: Array) -> Array:
    return np.einsum("jr,jr->j", z, pull - 0.5 * z @ precision)


def _looks(slopes: Array, low: Array, high: Array, z: Array) -> tuple[Array, Array, Array]:
    centre = z @ slopes.T
    logs, slope, bend = slopes_and_bends(low - centre, high - centre)
    return logs.sum(axis=1), slope, bend


def _shortened(
    slopes: Array, low: Array, high: Array, z: Array, step: Array, value: Array,
    precision: Array, pull: Array,
) -> Array:  # fmt: skip
    """Return the steps, halved until no value falls."""
    out, open_rows = step.copy(), np.arange(len(z))
    for _ in range(40):
        there = z[open_rows] + out[open_rows]
        logs, _, _ = _looks(slopes, low[open_rows], high[open_rows], there)
        new = logs + _quadratic(there, precision, pull[open_rows])
        worse = new < value[open_rows] - 1e-12 * np.abs(value[open_rows])
        open_rows = open_rows[worse]
        if not len(open_rows):
            break
        out[open_rows] *= 0.5
    return out


def _means(slopes: Array, low: Array, high: Array, z: Array, spread: Array) -> tuple[Array, Array]:
    """Return posterior means (J, r) and covariances (J, r, r) of the coordinates."""
    r = slopes.shape[1]
    for fine in (False, True):
        points, weights = normal_rule(r, fine=fine)
        room = max(1, _ELEMENTS // (len(slopes) * len(points)))
        made = [
            _moments(slopes, low[at], high[at], z[at], spread[at], points, weights)
            for at in (slice(k, k + room) for k in range(0, len(z), room))
        ]
        z = np.concatenate([mean for mean, _ in made])
        spread = np.concatenate([cov for _, cov in made])
    return z, spread


def _moments(
    slopes: Array, low: Array, high: Array, z: Array, spread: Array, points: Array, weights: Array
) -> tuple[Array, Array]:
    """Return posterior moments by points placed about z with the covariance `spread`.

    Where negative weights leave no covariance matrix, the one given stays.
    """
    half = np.linalg.cholesky(spread)
    nodes = z[:, :, None] + half @ points.T
    logs = _log_likelihood(slopes, low, high, z, nodes)
    logs -= 0.5 * (nodes**2).sum(axis=1) - 0.5 * (points**2).sum(axis=1)
    with np.errstate(invalid="ignore"):
        mass = np.exp(logs - logs.max(axis=1, keepdims=True)) * weights
    mass /= mass.sum(axis=1, keepdims=True)
    mean = np.einsum("jq,jrq->jr", mass, nodes)
    gap = nodes - mean[:, :, None]
    cov = (gap * mass[:, None]) @ gap.swapaxes(1, 2)
    cov = (cov + cov.swapaxes(1, 2)) / 2.0
    proper = np.isfinite(cov).all(axis=(1, 2)) & (
        np.linalg.eigvalsh(np.nan_to_num(cov))[:, 0] > 0.0
    )
    return np.where(proper[:, None], mean, z), np.where(proper[:, None, None], cov, spread)


def _log_likelihood(slopes: Array, low: Array, high: Array, z: Array, nodes: Array) -> Array:
    """Return the (J, Q) log probabilities of patterns of answers at nodes (J, r, Q).

    Each interval is turned to the lower tail of its own centre, where the distribution function
    does not round.
    """
    centre = z @ slopes.T
    sign = np.where(low + high > 2.0 * centre, -1.0, 1.0)
    below, above = np.where(sign < 0, -high, low), np.where(sign < 0, -low, high)
    turned = sign[:, :, None] * slopes
    out = np.zeros((len(z), nodes.shape[2]))
    for start in range(0, len(slopes), _BLOCK):
        at = slice(start, start + _BLOCK)
        shift = turned[:, at] @ nodes
        chance = ndtr(above[:, at, None] - shift)
        open_low = below[:, at] > -FAR
        chance[open_low] -= ndtr(below[:, at][open_low][:, None] - shift[open_low])
        with np.errstate(divide="ignore"):
            out += np.log(np.prod(np.maximum(chance, 0.0), axis=1))
    return out
