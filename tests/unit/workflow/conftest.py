"""The framework fitted to the bundled answers, once for all, and whether lavaan is there."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

import truststats as ts


@pytest.fixture(scope="session")
def framework_fit() -> Any:
    """Return the framework on the complete rows of the bundled survey, clustered by unit."""
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    return ts.fit(ts.load_framework(), survey, missing="listwise")


@pytest.fixture(scope="session")
def live_lavaan() -> None:
    """Skip the test where there is no Rscript with lavaan."""
    ask = ["Rscript", "-e", "loadNamespace('lavaan')"]
    if shutil.which("Rscript") is None or subprocess.run(ask, capture_output=True).returncode:
        pytest.skip("needs Rscript with lavaan")
