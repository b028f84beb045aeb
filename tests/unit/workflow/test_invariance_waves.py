"""The same people at several times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.model import Model
from truststats.workflow.invariance import invariance
from truststats.workflow.invariance_waves import wave_text, waves_of

MODEL = "f =~ a + b + c + d"
ITEMS = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def long() -> pd.DataFrame:
    """Three waves of 400 people; the factor rises, and in the last wave b is answered higher."""
    rng = np.random.default_rng(8)
    person = rng.normal(size=400)
    parts = []
    for wave in range(3):
        factor = 0.8 * person + rng.normal(0.0, 0.6, 400) + 0.3 * wave
        answers = 3.0 + 0.8 * factor[:, None] + rng.normal(0.0, 0.6, (400, 4))
        answers[:, 1] += 0.8 * (wave == 2)
        parts.append(pd.DataFrame(answers, columns=ITEMS).assign(id=range(400), wave=2019 + wave))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def wide(long: pd.DataFrame) -> pd.DataFrame:
    out = long.pivot(index="id", columns="wave", values=ITEMS)
    out.columns = [f"{item}_{wave}" for item, wave in out.columns]
    return out.reset_index(drop=True)


def test_the_item_that_changes_its_meaning_is_freed(long: pd.DataFrame) -> None:
    found = invariance(MODEL, long, waves="wave", person="id")
    assert found.unit == "waves"
    assert found.groups == ("2019", "2020", "2021")
    assert [one.item for one in found.freed] == ["b"]
    assert found.freed[0].df == 2
    assert found.licensed == "partial"
    means = found.means().set_index("group")["difference"]
    assert means["2020"] == pytest.approx(0.3, abs=0.1)
    assert means["2021"] == pytest.approx(0.6, abs=0.12)
    with pytest.raises(NotSupportedError, match="waves"):
        _ = found.items
    assert "3 times" in repr(found)
    assert len(ts.table(found).frame) == len(found.steps)


def test_long_and_wide_data_are_the_same(long: pd.DataFrame, wide: pd.DataFrame) -> None:
    one = invariance(MODEL, long, waves="wave", person="id", upto="scalar", partial=False)
    ends = ["_2019", "_2020", "_2021"]
    two = invariance(MODEL, wide, waves=ends, upto="scalar", partial=False)
    columns = {item: [item + end for end in ends] for item in ITEMS}
    three = invariance(MODEL, wide, waves=columns, upto="scalar", partial=False)
    np.testing.assert_allclose(one.frame()["chisq"], two.frame()["chisq"], rtol=1e-6)
    np.testing.assert_allclose(one.frame()["chisq"], three.frame()["chisq"], rtol=1e-6)
    assert two.groups == ("2019", "2020", "2021")


def test_people_who_drop_out_are_kept(long: pd.DataFrame) -> None:
    gone = long[~((long["wave"] == 2021) & (long["id"] < 100))]
    found = invariance(MODEL, gone, waves="wave", person="id", upto="metric")
    assert found.steps[0].fit.missing == "ml"
    assert found.people == {"2019": 400, "2020": 400, "2021": 300}


def test_the_text_says_what_is_equal(wide: pd.DataFrame) -> None:
    model = Model.from_text(MODEL)
    known, _ = waves_of(["_2019", "_2020"], ITEMS, wide, None)
    plain = wave_text(model, known, ())
    assert "f_w1 =~ NA*a_2019 + b_2019" in plain
    assert "a_2019 ~~ a_2020" in plain
    assert "f_w2 ~ 0*1" in plain
    tied = wave_text(model, known, ("loadings", "intercepts"), ("b~1",))
    assert "l_f_b*b_2020" in tied
    assert "i_a*1" in tied
    assert "b_2020 ~ 1" in tied
    assert "f_w2 ~ NA*1" in tied


def test_bad_waves_are_refused(long: pd.DataFrame, wide: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="person"):
        invariance(MODEL, long, waves="wave")
    with pytest.raises(DataError, match="repeat"):
        invariance(MODEL, pd.concat([long, long]), waves="wave", person="id")
    with pytest.raises(OptionError, match="column for each"):
        invariance(MODEL, wide, waves={"a": ["a_2019", "a_2020"]})
    with pytest.raises(DataError, match="no column"):
        invariance(MODEL, wide, waves=["_2019", "_2025"])
    with pytest.raises(NotSupportedError, match="group="):
        invariance(MODEL, long, waves="wave", person="id", group="wave")
    with pytest.raises(NotSupportedError, match="factors of items"):
        invariance(MODEL + "\nf ~ x", wide, waves=["_2019", "_2020"])
