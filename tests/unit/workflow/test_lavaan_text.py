"""What lavaan is given of groups, vectors of labels and constraints."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError
from truststats.workflow.lavaan_text import group_arguments, model_text

VECTORS = "f =~ æ1 + c(p, q)*æ2 + æ3\n æ1 ~~ æ1\n p > 0.1\n q == exp(p) - 1.7\n gap := p - q"
BLOCKS = """
group: Øy
 f =~ æ1 + æ2 + æ3
 æ1 ~~ k*æ1
group: Bø
 f =~ æ1 + æ2 + equal("f=~æ2.g2")*æ3
 æ1 ~~ m*æ1
gap := k - m
"""


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    f = rng.normal(size=400)
    made = pd.DataFrame({f"æ{k}": f + rng.normal(size=400) for k in (1, 2, 3)})
    made["by"] = np.where(np.arange(400) % 2 == 0, "Bø", "Øy")
    made["enhet"] = np.arange(400) % 2 + 2 * (np.arange(400) // 16)
    return made


def test_vectors_and_constraints_keep_their_form(frame: pd.DataFrame):
    fit = ts.fit(VECTORS, frame, group="by")
    assert model_text(fit).splitlines() == [
        'v3 =~ v0 + c("b0", "b1")*v1 + v2',
        "v0 ~~ v0",
        "b0 > 0.1",
        "b1 == exp(b0) - 1.7",
        "b2 := b0 - b1",
    ]


def test_groups_are_numbered_in_the_order_of_the_data(frame: pd.DataFrame):
    fit = ts.fit(BLOCKS.replace('equal("f=~æ2.g2")*', ""), frame, group="by")
    lines = model_text(fit).splitlines()
    assert lines[0] == "group: 1"
    assert lines[3] == "group: 2"
    assert not any(sign in "".join(lines) for sign in "æøØ")


def test_the_equalities_are_lavaans_own(frame: pd.DataFrame):
    fit = ts.fit(
        "f =~ æ1 + æ2 + æ3", frame, group="by",
        group_equal=["loadings", "lv_variances"], group_partial=["f =~ æ2"],
    )  # fmt: skip
    assert group_arguments(fit) == {
        "group": '"k"',
        "group.label": 'c("1", "2")',
        "group.equal": 'c("loadings", "lv.variances")',
        "group.partial": 'c("v3=~v1")',
    }
    assert group_arguments(ts.fit("f =~ æ1 + æ2 + æ3", frame)) == {}


def test_semopy_says_what_it_cannot(frame: pd.DataFrame):
    pytest.importorskip("semopy")
    groups = ts.crosscheck(ts.fit("f =~ æ1 + æ2 + æ3", frame, group="by"), engines=["semopy"])
    assert "one group at a time" in groups.sentence
    assert "én gruppe" in groups.sentence_for("nb")
    assert list(groups.frame.columns)[3] == "group"
    text = "f =~ æ1 + a*æ2 + b*æ3\n a == b"
    bound = ts.crosscheck(ts.fit(text, frame), engines=["semopy"])
    assert "equations and inequalities" in bound.sentence


def test_clusters_in_several_groups_are_not_lavaans(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "which", lambda _: "Rscript")
    crossed = frame.assign(enhet=np.arange(400) // 8)
    fit = ts.fit("f =~ æ1 + æ2 + æ3", crossed, group="by", cluster="enhet")
    check = ts.crosscheck(fit, engines=["lavaan"])
    assert "clusters that lie in several groups" in check.sentence


def test_one_side_cannot_be_checked_alone(frame: pd.DataFrame):
    fit = ts.fit("f =~ æ1 + æ2 + æ3", frame, group="by")
    with pytest.raises(NotSupportedError, match="needs the joint fit"):
        ts.crosscheck(fit.group("Bø"))


@pytest.mark.lavaan
@pytest.mark.usefixtures("live_lavaan")
@pytest.mark.parametrize(
    ("text", "options"),
    [
        (VECTORS, {"group": "by"}),
        (BLOCKS.replace('equal("f=~æ2.g2")*', ""), {"group": "by"}),
        ("f =~ æ1 + æ2 + æ3", {"group": "by", "group_equal": "loadings", "estimator": "MLR"}),
        (
            "f =~ æ1 + æ2 + æ3",
            {
                "group": "by",
                "group_equal": ["loadings", "intercepts"],
                "group_partial": ["æ2 ~ 1"],
                "cluster": "enhet",
            },
        ),
        ("f =~ æ1 + a*æ2 + b*æ3\n a == b", {"std_lv": False}),
    ],
    ids=["vectors", "blocks", "metric", "partial", "constraint"],
)
def test_lavaan_agrees(frame: pd.DataFrame, text: str, options: dict[str, object]):
    (check,) = ts.crosscheck(ts.fit(text, frame, **options), engines=["lavaan"]).engines
    assert check.ran, check.why_for("en")
    assert check.agrees
    assert check.largest_se < 1e-4
