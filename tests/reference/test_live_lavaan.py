"""A live lavaan writes the same goldens that are committed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import agreement
import make_reference
import material
import numpy as np
import pytest

pytestmark = pytest.mark.lavaan

NAMES = ["sem_mlr", "covariates_fiml_fixed_x"]
NEEDED = "for (p in c('lavaan', 'semTools', 'psych', 'jsonlite')) loadNamespace(p)"


def r_is_ready() -> bool:
    """Say whether Rscript and the packages are there."""
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", NEEDED], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recompute the goldens named above."""
    if not r_is_ready():
        pytest.skip("needs Rscript with lavaan, semTools, psych and jsonlite")
    folder = tmp_path_factory.mktemp("goldens")
    make_reference.make(folder, NAMES)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_golden_is_what_lavaan_gives(name: str, fresh: Path) -> None:
    new = json.loads((fresh / f"{name}.json").read_text(encoding="utf-8"))
    old = material.golden(name)
    theirs = agreement.by_parameter(new["estimates"])
    for parameter, row in agreement.by_parameter(old["estimates"]).items():
        again = theirs[parameter]
        slack = agreement.ESTIMATE * max(abs(row["est"]), row["se"])
        assert again["est"] == pytest.approx(row["est"], abs=slack), parameter
        assert again["se"] == pytest.approx(row["se"], rel=agreement.STD_ERROR), parameter
    for measure, value in old["fitmeasures"].items():
        if value is not None and np.isfinite(value) and measure in new["fitmeasures"]:
            close = pytest.approx(value, rel=agreement.FIT_MEASURE, abs=agreement.FIT_MEASURE)
            assert new["fitmeasures"][measure] == close, measure
