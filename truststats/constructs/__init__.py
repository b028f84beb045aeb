"""What is measured: constructs with their items, and instruments (versioned questionnaires).

Every construct is one TOML file in ``library/`` with its definition, facets, own item wordings by
language, reverse keys, response set, sources, licence and validation status; every instrument is
one TOML file in ``library/instruments/``. All are checked when they are loaded.
"""

from __future__ import annotations

from truststats.constructs.construct import Construct, Dimension, Item, ResponseSet, Source
from truststats.constructs.instrument import Instrument
from truststats.constructs.library import (
    list_constructs,
    list_instruments,
    load_construct,
    load_instrument,
)

__all__ = [
    "Construct",
    "Dimension",
    "Instrument",
    "Item",
    "ResponseSet",
    "Source",
    "list_constructs",
    "list_instruments",
    "load_construct",
    "load_instrument",
]
