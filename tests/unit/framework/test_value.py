"""The framework as a value: the programme's claims, and what a definition may not do."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from truststats.constructs import load_construct, load_instrument
from truststats.constructs.definition import validated
from truststats.errors import DefinitionError
from truststats.framework import Framework, load_framework

DIRECT = {
    "delegation_trust": ("delegation", "vertical_trust"),
    "delegation_autonomy": ("delegation", "work_autonomy"),
    "formal_information_trust": ("formal_information", "vertical_trust"),
    "informal_information_trust": ("informal_information", "vertical_trust"),
    "formal_information_autonomy": ("formal_information", "work_autonomy"),
    "informal_information_autonomy": ("informal_information", "work_autonomy"),
    "trust_results": ("vertical_trust", "results"),
    "autonomy_results": ("work_autonomy", "results"),
    "trust_innovation": ("vertical_trust", "innovation"),
    "autonomy_innovation": ("work_autonomy", "innovation"),
}
INDIRECT = {
    "delegation_trust_results": ("delegation", "vertical_trust", "results"),
    "delegation_autonomy_results": ("delegation", "work_autonomy", "results"),
    "formal_information_trust_results": ("formal_information", "vertical_trust", "results"),
    "delegation_autonomy_innovation": ("delegation", "work_autonomy", "innovation"),
    "formal_information_trust_innovation": ("formal_information", "vertical_trust", "innovation"),
}


@pytest.fixture(scope="module")
def tbm() -> Framework:
    return load_framework("tbm")


def test_the_programmes_claims(tbm: Framework) -> None:
    assert {c.id: c.path for c in tbm.claims} == DIRECT | INDIRECT
    for claim in tbm.claims:
        direct = claim.id in DIRECT
        assert claim.estimand == ("direct" if direct else "indirect")
        assert claim.sesoi == (0.10 if direct else 0.02)
        assert claim.sign == 1
        assert claim.level == "individual"
        assert claim.source.startswith("Document 00")
        assert set(claim.statement) == {"en", "nb"}


def test_common_causes_are_in_every_adjustment_set(tbm: Framework) -> None:
    for claim in tbm.claims:
        assert {"trust_based_leadership", "perceived_control"} <= set(claim.adjust)
    for id in ("trust_results", "autonomy_results"):
        assert "goal_clarity" in tbm.claim(id).adjust


def test_a_direct_claim_says_all_that_its_equation_holds_constant(tbm: Framework) -> None:
    for id in DIRECT:
        claim = tbm.claim(id)
        assert set(tbm.structure.equations[claim.outcome]) == {claim.cause, *claim.adjust}


def test_every_path_of_an_indirect_claim_is_in_the_model(tbm: Framework) -> None:
    for id in INDIRECT:
        claim = tbm.claim(id)
        for cause, outcome in claim.edges:
            held = set(tbm.structure.equations[outcome])
            assert {cause, *claim.adjust} <= held
        assert claim.cause in tbm.structure.equations[claim.outcome]


def test_statements_are_told_apart(tbm: Framework) -> None:
    for language in tbm.languages:
        assert len({c.statement[language] for c in tbm.claims}) == len(tbm.claims)


def test_path_labels(tbm: Framework) -> None:
    claim = tbm.claim("delegation_autonomy_results")
    assert tbm.path_label(claim) == "Delegation → Work autonomy → Perceived results of the unit"
    assert tbm.path_label(claim, "nb").startswith("Delegering → Selvbestemmelse i arbeidet")


def test_rivals_are_the_four_of_a_sceptical_reader(tbm: Framework) -> None:
    assert [(r.key, r.kind) for r in tbm.rivals] == [
        ("trust_first", "reorder"),
        ("direct_only", "remove"),
        ("one_factor", "one_factor"),
        ("leadership_common_cause", "remove"),
    ]


def test_unknown_names_get_a_suggestion(tbm: Framework) -> None:
    with pytest.raises(DefinitionError, match=r"no claim 'trust_result'. Did you mean 'trust_res"):
        tbm.claim("trust_result")
    with pytest.raises(DefinitionError, match=r"no rival 'trust_frst'. Did you mean 'trust_first"):
        tbm.rival_model("trust_frst", "tbm-core")


def test_an_instrument_that_does_not_ask_a_construct_is_refused(tbm: Framework) -> None:
    core = load_instrument("tbm-core")
    kept = {k: c for k, c in core.constructs.items() if k not in ("goal_clarity", "innovation")}
    smaller = core.model_copy(update={"constructs": kept})
    with pytest.raises(DefinitionError) as caught:
        tbm.model(smaller)
    assert "'tbm-core' does not ask goal_clarity, innovation." in str(caught.value)
    with pytest.raises(DefinitionError, match="does not ask goal_clarity"):
        tbm.rival_model("one_factor", smaller)


def test_the_hash_covers_claims_and_rivals_but_no_item(tbm: Framework) -> None:
    assert len(tbm.content_hash) == 64
    assert tbm.short_hash == tbm.content_hash[:12]
    fewer = tbm.model_copy(update={"claims": tbm.claims[1:]})
    assert fewer.content_hash != tbm.content_hash
    trust = tbm.constructs["vertical_trust"].restricted_to(["vtr1", "vtr2"])
    other = tbm.model_copy(update={"constructs": {**tbm.constructs, trust.key: trust}})
    assert other.content_hash == tbm.content_hash


def test_cards_and_diagram_are_made_further_right(
    tbm: Framework, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("truststats._bridge.text", lambda value: f"text {value.name}")
    monkeypatch.setattr("truststats._bridge.html", lambda value: f"html {value.name}")
    monkeypatch.setattr("truststats._bridge.call", lambda *a, **k: (a, k))
    assert repr(tbm) == str(tbm) == "text tbm"
    assert tbm._repr_html_() == "html tbm"
    call = tbm.diagram(language="nb")
    assert call[0][:2] == ("present.diagrams.diagram", "diagram")
    assert call[0][2] is tbm
    assert call[1] == {"language": "nb"}


def stage(key: str, *constructs: str) -> dict[str, Any]:
    return {"key": key, "label": {"en": key}, "constructs": list(constructs)}


def claim(id: str, *path: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "statement": {"en": id}, "path": list(path), "source": "S", **more}


def rival(**more: Any) -> dict[str, Any]:
    return {"key": "r", "label": {"en": "r"}, "description": {"en": "r"}, **more}


KEYS = ("delegation", "goal_clarity", "vertical_trust", "work_autonomy", "results")
SMALL: dict[str, Any] = {
    "name": "small",
    "version": "1",
    "title": {"en": "Small"},
    "constructs": {key: load_construct(key) for key in KEYS},
    "stages": [
        stage("a", "delegation", "goal_clarity"),
        stage("b", "vertical_trust", "work_autonomy"),
        stage("c", "results"),
    ],
    "claims": [
        claim("one", "delegation", "vertical_trust", adjust=["goal_clarity"]),
        claim("two", "vertical_trust", "results"),
    ],
}


def small(**changes: Any) -> Framework:
    return validated(Framework, {**copy.deepcopy(SMALL), **changes}, "small.toml")


def test_a_small_framework_compiles() -> None:
    model = small().model("tbm-core")
    assert [str(s.lhs) for s in model.statements if s.op == "~"] == [
        *("vertical_trust", "vertical_trust", "results"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"claims": [claim("one", "delegaton", "results")]},
            "claim 'one' names an unknown construct 'delegaton'. Did you mean 'delegation'?",
        ),
        (
            {"claims": [claim("one", "delegation", "results", adjust=["mood"])]},
            "claim 'one' names an unknown construct 'mood'.",
        ),
        (
            {
                "claims": [
                    claim("one", "delegation", "results"),
                    claim("two", "results", "vertical_trust"),
                    claim("three", "vertical_trust", "delegation"),
                ]
            },
            "the claims form a cycle: ",
        ),
        (
            {"claims": [claim("one", "results", "vertical_trust")]},
            "claim 'one' goes from 'results' to 'vertical_trust', which does not stand in a later",
        ),
        (
            {"claims": [claim("one", "vertical_trust", "work_autonomy")]},
            "claim 'one' goes from 'vertical_trust' to 'work_autonomy', which does not stand",
        ),
        (
            {"claims": [claim("one", "delegation", "vertical_trust", adjust=["results"])]},
            "claim 'one' adjusts for 'results', which does not stand in a stage before 'vert",
        ),
        (
            {
                "claims": [
                    claim("one", "delegation", "vertical_trust", "results", estimand="indirect")
                ]
            },
            "small.toml, claims['one']: sesoi is missing: an indirect claim names its own",
        ),
        ({"claims": [SMALL["claims"][0]] * 2}, "claim 'one' is defined twice"),
        (
            {"stages": [*SMALL["stages"], stage("d", "results")]},
            "construct of the stages 'results' is defined twice",
        ),
        ({"stages": SMALL["stages"][:1]}, "stages: Tuple should have at least 2 items"),
        (
            {"stages": [*SMALL["stages"][:2], stage("b", "results")]},
            "stage 'b' is defined twice",
        ),
        ({"claims": []}, "claims: Tuple should have at least 1 item"),
        ({"title": {"en": "Small", "nb": "Liten"}}, "stage 'a' has no 'nb' text"),
        ({"rivals": [rival(kind="one_factor")] * 2}, "rival 'r' is defined twice"),
        (
            {"rivals": [rival(kind="remove", remove=[{"from": ["mood"], "to": ["results"]}])]},
            "rival 'r' names an unknown construct 'mood'",
        ),
        (
            {
                "rivals": [
                    rival(kind="remove", remove=[{"from": ["vertical_trust"], "to": ["results"]}])
                ]
            },
            "rival 'r' leaves 'results' without any cause",
        ),
        (
            {
                "rivals": [
                    rival(kind="remove", remove=[{"from": ["results"], "to": ["delegation"]}])
                ]
            },
            "rival 'r' changes no path of the framework",
        ),
        (
            {"rivals": [rival(kind="reorder", stages=[["delegation"], list(KEYS[1:])])]},
            "rival 'r' must keep the first stage: delegation, goal_clarity",
        ),
        (
            {"rivals": [rival(kind="reorder", stages=[list(KEYS[:2]), ["results"]])]},
            "rival 'r' must place every construct once",
        ),
    ],
)
def test_what_a_framework_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        small(**changes)
    assert message in str(caught.value)
    assert "small.toml" in str(caught.value)
