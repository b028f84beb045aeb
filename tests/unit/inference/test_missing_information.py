from __future__ import annotations

import numpy as np

import truststats as ts
from truststats.inference.missing_information import complete_vcov, missing_information

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


def test_nothing_is_missing_from_complete_rows(answers_of):
    fit = ts.fit(MODEL, answers_of(200), meanstructure=True, information="observed")
    found = missing_information(np.diag(fit.vcov), np.diag(complete_vcov(fit.estimate)))
    np.testing.assert_allclose(found, 0.0, atol=1e-10)


def test_what_is_answered_less_is_known_less(answers_of):
    rows = answers_of(400)
    holed = rows.copy()
    holed.loc[np.random.default_rng(4).random(len(rows)) < 0.5, "tru3"] = np.nan
    fit = ts.fit(MODEL, holed, missing="ml")
    found = missing_information(np.diag(fit.vcov), np.diag(complete_vcov(fit.estimate)))
    share = dict(zip(fit.params.index, found, strict=True))
    assert share["tru3~1"] > 0.1
    assert abs(share["inf1~1"]) < 0.02


def test_no_variance_no_share():
    assert np.isnan(missing_information(np.array([0.0]), np.array([0.0]))[0])
