"""The fence around semopy, the independent second engine: a table of parameters in, theta out.

semopy 2.3.11 (Meshcheryakov, Igolkina & Samsonova 2021, arXiv:2106.01140) finds the same maximum
likelihood estimates from complete moments when it is told everything: automatic covariances,
markers, starting values and a strict tolerance. Only theta, sigma(theta) and convergence are
taken from it; its fit measures, degrees of freedom, missing-data and robust methods are not.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections import defaultdict
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from truststats.errors import ConvergenceError, DataError, NotSupportedError
from truststats.model import ParTable

__all__ = ["SemopyEstimate", "estimate_semopy", "semopy_version"]

Array = NDArray[np.float64]

_LOCK = threading.Lock()
"""semopy keeps bound methods of the last model in dictionaries shared by all models."""

_TOLERANCE = 1e-14
_FLAT = 1e-4
"""Largest gradient of the discrepancy, at unit scale of the parameters, that counts as an
optimum when the solver reports that it cannot improve further at this tolerance."""


@dataclass(frozen=True)
class SemopyEstimate:
    """What is taken from semopy.

    Attributes
    ----------
    theta : (q,) array
        The distinct parameters in the order of `ParTable.unique`; NaN for intercepts.
    rows : (R,) array
        The value of each row of the table: fixed ones as given, NaN for intercepts and defined
        parameters.
    sigma : (p, p) array
        Implied covariances in the order of `ParTable.ov`.
    converged : bool
        Whether the optimum was reached.
    message : str
        What the solver said.
    version : str
        semopy's version.
    """

    theta: Array
    rows: Array
    sigma: Array
    converged: bool
    message: str
    version: str


def semopy_version() -> str | None:
    """Return the version of the installed semopy, None where it is not installed."""
    return version("semopy") if find_spec("semopy") is not None else None


def estimate_semopy(partable: ParTable, cov: Array, *, bounded: bool = True) -> SemopyEstimate:
    """Estimate a model by maximum likelihood with semopy.

    Parameters
    ----------
    partable : ParTable
        The model. Intercepts are allowed where they leave the means unrestricted.
    cov : (p, p) array
        Sample covariances with divisor N, in the order of ``partable.ov``.
    bounded : bool
        Keep variances from becoming negative. Without it an improper solution is found too.

    Raises
    ------
    NotSupportedError
        If semopy is not installed or the model restricts the means.
    DataError
        If `cov` does not fit the table.
    ConvergenceError
        If semopy stopped with an error.
    """
    found = semopy_version()
    if found is None:
        raise NotSupportedError(
            "semopy is not installed.",
            why="it is the second engine of this check",
            fix="pip install 'truststats[crosscheck]'",
        )
    cov = np.asarray(cov, dtype=float)
    if cov.shape != (len(partable.ov),) * 2:
        raise DataError(
            f"cov has shape {cov.shape}, but the model has {len(partable.ov)} observed variables.",
            fix="give one row and column for each of: " + ", ".join(partable.ov),
        )
    if np.linalg.eigvalsh(cov)[0] <= 0.0:
        raise DataError(
            "cov is not positive definite.",
            why="semopy would estimate the model of another matrix near it",
            fix="drop variables that are sums or copies of others",
        )
    _refuse_means(partable)
    with _LOCK, _quiet():
        model = _build(partable, cov, bounded=bounded)
        frame = pd.DataFrame(cov, index=list(partable.ov), columns=list(partable.ov))
        try:
            result = model.fit(cov=frame, n_samples=1, options={"ftol": _TOLERANCE})
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise ConvergenceError(f"semopy stopped: {type(error).__name__}: {error}") from error
        gradient = np.abs(model.grad_mlw(result.x) * np.maximum(np.abs(result.x), 1.0))
        sigma = pd.DataFrame(
            model.calc_sigma()[0], index=model.vars["observed"], columns=model.vars["observed"]
        ).loc[list(partable.ov), list(partable.ov)]
        free = [name for name, parameter in model.parameters.items() if parameter.active]
        values = dict(zip(free, map(float, result.x), strict=True))
    theta = np.array([values.get(_name(u), np.nan) for u in range(partable.npar)])
    flat = bool(np.isfinite(gradient).all() and (gradient < _FLAT).all())
    return SemopyEstimate(
        theta=theta,
        rows=_rows(partable, theta, cov),
        sigma=sigma.to_numpy(dtype=float),
        converged=bool(np.isfinite(result.fun)) and (bool(result.success) or flat),
        message=str(result.message),
        version=found,
    )


def _refuse_means(t: ParTable) -> None:
    rows = [k for k, op in enumerate(t.op) if op == "~1"]
    if not rows:
        return
    free = [t.unique[k] for k in rows if t.unique[k] >= 0]
    own = all(t.unique.count(u) == 1 for u in free)
    observed = {t.lhs[k] for k in rows if t.unique[k] >= 0 or t.exo[k]}
    zero = all(t.ustart[k] == 0.0 for k in rows if t.lhs[k] in t.lv)
    if own and zero and observed == set(t.ov):
        return
    raise NotSupportedError(
        "semopy cannot check a model that restricts the means.",
        where=", ".join(f"{t.lhs[k]} ~ 1" for k in rows if t.user[k]),
        why="its mean structures give wrong degrees of freedom and fit",
        fix="read the comparison with lavaan, or check the model without its intercepts",
    )


def _name(unique: int) -> str:
    return f"p{unique}"


def _build(t: ParTable, cov: Array, *, bounded: bool) -> Any:
    """Return semopy's model with every parameter named, fixed or started by us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        semopy: Any = import_module("semopy")
        operation: Any = import_module("semopy.parser").Operation
    effects: defaultdict[str, defaultdict[str, dict[str, str]]] = defaultdict(_by_left_side)
    for k, (lhs, op, rhs) in enumerate(zip(t.lhs, t.op, t.rhs, strict=True)):
        if op in ("=~", "~", "~~"):
            effects[op][lhs][rhs] = _multiplier(t, k, cov)
    _no_automatic_covariances(t, effects["~~"])
    operations: defaultdict[str, list[Any]] = defaultdict(list)
    if lone := sorted(_variables_without_arrows(t)):
        operations["FORCE"] = [operation("FORCE", ["endo"], lone)]
    model: Any = semopy.Model((effects, operations), cov_diag=True)
    starts = _starts(t, cov)
    for name, parameter in model.parameters.items():
        if parameter.active:
            parameter.start = starts[name]
            if not bounded:
                parameter.bound = (None, None)
    return model


