from __future__ import annotations

import numpy as np
import pytest

from truststats.survey import read_survey


def checks(frame, **settings):
    return read_survey(frame, instrument="tbm-core", **settings).check()


def codes(found):
    return {problem.code for problem in found}


def test_an_undocumented_reversal(answers):
    problem = checks(answers.assign(vtr2=6 - answers["vtr2"])).of("suspected_reversal")[0]
    assert problem.where == "vtr2"
    assert '"reverse": True' in problem.remedy
    mapping = {"vtr2": {"column": "vtr2", "reverse": True}}
    turned = checks(answers.assign(vtr2=6 - answers["vtr2"]), columns=mapping)
    assert not turned.of("suspected_reversal")


def test_an_item_that_the_file_has_turned_already(answers):
    problem = checks(answers.assign(vtr5=6 - answers["vtr5"])).of("already_reversed")[0]
    assert problem.where == "vtr5"
    assert "turned it already" in problem.message


def test_two_items_cannot_say_which_is_turned(answers):
    found = checks(answers.assign(ti1=6 - answers["ti1"])).of("suspected_reversal")
    assert len(found) == 1
    assert "cannot say which" in found[0].message


def test_a_separate_dimension_is_judged_by_itself(answers):
    turned = answers.assign(ctrl5=6 - answers["ctrl5"], ctrl6=6 - answers["ctrl6"])
    assert not checks(turned).of("suspected_reversal")


def test_noise_is_no_reversal(answers):
    rng = np.random.default_rng(1)
    noise = answers.assign(vtr2=rng.integers(1, 6, len(answers)))
    assert not codes(checks(noise)) & {"suspected_reversal", "already_reversed"}


def test_constant_and_empty_items(answers):
    found = checks(answers.assign(js1=3, js2=np.nan))
    assert found.of("constant_item")[0].where == "js1"
    assert found.of("empty_item")[0].where == "js2"
    assert '"js2": None' in found.of("empty_item")[0].remedy


def test_item_missingness(answers):
    told = answers.astype({"tlead1": float})
    told.loc[:60, "tlead1"] = np.nan
    problem = checks(told).of("item_missingness")[0]
    assert problem.where == "tlead1 (25%)"
    assert problem.rows == (1, 2, 3, 4, 5)


@pytest.mark.parametrize(("item", "end"), [("js1", 5), ("vtr5", 1)])
def test_ceiling(answers, item, end):
    told = answers.copy()
    told.loc[:150, item] = end
    problem = checks(told).of("ceiling")[0]
    assert problem.severity == "note"
    assert item in problem.where


def test_missing_columns(answers):
    problem = checks(answers.drop(columns=["js1", "js2"])).of("missing_columns")[0]
    assert (problem.count, problem.where) == (2, "js1, js2")


def test_a_name_and_a_text_that_disagree(tmp_path, instrument, answers):
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "shifted.sav"
    labels = {"vtr2": instrument.item("vtr3").text["nb"]}
    pyreadstat.write_sav(answers, str(path), column_labels=labels)
    problem = checks(path).of("text_of_another_item")[0]
    assert (problem.severity, problem.where) == ("error", "vtr2 = vtr3")
