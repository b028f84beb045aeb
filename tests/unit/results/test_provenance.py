from __future__ import annotations

import json

import numpy as np

import truststats as ts

TEXT = "info =~ inf1 + inf2 + inf3"


def test_provenance_is_plain_and_complete(answers_of):
    fit = ts.fit(TEXT, answers_of())
    got = fit.provenance
    assert {"model", "model_hash", "data_hash", "rows_given", "rows_used", "exclusions", "options",
            "versions"} <= set(got)  # fmt: skip
    json.dumps(got)
    assert got["rows_used"] == 240
    assert set(got["versions"]) >= {"truststats", "numpy", "scipy", "pandas"}
    again = ts.fit(TEXT, answers_of())
    assert again.provenance == got
    other = answers_of()
    other.loc[0, "inf1"] += 1e-9
    assert ts.fit(TEXT, other).provenance["data_hash"] != got["data_hash"]


def test_provenance_names_the_questionnaire_and_the_framework():
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core")
    got = ts.fit(survey.instrument["goal_clarity"], survey).provenance
    assert got["instrument"]["name"] == "tbm-core"
    assert got["instrument"]["content_hash"] == survey.instrument.content_hash
    assert got["file_hash"] == survey.file_hash
    assert "framework" not in got


def test_losses_are_counted(answers_of):
    data = answers_of()
    data.loc[:9, "inf2"] = np.nan
    got = ts.fit(TEXT, data).provenance
    assert (got["rows_given"], got["rows_used"]) == (240, 230)
    assert list(got["exclusions"].values()) == [10]
