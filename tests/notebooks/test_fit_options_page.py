"""The page of options lists every option of a fit, with the defaults that a call has."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pandas as pd
import pytest

import truststats as ts

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = re.findall(
    r"^\| `(\w+)` \| (.*?) \|", (DOCS / "reference" / "fit_options.md").read_text("utf-8"), re.M
)


def test_every_option_is_listed_once() -> None:
    options = [name for name in inspect.signature(ts.fit).parameters if name != "later"]
    assert sorted(name for name, _ in ROWS) == sorted(options)


@pytest.mark.parametrize(("name", "shown"), [r for r in ROWS if re.fullmatch("`[^`]*`", r[1])])
def test_plain_defaults_are_those_of_the_call(name: str, shown: str) -> None:
    default = inspect.signature(ts.fit).parameters[name].default
    usual = {"estimator": "ML", "likelihood": "normal", "missing": "listwise"}
    wanted = usual.get(name, default) if default is None else default
    assert shown.strip("`") == (f'"{wanted}"' if isinstance(wanted, str) else repr(wanted))


def test_the_numbers_of_which_estimator_are_those_of_its_example() -> None:
    page = (DOCS / "howto" / "which_estimator.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    code = next(block for block in blocks if "pd.DataFrame(" in block)
    names: dict[str, object] = {}
    exec(compile(code.replace("\npd.DataFrame(", "\nshown = pd.DataFrame("), "page", "exec"), names)
    shown = names["shown"]
    assert isinstance(shown, pd.DataFrame)
    for name, row in shown.iterrows():
        numbers = f"{row['rows']:.0f} | {row['a']:.3f} | {row['se']:.3f}"
        assert f"| {name} | {numbers} | {row['chi-square']:.1f} | {row['CFI']:.3f} |" in page
