"""The library: constructs, response sets and instruments that come with truststats.

An instrument file of one's own may name constructs and response sets that lie beside it:
``<construct>.toml`` in the same folder and ``response_sets/<key>.toml`` below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from truststats.constructs.construct import Construct, ResponseSet
from truststats.constructs.definition import (
    Definition,
    Name,
    NonEmpty,
    Texts,
    find_definition,
    read_toml,
    same_name,
    validated,
)
from truststats.constructs.instrument import Instrument
from truststats.errors import DefinitionError
from truststats.options import did_you_mean

__all__ = [
    "LIBRARY",
    "list_constructs",
    "list_instruments",
    "load_construct",
    "load_instrument",
    "read_construct",
]

LIBRARY = Path(__file__).parent / "library"
INSTRUMENTS = LIBRARY / "instruments"


class Block(Definition):
    """A part of a questionnaire file: items of one construct, in the order they are asked."""

    key: Name = Field(alias="construct")
    items: tuple[Name, ...]


class Questionnaire(Definition):
    """An instrument as its file writes it, before the constructs are looked up."""

    version: NonEmpty
    languages: tuple[NonEmpty, ...]
    status: NonEmpty
    title: Texts
    introduction: dict[str, NonEmpty] = Field(default_factory=dict)
    blocks: tuple[Block, ...]


def list_constructs() -> tuple[str, ...]:
    """Return the readable keys of the library's constructs."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def list_instruments() -> tuple[str, ...]:
    """Return the names of the library's instruments."""
    return tuple(sorted(path.stem for path in INSTRUMENTS.glob("*.toml")))


def load_construct(key: str | Path) -> Construct:
    """Return a construct of the library by its key or its code.

    Parameters
    ----------
    key : str or path
        A readable key such as ``vertical_trust``, a code such as ``VTR``, in any case, or the
        path of a ``.toml`` file.

    Raises
    ------
    DefinitionError
        If there is no such construct, or its file is malformed.
    """
    if str(key).endswith(".toml"):
        path = Path(key)
        return _construct_file(path, [path.parent, LIBRARY])
    names = {name: name for name in list_constructs()}
    names.update({_library_construct(name).code.casefold(): name for name in list_constructs()})
    name = str(key).casefold()
    if name not in names:
        raise DefinitionError(
            f"There is no construct {str(key)!r}.{did_you_mean(name, names)}",
            fix=f"use one of: {', '.join(list_constructs())}",
        )
    return _library_construct(names[name])


@cache
def _library_construct(key: str) -> Construct:
    return read_construct(key, [LIBRARY])


def read_construct(key: str, folders: Sequence[Path]) -> Construct:
    """Return the construct ``<key>.toml`` from the first folder that has it.

    Raises
    ------
    DefinitionError
        If no folder has it, or the file is malformed.
    """
    return _construct_file(find_definition("construct", key, folders), folders)


def _construct_file(path: Path, folders: Sequence[Path]) -> Construct:
    data = _named(path)
    if isinstance(data.get("items"), list):
        own = {"construct": path.stem}
        data["items"] = [{**own, **i} if isinstance(i, dict) else i for i in data["items"]]
    if isinstance(data.get("response_set"), str):
        name = data["response_set"]
        data["response_set"] = _read_response_set(name, folders, where=f"{path.name}, response_set")
    return validated(Construct, data, path.name)


def _read_response_set(key: str, folders: Sequence[Path], *, where: str) -> ResponseSet:
    try:
        path = find_definition("response set", key, [f / "response_sets" for f in folders])
    except DefinitionError as error:
        raise DefinitionError(error.what, where=where, fix=error.fix) from None
    return validated(ResponseSet, _named(path), path.name)


def _named(path: Path) -> dict[str, Any]:
    """Return the content of a file whose name is the key of what it defines."""
    data = {"key": path.stem, **read_toml(path)}
    if data["key"] != path.stem:
        raise DefinitionError(
            f"{path.name} gives itself the key {data['key']!r}.",
            where=f"{path.name}, key",
            why="the file's name is the key, so that one can be found by the other",
            fix="remove the line, or rename the file",
        )
    return data


def load_instrument(name: str | Path) -> Instrument:
    """Return a questionnaire of the library, or one of your own.

    Parameters
    ----------
    name : str or path
        A name such as ``tbm-core``, or the path of a ``.toml`` file.

    Raises
    ------
    DefinitionError
        If there is no such instrument, or its file or a construct's file is malformed.
    """
    if isinstance(name, Path) or str(name).endswith(".toml"):
        path = Path(name)
        return _read_instrument(path, [path.parent, LIBRARY])
    return _library_instrument(name.casefold())


@cache
def _library_instrument(name: str) -> Instrument:
    return _read_instrument(find_definition("instrument", name, [INSTRUMENTS]), [LIBRARY])


def _read_instrument(path: Path, folders: Sequence[Path]) -> Instrument:
    sheet = validated(Questionnaire, read_toml(path), path.name)
    asked: dict[str, list[str]] = {}
    for block in sheet.blocks:
        asked.setdefault(block.key, []).extend(block.items)
    constructs = {key: _asked(key, items, folders, path) for key, items in asked.items()}
    order = [name for block in sheet.blocks for name in block.items]
    data: dict[str, Any] = sheet.model_dump(exclude={"blocks"})
    data |= {"name": path.stem, "constructs": constructs, "item_order": order}
    return validated(Instrument, data, path.name)


def _asked(key: str, items: Sequence[str], folders: Sequence[Path], path: Path) -> Construct:
    try:
        construct = read_construct(key, folders)
    except DefinitionError as error:
        where = error.where or f"{path.name}, blocks"
        raise DefinitionError(error.what, where=where, why=error.why, fix=error.fix) from None
    names = [item.name for item in construct.items]
    for name in items:
        if name not in names:
            raise DefinitionError(
                f"Construct {key!r} has no item {name!r}.{did_you_mean(name, names)}",
                where=f"{path.name}, blocks[{key!r}].items",
                fix=f"use some of: {', '.join(names)}",
            )
    if not items or same_name(items):
        raise DefinitionError(
            f"{path.name} asks no item of {key!r}, or one of them twice.",
            where=f"{path.name}, blocks[{key!r}].items",
            fix="name each item once",
        )
    return construct.restricted_to(items)
