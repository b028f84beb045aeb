"""Loading frameworks: the one that comes with truststats, and your own.

A framework is one ``.toml`` file, or a folder whose ``framework.toml``, ``claims.toml`` and
``rivals.toml`` together hold the same keys. Constructs of one's own may lie beside it as
``<construct>.toml`` (in a ``constructs`` folder where the framework is a folder).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from truststats.constructs import Construct
from truststats.constructs.definition import read_toml, validated
from truststats.constructs.library import LIBRARY as CONSTRUCTS
from truststats.constructs.library import read_construct
from truststats.errors import DefinitionError
from truststats.framework.value import Framework
from truststats.options import did_you_mean

__all__ = ["list_frameworks", "load_framework"]

LIBRARY = Path(__file__).parent / "library"
PARTS = ("framework.toml", "claims.toml", "rivals.toml")
OPTIONAL = "rivals.toml"


def list_frameworks() -> tuple[str, ...]:
    """Return the names of the library's frameworks."""
    return tuple(sorted(path.name for path in LIBRARY.iterdir() if path.is_dir()))


def load_framework(name_or_path: str | Path = "tbm") -> Framework:
    """Return a framework of the library, or one of your own.

    Parameters
    ----------
    name_or_path : str or path
        ``tbm``, the path of a folder, or the path of a ``.toml`` file.

    Raises
    ------
    DefinitionError
        If there is no such framework, or it is malformed.
    """
    path = Path(name_or_path)
    if path.suffix == ".toml":
        return _read([path], path.stem, [path.parent, CONSTRUCTS])
    if str(name_or_path).casefold() in list_frameworks():
        return _library_framework(str(name_or_path).casefold())
    if path.is_dir():
        return _read_folder(path)
    raise DefinitionError(
        f"There is no framework {str(name_or_path)!r}."
        f"{did_you_mean(str(name_or_path), list_frameworks())}",
        fix=f"use one of: {', '.join(list_frameworks())}; or the path of a folder or .toml file",
    )


@cache
def _library_framework(name: str) -> Framework:
    return _read_folder(LIBRARY / name)


def _read_folder(folder: Path) -> Framework:
    files = [folder / part for part in PARTS if part != OPTIONAL or (folder / part).is_file()]
    return _read(files, folder.resolve().name, [folder / "constructs", CONSTRUCTS])


def _read(files: Sequence[Path], name: str, folders: Sequence[Path]) -> Framework:
    data: dict[str, Any] = {"name": name}
    for path in files:
        part = read_toml(path)
        if twice := [key for key in part if key in data]:
            raise DefinitionError(
                f"{path.name} holds {twice[0]!r}, which is already set.",
                where=f"{path.name}, {twice[0]}",
                why="a framework's name is its folder's or file's name, and each key stands once",
                fix="remove one of the two",
            )
        data |= part
    shown = " + ".join(path.name for path in files)
    known = {key: _construct(key, folders, shown) for key in _staged(data)}
    return validated(Framework, {**data, "constructs": known}, shown)


def _construct(key: str, folders: Sequence[Path], shown: str) -> Construct:
    try:
        return read_construct(key, folders)
    except DefinitionError as error:
        where = error.where or f"{shown}, stages"
        raise DefinitionError(error.what, where=where, why=error.why, fix=error.fix) from None


def _staged(data: dict[str, Any]) -> list[str]:
    """Collect construct keys from stages, leaving whatever is malformed to the validation."""
    stages = data.get("stages")
    tables = [stage for stage in stages if isinstance(stage, dict)] if stages else []
    lists = [table.get("constructs") for table in tables]
    return [k for keys in lists if isinstance(keys, list) for k in keys if isinstance(k, str)]
