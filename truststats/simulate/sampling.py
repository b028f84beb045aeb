"""Who is invited and who answers: cities, sectors, units, and one unit that stays silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from truststats.errors import OptionError
from truststats.simulate.stream import normals, uniforms

__all__ = ["Sampling", "draw_people", "draw_units"]

_ROLES = MappingProxyType(
    {
        "school": {"teacher": 0.68, "teaching assistant": 0.32},
        "home care": {"nurse": 0.24, "health worker": 0.54, "care assistant": 0.22},
    }
)


@dataclass(frozen=True)
class Sampling:
    """The design of a simulated survey: everyone in every unit is invited once.

    Attributes
    ----------
    cities : mapping of str to str
        Four-digit number of each of the two cities. The names are invented, and no municipality
        has a number that begins with 00.
    sectors : tuple of str
        The two kinds of service.
    units_per_cell : int
        Units in each sector of each city.
    smallest, largest : int
        Employees invited in a unit.
    skew : float
        Above 1, small units are more common than large ones.
    response, response_sd : float
        Mean response rate of a unit, and its standard deviation between units.
    silent : int
        How many units do not answer at all.
    roles : mapping
        Share of each role per sector.
    """

    cities: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"Fjordby": "0098", "Bøgeby": "0099"})
    )
    sectors: tuple[str, str] = ("school", "home care")
    units_per_cell: int = 24
    smallest: int = 8
    largest: int = 80
    skew: float = 1.55
    response: float = 0.71
    response_sd: float = 0.12
    silent: int = 1
    roles: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _ROLES)

    def __post_init__(self) -> None:
        if len(self.cities) != 2 or len(self.sectors) != 2:
            raise OptionError(
                f"A simulated survey has two cities and two sectors; "
                f"got {len(self.cities)} and {len(self.sectors)}.",
                fix="name two of each; combine or filter the rows afterwards for other designs",
            )
        if not 0 <= self.silent < 4 * self.units_per_cell or self.units_per_cell > 49:
            raise OptionError(
                f"units_per_cell={self.units_per_cell} with silent={self.silent} is impossible.",
                why="unit codes have two digits per city, and somebody has to answer",
                fix="use units_per_cell= 1 to 49 and silent= fewer than there are units",
            )
        if not 1 <= self.smallest <= self.largest:
            raise OptionError(
                f"smallest={self.smallest} and largest={self.largest} are not unit sizes.",
                fix="use 1 <= smallest <= largest",
            )


def draw_units(design: Sampling, seed: int) -> pd.DataFrame:
    """Draw the list of units.

    Returns
    -------
    DataFrame
        unit (text, with leading zeros), city, sector, invited, answered; one row per unit.
    """
    rows = [
        (f"{number}{1 + i + s * design.units_per_cell:02d}", city, sector)
        for city, number in design.cities.items()
        for s, sector in enumerate(design.sectors)
        for i in range(design.units_per_cell)
    ]
    n = len(rows)
    span = design.largest - design.smallest + 1
    size = design.smallest + np.floor(span * uniforms(seed, "unit size", n) ** design.skew)
    rate = design.response + design.response_sd * normals(seed, "unit response", n)
    answered = np.rint(size * np.clip(rate, 0.3, 1.0))
    answered[np.argsort(uniforms(seed, "silent units", n))[: design.silent]] = 0
    units = pd.DataFrame(rows, columns=["unit", "city", "sector"])
    return units.assign(invited=size.astype(int), answered=answered.astype(int))


def draw_people(design: Sampling, units: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw one row per person who answered: unit, city, sector, role, tenure in years, date.

    Tenure is exponential with mean 8.5 years, cut at 42; it is related to nothing else but to
    leaving answers out. People answer within four weeks in March.
    """
    people = units.loc[units.index.repeat(units["answered"]), ["unit", "city", "sector"]]
    people = people.reset_index(drop=True)
    n = len(people)
    role = np.empty(n, dtype=object)
    draw = uniforms(seed, "role", n)
    for sector, shares in design.roles.items():
        rows = (people["sector"] == sector).to_numpy()
        edges = np.cumsum(list(shares.values()))[:-1]
        role[rows] = np.array(list(shares), dtype=object)[np.searchsorted(edges, draw[rows])]
    tenure = np.minimum(np.round(-8.5 * np.log(uniforms(seed, "tenure", n)), 1), 42.0)
    days = np.floor(28 * uniforms(seed, "answered on", n) ** 2).astype(int)
    date = np.datetime64("2025-03-03") + days.astype("timedelta64[D]")
    return people.assign(role=role, tenure=tenure, answered_on=date.astype(str))
