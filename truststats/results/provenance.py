"""Where the numbers of a fit come from: hashes, options, exclusions and versions."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["provenance"]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def provenance(fit: Fit) -> dict[str, Any]:
    """Return everything that is needed to repeat the fit."""
    digest = hashlib.sha256()
    for sample in fit.estimate.samples:
        source = sample.rows if sample.rows is not None else np.c_[sample.cov, sample.mean]
        digest.update(np.ascontiguousarray(source).tobytes())
    out: dict[str, Any] = {
        "model": str(fit.model),
        "model_hash": hashlib.sha256(str(fit.model).encode()).hexdigest(),
        "synthetic": fit.synthetic,
        "data_hash": digest.hexdigest(),
        "rows_given": fit.n_rows,
        "rows_used": fit.nobs,
        "exclusions": dict(fit.exclusions),
        "options": dict(fit.options),
        "versions": {name: _version(name) for name in ("truststats", "numpy", "scipy", "pandas")},
    }
    survey, framework = fit.survey, fit.framework
    if survey is not None:
        out["source"] = str(survey.source)
        out["file_hash"] = survey.file_hash
        if survey.instrument is not None:
            out["instrument"] = {
                "name": survey.instrument.name,
                "version": survey.instrument.version,
                "content_hash": survey.instrument.content_hash,
            }
    if framework is not None:
        out["framework"] = {
            "name": framework.name,
            "version": framework.version,
            "content_hash": framework.content_hash,
        }
    return out
