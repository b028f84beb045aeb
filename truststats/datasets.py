"""The data that come with truststats: one synthetic survey and published correlation matrices.

Every file is listed with its sha256 in ``registry.toml``, and checked against it when loaded.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from truststats.errors import DataError, DefinitionError, OptionError
from truststats.options import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PublishedMatrix", "dataset_path", "datasheet", "list_datasets", "load_dataset"]

_INSTALLED = Path(__file__).parent / "_data"
_CHECKOUT = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class PublishedMatrix:
    """Correlations, and what else a publication printed, ready for ``ts.fit(sample_cov=...)``.

    Attributes
    ----------
    name, title : str
        The dataset's name, and what it holds.
    cor : DataFrame
        Correlations as printed; NaN where none was.
    mean, sd, alpha : Series or None
        Means, standard deviations and reliabilities (coefficient alpha), if printed.
    n : int or None
        Number of cases; None where the publication's cannot be known.
    citation : str
        Where the numbers were published.
    notes : str
        What to be careful about.
    """

    name: str
    title: str
    cor: pd.DataFrame
    mean: pd.Series | None
    sd: pd.Series | None
    alpha: pd.Series | None
    n: int | None
    citation: str
    notes: str

    @property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix: each correlation times both standard deviations.

        Raises
        ------
        DataError
            If no standard deviations were printed.
        """
        if self.sd is None:
            raise DataError(
                f"{self.name} has no standard deviations, so there are no covariances.",
                fix=f'use load_dataset("{self.name}").cor, and read standardised results only',
            )
        return self.cor.mul(self.sd, axis=0).mul(self.sd, axis=1)

    def __repr__(self) -> str:
        n = "N not known" if self.n is None else f"N = {self.n}"
        return (
            f"PublishedMatrix {self.name!r}: {self.title}\n"
            f"{n}; variables: {', '.join(self.cor.columns)}\n"
            f"Source: {self.citation}\nNote: {self.notes}"
        )


def load_dataset(name: str = "municipal_employees", kind: str | None = None) -> Any:
    """Load a bundled dataset.

    Parameters
    ----------
    name : str
        A name from `list_datasets`.
    kind : str, optional
        Another file of the dataset than its main one, for example ``"units"`` or ``"truth"`` of
        ``"municipal_employees"``. Comma-separated files only; for the others use `dataset_path`
        and ``ts.read_survey``.

    Returns
    -------
    DataFrame or PublishedMatrix
        The answers as coded (codes of units stay text), or a published matrix. A synthetic
        survey says so in ``frame.attrs["synthetic"]``.

    Raises
    ------
    OptionError
        If there is no such dataset or no such file in it.
    DefinitionError
        If the file is not what the registry says.
    """
    entry = _entry(name)
    if "cor" in entry["files"] and kind is None:
        return _published(name, entry)
    kind = kind or "csv"
    path = dataset_path(name, kind)
    if kind not in ("csv", "units", "truth") and "cor" not in entry["files"]:
        raise OptionError(
            f"load_dataset reads comma-separated files; {path.name} is another kind of file.",
            fix=f'use ts.read_survey(truststats.datasets.dataset_path("{name}", "{kind}"), ...)',
        )
    _verify(path, entry)
    import pandas as pd

    frame = pd.read_csv(path, dtype={"unit": "str"})
    if entry["synthetic"]:
        frame.attrs["synthetic"] = True
    return frame


def list_datasets() -> pd.DataFrame:
    """Return one row per dataset: title, n, whether it is synthetic, licence and files."""
    import pandas as pd

    rows = [
        {
            "name": name,
            "title": entry["title"],
            "n": entry.get("n"),
            "synthetic": entry["synthetic"],
            "licence": entry["licence"],
            "files": ", ".join(entry["files"]),
        }
        for name, entry in _registry().items()
    ]
    return pd.DataFrame(rows).astype({"n": "Int64"}).set_index("name")


def datasheet(name: str = "municipal_employees") -> str:
    """Return a dataset's datasheet (Markdown): what it is, how it was made, what to beware of."""
    entry = _entry(name)
    path = _folder() / entry["datasheet"]
    _verify(path, entry)
    return path.read_text("utf-8")


def dataset_path(name: str = "municipal_employees", kind: str = "csv") -> Path:
    """Return where a file of a dataset lies, for readers that want a path.

    Parameters
    ----------
    name : str
        A name from `list_datasets`.
    kind : str
        Which of the dataset's files: for ``"municipal_employees"`` one of ``"csv"``,
        ``"ugly"`` (as a municipality might send it), ``"sav"``, ``"units"``, ``"truth"``.
    """
    files = _entry(name)["files"]
    if kind not in files:
        raise OptionError(
            f"The dataset {name!r} has no file of kind {kind!r}.{did_you_mean(kind, files)}",
            fix=f"use kind= one of: {', '.join(repr(k) for k in files)}",
        )
    return _folder() / files[kind]


def _published(name: str, entry: dict[str, Any]) -> PublishedMatrix:
    import pandas as pd

    columns: dict[str, pd.Series] = {}
    for kind, file in entry["files"].items():
        path = _folder() / file
        _verify(path, entry)
        frame = pd.read_csv(path, index_col=0, skipinitialspace=True)
        if kind == "cor":
            cor = frame.rename_axis(index=None).astype(float)
        else:
            printed = frame.astype(float).rename_axis(index=None).dropna(axis="columns", how="all")
            columns |= {str(c): printed[c] for c in printed}
    return PublishedMatrix(
        name=name,
        title=entry["title"],
        cor=cor,
        mean=columns.get("mean"),
        sd=columns.get("sd"),
        alpha=columns.get("alpha"),
        n=entry.get("n"),
        citation=entry["citation"],
        notes=entry["notes"],
    )


def _folder() -> Path:
    """Where the data lie: in the installed package, else in the checkout."""
    for folder in (_INSTALLED, _CHECKOUT):
        if (folder / "registry.toml").is_file():
            return folder
    raise DefinitionError(
        "The bundled data are not where they should be.",
        where=f"{_INSTALLED} or {_CHECKOUT}",
        why="the installation is incomplete",
        fix="reinstall truststats: pip install --force-reinstall truststats",
    )


@lru_cache(maxsize=1)
def _registry() -> dict[str, dict[str, Any]]:
    return tomllib.loads((_folder() / "registry.toml").read_text("utf-8"))


def _entry(name: str) -> dict[str, Any]:
    registry = _registry()
    if name not in registry:
        raise OptionError(
            f"There is no dataset {name!r}.{did_you_mean(name, registry)}",
            fix=f"use one of: {', '.join(registry)}",
        )
    return registry[name]


def _verify(path: Path, entry: dict[str, Any]) -> None:
    """Raise unless a file is, byte for byte, the one in the registry."""
    if not path.is_file():
        raise DefinitionError(
            f"The file {path.name} is missing.",
            where=str(path),
            fix="reinstall truststats, or restore the file from the repository",
        )
    expected = entry["sha256"][path.name]
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise DefinitionError(
            f"The file {path.name} is not the one in the registry: it has been changed.",
            where=str(path),
            why=f"its sha256 is {found[:12]}..., the registry says {expected[:12]}...",
            fix="restore the file from the repository, or read your own copy with ts.read_survey",
        )
