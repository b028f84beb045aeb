"""Whatever can be said in the language is read back as it was written."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from truststats.errors import ModelSyntaxError, NotSupportedError, TrustStatsError
from truststats.model import Model, Modifiers, Statement, canonical, parse

letters = st.sampled_from("abcxyzæøåÉЖ")
names = st.builds(
    lambda first, rest: first + rest, letters, st.text("abz019_.æ", max_size=4)
).filter(lambda name: name != "NA")
FIELDS = ("fixed", "free", "label", "start", "lower", "upper")
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: v + 0.0)


def _modifiers(draw: st.DrawFn, kinds: frozenset[str]) -> Modifiers:
    low, high = sorted((draw(numbers), draw(numbers)))
    free = draw(st.booleans())
    return Modifiers(
        fixed=draw(numbers) if "value" in kinds and not free else None,
        free="value" in kinds and free,
        label=draw(names) if "label" in kinds else None,
        start=draw(numbers) if "start" in kinds else None,
        lower=low if "lower" in kinds else None,
        upper=high if "upper" in kinds else None,
    )


@st.composite
def statements(draw: st.DrawFn) -> tuple[Statement, ...]:
    found: dict[tuple[str, ...], Statement] = {}
    blocks = draw(st.sampled_from([("",), ("1", "2"), ("Oslo", "Sør-Varanger", "5 # år")]))
    n_groups = draw(st.integers(1, 3)) if blocks == ("",) else 1
    for block in blocks:
        for _ in range(draw(st.integers(1, 8))):
            lhs, op = draw(names), draw(st.sampled_from(["=~", "~", "~~", "~1"]))
            rhs = "" if op == "~1" else draw(names)
            kinds = draw(
                st.frozensets(st.sampled_from(["value", "label", "start", "lower", "upper"]))
            )
            if n_groups == 1 or not kinds or draw(st.booleans()):
                m = _modifiers(draw, kinds)
                given_all = {f: getattr(m, f) for f in FIELDS}
                row = Statement(lhs, op, rhs, block=block, **given_all)
            else:
                each = tuple(_modifiers(draw, kinds) for _ in range(n_groups))
                row = Statement(lhs, op, rhs, each=each)
            key = (op, *sorted((lhs, rhs))) if op == "~~" else (op, lhs, rhs)
            found.setdefault((block, *key), row)
    rows = list(found.values())
    labels = sorted({m.label for s in rows for m in (s.each or (s.modifiers,)) if m.label})
    if labels:
        for op in draw(st.sets(st.sampled_from(["==", "<", ">"]))):
            a, b = draw(st.sampled_from(labels)), draw(st.sampled_from(labels))
            rows.append(Statement(f"{a} * 2", op, f"({b} + 1)^2"))
    return tuple(rows)


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
