"""The moments of ordinal items as a saved fit knows them: without any row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError
from truststats.estimation.mixed_moments import MixedMoments, names_stacked, stacked
from truststats.estimation.polychoric import OrdinalMoments

__all__ = ["StoredItems", "stored_items"]


@dataclass(frozen=True, eq=False)
class StoredItems:
    """Thresholds, slopes and covariances with their variances, but not what each row moves them.

    Attributes
    ----------
    names, x_names, ordered, levels, thresholds, threshold_of, slopes, cov, n
        As in `MixedMoments`.
    gamma_diagonal : (k,) array
        N times the asymptotic variances.
    """

    names: tuple[str, ...]
    x_names: tuple[str, ...]
    ordered: BoolArray
    levels: tuple[Array, ...]
    thresholds: Array
    threshold_of: IntArray
    slopes: Array
    cov: Array
    n: float
    gamma_diagonal: Array

    @property
    def k(self) -> int:
        """Number of statistics."""
        return len(self.gamma_diagonal)

    @property
    def corr(self) -> Array:
        """The covariances, which are correlations of items alone."""
        return self.cov

    @property
    def statistics(self) -> Array:
        """All statistics, (k,)."""
        return stacked(self.thresholds, self.slopes, self.cov, self.ordered)

    @property
    def statistic_names(self) -> tuple[str, ...]:
        """Names of the statistics."""
        return names_stacked(self.names, self.x_names, self.ordered, self.levels)

    @property
    def row_weights(self) -> None:
        """There are no rows."""
        return

    @property
    def gamma(self) -> Array:
        """Raise `DataError`."""
        return self._refuse()

    @property
    def row_moves(self) -> NoReturn:
        """Raise `DataError`."""
        return self._refuse()

    def gamma_times(self, matrix: Array) -> Array:
        """Raise `DataError`."""
        del matrix
        return self._refuse()

    def _refuse(self) -> NoReturn:
        raise DataError(
            "This needs the covariance matrix of all thresholds and correlations, which a saved "
            "fit does not hold.",
            fix="fit the model to the data again",
        )

    def content(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def stored_items(
    got: OrdinalMoments | MixedMoments | StoredItems | Mapping[str, Any],
) -> StoredItems:
    """Return the moments without rows, of moments with rows or of what `content` returned."""
    given: dict[str, Any] = (
        dict(got) if isinstance(got, Mapping)
        else {name: getattr(got, name) for name in StoredItems.__dataclass_fields__}
    )  # fmt: skip
    return StoredItems(
        names=tuple(given["names"]),
        x_names=tuple(given["x_names"]),
        ordered=np.array(given["ordered"], dtype=np.bool_),
        levels=tuple(np.array(own, dtype=float) for own in given["levels"]),
        thresholds=np.array(given["thresholds"], dtype=float),
        threshold_of=np.array(given["threshold_of"], dtype=np.intp),
        slopes=np.array(given["slopes"], dtype=float).reshape(len(given["names"]), -1),
        cov=np.array(given["cov"], dtype=float),
        n=float(given["n"]),
        gamma_diagonal=np.array(given["gamma_diagonal"], dtype=float),
    )
