"""What people see, word for word: a change of wording or layout is a change to be looked at."""

from __future__ import annotations

import pytest

from truststats.errors import Problem
from truststats.model import Model
from truststats.present import html_card, table, text_card
from truststats.present.tables.files import csv_text, tex_text
from truststats.present.wording.text import apa
from truststats.results import RivalRow, Rivals, Verdict, Verdicts

BOTH = pytest.mark.parametrize("language", ["en", "nb"])


def verdict(name: str, estimate: float, verdict: str, **changes) -> Verdict:
    values = {
        "claim_id": name,
        "statement": {
            "en": "The more is delegated, the more employees trust their closest manager.",
            "nb": "Jo mer som er delegert, desto mer tillit har de ansatte til nærmeste leder.",
        },
        "path": ("delegation", "vertical_trust"),
        "estimand": "direct",
        "adjust": ("trust_based_leadership",),
        "sign": 1,
        "sesoi": 0.1,
        "estimate": estimate,
        "se": 0.03,
        "ci_lower": estimate - 0.0588,
        "ci_upper": estimate + 0.0588,
        "ci90_lower": estimate - 0.049,
        "ci90_upper": estimate + 0.049,
        "pvalue": 0.00001 if estimate > 0.1 else 0.4321,
        "p_holm": 0.00002 if estimate > 0.1 else 0.8642,
        "verdict": verdict,
        "caveats": ("same_source",),
    }
    return Verdict(**(values | changes))


VERDICTS = Verdicts(
    (
        verdict("delegation_trust", 0.214, "supported"),
        verdict("informal_autonomy", -0.004, "practically_zero"),
        verdict("trust_innovation", 0.08, "undetermined"),
        verdict("broken", float("nan"), "not_judged", pvalue=float("nan")),
    )
)
RIVALS = Rivals(
    (
        RivalRow(
            "one_factor",
            {"en": "One common factor", "nb": "Én felles faktor"},
            *(15031.4, 902.0, 0.547, 0.084, 0.079, 250000.0, 251000.0, 14069.8),
            "fits worse",
        ),
    ),
    {"en": "Compared by BIC.", "nb": "Sammenlignet med BIC."},
)
PROBLEMS = (
    Problem("heywood", "error", "Negative variance.", "Do not interpret it.", "vtr1", 1),
    Problem("tiny_units", "note", "1 unit has few answers.", "Merge it.", "u07", 1, (3, 4)),
)


@BOTH
def test_text_cards(language, snapshot):
    shown = [text_card(value, language) for value in (VERDICTS, VERDICTS["broken"], RIVALS)]
    shown += [text_card(PROBLEMS, language), text_card(Model.from_text("f =~ a + b + c"), language)]
    assert "\n\n".join(shown) == snapshot


@BOTH
def test_html_card_of_problems(language, snapshot):
    card = html_card(PROBLEMS, language)
    assert card[card.index("</style>") :] == snapshot


@BOTH
def test_sentences(language, snapshot):
    assert "\n".join(apa(VERDICTS, language)) == snapshot


@BOTH
def test_table_files(language, snapshot):
    made = table(VERDICTS, language)
    shown = (made.text(), csv_text(made), tex_text(made), made.html(), csv_text(table(RIVALS)))
    assert "\n".join(shown) == snapshot
