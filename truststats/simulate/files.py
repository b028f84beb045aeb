"""The forms a survey comes in: a clean csv, an ugly one, and an SPSS file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from truststats.constructs import Instrument

__all__ = ["write_clean", "write_sav", "write_ugly"]

_UGLY_COLUMNS = {
    "unit": "enhetsnr",
    "city": "kommune_tilhørighet",
    "sector": "virksomhetsområde",
    "role": "yrke_nærmere_angitt",
    "tenure": "ansiennitet_år",
    "answered_on": "svardato",
}
_BOKMAL = {
    "school": "skole",
    "home care": "hjemmetjeneste",
    "teacher": "lærer",
    "teaching assistant": "assistent i skole",
    "nurse": "sykepleier",
    "health worker": "helsefagarbeider",
    "care assistant": "pleieassistent",
}
_SAV_LABELS = {
    "unit": "Enhetsnummer",
    "city": "Kommune (oppdiktet)",
    "sector": "Virksomhetsområde",
    "role": "Stillingsgruppe",
    "tenure": "Ansiennitet i år",
    "answered_on": "Svardato",
}
_SAV_DATE = b"03 Mar 2500:00:00"
_SAV_DATE_AT = 92


def write_clean(frame: pd.DataFrame, path: Path) -> None:
    """Write comma-separated utf-8 with decimal points, whole numbers without them."""
    _texts(frame).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def write_ugly(frame: pd.DataFrame, instrument: Instrument, path: Path) -> None:
    """Write what a municipality might send: semicolons, decimal commas, cp1252, æøå, its codes.

    Columns have Norwegian names with æøå, items the construct's code in capitals (``INF_F1``),
    dates are dd.mm.yyyy, and unit codes keep zeros in front that a spreadsheet would lose.
    """
    out = frame.replace({"sector": _BOKMAL, "role": _BOKMAL})
    out["answered_on"] = pd.to_datetime(out["answered_on"]).dt.strftime("%d.%m.%Y")
    out = _texts(out)
    out["tenure"] = out["tenure"].str.replace(".", ",", regex=False)
    codes = {
        item.name: f"{construct.code}{item.name.lstrip('abcdefghijklmnopqrstuvwxyz')}"
        for construct in instrument.constructs.values()
        for item in construct.items
    }
    out = out.rename(columns=_UGLY_COLUMNS | codes)
    out.to_csv(path, index=False, sep=";", encoding="cp1252", lineterminator="\r\n")


def write_sav(frame: pd.DataFrame, instrument: Instrument, path: Path) -> None:
    """Write an SPSS file with Bokmål wordings, value labels, and 9 declared as user-missing.

    The date in the file's header is overwritten with a fixed one, so that the same answers
    give the same file.
    """
    import pyreadstat

    out: Any = frame.replace({"sector": _BOKMAL, "role": _BOKMAL})
    labels: dict[str, str | None] = dict(_SAV_LABELS)
    values, missing, measure = {}, {}, {}
    for item in instrument.items:
        responses = instrument.constructs[item.construct].response_set
        labels[item.name] = item.text["nb"]
        codes = zip(responses.codes, responses.labels["nb"], strict=True)
        values[item.name] = dict(codes) | {k: t["nb"] for k, t in responses.missing.items()}
        missing[item.name] = list(responses.missing)
        measure[item.name] = "ordinal"
    pyreadstat.write_sav(
        out,
        str(path),
        row_compress=True,
        file_label="SYNTHETIC: ingen ekte svar",
        column_labels=labels,
        variable_value_labels=values,
        missing_ranges=missing,
        variable_measure=measure,
    )
    content = bytearray(path.read_bytes())
    content[_SAV_DATE_AT : _SAV_DATE_AT + len(_SAV_DATE)] = _SAV_DATE
    path.write_bytes(bytes(content))


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Spell numbers the same everywhere: codes without a decimal point, missing as nothing."""
    out = {}
    for name, column in frame.items():
        if not pd.api.types.is_float_dtype(column):
            out[name] = column
        else:
            whole = bool((column.dropna() == np.rint(column.dropna())).all())
            out[name] = [
                "" if pd.isna(x) else str(int(x)) if whole else repr(float(x)) for x in column
            ]
    return pd.DataFrame(out)
