"""Small helpers with which the checks say where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["counted", "first_rows", "listed", "with_counts"]


def counted(count: int, one: str, many: str) -> str:
    """Return ``1 unit has`` or ``3 units have``, given both forms without the number."""
    return f"{count} {one if count == 1 else many}"


def first_rows(hit: np.ndarray, first: int = 5) -> tuple[int, ...]:
    """Return the first rows, counted from 1, in which a mask of rows (or cells) is true."""
    rows = hit.any(axis=1) if hit.ndim == 2 else hit
    return tuple(int(i) + 1 for i in np.flatnonzero(rows)[:first])


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return names separated by commas, the rest counted."""
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def with_counts(counts: Mapping[str, int], most: int = 12) -> str:
    """Return ``a (3), b (1)``, largest counts first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return listed([f"{name} ({count})" for name, count in ordered], most)
