import pytest

from truststats.errors import OptionError
from truststats.simulate import Sampling
from truststats.simulate.sampling import draw_people, draw_units


def test_the_default_design():
    units = draw_units(Sampling(), 1)
    assert len(units) == 96
    assert units["unit"].is_unique
    assert units["unit"].str.fullmatch(r"00\d{4}").all()
    assert units["invited"].between(8, 80).all()
    assert (units["answered"] <= units["invited"]).all()
    assert (units["answered"] == 0).sum() == 1
    assert units.groupby(["city", "sector"]).size().eq(24).all()


def test_people_belong_to_their_units():
    units = draw_units(Sampling(), 1)
    people = draw_people(Sampling(), units, 1)
    assert len(people) == units["answered"].sum()
    assert (
        people.groupby("unit")
        .size()
        .equals(units[units["answered"] > 0].set_index("unit")["answered"].rename(None))
    )
    assert set(people.loc[people["sector"] == "school", "role"]) == {
        "teacher",
        "teaching assistant",
    }
    assert people["tenure"].between(0, 42).all()
    assert people["answered_on"].between("2025-03-03", "2025-03-30").all()


def test_silence_can_be_switched_off():
    assert (draw_units(Sampling(silent=0), 1)["answered"] > 0).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cities": {"Fjordby": "0098"}}, "two cities and two sectors; got 1 and 2"),
        ({"units_per_cell": 60}, "units_per_cell=60 with silent=1 is impossible"),
        ({"units_per_cell": 1, "silent": 4}, "silent=4 is impossible"),
        ({"smallest": 20, "largest": 10}, "smallest=20 and largest=10 are not unit sizes"),
    ],
)
def test_impossible_designs(settings, message):
    with pytest.raises(OptionError, match=message):
        Sampling(**settings)
