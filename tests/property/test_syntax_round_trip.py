"""Whatever can be said in the language is read back as it was written."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from truststats.errors import ModelSyntaxError, NotSupportedError, TrustStatsError
from truststats.model import Model, Statement, canonical, parse

letters = st.sampled_from("abcxyzæøåÉЖ")
names = st.builds(
    lambda first, rest: first + rest, letters, st.text("abz019_.æ", max_size=4)
).filter(lambda name: name != "NA")
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: v + 0.0)


@st.composite
def statements(draw: st.DrawFn) -> tuple[Statement, ...]:
    found: dict[tuple[str, ...], Statement] = {}
    for _ in range(draw(st.integers(1, 8))):
        lhs, op = draw(names), draw(st.sampled_from(["=~", "~", "~~", "~1"]))
        rhs = "" if op == "~1" else draw(names)
        free = draw(st.booleans())
        row = Statement(
            lhs,
            op,
            rhs,
            fixed=None if free else draw(st.none() | numbers),
            free=free,
            label=draw(st.none() | names),
            start=draw(st.none() | numbers),
        )
        key = (op, *sorted((lhs, rhs))) if op == "~~" else (op, lhs, rhs)
        found.setdefault(key, row)
    return tuple(found.values())


@given(statements())
@settings(deadline=None)
def test_the_canonical_text_reads_back(rows: tuple[Statement, ...]):
    assert parse(canonical(rows)) == rows


@given(statements())
@settings(deadline=None)
def test_a_model_reads_back_from_its_own_text(rows: tuple[Statement, ...]):
    model = Model.from_text(canonical(rows))
    again = Model.from_text(str(model))
    assert again == model
    assert str(again) == str(model)


@given(statements(), st.data())
@settings(deadline=None)
def test_spaces_comments_and_line_ends_do_not_matter(
    rows: tuple[Statement, ...], data: st.DataObject
):
    noise = data.draw(st.sampled_from(["  ", "\t", " # note\n", "\n\n", " ! note ~ x\n"]))
    text = canonical(rows).replace(" + ", f"{noise}+ ").replace("\n", f"{noise}\n")
    assert parse(text) == rows


@given(st.text(alphabet="ab1.~=:*+-/()# \n;c'\"|<>", max_size=40))
@settings(deadline=None, max_examples=400)
def test_any_text_is_read_or_refused_with_a_place(text: str):
    problem: TrustStatsError | None = None
    try:
        parse(text)
    except (ModelSyntaxError, NotSupportedError) as error:
        problem = error
    if problem is not None:
        assert "line" in problem.where or "empty" in problem.what
        assert problem.fix
