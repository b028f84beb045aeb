from dataclasses import replace

import pandas as pd
import pytest

import truststats.simulate
from truststats.constructs import load_instrument
from truststats.errors import DefinitionError
from truststats.simulate import Flaws, Sampling, draw_frame, load_population, simulate

SMALL = Sampling(units_per_cell=3)


def test_a_simulated_survey_says_that_it_is_synthetic():
    survey = simulate(design=SMALL, seed=1)
    assert survey.synthetic
    assert len(survey.items) == 59
    assert survey.design.cluster == "unit"
    assert survey.design.group == "city"
    assert len(survey.design.unit_sizes) == 12
    assert survey.frame["unit"].nunique() == 11


def test_the_short_form_asks_fewer_items():
    short = simulate(instrument="tbm-short", design=SMALL, seed=1)
    core = simulate(design=SMALL, seed=1)
    assert len(short.items) < len(core.items)


def test_the_same_seed_gives_the_same_answers():
    population, items = load_population(), ["vtr1", "aut1"]
    first, _ = draw_frame(population, items, design=SMALL, seed=5)
    again, _ = draw_frame(population, items, design=SMALL, seed=5)
    other, _ = draw_frame(population, items, design=SMALL, seed=6)
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_flaws_reach_the_answers():
    clean = simulate(design=SMALL, seed=1)
    flawed = simulate(design=SMALL, flaws=Flaws(careless=0.5), seed=1)
    assert not flawed.values().equals(clean.values())


def test_a_population_that_turns_an_item_the_instrument_does_not():
    population = load_population()
    items = dict(population.items)
    items["vtr1"] = replace(items["vtr1"], loading=-0.7)
    with pytest.raises(DefinitionError, match="disagree on the direction of vtr1"):
        simulate(replace(population, items=items), load_instrument("tbm-core"), design=SMALL)


def test_folder_and_verb_share_a_name():
    assert truststats.simulate(design=SMALL, seed=1).n == simulate(design=SMALL, seed=1).n
