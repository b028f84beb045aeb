"""Run lavaan in R on the data of a fit, where Rscript and lavaan are installed."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from truststats.errors import ConvergenceError, NotSupportedError
from truststats.model import canonical

if TYPE_CHECKING:
    from truststats.results import Fit

__all__ = ["LavaanEstimate", "estimate_lavaan"]

Array = NDArray[np.float64]

_LABEL = r"(?<![\w.])\.?[^\W\d][\w.]*+(?!\s*\()"
"""A name in an expression that is no function and no part of a number such as 1e3."""


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
    sample = fit.estimate.sample
    if sample.rows is None and (fit.missing == "ml" or fit.estimator != "ML"):
        raise NotSupportedError(
            "the fit holds no rows.",
            why="a saved fit holds no respondent's answers, and lavaan needs them",
            fix="fit the model to the data again",
        )
    with TemporaryDirectory() as folder:
        _write(fit, Path(folder))
        _run(Path(folder), timeout)
        return _read(fit, Path(folder))


def _names(fit: Fit) -> dict[str, str]:
    """Return a neutral name for each variable, label and defined parameter."""
    table = fit.partable
    variables = {name: f"v{k}" for k, name in enumerate((*table.ov, *table.lv))}
    labels = dict.fromkeys(label for label in table.label if label)
    return variables | {f"label {label}": f"b{k}" for k, label in enumerate(labels)}


def _model_text(fit: Fit) -> str:
    names = _names(fit)

    def label(name: str) -> str:
        return names.get(f"label {name}", name)

    def term(match: re.Match[str]) -> str:
        return label(match.group())

    statements = []
    for s in fit.model.statements:
        if s.op == ":=":
            rhs = re.sub(_LABEL, term, s.rhs.replace("**", "^"))
            statements.append(replace(s, lhs=label(s.lhs), rhs=rhs))
        else:
            statements.append(
                replace(
                    s,
                    lhs=names[s.lhs],
                    rhs=names[s.rhs] if s.rhs else "",
                    label=label(s.label) if s.label else None,
                )
            )
    return canonical(statements)


def _write(fit: Fit, folder: Path) -> None:
    """Write model, data and script."""
    options, sample, names = fit.options, fit.estimate.sample, _names(fit)
    header = [names[v] for v in fit.partable.ov]
    arguments = {
        "estimator": f'"{fit.estimator}"',
        "std.lv": _flag(options["std_lv"]),
        "orthogonal": _flag(options["orthogonal"]),
        "fixed.x": _flag(options["fixed_x"]),
        "meanstructure": _flag(options["meanstructure"]),
        "information": f'"{fit.information}"',
    }
    if options.get("likelihood") == "wishart":
        arguments["likelihood"] = '"wishart"'
    if sample.rows is not None:
        rows = sample.rows
        arguments |= {"data": "data", "missing": f'"{fit.missing}"'}
        if sample.clusters is not None:
            rows, header = np.column_stack([rows, sample.clusters]), [*header, "g"]
            arguments["cluster"] = '"g"'
        else:
            arguments |= {"se": f'"{fit.se_type}"', "test": f'"{fit.test_type}"'}
    else:
        rows = sample.cov * (sample.n / (sample.n - 1))
        arguments |= {"sample.cov": "cov", "sample.nobs": str(sample.n)}
        if options["meanstructure"]:
            rows = np.vstack([rows, sample.mean])
            arguments["sample.mean"] = "mean"
    with (folder / "data.csv").open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([["" if v != v else repr(float(v)) for v in row] for row in rows])
    (folder / "model.lav").write_text(_model_text(fit) + "\n", encoding="ascii")
    given = ", ".join(f"{name} = {value}" for name, value in arguments.items())
    (folder / "run.R").write_text(_SCRIPT.format(arguments=given), encoding="ascii")


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
fit <- suppressWarnings(sem(model, {arguments}))
table <- parTable(fit)
out <- data.frame(
  lhs = table$lhs, op = table$op, rhs = table$rhs,
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
        theirs = [row for row in csv.DictReader(file) if row["op"] != "=="]
    version, converged = (folder / "about.txt").read_text("utf-8").split("\n")[:2]
    names, table = _names(fit), fit.partable
    est, se = np.full(len(table), np.nan), np.full(len(table), np.nan)
    at = {(row["lhs"], row["op"], row["rhs"] if row["op"] != ":=" else ""): row for row in theirs}
    for k, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True)):
        if op == ":=":
            key = (names[f"label {lhs}"], op, "")
        else:
            key = (names[lhs], op, names[rhs] if rhs else "")
        est[k] = float(at[key]["est"])
        se[k] = float(at[key]["se"]) if at[key]["se"] != "NA" else np.nan
    return LavaanEstimate(est, se, converged.strip() == "TRUE", version.strip())
