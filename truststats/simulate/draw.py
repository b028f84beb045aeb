"""The verb of this folder: a survey from a population."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from truststats.errors import DefinitionError
from truststats.simulate.answers import draw_answers
from truststats.simulate.flaws import Flaws
from truststats.simulate.load import load_population
from truststats.simulate.population import Population
from truststats.simulate.sampling import Sampling, draw_people, draw_units
from truststats.simulate.stream import SEED

if TYPE_CHECKING:
    from truststats.constructs import Instrument
    from truststats.survey import Survey

__all__ = ["draw_frame", "simulate"]


def simulate(
    population: str | Path | Population = "tbm",
    instrument: str | Path | Instrument = "tbm-core",
    *,
    design: Sampling | None = None,
    flaws: Flaws | None = None,
    seed: int | None = None,
) -> Survey:
    """Draw a synthetic survey whose truth is known.

    Parameters
    ----------
    population : str, path or Population
        Name of a bundled population, a TOML file of your own, or a loaded population.
    instrument : str, path or Instrument
        The questionnaire whose items are asked.
    design : Sampling, optional
        Cities, units and response; as in the bundled survey by default.
    flaws : Flaws, optional
        What is wrong with the answers; nothing by default.
    seed : int, optional
        The same seed gives the same answers on every machine. ``None`` is one fixed seed.

    Returns
    -------
    Survey
        Marked as synthetic, with units as clusters, cities as groups, and the number of
        employees invited in each unit, a silent unit included. Its frame has a column
        ``synthetic`` of ones, so that a file saved from it is known when it is read back.

    Raises
    ------
    DefinitionError
        If the population does not answer the instrument's items, or contradicts their keying.
    """
    from truststats.constructs import Instrument, load_instrument
    from truststats.survey import read_survey

    loaded = instrument if isinstance(instrument, Instrument) else load_instrument(instrument)
    known = population if isinstance(population, Population) else load_population(population)
    _check_keying(known, loaded)
    items = [item.name for item in loaded.items]
    frame, units = draw_frame(known, items, design=design, flaws=flaws, seed=seed)
    return read_survey(
        frame.assign(synthetic=1),
        instrument=loaded,
        cluster="unit",
        group="city",
        unit_sizes=dict(zip(units["unit"], units["invited"].astype(int), strict=True)),
        synthetic=True,
    )


def draw_frame(
    population: Population,
    items: Sequence[str],
    *,
    design: Sampling | None = None,
    flaws: Flaws | None = None,
    seed: int | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw answers as they would stand in a file, and the list of units.

    Returns
    -------
    tuple of DataFrame
        The answers (unit, city, sector, role, tenure, answered_on, then the items; one row per
        person), and the units (unit, city, sector, invited, answered).
    """
    design, seed = design or Sampling(), SEED if seed is None else seed
    units = draw_units(design, seed)
    people = draw_people(design, units, seed)
    answers = draw_answers(population, people, items, flaws=flaws, seed=seed)
    return pd.concat([people, answers], axis=1), units


def _check_keying(population: Population, instrument: Instrument) -> None:
    """Raise unless the items with negative loadings are those the instrument reverses."""
    wrong = [
        item.name
        for item in instrument.items
        if item.name in population.items
        and item.reverse != (population.items[item.name].loading < 0)
    ]
    if wrong:
        raise DefinitionError(
            f"Population and instrument disagree on the direction of {', '.join(wrong)}.",
            where=f"population {population.name!r}, instrument {instrument.name!r}",
            why="a reverse-keyed item has a negative loading in the population, no other has",
            fix="change the sign in the population, or `reverse` on the construct's card",
        )
