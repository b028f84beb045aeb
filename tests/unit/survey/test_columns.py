from __future__ import annotations

import pytest

from truststats.errors import SurveyError
from truststats.survey.columns import known_keys, match_columns, resolve_column


def match(instrument, columns, labels=None, explicit=None, reserved=()):
    headers = columns if isinstance(columns, dict) else {c: c for c in columns}
    return match_columns(headers, labels or {}, instrument, explicit or {}, reserved)


@pytest.mark.parametrize("name", ["vtr1", "VTR1", "VTR_01", "Vtr 1", "vtr-1"])
def test_names_and_codes(instrument, name):
    assert match(instrument, [name]).columns == {"vtr1": name}


@pytest.mark.parametrize("language", ["en", "nb"])
def test_construct_label_and_number(instrument, language):
    label = instrument["work_autonomy"].label[language]
    assert match(instrument, [f"{label} 3"]).columns == {"aut3": f"{label} 3"}


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("form", ["{}", "12. {}", "Q12: {}", "Hvor enig er du? [{}]", "{:.60}"])
def test_texts(instrument, language, form):
    text = form.format(instrument.item("aut3").text[language])
    found = match(instrument, ["Q12"], {"Q12": text})
    assert found.columns == {"aut3": "Q12"}
    assert found.how == {"aut3": "text"}
    assert match(instrument, [text]).columns == {"aut3": text}


def test_a_name_comes_before_a_text(instrument):
    labels = {"copy": instrument.item("vtr1").text["en"]}
    assert match(instrument, ["vtr1", "copy"], labels).columns == {"vtr1": "vtr1"}


def test_two_columns_for_one_item_are_named(instrument):
    with pytest.raises(
        SurveyError, match=r"'vtr1' and 'VTR_1' both answer item 'vtr1' \(by name\)"
    ):
        match(instrument, ["vtr1", "VTR_1"])
    text = instrument.item("vtr1").text["en"]
    with pytest.raises(SurveyError, match=r"'a' and 'b' both answer item 'vtr1' \(by text\)"):
        match(instrument, ["a", "b"], {"a": text, "b": text})


def test_a_mapping_decides(instrument):
    found = match(instrument, ["vtr1", "VTR_1"], explicit={"vtr1": "VTR_1", "vtr2": None})
    assert found.columns == {"vtr1": "VTR_1"}
    assert found.how == {"vtr1": "mapping"}
    assert "vtr2" not in found.missing, "an item that was not asked is not missed"


def test_items_without_a_column_get_a_suggestion(instrument):
    reworded = instrument.item("aut3").text["en"].replace("I ", "We ")
    found = match(instrument, ["vtr1", "vtr2_ny", "Q5"], {"Q5": reworded})
    assert found.missing["vtr2"] == "vtr2_ny"
    assert found.missing["aut3"] == "Q5"
    assert found.missing["js1"] == ""


def test_no_item_at_all(instrument):
    with pytest.raises(SurveyError, match=r"No column answers an item of tbm-core") as error:
        match(instrument, ["x", "vtr1_ny"])
    assert "vtr1 = 'vtr1_ny'?" in str(error.value)
    assert "columns=" in error.value.fix


def test_design_columns_are_never_answers(instrument):
    assert "vtr1" not in match(instrument, ["vtr1", "vtr2"], reserved=["vtr1"]).columns


def test_order_is_the_questionnaire_s(instrument):
    names = [item.name for item in instrument.items]
    assert list(match(instrument, names[::-1]).columns) == names


def test_known_keys(instrument):
    assert "vtr1" in known_keys(instrument)
    assert known_keys(None) == frozenset()


def test_resolve_column():
    assert resolve_column("cluster", None, ["a"]) is None
    assert resolve_column("cluster", "enhet_nr", ["Enhet nr"]) == "Enhet nr"
    with pytest.raises(SurveyError, match=r"group='citty' is no column of the data. Did you mean"):
        resolve_column("group", "citty", ["city"])
