"""Claims and rivals: what each must say."""

from __future__ import annotations

from typing import Any

import pytest

from truststats.constructs.definition import validated
from truststats.errors import DefinitionError
from truststats.framework import Claim, Rival

TEXT = {"en": "The more, the better."}
CLAIM: dict[str, Any] = {"id": "a_b", "statement": TEXT, "path": ["a", "b"], "source": "S01"}
RIVAL: dict[str, Any] = {"key": "r", "label": TEXT, "description": TEXT, "kind": "one_factor"}


def claim(**changes: Any) -> Claim:
    return validated(Claim, CLAIM | changes, "claims.toml")


def rival(**changes: Any) -> Rival:
    return validated(Rival, RIVAL | changes, "rivals.toml")


def test_a_direct_claim_has_the_usual_smallest_effect() -> None:
    direct = claim()
    assert (direct.estimand, direct.sesoi, direct.sign, direct.level) == (
        "direct",
        0.10,
        1,
        "individual",
    )
    assert (direct.cause, direct.outcome, direct.edges) == ("a", "b", (("a", "b"),))


def test_an_indirect_claim_gives_its_own_smallest_effect() -> None:
    indirect = claim(path=["a", "m", "b"], estimand="indirect", sesoi=0.02)
    assert indirect.edges == (("a", "m"), ("m", "b"))
    with pytest.raises(DefinitionError, match=r"an indirect claim names its own smallest effect"):
        claim(path=["a", "m", "b"], estimand="indirect")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": ["a", "b", "a"]}, "the path is a cycle: a -> b -> a returns to a"),
        ({"path": ["a"]}, "path: Tuple should have at least 2 items"),
        ({"path": ["a", "m", "b"]}, "the path of a direct claim has two constructs"),
        ({"path": ["a", "m", "b"], "estimand": "total"}, "the path of a total claim has two"),
        ({"estimand": "indirect", "sesoi": 0.02}, "names at least one construct in between"),
        ({"adjust": ["c", "a"]}, "'a' stands on the path and in adjust"),
        ({"adjust": ["c", "c"]}, "'c' stands in adjust twice"),
        ({"sign": 2}, "sign: Input should be 1 or -1"),
        ({"sesoi": 0}, "sesoi: Input should be greater than 0"),
        ({"sesoi": 1.5}, "sesoi: Input should be less than 1"),
        ({"estimand": "causal"}, "estimand: Input should be 'direct', 'total' or 'indirect'"),
        ({"level": "city"}, "level: Input should be"),
        ({"source": ""}, "source: String should have at least 1 character"),
        ({"ajdust": []}, "ajdust: this key is not known. Did you mean 'adjust'?"),
    ],
)
def test_what_a_claim_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        claim(**changes)
    assert message in str(caught.value)


def test_a_rival_names_its_constructs() -> None:
    removing = rival(kind="remove", remove=[{"from": ["a"], "to": ["b", "c"]}])
    assert removing.names == ("a", "b", "c")
    assert rival(kind="reorder", stages=[["a"], ["c", "b"]]).names == ("a", "c", "b")
    assert rival().names == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "reorder"}, "a rival of kind 'reorder' needs stages"),
        ({"kind": "remove"}, "a rival of kind 'remove' needs remove"),
        ({"stages": [["a"], ["b"]]}, "a rival of kind 'one_factor' has no stages"),
        ({"kind": "reverse"}, "kind: Input should be"),
        ({"kind": "remove", "remove": [{"from": [], "to": ["b"]}]}, "remove[0].from"),
    ],
)
def test_what_a_rival_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        rival(**changes)
    assert message in str(caught.value)
