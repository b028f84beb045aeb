"""The framework fitted to the bundled answers, once for all."""

from __future__ import annotations

from typing import Any

import pytest

import truststats as ts


@pytest.fixture(scope="session")
def framework_fit() -> Any:
    """Return the framework on the complete rows of the bundled survey, clustered by unit."""
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    return ts.fit(ts.load_framework(), survey, missing="listwise")
