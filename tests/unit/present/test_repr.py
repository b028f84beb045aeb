import re
from dataclasses import replace

import numpy as np
import pytest

from truststats.constructs import load_construct, load_instrument
from truststats.errors import Problem
from truststats.model import Model
from truststats.present.repr import card, html_card, summary, text_card
from truststats.results import Verdicts
from truststats.results.bootstrap import Bootstrap
from truststats.results.nesting import Nesting
from truststats.results.store import read_fit
from truststats.workflow.fit import fit as estimate

PROBLEMS = (
    Problem("few", "note", "Few rows.", rows=(3, 17)),
    Problem("bad", "error", "The solution is not admissible.", "Do not read it.", where="vtr1"),
)


@pytest.fixture(params=["fit", "survey", "checks", "verdicts", "rivals", "study", "model"])
def value(request, small_study):
    return {
        "fit": small_study.fit,
        "survey": small_study.survey,
        "checks": small_study.checks,
        "verdicts": small_study.verdicts,
        "rivals": small_study.rivals,
        "study": small_study,
        "model": small_study.fit.model,
    }[request.param]


@pytest.mark.parametrize("language", ["en", "nb"])
def test_cards_are_narrow_ascii_for_terminals_and_deterministic(value, language):
    text = text_card(value, language)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text == text_card(value, language)
    assert not re.search("[−–χβΔ]", text)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_html_cards_have_no_ids_and_are_the_same_every_time(value, language):
    html = html_card(value, language)
    assert html == html_card(value, language)
    assert " id=" not in html
    assert html.startswith('<div class="ts-card"')


def test_objects_show_their_card_by_themselves(small_study):
    for one in (small_study.fit, small_study.verdicts, small_study.rivals, small_study):
        assert repr(one) == text_card(one)
        assert one._repr_html_() == html_card(one)


@pytest.mark.parametrize("name", ["instrument", "construct", "framework", "claim", "item"])
def test_definitions_have_cards(name, framework):
    instrument = load_instrument("tbm-core")
    made = {
        "instrument": instrument,
        "construct": load_construct("vertical_trust"),
        "framework": framework,
        "claim": framework.claims[0],
        "item": instrument.item("vtr5"),
    }[name]
    for language in ("en", "nb"):
        assert all(len(line) <= 80 for line in text_card(made, language).splitlines())
        assert html_card(made, language)
    if name != "framework":
        assert "(R)" in text_card(made) or name == "claim"


def test_a_construct_is_shown_in_bokmal():
    text = text_card(load_construct("vertical_trust"), "nb")
    assert text.startswith("Begrep: Tillit til nærmeste leder")
    assert "utkast, ikke validert" in text


def test_problems_come_first_and_worst_first():
    lines = text_card(PROBLEMS).splitlines()
    assert lines[1].startswith("ERROR [bad] The solution is not admissible.")
    assert lines[2] == "  Where: vtr1."
    assert lines[3] == "  Do not read it."
    assert lines[4].startswith("NOTE [few] Few rows.")
    assert lines[5] == "  Where: first rows: 3, 17."
    assert lines[-1] == "errors: 1, warnings: 0, notes: 1"
    assert text_card(PROBLEMS[0]).splitlines()[1].startswith("NOTE")


def test_no_problems_is_said():
    assert "No problems found." in text_card(())


def test_a_fit_says_what_was_done(small_study):
    text = text_card(small_study.fit)
    assert "SYNTHETIC DATA" in text
    assert re.search(r"Rows used +300 of 300", text)
    assert re.search(r"Clusters +13 \(unit\)", text)
    assert re.search(r"Chi-square +\d+\.\d\d \(df 13\), p [<=] \.\d{3} \(scaled\)", text)
    assert re.search(r"RMSEA +\.\d{3}, 90% CI \[\.\d{3}, \.\d{3}\] \(robust\)", text)
    assert "0,0" in text_card(small_study.fit, "nb")


def test_the_summary_adds_estimates_and_explained_variance(small_study):
    text = summary(small_study.fit)
    assert "Parameter estimates" in text
    assert re.search(r"Loading +Trust -> vtr5", text)
    assert re.search(r"Path +Trust ->", text)
    assert "R2" in text
    assert text == small_study.fit.summary()


def test_one_verdict_and_a_claim_without_a_number(verdict_of):
    row = verdict_of(estimate=float("nan"), verdict="not_judged", caveats=("discriminant", "own."))
    text = text_card(row)
    assert "not judged" in text
    assert "beta" in text
    assert "hard to tell apart" in text
    assert "own." in text
    assert "NA" in text_card(Verdicts((row,)))


