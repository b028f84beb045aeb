"""Definitions: frozen values read from TOML, checked at load, with a hash of their content.

Whatever is wrong with a file is said at once, with the file and the key it stands under.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from truststats.errors import DefinitionError
from truststats.options import did_you_mean

__all__ = [
    "Definition",
    "Name",
    "NonEmpty",
    "Texts",
    "content_hash",
    "find_definition",
    "read_toml",
    "require_languages",
    "same_name",
    "validated",
]

NonEmpty = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")]
Texts = Annotated[dict[LanguageTag, NonEmpty], Field(min_length=1)]

LONGEST = 60
"""How much of a wrong value a message shows."""


class Definition(BaseModel):
    """Base of everything the library defines: frozen, and with no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed and nothing kept that was computed before."""
        copied = super().model_copy(update=update, deep=deep)
        for name in set(vars(copied)) - set(type(self).model_fields):
            del vars(copied)[name]
        return copied


DefinitionT = TypeVar("DefinitionT", bound=Definition)


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises
    ------
    DefinitionError
        If the file is absent, is not UTF-8 or is not TOML.
    """
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        raise DefinitionError(
            f"There is no file {path.name!r}.",
            where=str(path),
            fix="check the path, or copy a file of truststats/constructs/library as a start",
        ) from None
    except UnicodeDecodeError as error:
        raise DefinitionError(
            f"{path.name} is not UTF-8 text.",
            where=f"byte {error.start}",
            why="TOML files are always UTF-8",
            fix="save the file again with the encoding UTF-8",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(
            f"{path.name} is not a TOML file: {error}.",
            where=str(path),
            fix="correct the line; texts stand in double quotes, lists in square brackets",
        ) from None


def validated(kind: type[DefinitionT], data: Mapping[str, Any], file: str) -> DefinitionT:
    """Return the definition `data` describes, or say everything that is wrong with it.

    Parameters
    ----------
    kind : type of Definition
        What the file should hold.
    data : mapping
        The content of the file.
    file : str
        The file's name, for the message.

    Raises
    ------
    DefinitionError
        Naming the file, every offending key and what is expected there.
    """
    try:
        return kind.model_validate(dict(data))
    except ValidationError as error:
        found = error.errors(include_url=False)
    known = _known_keys(kind)
    lines = [
        f"{_key_path(e['loc'], data)}: {_reason(e, known)}"
        for e in found
        if not _follows_from_another(e, found)
    ]
    what = "a mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    where = f"{file}, {lines[0]}" if len(lines) == 1 else "\n".join([f"{file}:", *lines])
    raise DefinitionError(
        f"{file} has {what} in the definition of a {kind.__name__.lower()}.",
        where=where,
        fix=f"correct {file}; the library's own files show the format",
    )


def _follows_from_another(error: Any, found: Iterable[Any]) -> bool:
    """Whether a list is called too short only because its elements are wrong."""
    loc = error["loc"]
    inside = [e for e in found if len(e["loc"]) > len(loc) and e["loc"][: len(loc)] == loc]
    return error["type"] == "too_short" and bool(inside)


def _known_keys(kind: type[Definition]) -> set[str]:
    schema = kind.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}


def _key_path(loc: Sequence[int | str], data: Any) -> str:
    """Write a place in the file as ``items['vtr4'].text.nb``."""
    path, here = "", data
    for step in loc:
        here = _step(here, step)
        if isinstance(step, int):
            own = here.get("name") or here.get("key") or here.get("id") if _is_map(here) else None
            path += f"[{own!r}]" if own else f"[{step}]"
        elif step != "[key]":
            path += f".{step}" if path else str(step)
    return path or "the whole file"


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _step(here: Any, step: int | str) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _reason(error: Any, known: Iterable[str]) -> str:
    message = error["msg"].removeprefix("Value error, ")
    match error["type"]:
        case "missing":
            return "this key is missing"
        case "extra_forbidden":
            return f"this key is not known.{did_you_mean(str(error['loc'][-1]), known)}"
        case "value_error":
            return message
        case _:
            shown = repr(error["input"])
            shown = f"{shown[:LONGEST]}..." if len(shown) > LONGEST else shown
            return f"{message}, but found {shown}"


def require_languages(
    owner: str, languages: Iterable[str], texts: Iterable[tuple[str, Mapping[str, Any]]]
) -> None:
    """Raise when a text lacks one of the languages or has one that nothing else has.

    Parameters
    ----------
    owner : str
        Whose texts these are, for the message.
    languages : iterable of str
        The languages the owner's label has.
    texts : iterable of (str, mapping)
        What the text belongs to, and the text by language.

    Raises
    ------
    ValueError
        With every text that lacks a language; pydantic turns it into a located error.
    """
    expected = list(languages)
    lacks = []
    for name, text in texts:
        lacks += [f"{name} has no {code!r} text" for code in expected if code not in text]
        extra = [code for code in text if code not in expected]
        lacks += [f"{name} has a {code!r} text but the label of {owner} has none" for code in extra]
    if lacks:
        raise ValueError("; ".join(lacks))


def content_hash(content: object) -> str:
    """Return the SHA-256 of content that JSON can hold, whatever the order of its keys."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def same_name(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once, in the order they first repeat."""
    seen: set[str] = set()
    repeated: dict[str, None] = {}
    for name in names:
        if name in seen:
            repeated[name] = None
        seen.add(name)
    return list(repeated)


def find_definition(kind: str, key: str, folders: Iterable[Path]) -> Path:
    """Return the first file ``<key>.toml`` in the folders.

    Raises
    ------
    DefinitionError
        With the closest name there is.
    """
    folders = list(folders)
    for path in _candidates(folders):
        if path.stem == key:
            return path
    available = list(dict.fromkeys(path.stem for path in _candidates(folders)))
    raise DefinitionError(
        f"There is no {kind} {key!r}.{did_you_mean(key, available)}",
        fix=f"use one of: {', '.join(available)}",
    )


def _candidates(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.toml"))
