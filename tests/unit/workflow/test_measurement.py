from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError
from truststats.workflow.measurement import (
    check_scales,
    measurement_fit,
    measurement_text,
    top_factors,
)


def test_the_text_of_a_structural_model(models, answers_of):
    fit = ts.fit(models["chain"] + "\ninf1 ~~ inf2\ninf3 ~~ 0.3*inf3", answers_of())
    assert measurement_text(fit).splitlines() == [
        "info =~ inf1 + inf2 + inf3",
        "trust =~ tru1 + tru2 + tru3",
        "results =~ res1 + res2 + res3",
        "inf1 ~~ inf2",
        "inf3 ~~ 0.3*inf3",
    ]


def test_a_saturated_structure_is_the_same_model(models, answers_of):
    for options in ({}, {"estimator": "MLR"}, {"estimator": "MLR", "cluster": "unit"}):
        answers = answers_of()
        answers["unit"] = np.arange(len(answers)) % 20
        fit = ts.fit(models["chain"], answers, **options)
        base = measurement_fit(fit, measurement_text(fit))
        assert base.chisq == pytest.approx(fit.chisq, rel=1e-5)
        assert base.df == fit.df


def test_moments_and_holes_and_ordinal_items(models, answers_of):
    items = [f"{stem}{k}" for stem in ("inf", "tru", "res") for k in (1, 2, 3)]
    answers = answers_of()[items]
    alone = ts.fit(models["chain"], sample_cov=answers.cov(), sample_nobs=len(answers))
    holes = ts.fit(models["chain"], answers_of(holes=0.1), missing="ml")
    cut = answers.apply(lambda x: np.digitize(x, x.quantile([0.2, 0.5, 0.8])))
    ordinal = ts.fit(models["chain"], cut, ordered=True)
    for fit in (alone, holes, ordinal):
        base = measurement_fit(fit, measurement_text(fit))
        assert base.test.chisq == pytest.approx(fit.test.chisq, rel=1e-4)


def test_parts_of_a_factor_are_not_compared(models, answers_of):
    assert top_factors(ts.fit(models["second_order"], answers_of())) == ["climate"]


def test_what_cannot_be_compared(models, answers_of, tmp_path):
    answers = answers_of()
    with pytest.raises(DataError, match="fewer than two"):
        check_scales(ts.fit(models["second_order"], answers), "Validity")
    with pytest.raises(NotSupportedError, match="one factor: see info, trust"):
        check_scales(ts.fit(models["chain"] + "\ninfo =~ tru1", answers), "Validity")
    answers["side"] = np.where(np.arange(len(answers)) % 2, "a", "b")
    joint = ts.fit(models["chain"], answers, group="side")
    with pytest.raises(NotSupportedError, match="several groups"):
        check_scales(joint, "Validity")
    with pytest.raises(NotSupportedError, match="joint fit"):
        check_scales(joint.group("a"), "Validity")
    fit = ts.fit(models["chain"], answers)
    with pytest.raises(DataError, match="holds no data"):
        check_scales(ts.read_fit(fit.save(tmp_path / "fit.json")), "Validity")
