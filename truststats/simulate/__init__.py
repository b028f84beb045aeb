"""Populations with known truth, and surveys drawn from them.

A population is a structural equation model with every number known, kept in a TOML file. A survey
drawn from it is synthetic and says so; the true value of every claim can be computed, and flaws
can be switched on one at a time. ``python -m truststats.simulate.bundle data/`` remakes the
survey that comes with the package, bit for bit.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from truststats.simulate.draw import draw_frame, simulate
from truststats.simulate.flaws import Flaws
from truststats.simulate.load import list_populations, load_population
from truststats.simulate.population import ItemSpec, MissingRates, Population
from truststats.simulate.sampling import Sampling
from truststats.simulate.stream import SEED
from truststats.simulate.truth import truth_table

__all__ = [
    "SEED",
    "Flaws",
    "ItemSpec",
    "MissingRates",
    "Population",
    "Sampling",
    "draw_frame",
    "list_populations",
    "load_population",
    "simulate",
    "truth_table",
]


class _CallableFolder(ModuleType):
    """The folder as its verb: both are ``ts.simulate``, so both can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return simulate(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableFolder
