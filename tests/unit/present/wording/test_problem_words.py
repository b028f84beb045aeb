"""Problems keep their numbers and names in every language."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

import truststats
from truststats.errors import Problem
from truststats.present.repr import text_card
from truststats.present.wording.problem_words import problem_words
from truststats.present.wording.words import words

PACKAGE = Path(truststats.__file__).parent
NB = words("nb")
# Pieces of sentence that are empty in most messages, and some that the code puts together.
PIECES = {"hint": "", "invited": "", "ceiling": "", "through": ""}
PIECES |= {
    "reason": "no answer to any of the model's variables",
    "pair": "trust and autonomy",
    "example": "'Helt enig' is 1 in the file, 5 here",
}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Return every call in the package that makes a problem with a fixed code."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("Problem", "note") and isinstance(node, ast.Call) and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant) and code.value:
                    yield f"{code.value}", node


CALLS = [pytest.param(code, node, id=f"{code}-{node.lineno}") for code, node in calls()]


class Filled:
    """The strings of a call, with a number of its own for every expression in them."""

    def __init__(self) -> None:
        self.numbers = (str(n) for n in itertools.count(701))
        self.by_expression: dict[str, str] = {}

    def number(self, node: ast.expr) -> str:
        said = ast.unparse(node).removeprefix("str(").removesuffix(")")
        return self.by_expression.setdefault(said, next(self.numbers))

    def text(self, node: ast.expr | None) -> tuple[str, list[str]]:
        """Return a string as it could read, and the numbers in it."""
        if node is None:
            return "", []
        if isinstance(node, ast.Constant):
            return str(node.value), []
        if not isinstance(node, ast.JoinedStr):
            return self.number(node), []
        parts, numbers = [], []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
                continue
            assert isinstance(part, ast.FormattedValue)
            if isinstance(part.value, ast.Name) and part.value.id in PIECES:
                parts.append(PIECES[part.value.id])
                continue
            if isinstance(part.value, ast.Call) and ast.unparse(part.value.func) == "counted":
                numbers.append(self.number(part.value.args[0]))
                parts.append(f"{numbers[-1]} {ast.literal_eval(part.value.args[2])}")
                continue
            number = self.number(part.value)
            percent = part.format_spec is not None and "%" in ast.unparse(part.format_spec)
            quoted = part.conversion == ord("r")
            parts.append(f"{number}%" if percent else f"'{number}'" if quoted else number)
            numbers.append(number)
        return "".join(parts), numbers


@pytest.mark.parametrize(("code", "node"), CALLS)
def test_every_problem_of_the_package_keeps_its_numbers_in_bokmal(code: str, node: ast.Call):
    assert f"problem.{code}.message" in NB
    names = ("code", "severity", "message", "remedy", "where", "count")
    if getattr(node.func, "id", "") == "note":
        names = ("code", "message", "remedy", "where")
    given = dict(zip(names, node.args, strict=False))
    given |= {word.arg: word.value for word in node.keywords}
    if not isinstance(given["message"], ast.JoinedStr):
        return
    fill = Filled()
    message, numbers = fill.text(given["message"])
    count = int(fill.number(given["count"])) if "count" in given else None
    remedy, where = fill.text(given.get("remedy"))[0], fill.text(given.get("where"))[0]
    said = problem_words(Problem(code, "note", message, remedy, where, count), NB)[0]
    assert said != message
    assert [n for n in numbers if n not in f"{said} {where}"] == []


EXAMPLES = {
    "There are fewer clusters (95) than parameters (177), so the sandwich cannot be of full rank "
    "and the robust chi-square is unreliable.": ("fewer_clusters_than_parameters", "95 177"),
    "There are 3.5 rows per parameter (350 for 100).": ("few_rows", "3,5 350 100"),
    "There are fewer rows in this group than parameters it has a part in (19).": (
        "small_group", "19",
    ),
    "The covariance matrix of the latent variables is not positive definite; the largest "
    "correlation is -1.02, between trust and job_satisfaction.": (
        "latent_not_positive_definite",
        "−1,02 trust job_satisfaction",
    ),
    "12 items with 7 or fewer ordered categories are treated as continuous. In 2 of them over 30 % "
    "chose an extreme category (vtr1, aut2).": ("ordinal_as_continuous", "12 7 2 30 vtr1 aut2"),
    "12 items with 7 or fewer ordered categories are treated as continuous.": (
        "ordinal_as_continuous",
        "12 7",
    ),
    "90 of 1000 rows (9.0 %) left out: incomplete on the model's variables (listwise).": (
        "rows_excluded",
        "90 1000 9,0 ufullstendige",
    ),
    "2 of 1000 rows (0.2 %) left out: no value for the cluster unit.": (
        "rows_excluded",
        "2 1000 0,2 klyngen unit",
    ),
    "Item 'vtr4' correlates -0.41 with the rest of vertical_trust, as though the file had turned "
    "it round without saying so.": ("suspected_reversal", "vtr4 −0,41 vertical_trust resten"),
    "Item 'ti1' correlates -0.55 with 'ti2' of turnover_intention: one of the two seems turned "
    "round in the file, and two items cannot say which.": (
        "suspected_reversal",
        "ti1 −0,55 ti2 turnover_intention",
    ),
    "Item 'vtr5' is reverse-keyed but correlates -0.38 with the rest of vertical_trust after "
    "turning, as though the file had turned it already.": ("already_reversed", "vtr5 −0,38"),
    "12 rows have no cluster in 'unit'.": ("missing_cluster", "12 unit"),
    "Nobody in 12 units answered (14 people were invited). Silence of a whole unit is seldom "
    "chance.": ("silent_units", "12 14"),
    "12 units have answers but no entry in unit_sizes, and so no response rate. Did you "
    "mean '0301'?": ("unknown_units", "12 0301"),
    "12 of 59 items of tbm-core have no column. Did you mean columns={\"vtr1\": \"Q1\"}?": (
        "missing_columns",
        '12 59 tbm-core columns={"vtr1": "Q1"}',
    ),
    "Code 99 stands 12 times but answers run from 1 to 5. It counts as missing.": (
        "out_of_range",
        "99 12 1 5",
    ),
    "12 of 900 rows with the same answer through 20 items or more in a row, reverse-keyed ones "
    "among them: the items may not have been read.": ("straight_lining", "12 900 20 omvendt"),
    "Answers of 3 items were texts and read as codes: 'Helt enig' = 5.": (
        "labels_read",
        "3 'Helt enig' = 5",
    ),
}  # fmt: skip
REMEDIES = {
    "suspected_reversal": 'Check the questionnaire; if so, read with columns={"vtr4": {"a": 1}}.',
    "already_reversed": 'Check the questionnaire; if so, read with columns={"vtr4": {"a": 1}}.',
}


@pytest.mark.parametrize("message", EXAMPLES)
def test_messages_as_they_are_written_keep_their_facts(message: str):
    code, facts = EXAMPLES[message]
    problem = Problem(code, "warning", message, REMEDIES.get(code, "Do."), "unit", count=12)
    said, remedy = problem_words(problem, NB)
    assert [f for f in facts.split() if f not in said] == []
    if code in REMEDIES:
        assert 'columns={"vtr4": {"a": 1}}' in remedy
    assert "{" not in said.replace('columns={"', "")


def test_english_is_as_it_was_written_and_what_cannot_be_read_stays_english():
    known = Problem("silent_units", "warning", "Nobody.", "Ask.", count=2)
    assert problem_words(known, NB)[0].startswith("Ingen har svart i 2 enheter.")
    assert problem_words(known, words("en")) == ("Nobody.", "Ask.")
    assert problem_words(Problem("new", "note", "Hm."), NB) == ("Hm.", "")
    odd = Problem("few_rows", "note", "Only 3 rows.", "More.")
    assert problem_words(odd, NB) == ("Only 3 rows.", "More.")


def test_no_advice_is_added_where_there_is_none():
    found = Problem("rows_excluded", "note", "1 of 9 rows (11.1 %) left out: no answer to any of "
                    "the model's variables.", count=1)  # fmt: skip
    assert problem_words(found, NB) == (
        "1 av 9 rader (11,1\u00a0%) er utelatt: ingen svar på noen av modellens variabler.",
        "",
    )


def test_a_long_list_of_names_ends_in_the_language():
    found = Problem("heywood", "error", "x", "y", where="a, b and 3 more", count=5)
    assert "a, b og 3 til" in problem_words(found, NB)[0]


def test_a_card_says_where_unless_its_own_message_does():
    found = Problem("duplicate_rows", "warning", "3 rows equal an earlier row in every answer, of "
                    "which there are 20 or more.", where="x9", count=3)  # fmt: skip
    assert "Hvor: x9." in text_card(found, "nb")
    named = Problem("heywood", "error", "No x9.", "Look.", where="x9", count=1)
    assert text_card(named, "nb").count("x9") == 1


@pytest.mark.parametrize(("count", "said"), [(1, "1 rad har"), (2, "2 rader har")])
def test_one_and_several_are_told_apart(count: int, said: str):
    found = Problem("missing_group", "warning", "x", where="by", count=count)
    assert problem_words(found, NB)[0].startswith(said)
