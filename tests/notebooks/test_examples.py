"""What README and the how-to pages show is run: Python blocks, settings files, command lines."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer.main

import truststats as ts
from truststats.cli import app
from truststats.constructs.library import LIBRARY
from truststats.datasets import dataset_path
from truststats.studies import StudyConfig

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*/*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf8"), re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Return every truststats command line in the pages, with the page's name."""
    return [
        (page.name, "truststats " + call.split("#")[0].strip())
        for page in PAGES
        for block in blocks(page, "sh")
        for call in re.findall(r"(?:^|/|&& )truststats (\w[^\n&]*)", block, re.MULTILINE)
    ]


def two_versions(folder: Path) -> None:
    """Write two versions of a questionnaire, each in a folder, and a wave of answers to each."""
    answers = ts.load_dataset("municipal_employees")
    core = (LIBRARY / "instruments" / "tbm-core.toml").read_text("utf8")
    trust = (LIBRARY / "vertical_trust.toml").read_text("utf8")
    asked = core.replace('"vtr4", "vtr5"', '"vtr4"').replace('version = "0.1"', 'version = "0.2"')
    for year, text in (("2025", core), ("2027", asked)):
        (folder / year).mkdir()
        (folder / year / "core.toml").write_text(text, "utf8")
        rows = answers.iloc[int(year) % 3 :: 3].drop(columns=["vtr5"] if year == "2027" else [])
        rows.to_csv(folder / f"wave-{year}.csv", index=False)
    renewed = trust.replace("I can rely on what", "I trust what").replace("kan stole på", "tror på")
    (folder / "2027" / "vertical_trust.toml").write_text(renewed, "utf8")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return a namespace, in a folder with the files that the examples name."""
    answers = ts.load_dataset("municipal_employees").iloc[::3]
    answers.to_csv(tmp_path / "answers.csv", index=False)
    (tmp_path / "answers.sav").write_bytes(dataset_path("municipal_employees", "sav").read_bytes())
    (tmp_path / "study.toml").write_text(
        'data = "answers.csv"\ninstrument = "tbm-core"\ncluster = "unit"\nrivals = false\n'
        "crosscheck = false\n"
    )
    two_versions(tmp_path)
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(1)
    trust = draw.normal(size=(300, 1))
    auto = 0.5 * trust + draw.normal(size=(300, 1))
    items = np.hstack([trust + draw.normal(size=(300, 3)), auto + draw.normal(size=(300, 3))])
    frame = pd.DataFrame(items, columns=["t1", "t2", "t3", "a1", "a2", "a3"])
    frame["unit"] = np.arange(300) // 10
    cov = frame.drop(columns="unit").cov()
    model = "trust =~ t1 + t2 + t3\n auto =~ a1 + a2 + a3\n auto ~ trust"
    return {"ts": ts, "frame": frame, "cov": cov, "model": model, "tmp": tmp_path}


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=lambda p: p.name)
def test_python_examples_run(page: Path, desk: dict[str, object]) -> None:
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), desk)


def test_settings_examples_are_valid() -> None:
    found = [block for page in PAGES for block in blocks(page, "toml")]
    assert found
    for block in found:
        settings = tomllib.loads(block)
        if "items" not in settings:
            StudyConfig.of(settings)


def test_the_mapping_files_that_are_shown_say_the_same_and_bind_a_file(tmp_path: Path) -> None:
    page = ROOT / "docs" / "howto" / "map_columns.md"
    mapping = next(block for block in blocks(page, "toml") if "[items]" in block)
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf8")
    (tmp_path / "mapping.csv").write_text(blocks(page, "text")[0], encoding="utf8")
    answers = pd.DataFrame(
        {"Q14_1": [1, 2, 8], "Q14_2": [3, 4, 99], "Q14_3": [1, 2, 8], "Q20_1": [1, 7, 8]}
    )
    surveys = [
        ts.read_survey(answers, instrument="tbm-core", columns=tmp_path / f"mapping.{kind}")
        for kind in ("toml", "csv")
    ]
    assert surveys[0].rules == surveys[1].rules
    assert surveys[0].items == ("vtr1", "vtr2", "vtr3", "res1")
    values = surveys[0].values()
    assert values["vtr3"].tolist()[:2] == [5, 4], "turned round"
    assert values["res1"].tolist()[:2] == [1, 7]
    assert values.iloc[2].isna().all(), "the codes for missing"
    assert "ti1" not in surveys[0].missing_items


def test_the_columns_of_a_settings_file_are_read_like_a_mapping() -> None:
    page = ROOT / "docs" / "howto" / "map_columns.md"
    settings = next(tomllib.loads(b) for b in blocks(page, "toml") if "[columns]" in b)
    answers = pd.DataFrame({"Q14_1": [1, 2], "Q14_3": [1, 2]})
    columns = StudyConfig.of(settings).columns
    survey = ts.read_survey(answers, instrument="tbm-core", columns=columns)
    assert survey.values()["vtr3"].tolist() == [5, 4]


@pytest.mark.parametrize(("page", "line"), commands())
def test_command_lines_exist(page: str, line: str) -> None:
    known = typer.main.get_command(app).commands
    words = shlex.split(line)[1:]
    options = {o for p in known[words[0]].params for o in p.opts}
    assert {w for w in words if w.startswith("--")} <= options, f"{page}: {line}"


def test_every_setting_of_a_study_is_described() -> None:
    described = re.findall(r"^    (\w[\w, ]*) : ", StudyConfig.__doc__ or "", re.MULTILINE)
    names = {name for line in described for name in line.split(", ")}
    assert names == set(StudyConfig.model_fields)


def test_the_command_line_page_lists_every_command() -> None:
    page = (ROOT / "docs" / "reference" / "command_line.md").read_text(encoding="utf8")
    for name in typer.main.get_command(app).commands:
        assert f"`truststats {name}" in page