def _by_left_side() -> defaultdict[str, dict[str, str]]:
    return defaultdict(dict)


def _multiplier(t: ParTable, row: int, cov: Array) -> str:
    """Return the parameter's name, or the value it is fixed to, as semopy reads them."""
    if t.unique[row] >= 0:
        return _name(t.unique[row])
    return repr(float(_fixed(t, row, cov)))


def _fixed(t: ParTable, row: int, cov: Array) -> float:
    if t.exo[row] and t.op[row] == "~~":
        return float(cov[t.ov.index(t.lhs[row]), t.ov.index(t.rhs[row])])
    return t.ustart[row]


def _rows(t: ParTable, theta: Array, cov: Array) -> Array:
    kept = [op not in ("~1", ":=") for op in t.op]
    return np.array(
        [
            (theta[u] if u >= 0 else _fixed(t, k, cov)) if kept[k] else np.nan
            for k, u in enumerate(t.unique)
        ]
    )


def _no_automatic_covariances(t: ParTable, covariances: Any) -> None:
    """Write zeros where semopy would take sample covariances of exogenous variables."""
    caused = {v for v, op in zip(t.lhs, t.op, strict=True) if op == "~"}
    caused |= {v for v, op in zip(t.rhs, t.op, strict=True) if op == "=~"}
    exogenous = [v for v in t.ov if v not in caused]
    for a, b in combinations(exogenous, 2):
        if b not in covariances[a] and a not in covariances[b]:
            covariances[a][b] = "0.0"


def _variables_without_arrows(t: ParTable) -> set[str]:
    arrows = {
        v
        for lhs, op, rhs in zip(t.lhs, t.op, t.rhs, strict=True)
        if op in ("=~", "~")
        for v in (lhs, rhs)
    }
    return set(t.ov) - arrows


def _starts(t: ParTable, cov: Array) -> dict[str, float]:
    """Return a starting value for each free parameter, from the sample moments alone.

    Loadings start at the regression of an indicator on the factor's first indicator, in units of
    that factor; variances at half the sample variance; everything else at zero.
    """
    at = {name: k for k, name in enumerate(t.ov)}
    first = {
        lhs: rhs
        for lhs, op, rhs in reversed(list(zip(t.lhs, t.op, t.rhs, strict=True)))
        if op == "=~" and rhs in at
    }
    unit = _units(t, cov, at, first)
    starts: dict[str, float] = {}
    for lhs, op, rhs, unique in zip(t.lhs, t.op, t.rhs, t.unique, strict=True):
        value = 0.0
        if op == "=~":
            value = 0.5
            if rhs in at and lhs in first:
                marker = at[first[lhs]]
                value = unit[lhs] * float(cov[at[rhs], marker] / cov[marker, marker])
        elif op == "~~" and lhs == rhs:
            value = (
                0.5 * float(cov[at[lhs], at[lhs]])
                if lhs in at
                else _factor_variance(cov, at, first, lhs)
            )
        elif op == "~~" and lhs in t.ov_x and rhs in t.ov_x:
            value = 0.5 * float(cov[at[lhs], at[rhs]])
        starts.setdefault(_name(unique), value)
    return starts


def _factor_variance(cov: Array, at: dict[str, int], first: dict[str, str], lhs: str) -> float:
    marker = at.get(first.get(lhs, ""), -1)
    return 0.3 * float(cov[marker, marker]) if marker >= 0 else 0.3


def _units(t: ParTable, cov: Array, at: dict[str, int], first: dict[str, str]) -> dict[str, float]:
    """Return the loading at which a factor's first indicator starts: 1 unless its scale is free."""
    marked = {
        lhs
        for lhs, op, unique, value in zip(t.lhs, t.op, t.unique, t.ustart, strict=True)
        if op == "=~" and unique < 0 and value != 0.0
    }
    return {
        factor: 1.0 if factor in marked else float(np.sqrt(0.5 * cov[at[item], at[item]]))
        for factor, item in first.items()
    }


@contextmanager
def _quiet() -> Generator[None]:
    """Silence warnings, keep semopy's log from configuring the root logger, use one thread.

    semopy multiplies hundreds of small matrices; sharing each among threads makes it many times
    slower on a busy machine.
    """
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), _one_thread():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        root.removeHandler(handler)


def _one_thread() -> AbstractContextManager[Any]:
    if find_spec("threadpoolctl") is None:
        return nullcontext()
    limits: Any = import_module("threadpoolctl").threadpool_limits
    return limits(1)
