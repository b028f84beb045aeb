"""Run lavaan in R on the data of a fit, where Rscript and lavaan are installed."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from truststats.errors import ConvergenceError, NotSupportedError
from truststats.estimation.clusters import spanning_clusters
from truststats.model.coding import codings
from truststats.model.statement import CONSTRAINTS
from truststats.workflow.lavaan_text import group_arguments, model_text, neutral_names

if TYPE_CHECKING:
    from truststats.model import ParTable
    from truststats.results import Fit

__all__ = ["LavaanEstimate", "estimate_lavaan"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LavaanEstimate:
    """What is taken from lavaan.

    Attributes
    ----------
    rows, se : (R,) arrays
        Estimate and standard error of each row of the fit's table; NaN for an SE of a fixed row.
    converged : bool
        Whether lavaan converged.
    version : str
        lavaan's version.
    """

    rows: Array
    se: Array
    converged: bool
    version: str


def estimate_lavaan(fit: Fit, *, timeout: float) -> LavaanEstimate:
    """Estimate the model of a fit with lavaan, with the same options and the same rows.

    Variables and labels are given neutral names on the way, so that nothing in the user's names
    is read by R.

    Parameters
    ----------
    fit : Fit
        With its rows, or with the moments it was estimated from.
    timeout : float
        Seconds to wait.

    Raises
    ------
    NotSupportedError
        If Rscript or lavaan is missing, or the rows are needed and not there.
    ConvergenceError
        If lavaan stopped with an error or took too long.
    """
    if shutil.which("Rscript") is None:
        raise NotSupportedError("Rscript is not installed.", fix="install R and lavaan")
    held = all(sample.rows is not None for sample in fit.estimate.samples)
    if not held and (fit.missing == "ml" or fit.estimator != "ML"):
        raise NotSupportedError(
            "the fit holds no rows.",
            why="a saved fit holds no respondent's answers, and lavaan needs them",
            fix="fit the model to the data again",
        )
    if spanning_clusters([sample.clusters for sample in fit.estimate.samples]) is not None:
        raise NotSupportedError(
            "lavaan takes clusters that lie in several groups apart.",
            why="respondents of one cluster in two groups then count as independent",
            fix="check a fit without cluster=, or of one group",
        )
    if fit.partable.levels and fit.n_clusters is not None:
        raise NotSupportedError(
            "lavaan has no clusters with ordinal items.",
            why="they change the weights of the estimates, not only the standard errors",
            fix="check a fit with cluster=None",
        )
    if fit.options.get("strata") is not None or fit.se_type == "cr3":
        raise NotSupportedError(
            "lavaan knows neither strata nor the cluster jackknife.",
            fix="check a fit with se='robust.huber.white' and without strata",
        )
    with TemporaryDirectory() as folder:
        _write(fit, Path(folder))
        _run(Path(folder), timeout)
        return _read(fit, Path(folder))


def _write(fit: Fit, folder: Path) -> None:
    """Write model, data and script."""
    options, samples, names = fit.options, fit.estimate.samples, neutral_names(fit)
    header = [names[v] for v in fit.partable.ov]
    arguments = {
        "estimator": f'"{fit.estimator}"',
        "std.lv": _flag(options["std_lv"]),
        "orthogonal": _flag(options["orthogonal"]),
        "fixed.x": _flag(options["fixed_x"]),
        "meanstructure": _flag(options["meanstructure"]),
        "information": f'"{fit.information}"',
        **group_arguments(fit),
    }
    if options.get("bounds") is not None:
        arguments["bounds"] = f'"{options["bounds"]}"'
    if coded := sorted(codings(options["effect_coding"])):
        arguments["effect.coding"] = f"c({', '.join(chr(34) + name + chr(34) for name in coded)})"
    if options.get("likelihood") == "wishart":
        arguments["likelihood"] = '"wishart"'
    if samples[0].rows is not None:
        rows = _joined(sample.rows for sample in samples)
        arguments |= {"data": "data", "missing": f'"{fit.missing}"'}
        if fit.partable.levels:
            arguments |= _of_items(fit, names)
        if fit.groups:
            numbers = np.repeat(np.arange(len(samples)) + 1, [sample.n_rows for sample in samples])
            rows, header = np.column_stack([rows, numbers]), [*header, "k"]
        if samples[0].clusters is not None:
            clusters = _joined(sample.clusters for sample in samples)
            rows, header = np.column_stack([rows, clusters]), [*header, "g"]
            arguments["cluster"] = '"g"'
        if samples[0].weights is not None:
            weights = _joined(sample.weights for sample in samples)
            rows, header = np.column_stack([rows, weights]), [*header, "w"]
            arguments["sampling.weights"] = '"w"'
            arguments["sampling.weights.normalization"] = '"none"'
        elif samples[0].clusters is None and not fit.partable.levels:
            arguments |= {"se": f'"{fit.se_type}"', "test": f'"{fit.test_type}"'}
    else:
        (sample,) = samples
        rows = sample.cov * (sample.n / (sample.n - 1))
        arguments |= {"sample.cov": "cov", "sample.nobs": str(sample.n)}
        if options["meanstructure"]:
            rows = np.vstack([rows, sample.mean])
            arguments["sample.mean"] = "mean"
    with (folder / "data.csv").open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([["" if v != v else repr(float(v)) for v in row] for row in rows])
    (folder / "model.lav").write_text(model_text(fit) + "\n", encoding="ascii")
    given = ", ".join(f"{name} = {value}" for name, value in arguments.items())
    (folder / "run.R").write_text(
        _SCRIPT.format(verb=options["model_type"], arguments=given), encoding="ascii"
    )


def _of_items(fit: Fit, names: Mapping[str, str]) -> dict[str, str]:
    """Return lavaan's arguments about ordinal items; it is not asked for a bootstrap."""
    items = ", ".join(f'"{names[name]}"' for name, _ in fit.partable.levels)
    plain = fit.se_type == "bootstrap"
    return {
        "ordered": f"c({items})",
        "parameterization": '"theta"' if fit.partable.theta else '"delta"',
        "estimator": f'"{fit.options["discrepancy"]}"',
        "se": '"none"' if plain else f'"{fit.se_type}"',
        "test": '"standard"' if plain else f'"{fit.test_type}"',
    }


