"""Sphinx settings. Build: sphinx-build -W -b html docs docs/_build."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import truststats

HERE = Path(__file__).parent
(HERE / "tutorial").mkdir(exist_ok=True)
for notebook in sorted((HERE.parent / "notebooks" / "howto").glob("*.ipynb")):
    shutil.copyfile(notebook, HERE / "tutorial" / notebook.name)

project = "truststats"
author = "The truststats developers"
copyright = "The truststats developers, MIT licence"
version = release = truststats.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "jupyter_execute"]

nb_execution_mode = "force"
nb_execution_timeout = 180
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": "model_config, model_post_init"}
napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_use_ivar = True

html_theme = "furo"
html_title = "truststats"
html_static_path = ["_static"]
suppress_warnings = ["mystnb.unknown_mime_type"]


def one_entry_a_name(app, what, name, obj, options, lines: list[str]) -> None:
    """Give each name of ``a, b : type`` an entry of its own, which napoleon can read."""
    entries: list[str] = []
    while lines:
        line = lines.pop(0)
        body: list[str] = []
        if shared := re.match(r"(\w+(?:, \w+)+) : (.*)", line):
            while lines and lines[0].startswith(" "):
                body.append(lines.pop(0))
            for one in shared[1].split(", "):
                entries += [f"{one} : {shared[2]}", *body]
        else:
            entries.append(line)
    lines[:] = entries


def setup(app) -> None:
    """Run before napoleon, whose priority is 500."""
    app.connect("autodoc-process-docstring", one_entry_a_name, priority=400)
