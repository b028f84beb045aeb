"""The form of the notebooks; that they run is checked by collecting them with nbmake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").rglob("*.ipynb"))


def test_there_is_a_first_lesson() -> None:
    assert "howto/01_first_model.ipynb" in {"/".join(p.parts[-2:]) for p in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_committed_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_reads_like_a_lesson(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf8"))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds[0] == "markdown"
    assert kinds.count("markdown") >= kinds.count("code") / 2, "say what each step is for"
    assert all(
        "".join(c["source"]).count("\n") < 20 for c in notebook["cells"] if c["cell_type"] == "code"
    )
    assert "synthetic" in "".join(notebook["cells"][0]["source"]).lower()