def _joined(parts: Iterable[Any]) -> Any:
    """Return what every group has, below each other."""
    return np.concatenate([part for part in parts if part is not None])


def _flag(value: object) -> str:
    return "TRUE" if value else "FALSE"


_SCRIPT = """\
suppressMessages(library(lavaan))
data <- read.csv("data.csv")
p <- ncol(data)
if (nrow(data) >= p) {{
  cov <- as.matrix(data[seq_len(p), ])
  dimnames(cov) <- list(names(data), names(data))
  if (nrow(data) == p + 1) mean <- unlist(data[p + 1, ])
}}
model <- paste(readLines("model.lav"), collapse = "\\n")
fit <- suppressWarnings({verb}(model, {arguments}))
table <- parTable(fit)
out <- data.frame(
  lhs = table$lhs, op = table$op, rhs = table$rhs, group = table$group, free = table$free,
  est = sprintf("%.17g", table$est), se = sprintf("%.17g", table$se))
write.csv(out, "estimates.csv", row.names = FALSE)
writeLines(c(as.character(packageVersion("lavaan")),
             as.character(lavInspect(fit, "converged"))), "about.txt")
"""


def _run(folder: Path, timeout: float) -> None:
    try:
        done = subprocess.run(
            ["Rscript", "--vanilla", "run.R"],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ConvergenceError(
            f"lavaan was not ready after {timeout:g} seconds.",
            fix="give it more time: ts.crosscheck(fit, timeout=3600)",
        ) from error
    if done.returncode == 0:
        return
    message = " ".join(done.stderr.split())
    if "no package called" in message:
        raise NotSupportedError(
            "the R package lavaan is not installed.", fix='in R: install.packages("lavaan")'
        )
    raise ConvergenceError(f"lavaan stopped: {message[-300:]}")


def _read(fit: Fit, folder: Path) -> LavaanEstimate:
    """Return lavaan's numbers in the order of the fit's table, checked row by row."""
    with (folder / "estimates.csv").open(newline="", encoding="utf-8") as file:
        theirs = [row for row in csv.DictReader(file) if row["op"] not in CONSTRAINTS]
    version, converged = (folder / "about.txt").read_text("utf-8").split("\n")[:2]
    names, table = neutral_names(fit), fit.partable
    est, se = np.full(len(table), np.nan), np.full(len(table), np.nan)
    at = {
        (row["lhs"], ":=", "", 0)
        if row["op"] == ":="
        else (row["lhs"], row["op"], row["rhs"], int(row["group"])): row
        for row in theirs
    }
    if table.levels:
        _check_identified_alike(table, names, at, version.strip())
    ours = zip(table.lhs, table.op, table.rhs, table.group, strict=True)
    for k, (lhs, op, rhs, group) in enumerate(ours):
        if op == ":=":
            key = (names[f"label {lhs}"], op, "", 0)
        else:
            key = (names[lhs], op, names.get(rhs, rhs), group)
        if key not in at and table.unique[k] < 0:
            continue
        est[k] = float(at[key]["est"])
        se[k] = float(at[key]["se"]) if at[key]["se"] != "NA" else np.nan
    if table.levels and fit.se_type == "bootstrap":
        se[:] = np.nan
    return LavaanEstimate(est, se, converged.strip() == "TRUE", version.strip())


def _check_identified_alike(
    table: ParTable, names: Mapping[str, str], theirs: Mapping[Any, Mapping[str, str]], version: str
) -> None:
    """Refuse to compare a model of ordinal items in which lavaan frees other rows."""
    ours = {
        (names[lhs], op, names.get(rhs, rhs), group)
        for lhs, op, rhs, group, unique in zip(
            table.lhs, table.op, table.rhs, table.group, table.unique, strict=True
        )
        if unique >= 0
    }
    if ours != {key for key, row in theirs.items() if int(row.get("free", "0")) > 0}:
        raise NotSupportedError(
            "lavaan identifies this model in another way.",
            why=f"what equal thresholds leave free differs between its versions; this is {version}",
            fix="compare a fit without equal thresholds, or with a later lavaan",
        )
