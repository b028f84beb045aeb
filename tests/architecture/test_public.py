"""The public face: a light import, names that resolve, and a docstring on everything public."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import truststats as ts

PACKAGE = Path(ts.__file__).parent
HEAVY = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "semopy", "pydantic", "pyarrow")
MODULES = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))


def test_a_bare_import_loads_nothing_heavy() -> None:
    code = f"import sys, truststats; print(*(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_few_public_names() -> None:
    assert len(ts.__all__) <= 48


@pytest.mark.parametrize("name", [n for n in ts.__all__ if n != "__version__"])
def test_public_name_resolves_and_has_a_docstring(name: str) -> None:
    value = getattr(ts, name)
    assert callable(value)
    assert value.__name__ == name
    assert (value.__doc__ or "").strip(), f"ts.{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_verb"):
        _ = ts.no_such_verb  # pyright: ignore[reportAttributeAccessIssue]


def test_importing_a_room_does_not_hide_the_verb_of_the_same_name() -> None:
    code = "import truststats.simulate, truststats as ts; assert callable(ts.simulate)"
    subprocess.run([sys.executable, "-c", code], check=True)


def public_definitions(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    """Return public functions and classes of a module, and the public methods of the classes."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    top = [n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]
    methods = [
        m
        for c in top
        if isinstance(c, ast.ClassDef)
        for m in c.body
        if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")
    ]
    return [*top, *methods]


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_has_a_docstring(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf8"))
    assert ast.get_docstring(tree), f"{module} has no module docstring"
    bare = [f"{d.lineno} {d.name}" for d in public_definitions(tree) if not ast.get_docstring(d)]
    assert bare == [], f"{module}: no docstring"


@pytest.mark.parametrize("module", [m for m in MODULES if m != "cli.py"])
def test_library_code_does_not_print(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf8"))
    prints = [
        n.lineno
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print"
    ]
    assert prints == [], f"{module} prints on lines {prints}"
