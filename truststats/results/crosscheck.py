"""The same model estimated by other software, parameter by parameter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from truststats import _bridge

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TOLERANCE", "Crosscheck", "EngineCheck"]

TOLERANCE: Final = 1e-3
"""Engines agree when every difference is below this share of max(|estimate|, standard error).
Two optimisers stop at slightly different points of the same optimum; a thousandth of a standard
error changes no conclusion."""


@dataclass(frozen=True)
class EngineCheck:
    """One other engine beside truststats, over the rows of `Crosscheck`.

    Attributes
    ----------
    engine : str
        Its name.
    version : str
        Its version, empty where unknown.
    ran : bool
        Whether there are numbers to compare.
    converged : bool
        Whether it arrived at an optimum.
    reasons : mapping of str to str
        Why it could not run, by language; empty if it ran.
    basis : {"rows", "moments"}
        What both engines were given: the same data as the fit, or the same unrestricted
        covariance matrix because the engine cannot use incomplete rows.
    est : tuple of float
        Its estimates.
    se : tuple of float
        Its standard errors, empty where none are taken from it.
    ours : tuple of float
        The estimates of truststats on the same basis.
    ours_se : tuple of float
        Standard errors of truststats, the scale of the differences.
    names : tuple of str
        The parameters.
    """

    engine: str
    version: str
    ran: bool
    converged: bool = True
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False)
    basis: str = "rows"
    est: tuple[float, ...] = ()
    se: tuple[float, ...] = ()
    ours: tuple[float, ...] = ()
    ours_se: tuple[float, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.engine} {self.version}".strip()

    @property
    def why(self) -> str:
        """Why it could not run, in English; empty if it ran."""
        return self.reasons.get("en", "")

    def why_for(self, language: str) -> str:
        """Return why it could not run, in English where the language is not there."""
        return self.reasons.get(language, self.why)

    @property
    def n_compared(self) -> int:
        """How many parameters were compared."""
        return sum(_both(a, b) for a, b in zip(self.est, self.ours, strict=True))

    @cached_property
    def largest(self) -> float:
        """Largest absolute difference of estimates; NaN without any."""
        return max(
            (abs(a - b) for a, b in zip(self.est, self.ours, strict=True) if _both(a, b)),
            default=math.nan,
        )

    @cached_property
    def largest_in_se(self) -> float:
        """Largest difference of estimates in standard errors of truststats; NaN without any."""
        return max((d for d, _ in self._in_se()), default=math.nan)

    @cached_property
    def where(self) -> str:
        """The parameter with the largest difference in standard errors."""
        return max(self._in_se(), default=(0.0, ""))[1]

    @cached_property
    def largest_se(self) -> float:
        """Largest relative difference of standard errors; NaN where none are compared."""
        pairs = zip(self.se, self.ours_se, strict=False)
        return max(
            (abs(a / b - 1.0) for a, b in pairs if _both(a, b) and b > 0.0), default=math.nan
        )

    @property
    def agrees(self) -> bool:
        """Whether every estimate agrees within `TOLERANCE`."""
        if not (self.ran and self.converged and self.n_compared):
            return False
        rows = zip(self.est, self.ours, self.ours_se, strict=True)
        return all(
            abs(a - b) <= TOLERANCE * max(abs(b), se if math.isfinite(se) else 0.0, 1e-8)
            for a, b, se in rows
            if _both(a, b)
        )

    def _in_se(self) -> Iterator[tuple[float, str]]:
        for a, b, se, name in zip(self.est, self.ours, self.ours_se, self.names, strict=True):
            if _both(a, b) and math.isfinite(se) and se > 0.0:
                yield abs(a - b) / se, name


def _both(a: float, b: float) -> bool:
    return math.isfinite(a) and math.isfinite(b)


@dataclass(frozen=True, repr=False)
class Crosscheck:
    """Estimates of truststats and of other engines side by side.

    Iterating gives the engines.

    Attributes
    ----------
    lhs, op, rhs, label : tuple of str
        The free and the defined parameters.
    est, se : tuple of float
        Estimates and standard errors of the fit.
    engines : tuple of EngineCheck
        One for each engine that was asked for, whether it could run or not.
    sentences : mapping of str to str
        What the comparison says, by language.
    synthetic : bool
        Whether the answers were simulated.
    group : tuple of str
        The group of each parameter; empty for one group.
    """

    lhs: tuple[str, ...]
    op: tuple[str, ...]
    rhs: tuple[str, ...]
    label: tuple[str, ...]
    est: tuple[float, ...]
    se: tuple[float, ...]
    engines: tuple[EngineCheck, ...]
    sentences: Mapping[str, str] = field(default_factory=dict, hash=False)
    synthetic: bool = False
    group: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether at least one engine ran and every one that ran agrees."""
        ran = [engine for engine in self.engines if engine.ran]
        return bool(ran) and all(engine.agrees for engine in ran)

    @property
    def sentence(self) -> str:
        """What the comparison says, in English."""
        return self.sentences.get("en", "")

    def sentence_for(self, language: str) -> str:
        """Return what the comparison says, in English where the language is not there."""
        return self.sentences.get(language, self.sentence)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a parameter: ours, then each engine that ran.

        A column ``est_truststats_moments`` holds our estimates from the unrestricted covariance
        matrix where an engine could be given nothing else.
        """
        import pandas as pd

        columns: dict[str, Sequence[object]] = {
            "lhs": self.lhs,
            "op": self.op,
            "rhs": self.rhs,
            **({"group": self.group} if self.group else {}),
            "label": self.label,
            "est_truststats": self.est,
            "se_truststats": self.se,
        }
        for engine in self.engines:
            if not engine.ran:
                continue
            if engine.basis == "moments":
                columns["est_truststats_moments"] = engine.ours
            columns[f"est_{engine.engine}"] = engine.est
            if engine.se:
                columns[f"se_{engine.engine}"] = engine.se
        return pd.DataFrame(columns)

    def __iter__(self) -> Iterator[EngineCheck]:
        return iter(self.engines)

    def __len__(self) -> int:
        return len(self.engines)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
