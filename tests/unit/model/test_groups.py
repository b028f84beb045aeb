from __future__ import annotations

import pytest

from truststats.errors import ModelSyntaxError, NotSupportedError, OptionError
from truststats.model import GROUP_EQUAL, Model, build_partable
from truststats.model.groups import categories


def test_kinds_have_two_spellings():
    assert categories(("lv_variances", "residual.covariances")) == {
        "lv.variances",
        "residual.covariances",
    }
    assert categories("loadings") == {"loadings"}
    assert categories(GROUP_EQUAL) == set(GROUP_EQUAL)


def test_unknown_kinds_are_refused():
    with pytest.raises(OptionError, match="Did you mean 'loadings'"):
        categories("loading")
    with pytest.raises(NotSupportedError, match="composite"):
        categories("composite_loadings")


def test_group_partial_takes_covariances_in_either_order():
    model = Model.from_text("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6")
    tables = [
        build_partable(model, n_groups=2, group_equal="lv_covariances", group_partial=partial)
        for partial in ("f ~~ g", "g~~f")
    ]
    assert tables[0] == tables[1]
    assert tables[0].npar == 2 * 19


def test_a_partial_parameter_must_be_in_the_model():
    model = Model.from_text("f =~ x1 + x2 + x3")
    with pytest.raises(OptionError, match="'f=~x9' is no parameter of the model"):
        build_partable(model, n_groups=2, group_equal="loadings", group_partial="f=~x9")


def test_equal_parameters_cannot_be_fixed_to_different_values():
    model = Model.from_text("f =~ x1 + c(.5, .6)*x2 + x3")
    with pytest.raises(ModelSyntaxError, match=r"equal over groups but fixed to 0.5 and to 0.6"):
        build_partable(model, n_groups=2, group_equal="loadings")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f =~ x1 + x2 + equal('f=~x9')*x3", "names no parameter"),
        ("f =~ x1 + b*x2 + equal('f=~x2')*x3", "names a parameter that has a label"),
        ("f =~ x1 + x2 + equal('f=~x3')*x3", "names a parameter that has a label"),
        ("f =~ x1 + x2 + equal('f=~x2')*x3 + equal('f=~x3')*x4", "that has a label"),
    ],
)
def test_equal_names_a_parameter_without_label(text: str, words: str):
    with pytest.raises(ModelSyntaxError) as caught:
        build_partable(Model.from_text(text))
    assert words in str(caught.value)
    assert caught.value.fix
