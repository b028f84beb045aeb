"""The settings of a study: what `study.toml` may say, with unknown keys refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from truststats.errors import DefinitionError
from truststats.options import Language, did_you_mean

__all__ = ["BUNDLED", "StudyConfig", "read_config"]

BUNDLED = "municipal_employees"
"""The synthetic survey that a study runs on when it is given no data."""

_PATHS = ("data", "instrument", "framework", "out", "unit_sizes", "columns")


class StudyConfig(BaseModel):
    """Every setting of a study, each with its default.

    Attributes
    ----------
    data : path, data frame or Survey
        The answers, or the name of a bundled data set.
    instrument : str
        Name of a questionnaire of the library, or path of one. Taken from the data set where
        a bundled one is used.
    framework : str
        Name of a framework of the library, or path of its claims.
    cluster, group, weights : str or None
        Columns of the unit, the group and the sampling weight. Groups are described and compared.
    compare_groups : bool
        Whether the claims are compared between the groups, where there are some.
    unit_sizes : mapping, path or None
        Number of people invited in each unit, for the response rate.
    columns : mapping or path
        Item name to column name where the two differ, or a mapping file as for
        `truststats.read_survey`.
    controls : tuple of str
        Observed columns held constant in every structural equation.
    encoding, delimiter, decimal : str or None
        How a text file is written; found out when not given.
    title : str
        Title of the report.
    language : {"en", "nb"}
        Language of everything that is written.
    out : path or None
        Folder to write to; ``None`` writes nothing.
    estimator : str
        ``"auto"`` (default) takes answers as numbers (``"MLR"``) or as ordered categories
        (``"WLSMV"``) by a stated rule, `truststats.workflow.estimator_rule`; or one of
        `truststats.fit`.
    missing : str or None
        As for `truststats.fit`; ``None`` uses all answers, in the way of the estimator.
    bootstrap : int
        Number of bootstrap samples (of clusters where there are clusters); 0 for none.
    rivals : bool
        Whether rival models are estimated too.
    crosscheck : bool
        Whether the model is estimated by a second engine too, where one is installed.
    min_n : int
        Counts below this are suppressed before anything is shown.
    seed : int or None
        Seed of whatever is drawn; ``None`` is one fixed, recorded seed.
    synthetic : bool or None
        Whether the answers are simulated; ``None`` lets the data set say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    data: Any = BUNDLED
    instrument: Any = None
    framework: Any = "tbm"
    cluster: str | None = None
    group: str | None = None
    weights: str | None = None
    compare_groups: bool = True
    unit_sizes: Mapping[str, int] | str | Path | None = None
    columns: Mapping[str, Any] | str | Path = Field(default_factory=dict)
    controls: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    title: str | None = None
    language: Language = "en"
    out: str | Path | None = "truststats-study"
    estimator: str = "auto"
    missing: Literal["ml", "fiml", "listwise", "pairwise"] | None = None
    bootstrap: int = Field(default=0, ge=0)
    rivals: bool = True
    crosscheck: bool = True
    min_n: int = Field(default=5, ge=1)
    seed: int | None = None
    synthetic: bool | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any], *, where: str = "study()") -> StudyConfig:
        """Return validated settings.

        Parameters
        ----------
        settings : mapping
            Field names and values.
        where : str
            Where they were written, for the message.

        Raises
        ------
        DefinitionError
            If a key is unknown or a value cannot be used; all of them are named at once.
        """
        try:
            return cls.model_validate(dict(settings))
        except ValidationError as error:
            lines = [_explain(detail) for detail in error.errors()]
            raise DefinitionError(
                "The study's settings cannot be used:\n" + "\n".join(f"- {x}" for x in lines),
                where=where,
                fix=f"the settings are: {', '.join(cls.model_fields)}",
            ) from None


def _explain(detail: Any) -> str:
    """Return one validation error as a line that names the key."""
    key = ".".join(str(part) for part in detail["loc"] if not _is_union_arm(part))
    if detail["type"] == "extra_forbidden":
        return f"unknown key {key!r}.{did_you_mean(key, StudyConfig.model_fields)}"
    return f"{key}: {detail['msg'][:1].lower()}{detail['msg'][1:]} (got {detail['input']!r})"


def _is_union_arm(part: object) -> bool:
    """Tell whether part of an error's location names a type, not a key."""
    return part in ("str", "mapping[str,int]", "dict[str,int]", "lax-or-strict[...]")


def read_config(path: str | Path) -> dict[str, Any]:
    """Read a `study.toml` into a mapping of settings.

    Paths in it are relative to the file itself, whatever folder the study is run from.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict
        Settings as written, paths made absolute; not yet validated.

    Raises
    ------
    DefinitionError
        If the file is not there or is not TOML.
    """
    file = Path(path)
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise DefinitionError(
            f"There is no study file {str(file)!r}.",
            why=f"the study looks for it from {str(Path.cwd())!r}",
            fix="give the path of a study.toml, or use --data and --instrument instead",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(
            f"{file.name} is not TOML: {error}.",
            where=str(file),
            fix='write text values in quotation marks, one setting a line: language = "nb"',
        ) from None
    base = file.resolve().parent
    for key in _PATHS:
        if isinstance(settings.get(key), str):
            settings[key] = _from(base, settings[key], always=key == "out")
    return settings


def _from(base: Path, value: str, *, always: bool) -> str:
    """Return a path relative to a folder as absolute; names of the library are left as they are."""
    is_path = always or "/" in value or "\\" in value or "." in value
    return str(base / value) if is_path else value
