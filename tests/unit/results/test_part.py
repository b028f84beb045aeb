"""One group's side of a joint fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.results.part import group_number, parts, stacked

TEXT = """
info =~ inf1 + inf2 + inf3
trust =~ tru1 + tru2 + tru3
trust ~ c(b1, b2)*info
twice := 2*b1
apart := b1 - b2
"""


@pytest.fixture(scope="module")
def joint(answers_of):
    frame = answers_of()
    frame["city"] = np.where(np.arange(len(frame)) % 3 == 0, "Bø", "Øy")
    return ts.fit(TEXT, frame, group="city", group_equal="loadings", estimator="MLR")


@pytest.mark.parametrize("label", ["Bø", "Øy"])
def test_the_side_has_the_rows_of_the_joint_tables(joint, label):
    side = joint.group(label)
    for make in (lambda f: f.tidy(), lambda f: f.standardized(), lambda f: f.effects()):
        whole = make(joint)
        own = whole[whole["group"] == label].drop(columns="group").reset_index(drop=True)
        mine = make(side)
        mine = mine[mine["op"] != ":="] if "op" in mine else mine
        pd.testing.assert_frame_equal(own, mine.reset_index(drop=True), rtol=1e-12)
    pd.testing.assert_frame_equal(side.latent_cor(), joint.latent_cor()[label])
    pd.testing.assert_frame_equal(side.residuals("cor"), joint.residuals("cor")[label])
    pd.testing.assert_frame_equal(side.implied()["sigma"], joint.implied()[label]["sigma"])
    pd.testing.assert_series_equal(side.r_square, joint.r_square[label], check_names=False)
    assert side.nobs == joint.group_nobs[label]
    assert side.groups == ()
    assert side.partable.group_labels == ()


def test_defined_parameters_stay_where_their_labels_are(joint):
    assert [name for name, _ in joint.group("Bø").partable.defined] == ["twice"]
    assert joint.group("Øy").partable.defined == ()
    row = joint.group("Bø").tidy().set_index("lhs").loc["twice"]
    whole = joint.tidy().set_index("lhs").loc["twice"]
    assert row["est"] == pytest.approx(whole["est"])
    assert row["se"] == pytest.approx(whole["se"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda f: f.fit_measures,
        lambda f: f.chisq,
        lambda f: f.df,
        lambda f: f.pvalue,
        lambda f: f.test.name,
        lambda f: f.test.scaling_factor,
        lambda f: f.glance(),
        lambda f: f.save("never.json"),
        lambda f: f.residuals("standardized"),
        ts.bootstrap,
        ts.crosscheck,
        ts.rivals,
    ],
)
def test_what_belongs_to_the_joint_fit_is_refused(joint, ask):
    with pytest.raises(NotSupportedError, match=r"joint fit|of its own"):
        ask(joint.group("Øy"))


def test_an_unknown_group_is_named_with_those_there_are(joint, answers_of):
    with pytest.raises(OptionError, match="Did you mean 'Øy'"):
        joint.group("øy")
    with pytest.raises(OptionError, match="use one of: 'Bø', 'Øy'"):
        joint.group("Oslo")
    alone = ts.fit("info =~ inf1 + inf2 + inf3", answers_of())
    with pytest.raises(OptionError, match="has no groups"):
        alone.group("Bø")
    assert parts(alone) == ()
    assert group_number(["a", "b"], "b") == 1


def test_tables_of_groups_by_concatenation(joint):
    frame = joint.reliability()
    assert frame.columns[0] == "group"
    made = stacked((name, side.reliability()) for name, side in parts(joint))
    pd.testing.assert_frame_equal(frame, made)


def test_a_saved_fit_has_its_groups_too(joint, tmp_path):
    back = ts.read_fit(joint.save(tmp_path / "fit.json"))
    assert back.groups == joint.groups
    pd.testing.assert_series_equal(back.group_nobs, joint.group_nobs)
    pd.testing.assert_frame_equal(back.tidy(), joint.tidy(), rtol=1e-10)
    pd.testing.assert_series_equal(back.fit_measures, joint.fit_measures, rtol=1e-10)
    side = back.group("Øy")
    pd.testing.assert_frame_equal(side.tidy(), joint.group("Øy").tidy(), rtol=1e-10)
    of_model = "coefficient != 'alpha'"
    pd.testing.assert_frame_equal(
        side.reliability().query(of_model), joint.group("Øy").reliability().query(of_model),
        rtol=1e-9,
    )  # fmt: skip
    assert side.nobs == joint.group("Øy").nobs
    assert "Øy" in repr(side)


@pytest.mark.parametrize(
    ("style", "groups"), [("truststats", ["Bø", "Øy"]), ("lavaan", [1, 2]), ("broom", ["Bø", "Øy"])]
)
def test_every_style_of_the_parameters_tells_groups_apart(joint, style, groups):
    table = joint.tidy(style=style)
    found = table.loc[table["op"] != ":=", "group"]
    assert list(dict.fromkeys(found)) == groups


def test_glance_and_provenance_know_the_groups(joint):
    assert joint.glance()["n_groups"].iloc[0] == 2
    assert tuple(joint.provenance["options"]["group_labels"]) == ("Bø", "Øy")
    assert list(joint.predict().columns) == ["info", "trust"]


def test_data_that_cannot_be_grouped(answers_of):
    frame = answers_of().assign(city="Bø")
    with pytest.raises(ts.TrustStatsError, match="no group column 'town'"):
        ts.fit(TEXT, frame, group="town")
    with pytest.raises(ts.TrustStatsError, match="has 1 group"):
        ts.fit(TEXT, frame, group="city")
    frame.loc[frame.index[:3], "city"] = "Øy"
    with pytest.raises(ts.TrustStatsError):
        ts.fit(TEXT, frame, group="city")
    frame.loc[frame.index[:80], "city"] = "Øy"
    frame.loc[frame["city"] == "Øy", "inf2"] = 3.0
    with pytest.raises(ts.TrustStatsError, match="inf2"):
        ts.fit(TEXT, frame, group="city")


def test_group_lines_have_to_match(answers_of):
    frame = answers_of()
    frame["city"] = np.where(np.arange(len(frame)) % 2 == 0, "Bø", "Øy")
    text = "group: Bø\n info =~ inf1 + inf2 + inf3\ngroup: By\n info =~ inf1 + inf2 + inf3"
    with pytest.raises(ts.TrustStatsError, match="By"):
        ts.fit(text, frame, group="city")


def test_a_fit_with_a_handful_in_a_group_is_not_saved(joint, tmp_path, monkeypatch):
    monkeypatch.setattr(type(joint), "group_nobs", pd.Series({"a": 4, "b": 200}))
    with pytest.raises(DataError, match="Fewer than 5 people of 'a' are in this fit"):
        joint.save(tmp_path / "fit.json")
