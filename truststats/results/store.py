"""Fits on disk: JSON with every number but no respondent's row."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from truststats.errors import DataError, Problem
from truststats.estimation.estimate import Estimate, Sample
from truststats.estimation.implied import evaluate, with_exogenous
from truststats.estimation.layout import layout_from_partable
from truststats.estimation.solve import Solution
from truststats.inference.tests import ModelTest
from truststats.model import Model, build_partable
from truststats.results.fit import Fit

__all__ = ["read_fit", "save_fit"]

_FORMAT = 1


def _clean(value: Any) -> Any:
    """Return a value as JSON can hold it; NaN becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    if isinstance(value, np.ndarray):
        return _clean(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def save_fit(fit: Fit, path: str | Path) -> Path:
    """Write a fit as JSON: model, options, moments, estimates, tests, problems, provenance.

    Moments are sums over all rows; no row, no missing pattern and no row number is written.

    Parameters
    ----------
    fit : Fit
    path : str or Path
        Ends in ``.json``. Folders that are not there are made.
    """
    target = Path(path)
    sample, estimate = fit.estimate.sample, fit.estimate
    problems = [{**asdict(problem), "rows": ()} for problem in fit.problems]
    content = {
        "truststats_fit": _FORMAT,
        "synthetic": fit.synthetic,
        "model": str(fit.model),
        "labels": fit.model.labels,
        "constructs": fit.model.constructs,
        "recode": fit.model.recode,
        "options": fit.options,
        "n": sample.n,
        "n_rows": fit.n_rows,
        "n_clusters": fit.n_clusters,
        "n_patterns": fit.n_patterns,
        "cluster": fit.cluster_name,
        "cov": sample.cov,
        "mean": sample.mean,
        "saturated_logl": sample.saturated_logl,
        "theta": estimate.theta,
        "vcov": fit.vcov,
        "chisq": estimate.chisq,
        "logl": estimate.logl,
        "converged": fit.converged,
        "iterations": fit.iterations,
        "test": asdict(fit.test),
        "baseline": asdict(fit.baseline),
        "scaled": [asdict(test) for test in fit.scaled] if fit.scaled else None,
        "fit_measures": fit.fit_measures.to_dict(),
        "exclusions": fit.exclusions,
        "problems": problems,
        "provenance": fit.provenance,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        json.dumps(_clean(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8"
    )
    return target


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _test(saved: Mapping[str, Any]) -> ModelTest:
    return ModelTest(
        saved["name"], _number(saved["chisq"]), int(saved["df"]), _number(saved["pvalue"]),
        _number(saved["scaling_factor"]),
    )  # fmt: skip


def read_fit(path: str | Path) -> Fit:
    """Read a fit that `Fit.save` wrote.

    Tables, effects, standardised values and reliability work; what needs the answers (bootstrap,
    rivals, another model of the same rows) says so.

    Raises
    ------
    DataError
        If the file is not a saved fit.
    """
    source = Path(path)
    try:
        saved = json.loads(source.read_text("utf-8"))
        known = saved["truststats_fit"] == _FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{source} is not a saved fit.", why=str(error), fix="pass a file fit.save() wrote"
        ) from error
    if not known:
        raise DataError(
            f"{source} was saved by another version (format {saved['truststats_fit']}).",
            fix="fit the model again",
        )
    options = saved["options"]
    model = Model.from_text(
        saved["model"], labels=saved["labels"], constructs=saved["constructs"],
        recode=saved["recode"],
    )  # fmt: skip
    rules = ("model_type", "std_lv", "orthogonal", "meanstructure", "fixed_x")
    partable = build_partable(model, **{name: options[name] for name in rules})
    sample = Sample(
        n=saved["n"], cov=np.array(saved["cov"], dtype=float),
        mean=np.array(saved["mean"], dtype=float), rows=None, incomplete=None,
        saturated_logl=saved["saturated_logl"],
    )  # fmt: skip
    layout = layout_from_partable(partable)
    layout = with_exogenous(layout, sample.cov, sample.mean if layout.has_means else None)
    theta = np.array(saved["theta"], dtype=float)
    state = evaluate(layout, theta[None])
    solution = Solution(
        theta[None], np.array([saved["chisq"]], dtype=float), np.array([saved["converged"]]),
        int(saved["iterations"]), np.zeros((1, len(theta))),
    )  # fmt: skip
    x = np.unique(layout.x_cells) if len(layout.x_cells) else np.zeros(0, dtype=np.intp)
    estimate = Estimate(
        layout, sample, theta, state, solution, _number(saved["chisq"]), _number(saved["logl"]), x
    )
    return Fit(
        model=model,
        partable=partable,
        estimate=estimate,
        vcov=np.array(saved["vcov"], dtype=float),
        test=_test(saved["test"]),
        baseline=_test(saved["baseline"]),
        scaled=tuple(_test(t) for t in saved["scaled"]) if saved["scaled"] else None,  # type: ignore[arg-type]
        options=options,
        exclusions=saved["exclusions"],
        noted=tuple(Problem(**{**p, "rows": ()}) for p in saved["problems"]),
        n_rows=saved["n_rows"],
        cluster_name=saved["cluster"],
        synthetic=saved.get("synthetic", False),
        loaded={
            name: saved[name] for name in ("fit_measures", "provenance", "n_clusters", "n_patterns")
        },
    )
