from __future__ import annotations

import pytest

from truststats.errors import ModelSyntaxError, NotSupportedError, OptionError
from truststats.model import Model, build_partable

BLOCKS = "group: Oslo\nf =~ x1 + x2 + x3\ngroup: Bodø\nf =~ x1 + a*x2 + a*x3"


def test_blocks_may_be_named_by_label_or_number_in_any_order():
    model = Model.from_text(BLOCKS)
    table = build_partable(model, n_groups=2, group_labels=("Bodø", "Oslo"))
    assert table.label[1] == "a"
    assert table.n_groups == 2
    numbered = BLOCKS.replace("Oslo", "2").replace("Bodø", "1")
    assert build_partable(Model.from_text(numbered), n_groups=2).label == table.label


@pytest.mark.parametrize(
    ("text", "labels", "words", "where"),
    [
        ("f =~ x1 + c(a, b)*x2 + x3", ("u", "v", "w"), "c() has 2 entries for 3", "column 19"),
        (BLOCKS, ("Oslo", "Bergen"), "group: Bodø names no group", "line 3, column 8"),
        (BLOCKS, ("Oslo", "Bodø", "Bergen"), "no group: line for Bergen", ""),
        (BLOCKS + "\ngroup: 2\nf =~ x1", ("Oslo", "Bodø"), "two group: lines name one group", ""),
        (BLOCKS.replace("Oslo", "2"), ("2", "Bodø"), "may be the label or the number", "column 8"),
    ],
)
def test_groups_that_do_not_fit_are_named(
    text: str, labels: tuple[str, ...], words: str, where: str
):
    with pytest.raises(ModelSyntaxError) as caught:
        build_partable(Model.from_text(text), n_groups=len(labels), group_labels=labels)
    assert words in str(caught.value)
    assert where in caught.value.where
    assert caught.value.fix


def test_a_vector_in_a_model_of_one_group_is_refused():
    with pytest.raises(ModelSyntaxError, match=r"c\(\) has 2 entries for 1 group\n"):
        build_partable(Model.from_text("y ~ c(a, b)*x"))


def test_labels_are_as_many_as_groups():
    with pytest.raises(OptionError, match="2 groups with 1 labels"):
        build_partable(Model.from_text("y ~ x"), n_groups=2, group_labels=("a",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("group: 1\nf =~ x1 + x2 + x3\ngroup: 2\nf =~ x1 + x2 + x4", "observed variables: x3, x4"),
        ("group: 1\ny ~ x + z\ngroup: 2\ny ~ x\nx ~~ z", "exogenous variables: x, z"),
    ],
)
def test_other_variables_in_other_groups_are_not_supported(text: str, words: str):
    with pytest.raises(NotSupportedError, match=words):
        build_partable(Model.from_text(text), n_groups=2)
