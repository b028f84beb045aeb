"""What a study was computed from: hashes, versions, options and every exclusion."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import truststats
from truststats.survey.item_counts import shown_exclusions

if TYPE_CHECKING:
    from truststats.constructs import Instrument
    from truststats.framework import Framework
    from truststats.results import Fit
    from truststats.survey import Survey

__all__ = ["provenance", "versions"]

PACKAGES = ("numpy", "scipy", "pandas", "pydantic", "pyreadstat", "matplotlib", "semopy")


def provenance(
    survey: Survey, instrument: Instrument, framework: Framework, fit: Fit, min_n: int = 5
) -> dict[str, Any]:
    """Return what the numbers of a study were computed from; no date, so that a rerun is equal.

    Parameters
    ----------
    survey, instrument, framework, fit : object
        The study's parts.
    min_n : int
        Smallest count of people or answers that is shown.

    Returns
    -------
    dict
        Source and hash of the data, name, version and hash of questionnaire and claims, what was
        excluded with its count, versions, and the provenance of the fit.
    """
    return {
        "data": {"source": str(survey.source), "sha256": survey.file_hash, "rows": survey.n},
        "synthetic": survey.synthetic,
        "instrument": _identity(instrument),
        "framework": _identity(framework),
        "exclusions": shown_exclusions(survey, min_n),
        "fit": dict(fit.provenance),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions of truststats, Python and the packages that numbers go through."""
    found = {"truststats": truststats.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _identity(value: Instrument | Framework) -> dict[str, str]:
    """Return name, version and content hash."""
    return {"name": value.name, "version": value.version, "content_hash": value.content_hash}
