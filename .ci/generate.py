"""Write what is derived from elsewhere: environment.yml and the module table of ARCHITECTURE.md.

Run ``python .ci/generate.py`` after changing a dependency or adding a module; a test compares.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- modules: begin -->", "<!-- modules: end -->"
CONDA_EXTRAS = ("report", "notebooks")
PIP_ONLY = ("lazy_loader", "pyreadstat", "great_tables", "resvg-py")


def requirements(project: dict) -> list[str]:
    """Return the requirements of the package and the extras that an analyst uses."""
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(r for e in CONDA_EXTRAS for r in extras[e])]
    return sorted({r for r in wanted if not r.startswith("truststats[")}, key=str.lower)


def environment() -> str:
    """Return the text of environment.yml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    lines = [
        "# Generated from pyproject.toml by .ci/generate.py; a test compares the two.",
        "name: truststats",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python {project['requires-python']}",
        "  - pip",
    ]
    everything = requirements(project)
    pip = [r for r in everything if re.split(r"[<>=~!\[ ]", r)[0] in PIP_ONLY]
    lines += [f"  - {r}" for r in everything if r not in pip]
    lines += ["  - pip:", *(f"      - {r}" for r in pip), '      - -e ".[report,notebooks]"']
    return "\n".join(lines) + "\n"


def first_sentence(module: Path) -> str:
    """Return the first line of a module's docstring."""
    doc = ast.get_docstring(ast.parse(module.read_text(encoding="utf8"))) or ""
    return doc.split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def module_table() -> str:
    """Return the table of all modules, room by room, with what each is for."""
    package = ROOT / "truststats"
    rows = ["| module | what it is for |", "|---|---|"]
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        rows.append(f"| `{name}` | {first_sentence(path)} |")
    return "\n".join(rows)


def architecture(text: str) -> str:
    """Return ARCHITECTURE.md with its module table brought up to date."""
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    return f"{head}{BEGIN}\n{module_table()}\n{END}{tail}"


def main() -> None:
    """Write both files."""
    page = ROOT / "ARCHITECTURE.md"
    page.write_text(architecture(page.read_text(encoding="utf8")), encoding="utf8")
    (ROOT / "environment.yml").write_text(environment(), encoding="utf8")


if __name__ == "__main__":
    main()