def test_a_model_shows_its_text():
    text = text_card(Model.from_text("f =~ a + b + c", recode={"c": 6.0}))
    assert "f =~ a + b + c" in text
    assert re.search(r"\(R\) +c", text)


def test_anything_else_shows_its_short_values(small_study):
    made = card(small_study.survey.design)
    assert made.kind == "Design"
    assert ("cluster", "unit") in made.facts


def test_labels_from_the_data_are_escaped(evil_study, evil):
    for one in (evil_study, evil_study.fit, evil_study.survey, evil_study.checks):
        assert evil[0] not in html_card(one)
    assert "&lt;script&gt;" in html_card(evil_study)
    assert "&lt;script&gt;" in html_card(evil_study.instrument)


def test_cards_of_everything_synthetic_say_so(small_study, tmp_path):
    fit = small_study.fit
    back = read_fit(fit.save(tmp_path / "new folder" / "fit.json"))
    verdicts = replace(small_study.verdicts, synthetic=True)
    for value in (fit, back, small_study, small_study.survey, verdicts):
        assert text_card(value, "nb").splitlines()[1] == "*** SYNTETISKE DATA ***"
    assert "SYNTHETIC" not in text_card(small_study.verdicts)


@pytest.mark.parametrize(("language", "path"), [("en", "95% CI"), ("nb", "95 % KI")])
def test_the_card_of_a_bootstrap_shows_draws_seed_and_intervals(small_study, language, path):
    fit = small_study.fit
    theta = fit.estimate.theta * np.linspace(0.99, 1.01, 1200)[:, None]
    text = text_card(Bootstrap(fit, theta, 34, 20261121, "rows"), language)
    assert "20261121" in text
    assert {"en": "1,234, of which 34", "nb": "1 234, hvorav 34"}[language] in text
    assert path in text
    assert text.count("-> work_autonomy") == 1
    assert "vtr1" not in text


def test_the_card_of_a_bootstrap_without_paths_shows_loadings(small_study):
    fit = estimate("trust =~ vtr1 + vtr2 + vtr3 + vtr4", small_study.survey)
    theta = fit.estimate.theta * np.linspace(0.99, 1.01, 99)[:, None]
    text = text_card(Bootstrap(fit, theta, 0, "generator", "unit"))
    assert "trust -> vtr2" in text
    assert "trust -> vtr1" not in text


@pytest.mark.parametrize(("language", "said"), [("en", "Model a is nested"), ("nb", "Modell a er")])
def test_the_card_of_a_nesting_check_is_its_sentence(language, said):
    text = text_card(Nesting("a in b", 5, 3, 0.0, 17.43), language)
    assert said in text.splitlines()[0]
    assert "a: 5, b: 3" in text
    assert text.splitlines()[-1].rstrip().endswith(("17.43", "17,43"))


@pytest.mark.parametrize(
    ("options", "english", "norwegian"),
    [
        ({"test": "browne.residual.nt"}, "Browne's residual-based test", "Brownes residualbaserte"),
        ({"test": "bollen.stine"}, "by the Bollen-Stine bootstrap", "ved Bollen-Stine-bootstrap"),
        ({"estimator": "MLMVS"}, "(df 1.", "(df 1,"),
    ],
)
def test_a_card_names_the_test_whose_chi_square_it_shows(answers_of, options, english, norwegian):
    fit = estimate("f =~ inf1 + inf2 + inf3 + tru1", answers_of(), **options)
    for language, words in (("en", english), ("nb", norwegian)):
        (line,) = [x for x in text_card(fit, language).splitlines() if "df " in x]
        shown = f"{fit.reported_test.chisq:.2f}"
        assert (shown if language == "en" else shown.replace(".", ",")) in line
        assert words in " ".join(text_card(fit, language).split())
    assert fit.glance()["df"][0] == fit.reported_test.df


def test_the_card_of_a_small_group_does_not_count_it_nor_what_gives_it_away(answers_of):
    answers = answers_of()
    answers["city"] = np.select([answers.index < 4, answers.index < 40], ["tiny", "mid"], "big")
    fit = estimate("inf1 ~ inf2", answers, group="city", group_equal="regressions")
    for name in ("tiny", "mid"):
        assert "Rows used" not in text_card(fit.group(name), "en")
        assert f"{name} (n not shown)" in " ".join(text_card(fit, "en").split())
    assert "Rows used" in text_card(fit.group("big"), "en")
