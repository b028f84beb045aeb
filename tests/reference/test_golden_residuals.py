"""Residuals, their standard errors and their summaries against lavaan's lavResiduals."""

from __future__ import annotations

from typing import Any

import agreement
import material
import numpy as np
import pandas as pd
import pytest

GOLDEN = material.golden("residuals")
NAMES = [name for name in GOLDEN if name != "lavaan"]
KINDS = {"raw": "raw", "cor.bentler": "cor_bentler", "cor.bollen": "cor"}
SUMMARIES = {"raw": "rmr", "cor.bentler": "srmr", "cor.bollen": "crmr"}
#: Groups that share parameters: lavaan leaves out that theta moves with the other groups' moments
#: too, so its standard errors are too small (the page on numbers; a simulation in the unit tests).
SHARED = {
    *("groups_scalar", "groups_scalar_mlr", "groups_scalar_fiml", "groups_scalar_fiml_mlr"),
    *("groups_mimic_metric", "groups_constraints"),
}
ALONE = [name for name in NAMES if name not in SHARED]
#: A residual of a badly scaled optimum moves with it; lavaan stops EM at 1e-5 of the likelihood.
Z = 4e-3
#: x max(1, |value|): z-values of tiny residuals of the means (EM) are the farthest off.
SUMMARY = 5e-4


def floats(values: Any) -> np.ndarray:
    """Return a list of numbers and None as floats."""
    return np.array(values, dtype=float)


def lower(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Return the lower triangle of a frame, column by column, as R does."""
    values = frame.loc[names, names].to_numpy()
    return values.T[np.triu_indices(len(values))]


def by_label(made: Any) -> dict[str, Any]:
    """Return what a fit of one group gives as a dict, too."""
    return made if isinstance(made, dict) else {"all": made}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_residuals(name: str, kind: str) -> None:
    fit = material.run(name)
    found = by_label(fit.residuals(KINDS[kind]))
    for label, theirs in GOLDEN[name][kind].items():
        # R writes raw residuals with their units: scale by the size of the moments.
        ours, want = lower(found[label], theirs["names"]), floats(theirs["cov"])
        size = 1.0
        if kind == "raw":
            sample = by_label(fit.sample_moments())
            cov = sample["cov"] if "cov" in sample else sample[label]["cov"]
            sd = np.sqrt(np.diag(cov))
            size = np.outer(sd, sd)[np.triu_indices(len(sd))]
        assert np.abs((ours - want) / size).max() < agreement.EM_MOMENT / 10
        if "mean" in theirs:
            means = by_label(fit.residuals(KINDS[kind], means=True))[label]
            unit = np.sqrt(np.diag(cov)) if kind == "raw" else 1.0
            gap = (means[theirs["names"]].to_numpy() - floats(theirs["mean"])) / unit
            assert np.abs(gap).max() < agreement.EM_MOMENT / 10


def compare_z(fit: Any, name: str, kind: str, golden: str, key: str) -> None:
    """Compare z-values of all groups, where we give one."""
    found, means = by_label(fit.residuals(kind)), None
    for label, theirs in GOLDEN[name][golden].items():
        names = GOLDEN[name]["raw"][label]["names"]
        pairs = [(lower(found[label], names), theirs[key])]
        if "mean" in theirs:
            means = means or by_label(fit.residuals(kind, means=True))
            pairs.append(
                (
                    means[label][names].to_numpy(),
                    theirs[key.replace("cov", "mean")] if key == "cov" else theirs["mean_z"],
                )
            )
        for ours, want in pairs:
            known = ~np.isnan(ours)
            assert np.abs(ours - floats(want))[known].max(initial=0.0) < Z


@pytest.mark.parametrize("name", NAMES)
def test_normalized_residuals(name: str) -> None:
    compare_z(material.run(name), name, "normalized", "normalized", "cov")


@pytest.mark.parametrize("name", ALONE)
def test_standardized_residuals(name: str) -> None:
    fit = material.run(name)
    compare_z(fit, name, "standardized", "raw", "z")
    for label, theirs in GOLDEN[name]["raw"].items():
        # What we call undefined has no standard error and next to no residual in lavaan.
        none = np.isnan(lower(by_label(fit.residuals("z"))[label], theirs["names"]))
        assert np.abs(floats(theirs["cov"]))[none].max(initial=0.0) < 5e-4
        assert floats(theirs["se"])[none].max(initial=0.0) < 1e-4


@pytest.mark.parametrize("name", sorted(SHARED))
def test_standard_errors_in_groups_that_share_parameters_are_larger(name: str) -> None:
    fit = material.run(name)
    for label, theirs in GOLDEN[name]["raw"].items():
        ours = lower(fit.residuals(group=label) / fit.residuals("z", group=label), theirs["names"])
        want = floats(theirs["se"])
        known = ~np.isnan(ours)
        assert (ours[known] > want[known] * (1.0 - agreement.STD_ERROR)).all()
        assert np.median(ours[known] / want[known]) < 1.4


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("kind", SUMMARIES)
def test_summaries(name: str, kind: str) -> None:
    fit = material.run(name)
    for label, theirs in GOLDEN[name][kind].items():
        single = len(GOLDEN[name][kind]) == 1
        ours = fit.residual_summary(SUMMARIES[kind], group=None if single else label)
        table = theirs["summary"]
        want = pd.DataFrame(table["values"], columns=list(table["cols"]), dtype=float)
        assert list(ours.columns) == list(want.columns)
        spelled = [row.replace(".", "_").replace("cilupper", "ci_upper") for row in table["rows"]]
        assert list(ours.index) == spelled
        for column in want:
            mine, value = ours[column].to_numpy().copy(), want[column].to_numpy()
            if np.isnan(mine[1]):
                # no residual can differ from zero: lavaan gives no standard error either
                assert np.isnan(value[1])
                assert value[0] < 1e-4
                continue
            # lavaan cuts z of exact fit off at zero
            cut = mine[2] < 0
            mine[2:4] = (0.0, 0.5) if cut else mine[2:4]
            allowed = SUMMARY * np.maximum(1.0, np.abs(value))
            assert (np.abs(mine - value) < allowed).all(), (column, mine - value)
