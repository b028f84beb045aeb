"""Everything a study writes, read back from its files and solved for what it hides."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import truststats as ts
from truststats.cli import app
from truststats.constructs import load_instrument
from truststats.survey import Statement, audit, read_survey

MIN_N = 5
CODES = (1.0, 2.0, 3.0, 4.0, 5.0)
GONE = ("blank", "dont_know", "user_missing", "out_of_range", "unreadable")
FILLED = ("del1", "aut1", "goal2", "ti1")
"""Items of which a few answers only are missing in the altered survey."""


def altered() -> pd.DataFrame:
    """Return the bundled answers with three people in a third city, and items few left out."""
    frame = ts.load_dataset("municipal_employees")
    frame.loc[[5, 700, 1500], "city"] = "Lillevik"
    for k, item in enumerate(FILLED):
        away = frame.index[frame[item].isna() | (frame[item] == 9)]
        frame.loc[away[k + 1 :], item] = 3.0
    return frame


@pytest.fixture(scope="module", params=["bundled", "role", "altered"])
def written(request, tmp_path_factory) -> tuple[Path, pd.DataFrame, str]:
    """Return the folder of a study, its answers and the column of its groups."""
    folder = tmp_path_factory.mktemp(request.param) / "out"
    quick = {"rivals": False, "crosscheck": False, "out": folder, "progress": None}
    if request.param == "bundled":
        done = CliRunner().invoke(app, ["study", "--group", "city", "--out", str(folder)])
        assert done.exit_code == 0, done.output
        return folder, ts.load_dataset("municipal_employees"), "city"
    if request.param == "role":
        ts.study(group="role", **quick)
        return folder, ts.load_dataset("municipal_employees"), "role"
    frame = altered()
    ts.study(data=frame, instrument="tbm-core", cluster="unit", group="city", synthetic=True,
             **quick)  # fmt: skip
    return folder, frame, "city"


def number(text: str) -> float:
    """Return a number of the report, NaN for a mark."""
    plain = text.replace(",", "").replace("*", "").strip()
    return float(plain) if plain.replace(".", "").isdigit() else np.nan


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def said_of_groups(folder: Path, record: dict, page: str) -> list[Statement]:
    """Return every number of people by group: record, table, page and sentence."""
    names = list(record["groups"]["people"])
    total = record["provenance"]["data"]["rows"]
    said = [Statement.exactly("rows", [("group", g) for g in names], total)]
    shown = [(g, n) for g, n in record["groups"]["people"].items() if n is not None]
    shown += [(r["group"], number(r["answered"])) for r in
              rows_of(folder / "tables" / "groups_people.csv")]  # fmt: skip
    shown += [(g, number(n)) for g in names
              for n in re.findall(rf">{g}</t[hd]>\s*<td[^>]*>([\d,•]+)</td>", page)]  # fmt: skip
    for sentence in re.findall(r"groups at once \(([^)]*(?:\)[^)]*)?)\)", page):
        shown += [(g, number(n)) for g in names for n in re.findall(rf"{g} ([\d,]+)", sentence)]
    said += [Statement.exactly("group", [("group", g)], n) for g, n in shown if not np.isnan(n)]
    return said


def said_of_missing(folder: Path, record: dict, items: list[str]) -> list[Statement]:
    """Return what the table of missing answers and the record say of every item."""
    total = record["provenance"]["data"]["rows"]
    said = []
    for row in rows_of(folder / "tables" / "missing_answers.csv"):
        cells = [(row["item"], part) for part in (*CODES, *GONE)]
        said.append(Statement.exactly("everybody", cells, total))
        for column, part in (("valid", cells[:5]), ("missing", cells[5:])):
            if row[column]:
                said.append(Statement.exactly(column, part, float(row[column])))
        if row["share_missing"]:
            said.append(Statement.exactly("share", cells[5:], float(row["share_missing"]) * total))
    for found in record["provenance"]["exclusions"]:
        own = {i: n for i, n in found["by_item"].items()}
        said += [Statement.exactly("excluded", [(i, found["code"])], n) for i, n in own.items()]
        if found["count"] is not None and found["unit"] == "cells":
            cells = [(i, found["code"]) for i in items]
            said.append(Statement.exactly("excluded in all", cells, found["count"]))
    return said


def said_of_answers(page: str, truth: dict, items: list[str]) -> list[Statement]:
    """Return what the bars of the page say: how many answered, and the share of each answer."""
    text = {unescape(i.text["en"]): i.name for i in load_instrument("tbm-core").items}
    said, seen = [], set()
    pattern = r"<li>([^<]+?)(?: \(R\))? <small>n = ([\d,•]+)\*?</small><span[^>]*>(.*?)</span>"
    for wording, n, bar in re.findall(pattern, page):
        item = text[unescape(wording)]
        seen.add(item)
        colours = ("#b35806", "#f1a35c", "#d9dde0", "#8fbfdc", "#2268a8")
        widths = [re.search(rf"width:([\d.]+)%;background:{c}", bar) for c in colours]
        shares = [float(found[1]) if found else 0.0 for found in widths]
        cells = [(item, code) for code in CODES]
        if not np.isnan(number(n)):
            said.append(Statement.exactly("n of a bar", cells, number(n)))
        pools: dict[int, list] = {k: [cells[k]] for k, share in enumerate(shares) if share}
        for k, share in enumerate(shares):
            if not share and truth[cells[k]]:
                inward = [j for j in pools if (j > k) == (k < 2)] or list(pools)
                pools[min(inward, key=lambda j: abs(j - k))].append(cells[k])
        half = 0.05 if not np.isnan(number(n)) else 1.0
        for k, pool in pools.items():
            for limit, sign in ((shares[k] - half, 1.0), (shares[k] + half, -1.0)):
                terms = {c: sign * ((c in pool) - limit / 100) for c in cells}
                said.append(Statement("share of an answer", terms, -1e-6, np.inf))
    assert seen == set(items)
    return said


def said_of_means(record: dict, items: list[str]) -> list[Statement]:
    """Return the sums that intercepts times people tell: of everybody, and of every group."""
    groups, said = list(record["groups"]["people"]), []
    parts = [(groups, record["fit"]["parameters"], record["fit"]["nobs"])]
    by_group = record["groups"]["parameters"] or []
    people = record["groups"]["people"]
    for g in record["groups"]["compared"]:
        own = [row for row in by_group if row["group"] == g]
        parts.append(([g], own, people[g] if people[g] is not None else 1000))
    for names, rows, n in parts:
        for row in rows:
            if row["op"] == "~1" and row["lhs"] in items:
                cells = [("sum", row["lhs"], g) for g in names]
                said.append(Statement.exactly("mean times people", cells, row["est"] * n))
    return said


def counts_of(frame: pd.DataFrame, group: str) -> dict:
    """Return the true number of people in every cell."""
    survey = read_survey(frame, instrument="tbm-core")
    missing = survey.missingness()
    truth: dict = {("group", g): int(n) for g, n in frame[group].value_counts().items()}
    for item in survey.items:
        answers = survey.values([item])[item]
        truth |= {(item, code): int((answers == code).sum()) for code in CODES}
        truth |= {(item, state): int(missing.loc[item, state]) for state in GONE}
    return truth


def test_no_hidden_number_of_a_study_can_be_worked_out(written) -> None:
    folder, frame, group = written
    record = json.loads((folder / "results.json").read_text("utf-8"))
    page = (folder / "report.html").read_text("utf-8")
    truth = counts_of(frame, group)
    items = sorted({c[0] for c in truth if c[0] != "group"})
    said = [
        *said_of_groups(folder, record, page),
        *said_of_missing(folder, record, items),
        *said_of_answers(page, truth, items),
    ]
    for one in said:
        value = sum(truth[cell] * weight for cell, weight in one.cells.items())
        assert one.low - 1e-4 <= value <= one.high + 1e-4, f"what is read is true: {one}"
    small = {cell: {cell: 1.0} for cell, n in truth.items() if 0 < n < MIN_N}
    for item in items:
        for part in (CODES, GONE):
            cells = dict.fromkeys(((item, p) for p in part), 1.0)
            if 0 < sum(truth[c] for c in cells) < MIN_N:
                small[item, part[0], "all"] = cells
    found = audit(said, small, width=3.0, whole=False)
    assert found.ok, found.failures.to_string()


def test_no_mean_of_a_few_people_can_be_worked_out(written) -> None:
    folder, frame, group = written
    record = json.loads((folder / "results.json").read_text("utf-8"))
    items = [i.name for i in load_instrument("tbm-core").items]
    said = said_of_means(record, items)
    assert said
    few = [g for g, n in frame[group].value_counts().items() if n < MIN_N]
    sums = {("sum", i, g): {("sum", i, g): 1.0} for i in items for g in few}
    known = {cell for one in said for cell in one.cells}
    sums = {cell: part for cell, part in sums.items() if cell in known}
    assert audit(said, sums, width=4.0, whole=False).ok
    assert bool(few) == (("sum", "vtr1", "Lillevik") in sums)


@pytest.mark.parametrize("written", ["altered"], indirect=True)
def test_what_is_small_is_hidden_and_one_number_more_would_give_it_away(written) -> None:
    folder, frame, _ = written
    record = json.loads((folder / "results.json").read_text("utf-8"))
    people = record["groups"]["people"]
    assert people["Lillevik"] is None
    assert [n for n in people.values() if n is not None], "no more is hidden than must be"
    hidden = {r["item"] for r in rows_of(folder / "tables" / "missing_answers.csv")
              if not r["valid"]}  # fmt: skip
    assert hidden == set(FILLED)
    page = (folder / "report.html").read_text("utf-8")
    assert page.count("<small>n = •") == len(FILLED)
    truth = counts_of(frame, "city")
    target = {"Lillevik": {("group", "Lillevik"): 1.0}}
    said = said_of_groups(folder, record, page)
    for city, n in people.items():
        if n is None and city != "Lillevik":
            more = Statement.exactly("given away", [("group", city)], truth["group", city])
            assert not audit([*said, more], target).ok
