"""Synthetic answers keep their label: a copy of a bundled file is known by its sha256."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from truststats.datasets import dataset_path
from truststats.errors import DefinitionError

__all__ = ["is_synthetic_file"]


@lru_cache(maxsize=1)
def _hashes() -> frozenset[str]:
    """Return the sha256 of every bundled synthetic file; none when no data are installed."""
    try:
        registry = dataset_path("municipal_employees").with_name("registry.toml")
    except DefinitionError:
        return frozenset()
    entries = tomllib.loads(registry.read_text("utf-8")).values()
    return frozenset(h for e in entries if e.get("synthetic") for h in e["sha256"].values())


def is_synthetic_file(digest: str) -> bool:
    """Return whether a file with this sha256 is one of the bundled synthetic ones."""
    return digest in _hashes()
