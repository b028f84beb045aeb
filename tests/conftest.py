"""What every test shares: where the project is, and the optional external data."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
# Read when numpy is first imported, which is later. The matrices are small: threads that wait for
# each other would more than double the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the root of the checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def external() -> Path:
    """Return the external data folder, or skip the test where none is set."""
    folder = os.environ.get("TRUSTSTATS_EXTERNAL", "")
    if not folder:
        pytest.skip("TRUSTSTATS_EXTERNAL is not set")
    path = Path(folder)
    assert path.is_dir(), f"TRUSTSTATS_EXTERNAL={folder} is not a folder"
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a headless-capable Chromium, or skip the test where there is none."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no chromium; .ci/run should have installed it")
        pytest.skip("no chromium on this machine")
    return found
