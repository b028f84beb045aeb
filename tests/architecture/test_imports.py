"""Imports point left only: the folders are the pipeline, in this order."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "truststats"

ORDER = (
    "constructs",
    "model",
    "framework",
    "survey",
    "simulate",
    "estimation",
    "inference",
    "psychometrics",
    "results",
    "workflow",
    "present",
    "studies",
    "cli",
)
LEAVES = ("arrays", "errors", "options", "_bridge", "datasets")
"""Anyone may import a leaf; a leaf imports leaves only. `_bridge` calls to the right by name."""

ONLY_IN = {"semopy": "estimation/semopy_adapter.py"}
"""Outside packages that one fenced module may import."""

MODULES = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    """Return the room of a module path: its folder, or its own name at the top."""
    name = module.split("/")[0].removesuffix(".py")
    return "cli" if name == "__main__" else name


def imported(tree: ast.AST) -> set[str]:
    """Return the absolute dotted names that a module imports, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import; write the full name"
            module = node.module or ""
            names.add(module)
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def typing_only(tree: ast.AST) -> ast.AST:
    """Drop the bodies of ``if TYPE_CHECKING:``, which never run."""

    class Drop(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
            if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                return node.orelse
            return self.generic_visit(node)

    return Drop().visit(tree)


def rooms_used(module: str) -> set[str]:
    tree = typing_only(ast.parse((PACKAGE / module).read_text(encoding="utf8")))
    dotted = [n.split(".") for n in imported(tree) if n.startswith("truststats")]
    known = {*ORDER, *LEAVES}
    return {parts[1] for parts in dotted if len(parts) > 1 and parts[1] in known} - {room(module)}


def test_every_room_has_its_place() -> None:
    rooms = {room(m) for m in MODULES} - {"__init__"}
    assert rooms <= {*ORDER, *LEAVES}, "a new room needs its place in ORDER"


@pytest.mark.parametrize("module", [m for m in MODULES if m != "__init__.py"])
def test_imports_point_left(module: str) -> None:
    here = room(module)
    allowed = set(LEAVES) if here in LEAVES else {*LEAVES, *ORDER[: ORDER.index(here)]}
    assert rooms_used(module) <= allowed, f"{module} imports to its right"


@pytest.mark.parametrize("module", MODULES)
def test_fenced_packages(module: str) -> None:
    names = {
        n.split(".")[0] for n in imported(ast.parse((PACKAGE / module).read_text(encoding="utf8")))
    }
    for package, home in ONLY_IN.items():
        assert package not in names or module == home, f"{package} is imported in {home} only"
