"""`reliability`: how reliable scales are, from a fit or straight from the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from truststats.errors import DataError, OptionError
from truststats.model import Model
from truststats.options import FROM_SURVEY, choose, did_you_mean
from truststats.results.fit import Fit
from truststats.survey import Survey
from truststats.survey.score import scale_items
from truststats.survey.synthetic import is_synthetic, labelled
from truststats.workflow.columns import as_frame
from truststats.workflow.fit import fit
from truststats.workflow.sampling import cluster_labels

__all__ = ["reliability"]

_CLUSTER, _WEIGHT, _FACTOR = "cluster_of_row", "weight_of_row", "scale"


def reliability(
    data: Any,
    keys: Mapping[str, Sequence[str]] | None = None,
    *,
    by: str = "scale",
    ordered: bool = False,
    cluster: Any = FROM_SURVEY,
    sampling_weights: Any = FROM_SURVEY,
    **options: Any,
) -> pd.DataFrame:
    """Return how reliable scales are, from a fit or straight from the answers.

    From answers every scale is fitted by itself, with one factor: by maximum likelihood with
    sandwich standard errors (full information where answers are missing), or as ordinal items
    (pairwise). Two items are given equal loadings.

    Parameters
    ----------
    data : Fit, Survey or frame
    keys : mapping of str to sequence of str, optional
        The items of each scale, ``"-item"`` for one that is asked the other way round. A survey
        with an instrument needs none.
    by : {"scale", "item"}
        The coefficients of each scale, or what each item adds; see `Fit.reliability` and
        `Fit.item_statistics`.
    ordered : bool
        Take the items for ordinal: categorical omega and ordinal alpha.
    cluster, sampling_weights : str or None
        Columns; those of a survey's design by default.
    **options
        ``ci``, ``level``, ``draws`` and ``seed`` of `Fit.reliability`; for a fit also ``reverse``.

    Returns
    -------
    DataFrame

    Raises
    ------
    DataError
        If a column is not there, or a scale has fewer than two items.
    OptionError
        If a frame comes without keys, or a fit with them.

    Examples
    --------
    >>> import truststats as ts
    >>> answers = ts.load_dataset("municipal_employees")
    >>> survey = ts.read_survey(answers, instrument="tbm-core", cluster="unit")
    >>> table = ts.reliability(survey)
    """
    choose("by", by, ("scale", "item"))
    if isinstance(data, Fit):
        if keys is not None:
            raise OptionError(
                "A fit knows its scales, so keys= has no meaning.",
                fix="leave keys out, or pass the data instead of the fit",
            )
        return data.item_statistics(**options) if by == "item" else data.reliability(**options)
    scales = _keyed(data, keys)
    columns, design = _columns(data, scales, cluster, sampling_weights)
    made = [
        _one(key, items, columns, design, _label(data, key), by, ordered, options)
        for key, items in scales.items()
    ]
    whole = pd.concat(made, ignore_index=True)
    return labelled(whole, is_synthetic(data))


def _keyed(data: Any, keys: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    """Return the items of each scale, reversed ones with a minus."""
    if keys is None:
        if not isinstance(data, Survey):
            raise OptionError(
                "A frame does not say which items belong together.",
                fix='name them: keys={"trust": ["t1", "t2", "-t3"]}',
            )
        of_instrument = {
            key: tuple(_turned(data, item) for item in items)
            for key, items in scale_items(data).items()
        }
        return {key: items for key, items in of_instrument.items() if len(items) > 1}
    for key, items in keys.items():
        if isinstance(items, str) or len(items) < 2:
            raise DataError(
                f"The scale {key!r} has fewer than two items.",
                why="one answer says nothing about how alike several would be",
                fix=f'give a list: keys={{"{key}": ["t1", "t2"]}}',
            )
    return {str(key): tuple(items) for key, items in keys.items()}


def _turned(survey: Survey, item: str) -> str:
    assert survey.instrument is not None
    return f"-{item}" if survey.instrument.item(item).reverse else item


def _bare(item: str, there: Sequence[str]) -> str:
    """Return the column of a key: a leading minus is no part of it, unless a column is so named."""
    name = item if item in there else item.removeprefix("-")
    if name not in there:
        raise DataError(
            f"The data have no column {name!r}.{did_you_mean(name, list(there))}", where="keys="
        )
    return name


def _columns(
    data: Any, scales: Mapping[str, tuple[str, ...]], cluster: Any, weights: Any
) -> tuple[pd.DataFrame, dict[str, str | None]]:
    """Return the items as numbers with the columns of the design, and the design's options."""
    survey = data if isinstance(data, Survey) else None
    frame = survey.frame if survey is not None else as_frame(data)
    there = [*(survey.items if survey is not None else ()), *map(str, frame.columns)]
    names = list(dict.fromkeys(_bare(i, there) for items in scales.values() for i in items))
    columns = frame[names].copy() if survey is None else survey.values(names).copy()
    if cluster is FROM_SURVEY:
        cluster = None if survey is None else survey.design.cluster
    if weights is FROM_SURVEY:
        weights = None if survey is None else survey.design.weights
    if cluster is not None:
        columns[_CLUSTER] = np.asarray(cluster_labels(data, frame, cluster), dtype=object)
    if weights is not None:
        columns[_WEIGHT] = frame[weights].to_numpy()
    return columns, {
        "cluster": None if cluster is None else _CLUSTER,
        "sampling_weights": None if weights is None else _WEIGHT,
    }


def _label(data: Any, key: str) -> str:
    if isinstance(data, Survey) and data.instrument is not None:
        for construct in data.instrument.constructs.values():
            if key == construct.key:
                return construct.label_for("en")
            for part in construct.dimensions:
                if key == f"{construct.key}_{part.key}":
                    return part.label.get("en", key)
    return key


def _one(
    key: str, items: tuple[str, ...], columns: pd.DataFrame, design: Mapping[str, Any], label: str,
    by: str, ordered: bool, options: Mapping[str, Any],
) -> pd.DataFrame:  # fmt: skip
    """Return the rows of one scale, fitted with one factor under neutral names."""
    names = [_bare(item, list(columns.columns)) for item in items]
    neutral = {name: f"item{k + 1}" for k, name in enumerate(names)}
    turned = [neutral[n] for n, item in zip(names, items, strict=True) if n != item]
    own = columns[[*names, *(c for c in (_CLUSTER, _WEIGHT) if c in columns)]].rename(
        columns=neutral
    )
    terms = list(neutral.values())
    if len(terms) == 2:
        terms = [f"{-1 if name in turned else 1}*{name}" for name in terms]
    holes = bool(own[list(neutral.values())].isna().to_numpy().any())
    how: dict[str, Any] = {"estimator": "MLR", "missing": "ml" if holes else "listwise"}
    if ordered:
        how = {"ordered": True, "missing": "pairwise" if holes else "listwise"}
    model = Model.from_text(f"{_FACTOR} =~ {' + '.join(terms)}")
    fitted = fit(model, own, **how, **design)
    if by == "item":
        found = fitted.item_statistics(reverse=turned, **options)
        back = {new: name for name, new in neutral.items()}
        found["item"] = [back[name] for name in found["item"]]
    else:
        found = fitted.reliability(reverse=turned, **options)
        codes = [] if fitted.converged else ["not_converged"]
        codes += ["equal_loadings"] if len(names) == 2 else []
        found["problems"] = ["; ".join([*filter(None, [p]), *codes]) for p in found["problems"]]
    return found.assign(construct=key, label=label)
