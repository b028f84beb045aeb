"""Remake the bundled survey, bit for bit: ``python -m truststats.simulate.bundle data/``.

Writes the synthetic survey in every form it comes in (a clean csv, the csv a municipality might
send, an SPSS file), its list of units, its truth table and its datasheet, and refreshes the
sha256 of every file in the registry.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from truststats.constructs import Instrument, load_instrument
from truststats.framework import load_framework
from truststats.simulate.draw import draw_frame
from truststats.simulate.files import write_clean, write_sav, write_ugly
from truststats.simulate.load import load_population
from truststats.simulate.sampling import Sampling
from truststats.simulate.stream import SEED
from truststats.simulate.truth import truth_table

__all__ = ["make_bundle", "refresh_registry"]

NAME = "municipal_employees"
_FILES = {
    "csv": f"{NAME}.csv",
    "ugly": f"{NAME}_ugly.csv",
    "sav": f"{NAME}.sav",
    "units": f"{NAME}_units.csv",
    "truth": f"{NAME}_truth.csv",
}
_HEAD = """\
# Every bundled dataset: its files, and the sha256 of each. Written by
#   python -m truststats.simulate.bundle data/
# which makes the synthetic survey again and refreshes n and every hash. Titles, citations and
# notes are written by hand, and kept.
"""


def make_bundle(folder: str | Path) -> Path:
    """Write the synthetic survey and everything about it into a folder.

    Parameters
    ----------
    folder : str or path
        Made if need be. A ``registry.toml`` in it is refreshed, else one is begun.

    Returns
    -------
    Path
        The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    population, instrument = load_population("tbm"), load_instrument("tbm-core")
    frame, units = draw_frame(population, [item.name for item in instrument.items])
    answered = int((units["answered"] > 0).sum())
    truth = truth_table(
        population,
        load_framework("tbm"),
        instrument=instrument,
        n=len(frame),
        people_per_unit=len(frame) / answered,
    )
    write_clean(frame, folder / _FILES["csv"])
    write_ugly(frame, instrument, folder / _FILES["ugly"])
    write_sav(frame, instrument, folder / _FILES["sav"])
    write_clean(units.drop(columns="answered"), folder / _FILES["units"])
    write_clean(truth, folder / _FILES["truth"])
    sheet = _datasheet(frame, units, truth, instrument)
    (folder / f"{NAME}.md").write_bytes(sheet.encode("utf-8"))
    refresh_registry(folder, len(frame))
    return folder


def _datasheet(
    frame: pd.DataFrame, units: pd.DataFrame, truth: pd.DataFrame, instrument: Instrument
) -> str:
    template = resources.files("truststats.simulate") / f"{NAME}.md.template"
    answers = frame[[item.name for item in instrument.items]]
    cities = list(Sampling().cities)
    shown = ["claim_id", "true_std", "sesoi", "true_state", "large_sample_verdict"]
    lines = [" | ".join(str(v) for v in row) for row in truth[shown].itertuples(index=False)]
    return Template(template.read_text("utf-8")).substitute(
        n=len(frame),
        invited=int(units["invited"].sum()),
        rate=f"{100 * len(frame) / units['invited'].sum():.0f}",
        units=len(units),
        silent=", ".join(units.loc[units["answered"] == 0, "unit"]),
        cities=" and ".join(cities),
        instrument=f"{instrument.name} {instrument.version}",
        items=len(instrument.items),
        blank=f"{100 * answers.isna().to_numpy().mean():.1f}",
        unsure=f"{100 * (answers == 9).to_numpy().mean():.1f}",
        complete=f"{100 * (answers.notna() & (answers != 9)).all(axis=1).mean():.0f}",
        reverse=", ".join(f"`{item.name}`" for item in instrument.items if item.reverse),
        seed=SEED,
        truth="\n".join(f"| {line} |" for line in lines),
    )


def refresh_registry(folder: Path, n: int) -> None:
    """Write the registry anew: hand-written entries kept, n and every sha256 brought up to date."""
    path = folder / "registry.toml"
    registry = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {NAME: _begin()}
    registry[NAME] |= {"n": n, "files": _FILES}
    parts = [_HEAD]
    for name, entry in registry.items():
        files = [*entry["files"].values(), entry["datasheet"]]
        entry["sha256"] = {Path(f).name: _sha256(folder / f) for f in files}
        parts.append(_toml(name, entry))
    path.write_bytes("\n".join(parts).encode("utf-8"))


def _begin() -> dict[str, Any]:
    return {"title": NAME, "synthetic": True, "datasheet": f"{NAME}.md"}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _toml(name: str, entry: dict[str, Any]) -> str:
    """Write one registry entry; its tables (files, sha256) come last."""
    plain = {k: v for k, v in entry.items() if not isinstance(v, dict)}
    lines = [f"[{name}]", *(f"{k} = {_value(v)}" for k, v in plain.items())]
    for key in ("files", "sha256"):
        lines += ["", f"[{name}.{key}]", *(f'"{k}" = {_value(v)}' for k, v in entry[key].items())]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    make_bundle(sys.argv[1] if len(sys.argv) > 1 else "data")
