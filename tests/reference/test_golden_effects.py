"""Effects that nobody wrote down against the same effects written as defined parameters."""

from __future__ import annotations

import agreement
import material
import numpy as np
import pandas as pd
import pytest

NAMES = [spec["name"] for spec in material.fits_table()["fits"] if spec["model"] == "sem"]
# (effect, lhs, rhs, via) and the defined parameter of the model that says the same.
SAME = {
    ("specific", "results", "info", "trust"): "via_trust",
    ("specific", "results", "info", "auton"): "via_auton",
    ("specific", "results", "info", "trust -> auton"): "serial",
    ("total", "results", "info", ""): "total",
}


def by_effect(table: pd.DataFrame) -> pd.DataFrame:
    """Index a table of effects."""
    return table.set_index(["effect", "lhs", "rhs", "via"])


@pytest.mark.parametrize("name", NAMES)
def test_effects_are_lavaans_defined_parameters(name: str) -> None:
    golden = material.golden(name)
    raw = agreement.by_parameter(golden["estimates"])
    standard = agreement.by_parameter(golden["standardizedSolution"])
    defined = {key[0]: key for key in raw if key[1] == ":="}
    effects = by_effect(material.run(name).effects())
    found = []
    for effect, label in SAME.items():
        mine, theirs = effects.loc[effect], raw[defined[label]]
        slack = agreement.ESTIMATE * max(abs(theirs["est"]), theirs["se"])
        wide = agreement.STD_ERROR * theirs["se"]
        found += agreement.check(f"{label} est", mine["est"], theirs["est"], slack)
        found += agreement.check(f"{label} se", mine["se"], theirs["se"], wide)
        theirs = standard[defined[label]]
        wide = agreement.STD_ERROR * theirs["se"]
        close = agreement.STANDARDIZED
        found += agreement.check(f"{label} std", mine["std_all"], theirs["est.std"], close)
        found += agreement.check(f"{label} std se", mine["std_se"], theirs["se"], wide)
    assert not found, agreement.explain(found)


def test_monte_carlo_limits_of_a_single_path_are_its_delta_limits() -> None:
    fit = material.run("sem_mlr_cluster")
    delta = by_effect(fit.effects())
    drawn = by_effect(fit.effects(ci="monte_carlo", seed=1, draws=20_000))
    one = ("direct", "results", "info", "")
    # 20,000 draws put a 2.5 % limit within about .02 standard errors.
    for limit in ("ci_lower", "ci_upper"):
        assert abs(drawn.loc[one, limit] - delta.loc[one, limit]) < 0.08 * delta.loc[one, "se"]
    # The product of two paths is skewed, so its limits move the same way and the delta's do not.
    product = ("specific", "results", "info", "trust -> auton")
    middle = (drawn.loc[product, "ci_lower"] + drawn.loc[product, "ci_upper"]) / 2
    assert middle > delta.loc[product, "est"]
    assert np.isfinite(drawn.to_numpy(dtype=float)).all()
