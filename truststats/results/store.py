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
from truststats.estimation.estimate import Estimate, exogenous_of
from truststats.estimation.implied import with_exogenous
from truststats.estimation.implied_items import cuts_from_partable
from truststats.estimation.layout import layouts_from_partable
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.sample import Sample
from truststats.estimation.solve import Solution
from truststats.estimation.stored_items import stored_items
from truststats.inference.tests import ModelTest
from truststats.model import Model, ParTable, build_partable
from truststats.results.fit import Fit
from truststats.results.part import refuse_part, refuse_small

__all__ = ["read_fit", "rules_of", "save_fit"]

_FORMAT = 2
#: Options that decide how a text becomes a table of parameters.
_RULES = (
    "model_type", "std_lv", "orthogonal", "meanstructure", "fixed_x", "effect_coding",
    "group_equal", "group_partial", "n_groups", "group_labels", "ordered", "parameterization",
)  # fmt: skip


def rules_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that `build_partable` takes."""
    given = {name: options[name] for name in _RULES if name in options}
    return {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}


#: What a fit knows without its rows, as it was when it was saved.
_KEPT = (
    "fit_measures", "provenance", "n_clusters", "n_patterns", "group_nobs", "effective_n",
)  # fmt: skip


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

    Raises
    ------
    DataError
        If a group of the fit has fewer than five people.
    """
    refuse_part(fit, "Saving")
    refuse_small(fit, "their means and covariances would describe single persons")
    target = Path(path)
    estimate = fit.estimate
    problems = [{**asdict(problem), "rows": ()} for problem in fit.problems]
    content = {
        "truststats_fit": _FORMAT,
        "synthetic": fit.synthetic,
        "model": str(fit.model),
        "labels": fit.model.labels,
        "constructs": fit.model.constructs,
        "recode": fit.model.recode,
        "options": fit.options,
        "groups": [
            {
                "n": s.n,
                "cov": s.cov,
                "mean": s.mean,
                "saturated_logl": s.saturated_logl,
                "n_clusters": s.n_clusters,
            }
            for s in estimate.samples
        ],
        "items": _items(estimate),
        "n_rows": fit.n_rows,
        "group_nobs": fit.group_nobs.tolist(),
        "n_clusters": fit.n_clusters,
        "n_patterns": fit.n_patterns,
        "effective_n": fit.effective_n,
        "cluster": fit.cluster_name,
        "null": estimate.null,
        "n_equal": estimate.n_equal,
        "theta": estimate.theta,
        "vcov": fit.vcov,
        "chisq": estimate.chisq,
        "logl": estimate.logl,
        "converged": fit.converged,
        "iterations": fit.iterations,
        "test": asdict(fit.test),
        "baseline": asdict(fit.baseline),
        "scaled": [asdict(test) for test in fit.scaled] if fit.scaled else None,
        "other": asdict(fit.other) if fit.other else None,
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


def _items(estimate: Estimate) -> dict[str, Any] | None:
    """Return what ordinal items add: the moments they were fitted to, and their weight."""
    if not isinstance(estimate, OrdinalEstimate):
        return None
    moments = [stored_items(got).content() for got in estimate.moments]
    return {"weight": estimate.weight, "moments": moments}


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _whole(df: float) -> float:
    return int(df) if df == int(df) else df


def _test(saved: Mapping[str, Any]) -> ModelTest:
    return ModelTest(
        saved["name"], _number(saved["chisq"]), _whole(saved["df"]), _number(saved["pvalue"]),
        _number(saved["scaling_factor"]), _number(saved.get("shift", 0.0)),
        _number(saved.get("trace")),
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
    saved = _read(Path(path))
    options = saved["options"]
    model = Model.from_text(
        saved["model"], labels=saved["labels"], constructs=saved["constructs"],
        recode=saved["recode"],
    )  # fmt: skip
    partable = build_partable(model, **rules_of(options))
    return Fit(
        model=model,
        partable=partable,
        estimate=_estimate(saved, partable),
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
        other=_test(saved["other"]) if saved.get("other") else None,
        loaded={name: saved.get(name) for name in _KEPT},
    )


def _read(source: Path) -> dict[str, Any]:
    """Return the content of a saved fit, or say why the file is none."""
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
    return saved


def _estimate(saved: Mapping[str, Any], partable: ParTable) -> Estimate:
    """Return the estimate without its rows."""
    samples = tuple(
        Sample(
            n=part["n"], cov=np.array(part["cov"], dtype=float),
            mean=np.array(part["mean"], dtype=float), rows=None, incomplete=None,
            saturated_logl=_number(part["saturated_logl"]), n_clusters=part.get("n_clusters"),
        )
        for part in saved["groups"]
    )  # fmt: skip
    layouts = tuple(
        with_exogenous(layout, sample.cov, sample.mean if layout.has_means else None)
        for layout, sample in zip(layouts_from_partable(partable), samples, strict=True)
    )
    theta = np.array(saved["theta"], dtype=float)
    solution = Solution(
        theta[None], np.array([saved["chisq"]], dtype=float), np.array([saved["converged"]]),
        int(saved["iterations"]), np.zeros((1, len(theta))),
    )  # fmt: skip
    null = None if saved["null"] is None else np.array(saved["null"], dtype=float)
    found = Estimate(
        layouts, samples, theta, solution, _number(saved["chisq"]), _number(saved["logl"]),
        exogenous_of(layouts[0]), null, saved["n_equal"],
    )  # fmt: skip
    items = saved.get("items")
    if items is None:
        return found
    return OrdinalEstimate(
        **{name: getattr(found, name) for name in found.__dataclass_fields__},
        cuts=cuts_from_partable(partable), weight=items["weight"],
        moments=tuple(stored_items(got) for got in items["moments"]),
    )  # fmt: skip
