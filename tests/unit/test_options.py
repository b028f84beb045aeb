from __future__ import annotations

import pytest

from truststats.errors import OptionError
from truststats.options import (
    FROM_SURVEY,
    check_draws,
    check_level,
    choose,
    did_you_mean,
    generator,
)


def test_choose_returns_the_canonical_spelling() -> None:
    assert choose("estimator", "mlr", ("ML", "MLR")) == "MLR"
    assert choose("missing", "FIML", ("listwise", "ml"), aliases={"fiml": "ml"}) == "ml"


def test_choose_says_what_was_probably_meant() -> None:
    with pytest.raises(OptionError) as caught:
        choose("missing", "listwize", ("listwise", "ml"))
    assert str(caught.value) == (
        "missing='listwize' is not one of its choices. Did you mean 'listwise'?\n"
        "What to do: use missing= one of: 'listwise', 'ml'"
    )


def test_choose_refuses_what_is_not_text() -> None:
    with pytest.raises(OptionError, match="se=3 is not one of its choices"):
        choose("se", 3, ("standard", "robust"))


def test_did_you_mean_ignores_case_and_stays_silent_when_far() -> None:
    assert did_you_mean("Unti", ["unit", "city"]) == " Did you mean 'unit'?"
    assert did_you_mean("zzz", ["unit", "city"]) == ""


def test_did_you_mean_knows_the_beginning_of_a_long_name() -> None:
    columns = ["kommune_tilhørighet", "sector_name_in_full", "sector_number_of_it"]
    assert did_you_mean("kommune", columns) == " Did you mean 'kommune_tilhørighet'?"
    assert did_you_mean("sector", columns) == "", "two begin so"


def test_the_sentinel_has_a_stable_repr() -> None:
    assert repr(FROM_SURVEY) == "FROM_SURVEY"


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.5, float("nan")])
def test_a_level_lies_between_0_and_1(level):
    with pytest.raises(OptionError, match="does not lie between 0 and 1"):
        check_level(level)
    assert check_level(0.9) == 0.9


@pytest.mark.parametrize(("draws", "why"), [(99, "too few"), (100.5, "not a whole"), (True, "not")])
def test_draws_are_a_whole_number_from_100(draws, why):
    with pytest.raises(OptionError, match=why):
        check_draws(draws)
    assert check_draws(100) == 100


def test_a_seed_is_a_number_a_generator_or_none() -> None:
    assert generator(None, 5).integers(1000) == generator(5, 7).integers(1000)
    own = generator(1, 5)
    assert generator(own, 5) is own
    for seed in ("a", -1, 1.5):
        with pytest.raises(OptionError, match="is no seed"):
            generator(seed, 5)
