"""Two linked waves against lavaan's partial invariance, and observed changes against survey."""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.constructs import Construct
from truststats.psychometrics.item_change import mean_change

GOLDEN = material.golden("instrument_waves")
DATA = pd.read_csv(material.HERE / "data" / "instrument_waves.csv")
ITEMS = list("abcde")
#: lavaan stops the search at a relative change of 1e-10 of the likelihood.
SEARCH = 1e-6
EXACT = 1e-9


def questionnaire(version: str, **wordings: str) -> ts.Instrument:
    """Return a questionnaire of five items of one construct."""
    labels = {"en": tuple(f"answer {k}" for k in range(1, 6))}
    items = [
        {"name": k, "construct": "f", "facet": "all", "referent": "unit",
         "text": {"en": wordings.get(k, f"Statement {k}.")}}
        for k in ITEMS
    ]  # fmt: skip
    construct = Construct.model_validate(
        {
            "key": "f", "code": "F", "label": {"en": "F"}, "definition": {"en": "F"},
            "level": "individual", "structure": "one_factor", "facets": {"all": {"en": "All"}},
            "response_set": {"key": "five", "codes": (1, 2, 3, 4, 5), "labels": labels},
            "items": items, "licence": "free", "status": "test",
        }
    )  # fmt: skip
    return ts.Instrument(
        name="waves", version=version, title={"en": "Waves"}, languages=("en",),
        constructs={"f": construct}, item_order=tuple(ITEMS), status="test",
    )  # fmt: skip


@pytest.fixture(scope="module")
def surveys() -> dict[str, Any]:
    """Return the change and both waves."""
    old, new = questionnaire("1"), questionnaire("2", b="Other words.", d="Other words too.")
    made: dict[str, Any] = {"change": ts.compare_instruments(old, new)}
    for wave, instrument in (("old", old), ("new", new)):
        rows = DATA[DATA["wave"] == wave].drop(columns="wave").reset_index(drop=True)
        made[wave] = ts.read_survey(rows, instrument=instrument)
    return made


@pytest.fixture(scope="module")
def link(surveys: dict[str, Any]) -> Any:
    """Return the waves linked, people taken as independent like lavaan's."""
    return surveys["change"].link(
        surveys["old"], surveys["new"], id=None, cluster=None, rule="chisq"
    )


def test_the_latent_change_is_that_of_lavaan(link: Any) -> None:
    assert link["f"].anchors == ("a", "c", "e")
    assert link["f"].free == ("b", "d")
    found, golden = link["f"].change, GOLDEN["scalar"]
    assert found.change == pytest.approx(golden["mean"], abs=SEARCH)
    assert found.se == pytest.approx(golden["se"], abs=SEARCH)
    last = link["f"].ladder.steps[-1]
    assert last.measures["df"] == golden["df"]
    assert last.measures["chisq"] == pytest.approx(golden["chisq"], abs=1e-5)


def test_the_tests_of_the_anchors_are_those_of_lavaan(link: Any) -> None:
    steps = {step.name: step for step in link["f"].ladder.steps}
    for name in ("metric", "scalar"):
        golden = GOLDEN[f"{name}_test"]
        assert steps[name].difference.df == golden["df"]
        assert steps[name].difference.chisq == pytest.approx(golden["chisq"], abs=1e-5)


def test_what_a_new_wording_did_is_lavaans_difference_of_intercepts(link: Any) -> None:
    row = link.items.set_index("item").loc["b"]
    assert row["shift"] == pytest.approx(GOLDEN["scalar"]["b"]["shift"], abs=SEARCH)
    assert row["se"] == pytest.approx(GOLDEN["scalar"]["b"]["se"], abs=SEARCH)


@pytest.mark.parametrize("kind", ["rows", "person", "unit", "weighted"])
def test_observed_changes_are_those_of_survey(kind: str) -> None:
    names = list(GOLDEN[kind])
    column = {"weighted": "unit"}.get(kind, kind)
    clusters = np.arange(len(DATA)) if kind == "rows" else pd.factorize(DATA[column])[0]
    weights = DATA["weight"].to_numpy() if kind == "weighted" else np.ones(len(DATA))
    got = mean_change(
        DATA[names].to_numpy(float), (DATA["wave"] == "new").to_numpy(), clusters, weights
    )
    for k, name in enumerate(names):
        assert got.change[k] == pytest.approx(GOLDEN[kind][name]["change"], abs=EXACT)
        assert got.se[k] == pytest.approx(GOLDEN[kind][name]["se"], abs=EXACT)


def test_the_link_shows_the_same_observed_changes(surveys: dict[str, Any]) -> None:
    linked = surveys["change"].link(
        surveys["old"], surveys["new"], id="person", cluster=None, waves=("old", "new")
    )
    for row in linked.observed.to_dict("records"):
        golden = GOLDEN["person"][row["item"]]
        assert row["change"] == pytest.approx(golden["change"], abs=EXACT)
        assert row["se"] == pytest.approx(golden["se"], abs=EXACT)
