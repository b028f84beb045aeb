from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from truststats.errors import DefinitionError
from truststats.simulate import Flaws, MissingRates, Sampling, load_population
from truststats.simulate.answers import draw_answers, draw_latents
from truststats.simulate.sampling import draw_people, draw_units

ITEMS = ["vtr1", "vtr5", "aut1", "aut2", "aut3", "ctrl1", "goal1", "ti1"]


@pytest.fixture(scope="module")
def tbm():
    return load_population("tbm")


@pytest.fixture(scope="module")
def people():
    design = Sampling(units_per_cell=45)
    return draw_people(design, draw_units(design, 3), 3)


@pytest.fixture(scope="module")
def complete(tbm):
    return replace(tbm, missing=MissingRates({"": 0.0}, {"": 0.0}, 0.0, 1.0))


def test_latents_have_the_populations_covariances_and_shares(tbm):
    design = Sampling(units_per_cell=49, smallest=60, largest=60, response=1, response_sd=0)
    seeds = range(6)
    total, between = [], []
    for seed in seeds:
        people = draw_people(design, draw_units(design, seed), seed)
        latents = draw_latents(tbm, people, seed)
        means = latents.groupby(people["unit"].to_numpy()).mean()
        within = latents - latents.groupby(people["unit"].to_numpy()).transform("mean")
        total.append(latents.cov().to_numpy())
        between.append(means.var() - within.var() / 60)
    np.testing.assert_allclose(np.mean(total, axis=0), tbm.latent_cov, atol=0.04)
    shares = [tbm.between[name] for name in tbm.latents]
    np.testing.assert_allclose(np.mean(between, axis=0), shares, atol=0.02)


def test_shifts_move_the_second_group(tbm, people):
    latents = draw_latents(tbm, people, 3)
    means = latents["perceived_control"].groupby(people["sector"]).mean()
    assert means["home care"] - means["school"] > 0.1


def test_answers_follow_percents_and_loadings(complete, people):
    answers = draw_answers(complete, people, ITEMS, seed=3)
    assert set(np.unique(answers)) == {1, 2, 3, 4, 5}
    for name in ITEMS:
        share = 100 * answers[name].value_counts(normalize=True).sort_index()
        assert np.abs(share.to_numpy() - complete.items[name].percent).max() < 5
    cor = answers.corr()
    assert cor.loc["vtr1", "vtr5"] < -0.3
    assert cor.loc["aut1", "aut2"] > cor.loc["aut1", "aut3"] > 0.2


def test_missing_answers_are_where_they_should_be(tbm, people):
    answers = draw_answers(tbm, people, ITEMS, seed=3)
    unsure, blank = (answers == 9).mean(), answers.isna().mean()
    assert 0.05 < unsure["vtr1"] + blank["vtr1"] < 0.15
    assert 0.01 < unsure["aut1"] + blank["aut1"] < 0.05
    left_out = (answers["vtr1"] == 9) | answers["vtr1"].isna()
    assert left_out[people["tenure"] < 1].mean() > left_out[people["tenure"] >= 1].mean()


def test_each_flaw_leaves_everything_else_alone(tbm, people):
    clean = draw_answers(tbm, people, ITEMS, seed=3)
    turned = draw_answers(tbm, people, ITEMS, flaws=Flaws(reversed_item="vtr1"), seed=3)
    pd.testing.assert_frame_equal(turned.drop(columns="vtr1"), clean.drop(columns="vtr1"))
    answered = clean["vtr1"] < 9
    assert (turned["vtr1"][answered] == 6 - clean["vtr1"][answered]).all()
    shifted = draw_answers(tbm, people, ITEMS, flaws=Flaws(noninvariant="aut1"), seed=3)
    first = people["city"] == "Fjordby"
    pd.testing.assert_frame_equal(shifted[first], clean[first])
    answered = ~first & (clean["aut1"] < 9)
    assert shifted["aut1"][answered].mean() < clean["aut1"][answered].mean() - 0.3


def test_method_variance_makes_unrelated_items_agree(complete, people):
    clean = draw_answers(complete, people, ITEMS, seed=3).corr()
    method = draw_answers(complete, people, ITEMS, flaws=Flaws(method=0.4), seed=3).corr()
    assert method.loc["goal1", "ctrl1"] > clean.loc["goal1", "ctrl1"] + 0.08


def test_an_item_the_population_does_not_know(tbm, people):
    with pytest.raises(DefinitionError, match=r"how 'vtr99' is answered\. Did you mean"):
        draw_answers(tbm, people, ["vtr99"], seed=1)
