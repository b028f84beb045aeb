"""The value that a user holds."""

from __future__ import annotations

import pandas as pd
import pytest

from truststats.errors import NotSupportedError
from truststats.results.invariance import Invariance
from truststats.workflow.invariance import invariance


@pytest.fixture(scope="module")
def found(groups_apart: pd.DataFrame) -> Invariance:
    return invariance("f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8", groups_apart, group="g")


def test_one_row_a_step(found: Invariance) -> None:
    frame = found.frame()
    assert len(frame) == len(found.steps)
    partial = frame.iloc[3]
    assert partial["freed"] == "x2~1"
    assert partial["delta_cfi"] == pytest.approx(partial["cfi"] - frame.iloc[1]["cfi"])
    # strict is compared with the partial scalar step, not with the one that failed
    assert frame.iloc[4]["delta_cfi"] == pytest.approx(frame.iloc[4]["cfi"] - partial["cfi"])


def test_steps_by_name(found: Invariance) -> None:
    assert found.step("scalar").free == ("x2~1",)
    assert found.fit is found.step("strict").fit
    assert found.reached == "strict"
    assert found.groups == ("north", "south", "west")
    with pytest.raises(NotSupportedError, match="means"):
        found.step("means")


def test_means_where_they_are_licensed(found: Invariance) -> None:
    assert found.means() is found.latent_means
