import re
from types import SimpleNamespace

import pandas as pd
import pytest

from truststats.present.wording.text import (
    apa,
    claim_sentence,
    fit_sentence,
    measure_words,
    reliability_sentences,
)


def fit_with(**changes):
    measures = {"cfi": 0.93, "rmsea": 0.06, "rmsea_ci_lower": 0.05, "rmsea_ci_upper": 0.07}
    measures |= {"srmr": 0.06} | changes.pop("measures", {})
    values = {"chisq": 120.5, "df": 40, "pvalue": 1e-9, "nobs": 481, "estimator": "ML"}
    values |= {"missing": "listwise", "n_clusters": None, "cluster": None}
    values |= {"partable": SimpleNamespace(levels=())}
    return SimpleNamespace(fit_measures=pd.Series(measures), **(values | changes))


def test_a_fit_in_one_sentence():
    assert fit_sentence(fit_with()) == (
        "The model was estimated by maximum likelihood on complete rows (N = 481): "
        "χ²(40) = 120.50, p < .001, CFI = .930, RMSEA = .060, 90% CI [.050, .070], SRMR = .060."
    )


def test_a_robust_clustered_fit_in_bokmal(small_study):
    text = fit_sentence(small_study.fit, "nb")
    assert text.startswith("Modellen ble estimert med robust maximum likelihood med full inform")
    assert "13 klynger (unit)" in text
    assert re.search(r"skalert χ²\(13\) = \d+,\d\d, p [<=] 0,\d{3}", text)
    assert text.endswith("CFI og RMSEA er oppgitt i robust versjon.")


def test_a_claim_in_one_sentence(verdict_of):
    assert claim_sentence(verdict_of()) == (
        "More trust, more autonomy. β = .21, 95% CI [.15, .27], p < .001; "
        "the claim is supported, as an association."
    )
    assert "90 %" not in claim_sentence(verdict_of(), "nb")
    assert "[0,15; 0,27]" in claim_sentence(verdict_of(), "nb")


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize(
    "verdict", ["supported", "contradicted", "practically_zero", "undetermined", "not_judged"]
)
def test_every_verdict_has_its_words(verdict_of, verdict, language):
    text = claim_sentence(verdict_of(verdict=verdict), language)
    assert "{" not in text
    assert text.endswith(".")


def test_a_claim_without_an_estimate(verdict_of):
    row = verdict_of(estimate=float("nan"), verdict="not_judged")
    assert "No estimate" in claim_sentence(row)


def test_reliability_is_a_range_or_one_value(small_study):
    frame = small_study.reliability
    both = reliability_sentences(frame, "nb")
    assert len(both) == 2
    assert both[0].startswith("Cronbachs alfa varierte fra 0,")
    one = reliability_sentences(frame[frame["construct"] == "trust"])
    assert re.fullmatch(r"Cronbach's alpha was \.\d\d \(trust\)\.", one[0])


@pytest.mark.parametrize("language", ["en", "nb"])
def test_measures_have_plain_words(language):
    found = measure_words(fit_with(), language)
    assert len(found) == 4
    assert all(m.meaning and "{" not in m.meaning for m in found)


@pytest.mark.parametrize(
    ("measures", "words_there"),
    [
        ({"cfi": 0.96}, "as high as is usually asked for"),
        ({"cfi": 0.93}, "between the two marks"),
        ({"cfi": 0.60}, "Something in the measurement or the paths is missing"),
        ({"rmsea": 0.03}, "close fit"),
        ({"rmsea": 0.07}, "tolerable"),
        ({"rmsea": 0.20}, "misses a good deal"),
        ({"srmr": 0.02}, "small gap"),
        ({"srmr": 0.07}, "noticeable gap"),
        ({"srmr": 0.20}, "large gap"),
    ],
)
def test_values_are_judged_with_care(measures, words_there):
    text = " ".join(m.meaning for m in measure_words(fit_with(measures=measures)))
    assert words_there in text


def test_the_exact_test_is_read_by_its_p_value():
    assert "almost never" in measure_words(fit_with())[0].meaning
    assert "not proof" in measure_words(fit_with(pvalue=0.4))[0].meaning
    assert "no degrees of freedom" in measure_words(fit_with(df=0))[0].meaning


@pytest.mark.parametrize(
    ("missing", "words"), [("pairwise", "all pairs"), ("listwise", "complete")]
)
def test_ordinal_items_in_one_sentence(missing, words):
    levels = SimpleNamespace(levels=(("x1", 5),))
    said = fit_sentence(fit_with(estimator="WLSMV", missing=missing, partable=levels))
    assert "thresholds and polychoric correlations" in said
    assert words in said
    assert "WLSMV" in said


def test_measures_without_a_value_are_left_out():
    found = measure_words(fit_with(measures={"srmr": float("nan")}))
    assert [m.name for m in found][-1] == "RMSEA"
    assert "SRMR" not in fit_sentence(fit_with(measures={"srmr": float("nan")}))


def test_apa_takes_any_of_them(small_study, verdict_of):
    assert apa(small_study.fit) == (fit_sentence(small_study.fit),)
    assert len(apa(small_study.verdicts)) == 2
    assert apa(verdict_of()) == (claim_sentence(verdict_of()),)
    assert apa(small_study.reliability) == reliability_sentences(small_study.reliability)
