from __future__ import annotations

import pytest

from truststats.errors import OptionError
from truststats.options import FROM_SURVEY, choose, did_you_mean


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


def test_the_sentinel_has_a_stable_repr() -> None:
    assert repr(FROM_SURVEY) == "FROM_SURVEY"
