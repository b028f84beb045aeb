"""What can be wrong with answers, to be switched on: nothing is, unless asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from truststats.errors import OptionError
from truststats.options import did_you_mean
from truststats.simulate.stream import normals, uniforms

__all__ = ["Flaws", "add_errors", "overwrite_careless"]


@dataclass(frozen=True)
class Flaws:
    """Flaws of a simulated survey. Other draws stay the same whichever are on.

    Attributes
    ----------
    careless : float
        Share of people who do not read: half of them give one answer throughout,
        half answer at random.
    reversed_item : str or None
        An item that was coded the other way round without anybody writing it down.
    method : float
        Correlation of every answer with one common tendency to agree, whatever is asked.
        It takes the place of error, so it is at most the root of an item's error variance.
    noninvariant : str or None
        An item that is answered lower in the second city by people who are otherwise the same.
    noninvariant_shift : float
        How much lower, in standard deviations of the answer before it is cut into categories.
    """

    careless: float = 0.0
    reversed_item: str | None = None
    method: float = 0.0
    noninvariant: str | None = None
    noninvariant_shift: float = 0.6

    def __post_init__(self) -> None:
        for name in ("careless", "method"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise OptionError(
                    f"{name}={value!r} is not a share between 0 and 1.", fix=f"use {name}=0.1"
                )

    def check_items(self, items: tuple[str, ...]) -> None:
        """Raise `OptionError` unless the items named here are among those asked."""
        for name in ("reversed_item", "noninvariant"):
            value = getattr(self, name)
            if value is not None and value not in items:
                raise OptionError(
                    f"{name}={value!r} is not an item of the form.{did_you_mean(value, items)}",
                    fix=f"use one of {', '.join(items[:6])}, ...",
                )


def add_errors(true: np.ndarray, loadings: np.ndarray, flaws: Flaws, seed: int) -> np.ndarray:
    """Add to each item's true part (n, items) errors that bring its variance to one.

    With ``flaws.method`` = m the errors are m times one normal variable per person plus
    independent normal errors of variance 1 - loading**2 - m**2.

    Raises
    ------
    OptionError
        If an item has less error variance than ``method`` squared.
    """
    error = 1 - loadings**2 - flaws.method**2
    if error.min() <= 0:
        raise OptionError(
            f"method={flaws.method} leaves no error variance in an item.",
            why=f"the highest loading is {np.abs(loadings).max():.2f}",
            fix=f"use method= less than {np.sqrt(1 - (loadings**2).max()):.2f}",
        )
    out = true + np.sqrt(error) * normals(seed, "item errors", *true.shape)
    if flaws.method:
        out += flaws.method * normals(seed, "method", len(true), 1)
    return out


def overwrite_careless(answers: np.ndarray, top: int, flaws: Flaws, seed: int) -> np.ndarray:
    """Replace the answers (1 to top) of the share of people who did not read."""
    if not flaws.careless:
        return answers
    n, items = answers.shape
    kind = uniforms(seed, "careless", n)[:, None]
    one = 1 + np.floor(top * uniforms(seed, "straight line", n, 1))
    random = 1 + np.floor(top * uniforms(seed, "at random", n, items))
    return np.where(
        kind < flaws.careless, np.where(kind < flaws.careless / 2, one, random), answers
    )
