"""Where the reference data come from, and how a lavaan call is spelled in truststats."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import truststats as ts

HERE = Path(__file__).parent
DATA = HERE / "data"
GOLDENS = HERE / "goldens"

# The classic data sets are read from the copies that semopy installs; their rows are not ours
# to hand on.
SEMOPY_FILES = {
    "holzinger_swineford": "holzinger_swineford39_data.csv",
    "political_democracy": "pd_data.csv",
}

JUSTICE = "justice_trust_relations2019"
JUSTICE_NAMES = ["OJ", "CT", "ER"]


def fits_table() -> dict[str, Any]:
    """Return fits.json: the models and the fits that have a golden."""
    return json.loads((HERE / "fits.json").read_text(encoding="utf-8"))


def golden(name: str) -> dict[str, Any]:
    """Return one golden."""
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def semopy_examples() -> Path | None:
    """Return the folder of semopy's examples without importing semopy; None if not installed."""
    found = importlib.util.find_spec("semopy")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / "examples"


def justice_covariance() -> pd.DataFrame:
    """Return three variables of the bundled published study as a covariance matrix."""
    return ts.load_dataset(JUSTICE).cov.loc[JUSTICE_NAMES, JUSTICE_NAMES]


# Data sets made from others: the one they come from, and what is done to it.
DERIVED = {
    "holzinger_holes": "holzinger_swineford",
    "holzinger_cells": "holzinger_swineford",
    "synthetic_regions": "synthetic_complete",
    "synthetic_regions_missing": "synthetic_missing",
    "growth_complete": "synthetic_growth",
}
REGIONS = ("north", "south", "west")


def derived(name: str) -> pd.DataFrame:
    """Return one of `DERIVED`: seeded holes, groups made of two columns or of units, whole rows."""
    frame = read_data(DERIVED[name])
    if name == "holzinger_holes":
        items = [f"x{i}" for i in range(1, 10)]
        holes = np.random.default_rng(1939).random((len(frame), 9)) < 0.12
        return frame.assign(**frame[items].mask(holes))
    if name == "holzinger_cells":
        sex = frame["sex"].map({1: "boys", 2: "girls"})
        return frame.assign(cell=frame["school"] + " " + sex)
    if name.startswith("synthetic_regions"):
        unit = frame["unit"].str[1:].astype(int)
        return frame.assign(region=unit.mod(3).map(dict(enumerate(REGIONS))))
    return frame.dropna()


def read_data(name: str) -> pd.DataFrame:
    """Return the data of a golden: raw rows, or a covariance matrix for ``justice``.

    Raises
    ------
    FileNotFoundError
        If a classic data set is wanted and semopy is not installed.
    """
    if name == "justice":
        return justice_covariance()
    if name in DERIVED:
        return derived(name)
    if name in SEMOPY_FILES:
        folder = semopy_examples()
        if folder is None:
            raise FileNotFoundError("semopy is not installed; its examples hold this data set")
        return pd.read_csv(folder / SEMOPY_FILES[name], index_col=0)
    return pd.read_csv(DATA / f"{name}.csv")


def export_data(folder: Path) -> None:
    """Write every data set as csv into a folder, for R."""
    for name in {fit["data"] for fit in fits_table()["fits"]}:
        read_data(name).to_csv(folder / f"{name}.csv", index=name == "justice")


def python_options(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Translate lavaan's arguments: dots become underscores; values stay as lavaan spells them."""
    return {name.replace(".", "_"): value for name, value in arguments.items()}


def model_type(function: str | None) -> dict[str, str]:
    """Translate the name of lavaan's function: ``cfa`` and ``sem`` are one, our default."""
    return {} if function in (None, "cfa", "sem") else {"model_type": str(function)}


def golden_call(spec: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of `truststats.fit` for one row of fits.json."""
    model = "\n".join(fits_table()["models"][spec["model"]])
    options = python_options(spec.get("args", {})) | model_type(spec.get("function"))
    data = read_data(spec["data"])
    if "moments" not in spec:
        return (model, data), options
    if "nobs" in spec:
        return (model,), options | {"sample_cov": data, "sample_nobs": spec["nobs"]}
    items = data.select_dtypes("number").loc[:, lambda d: d.columns.str.match(r"[xy]\d")]
    options |= {"sample_cov": items.cov(), "sample_nobs": len(items)}
    if "mean" in spec["moments"]:
        options["sample_mean"] = items.mean()
    return (model,), options


def run(spec: Mapping[str, Any] | str) -> ts.Fit:
    """Fit one row of fits.json, given as the row or by its name, with truststats."""
    if isinstance(spec, str):
        spec = next(row for row in fits_table()["fits"] if row["name"] == spec)
    try:
        positional, options = golden_call(spec)
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    return ts.fit(*positional, **options)
