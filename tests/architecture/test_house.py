"""The house around the package: what lies at the top, and what must say the same thing twice."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "truststats"

TOP = {
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "environment.yml",
    "pyproject.toml",
    ".ci",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-config.yaml",
    "benchmarks",
    "data",
    "docs",
    "notebooks",
    "tests",
    "truststats",
}
LONGEST_MODULE = 400
TEXT = {".py", ".pyi", ".md", ".toml", ".yml", ".yaml", ".cff", ".ipynb", ".txt", ".R", ".csv", ""}


def tracked() -> list[Path]:
    """Return the files under version control, or all of them where git is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def generate():
    """Load .ci/generate.py, which lies outside any package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / ".ci" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_top_level_is_the_one_described() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert top <= TOP, "a new thing at the top level needs a place in ARCHITECTURE.md and here"
    assert top >= TOP - {".gitattributes"}


def test_module_table_matches_the_tree() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf8")
    assert generate().architecture(page) == page, "run: python .ci/generate.py"


def test_environment_matches_pyproject() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf8")
    assert generate().environment() == text, "run: python .ci/generate.py"


def test_architecture_page_shows_the_order_the_import_test_proves() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf8")
    source = (Path(__file__).parent / "test_imports.py").read_text(encoding="utf8")
    block = source.split("ORDER = (")[1].split(")")[0]
    assert " -> ".join(re.findall(r'"(\w+)"', block)) in re.sub(r"\s+", " ", page)


def test_ci_installs_what_the_readme_says() -> None:
    command = '.venv/bin/pip install -q -e ".[test]"'
    assert command in (ROOT / "README.md").read_text(encoding="utf8")
    assert command.replace(".venv/bin/", "") in (ROOT / ".ci" / "run").read_text(encoding="utf8")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.name)
def test_modules_stay_readable(path: Path) -> None:
    assert path.read_text(encoding="utf8").count("\n") <= LONGEST_MODULE


def test_unit_tests_mirror_the_package() -> None:
    unit = ROOT / "tests" / "unit"
    strays = []
    for test in unit.rglob("test_*.py"):
        folder = test.parent.relative_to(unit)
        name = test.stem.removeprefix("test_")
        if (
            not any((PACKAGE / folder / f"{stem}.py").is_file() for stem in (name, f"_{name}"))
            and not (PACKAGE / folder / name).is_dir()
        ):
            strays.append(test.relative_to(unit).as_posix())
    assert strays == [], "tests/unit mirrors the package file for file"


def test_no_file_names_a_place_outside_the_project() -> None:
    outside = "../" + "shared"
    named = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix in TEXT and outside in path.read_text(encoding="utf8", errors="replace")
    ]
    assert named == []


def test_the_bundled_people_are_labelled_synthetic() -> None:
    for path in tracked():
        if path.is_relative_to(ROOT / "data") and path.suffix == ".md" and "employees" in path.name:
            assert "SYNTHETIC" in path.read_text(encoding="utf8")
    for page in ("README.md", "truststats/datasets.py"):
        assert "synthetic" in (ROOT / page).read_text(encoding="utf8").lower()


def test_notebooks_folders_hold_notebooks() -> None:
    folders = {p.parent for p in (ROOT / "notebooks").rglob("*.ipynb")}
    assert ROOT / "notebooks" / "howto" in folders
