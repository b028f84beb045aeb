"""Two linked waves: the truth is found, a moved anchor is named, and the rest is refused.

Where both waves have one seed the same people answer with the same errors, so that little else than
the truth is left of the difference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import truststats as ts
from truststats.errors import OptionError

TRUST = ts.load_instrument("tbm-core").restricted_to([f"vtr{k}" for k in range(1, 6)])
OTHER = {"en": "My manager keeps promises.", "nb": "Lederen min holder løfter."}


def near(found: Any, truth: float = 0.3) -> bool:
    """Tell whether a change is the truth but for Monte Carlo error, and that is small."""
    return abs(found.change - truth) < 3 * found.se and found.se < 0.02


@pytest.fixture(scope="module")
def change(revised: Any) -> Any:
    return ts.compare_instruments(TRUST, revised(TRUST, {"vtr1": {"text": OTHER}}))


@pytest.fixture(scope="module")
def link(change: Any, two_waves: Any) -> Any:
    """The construct moved by 0.3; the new wording of vtr1 and, unknown to all, vtr3 by 0.6."""
    waves = two_waves(change, 0.3, {"vtr1": 0.5, "vtr3": 0.6})
    return change.link(*waves, waves=("2025", "2027"))


def test_the_latent_change_is_found(link: Any) -> None:
    one = link["vertical_trust"]
    assert one.licensed
    assert near(one.change)
    assert one.change.lower < one.change.change < one.change.upper
    assert link.licensed == ("vertical_trust",)


def test_an_anchor_that_moved_is_found_and_named(link: Any) -> None:
    one = link["VTR"]
    assert {freed.item for freed in one.apart} == {"vtr3"}
    assert one.anchors == ("vtr2", "vtr4", "vtr5")
    assert one.reason == "partial"
    found = [problem for problem in link.problems if problem.code == "anchor_moved"]
    assert found[0].where == "vtr3"


def test_what_the_new_wording_did_is_told(link: Any) -> None:
    rows = link.items.set_index("item")
    assert rows["role"].to_dict() == {
        "vtr1": "changed", "vtr2": "anchor", "vtr3": "apart", "vtr4": "anchor", "vtr5": "anchor",
    }  # fmt: skip
    assert (rows.loc[["vtr1", "vtr3"], "ci_lower"] > 0.3).all()
    assert rows["shift"].isna().tolist() == [False, True, False, True, True]


def test_the_change_is_found_in_waves_of_other_people(change: Any, two_waves: Any) -> None:
    changes = []
    for k in range(6):
        waves = two_waves(change, 0.3, {"vtr1": 0.5}, seeds=(40 + k, 60 + k))
        changes.append(change.link(*waves)["vertical_trust"].change)
    error = np.sqrt(np.mean([one.se**2 for one in changes]) / len(changes))
    assert abs(np.mean([one.change for one in changes]) - 0.3) < 3 * error
    assert error < 0.05


def test_an_anchor_that_moved_a_little_shows_in_the_range(change: Any, two_waves: Any) -> None:
    waves = two_waves(change, 0.3, {"vtr3": 0.15})
    linked = change.link(*waves)
    found = linked["vertical_trust"].change
    assert linked["vertical_trust"].reason == "equal", "too little for the rule"
    assert abs(found.lowest - 0.3) < 3 * found.se
    assert found.highest > found.change > found.lowest + 2 * found.se
    assert "anchors_disagree" in {problem.code for problem in linked.problems}


def test_two_anchors_that_disagree_license_nothing(revised: Any, two_waves: Any) -> None:
    changed = {f"vtr{k}": {"text": {c: f"{t} {k}" for c, t in OTHER.items()}} for k in (1, 3, 5)}
    change = ts.compare_instruments(TRUST, revised(TRUST, changed))
    assert change["vertical_trust"].reason == "two_anchors"
    one = change.link(*two_waves(change, 0.3, {"vtr2": 0.8}))["vertical_trust"]
    assert not one.licensed
    assert one.reason in ("disagree", "intercepts")
    assert one.apart == ()
    assert one.changes == ()


def test_two_anchors_that_agree_license_the_change(revised: Any, two_waves: Any) -> None:
    changed = {f"vtr{k}": {"text": {c: f"{t} {k}" for c, t in OTHER.items()}} for k in (1, 3, 5)}
    change = ts.compare_instruments(TRUST, revised(TRUST, changed))
    found = change.link(*two_waves(change, 0.3, {"vtr1": 0.5}))["vertical_trust"].change
    assert near(found)
    assert np.isnan(found.lowest)


def test_what_has_not_enough_anchors_keeps_the_change_of_its_items(
    revised: Any, two_waves: Any
) -> None:
    changed = {f"vtr{k}": {"text": {c: f"{t} {k}" for c, t in OTHER.items()}} for k in (1, 2, 3, 5)}
    change = ts.compare_instruments(TRUST, revised(TRUST, changed))
    linked = change.link(*two_waves(change, 0.3))
    assert linked["vertical_trust"].reason == "one_anchor"
    assert linked.observed["item"].tolist() == ["vtr4"]
    assert linked.observed["ci_lower"].item() > 0
    assert np.isnan(linked.frame()["change"].item())
    assert "change_not_licensed" in {problem.code for problem in linked.problems}


def test_averages_are_licensed_only_where_nothing_changed(revised: Any, two_waves: Any) -> None:
    same = ts.compare_instruments(TRUST, revised(TRUST))
    assert same.link(*two_waves(same, 0.2))["vertical_trust"].averages
    moved = same.link(*two_waves(same, 0.2, {"vtr3": 0.6}))["vertical_trust"]
    assert moved.licensed
    assert not moved.averages


def test_small_waves_are_not_fitted_and_small_counts_not_shown(change: Any, two_waves: Any) -> None:
    old, new = two_waves(change, 0.3)
    few = ts.read_survey(new.frame.head(60), instrument=change.new)
    linked = change.link(old, few, cluster=None)
    assert linked["vertical_trust"].reason == "few_answers"
    three = ts.read_survey(new.frame.head(3), instrument=change.new)
    hidden = change.link(old, three, cluster=None).observed
    assert hidden[["n_new", "mean_new", "change", "ci_upper"]].isna().all().all()


def test_constructs_can_be_chosen_and_unknown_ones_are_refused(change: Any, two_waves: Any) -> None:
    waves = two_waves(change, 0.0)
    with pytest.raises(OptionError, match="Neither version"):
        change.link(*waves, constructs="result")
    with pytest.raises(OptionError, match="No construct"):
        change.link(*waves, constructs=[])
    core = ts.compare_instruments(TRUST, "tbm-short")
    with pytest.raises(OptionError, match="Only one of the versions"):
        core.link(waves[0], ts.simulate(instrument="tbm-short"), constructs="results")


@pytest.mark.parametrize(
    "options", [{"level": 95}, {"estimator": "WLSMV"}, {"adjust": "bonferoni"}, {"rule": "strict"}]
)
def test_unknown_choices_are_refused(change: Any, two_waves: Any, options: Any) -> None:
    with pytest.raises(OptionError):
        change.link(*two_waves(change, 0.0), **options)


def test_a_rescaled_construct_is_not_converted(two_waves: Any) -> None:
    own = TRUST.constructs["vertical_trust"]
    labels = {code: tuple(f"{code} {k}" for k in range(7)) for code in ("en", "nb")}
    seven = own.response_set.model_copy(update={"codes": tuple(range(1, 8)), "labels": labels})
    wider = own.model_copy(update={"response_set": seven})
    change = ts.compare_instruments(
        TRUST,
        TRUST.model_copy(update={"version": "0.2", "constructs": {"vertical_trust": wider}}),
    )
    assert {row.kind for row in change.items} == {"rescaled"}
    linked = change.link(*two_waves(change, 0.3))
    assert linked["vertical_trust"].reason == "no_anchor"
    assert linked.observed.empty


def test_with_weights_anchors_are_tested_but_not_searched_for(change: Any, two_waves: Any) -> None:
    rng = np.random.default_rng(3)
    waves = [
        ts.read_survey(
            wave.frame.assign(w=rng.uniform(0.5, 2.0, wave.n)), instrument=version, cluster="unit",
            weights="w",
        )
        for wave, version in zip(
            two_waves(change, 0.3, seeds=(5, 6)), (change.old, change.new), strict=True
        )
    ]  # fmt: skip
    linked = change.link(*waves)
    assert linked["vertical_trust"].licensed
    assert abs(linked["vertical_trust"].change.change - 0.3) < 0.25
    assert "anchors_not_searched" in {problem.code for problem in linked.problems}
