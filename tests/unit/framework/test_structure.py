"""Equations derived from claims and stages, checked by hand on small cases."""

from __future__ import annotations

from typing import Any

import pytest

from truststats.framework import Claim, Framework, Rival, load_framework
from truststats.framework.structure import claimed_structure, rival_structure

STAGES = [["x", "z"], ["m", "n"], ["y", "w"]]


def claim(*path: str, adjust: tuple[str, ...] = ()) -> Claim:
    return Claim(
        id="_".join(path),
        statement={"en": "s"},
        path=path,
        estimand="direct" if len(path) == 2 else "indirect",
        adjust=adjust,
        sesoi=0.1,
        source="s",
    )


def rival(**changes: Any) -> Rival:
    text = {"en": "r"}
    return Rival.model_validate({"key": "r", "label": text, "description": text, **changes})


def test_an_equation_holds_causes_and_adjustment_sets_in_the_order_of_the_stages() -> None:
    structure = claimed_structure([claim("m", "y", adjust=("z",)), claim("x", "y")], STAGES)
    assert structure.order == ("x", "z", "m", "y")
    assert structure.equations["y"] == ("x", "z", "m")
    assert structure.exogenous == ("x", "z")


def test_what_no_claim_explains_depends_on_everything_before() -> None:
    structure = claimed_structure([claim("m", "y", adjust=("z", "x"))], STAGES)
    assert structure.equations["m"] == ("x", "z")


def test_an_indirect_claim_brings_its_direct_path_and_adjusts_everywhere() -> None:
    structure = claimed_structure([claim("x", "m", "y", adjust=("z",))], STAGES)
    assert structure.equations == {"m": ("x", "z"), "y": ("x", "z", "m")}


def test_residuals_within_a_stage_are_correlated() -> None:
    claims = [claim("x", "m"), claim("x", "n"), claim("m", "y"), claim("n", "w")]
    assert claimed_structure(claims, STAGES).covariances == (("m", "n"), ("y", "w"))


def test_removed_associations_do_not_come_back_as_automatic_covariances() -> None:
    claimed = claimed_structure([claim("x", "m", "y", adjust=("z",))], STAGES)
    assert claimed.uncorrelated() == ()
    removed = rival_structure(
        claimed, rival(kind="remove", remove=[{"from": ["m", "x"], "to": ["y"]}])
    )
    assert removed.equations == {"m": ("x", "z"), "y": ("z",)}
    assert removed.uncorrelated() == (("m", "y"),)
    assert removed.uncorrelated(controlled=True) == (("m", "y"),)


def test_an_exogenous_construct_that_causes_nothing_is_kept_apart_under_controls() -> None:
    claimed = claimed_structure([claim("x", "m", adjust=("z",))], STAGES)
    removed = rival_structure(claimed, rival(kind="remove", remove=[{"from": ["x"], "to": ["m"]}]))
    assert removed.uncorrelated() == ()
    assert removed.uncorrelated(controlled=True) == (("x", "m"),)


def test_reordering_turns_paths_round_and_keeps_every_association() -> None:
    claims = [claim("x", "m"), claim("x", "n"), claim("m", "y"), claim("n", "y")]
    claimed = claimed_structure(claims, STAGES)
    turned = rival_structure(claimed, rival(kind="reorder", stages=[["x", "z"], ["y"], ["m", "n"]]))
    assert turned.order == ("x", "y", "m", "n")
    assert turned.equations == {"y": (), "m": ("x", "y"), "n": ("x", "y")}
    assert turned.covariances == (("m", "n"),)


def test_a_path_within_a_stage_of_the_rival_becomes_a_covariance() -> None:
    claims = [claim("x", "m"), claim("x", "y"), claim("m", "y")]
    claimed = claimed_structure(claims, STAGES)
    level = rival_structure(claimed, rival(kind="reorder", stages=[["x", "z"], ["m", "n", "y"]]))
    assert level.equations == {"m": ("x",), "y": ("x",)}
    assert level.covariances == (("m", "y"),)


@pytest.fixture(scope="module")
def tbm() -> Framework:
    return load_framework("tbm")


CONDITIONS = ("delegation", "trust_based_leadership", "perceived_control", "goal_clarity")
FLOWS = ("formal_information", "informal_information")
BETWEEN = ("vertical_trust", "work_autonomy")


def test_the_programmes_equations(tbm: Framework) -> None:
    middle = (*CONDITIONS[:3], *FLOWS)
    assert tbm.structure.equations == {
        "formal_information": CONDITIONS,
        "informal_information": CONDITIONS,
        "vertical_trust": middle,
        "work_autonomy": middle,
        "results": (*CONDITIONS, *FLOWS, *BETWEEN),
        "innovation": (*middle, *BETWEEN),
    }
    assert tbm.structure.covariances == (FLOWS, BETWEEN, ("results", "innovation"))
    assert tbm.structure.exogenous == CONDITIONS


def test_trust_first_regresses_information_on_trust(tbm: Framework) -> None:
    turned = rival_structure(tbm.structure, tbm.rival("trust_first"))
    assert turned.equations["vertical_trust"] == CONDITIONS[:3]
    for flow in FLOWS:
        assert turned.equations[flow] == (*CONDITIONS, "vertical_trust")
    claimed = tbm.structure.equations
    assert set(turned.equations["results"]) == set(claimed["results"])
    assert ("vertical_trust", "work_autonomy") in turned.covariances


def test_direct_only_takes_trust_and_autonomy_out_of_the_results(tbm: Framework) -> None:
    direct = rival_structure(tbm.structure, tbm.rival("direct_only"))
    assert direct.equations["results"] == (*CONDITIONS, *FLOWS)
    assert direct.equations["innovation"] == (*CONDITIONS[:3], *FLOWS)
    assert direct.equations["vertical_trust"] == tbm.structure.equations["vertical_trust"]
    assert len(direct.uncorrelated()) == 4


def test_leadership_leaves_only_the_common_causes(tbm: Framework) -> None:
    common = rival_structure(tbm.structure, tbm.rival("leadership_common_cause"))
    causes = {key for predictors in common.equations.values() for key in predictors}
    assert causes == {"trust_based_leadership", "perceived_control", "goal_clarity"}
    assert all("trust_based_leadership" in p for p in common.equations.values())
