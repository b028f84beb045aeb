"""From constructs and equations to lavaan text that the parser reads and the table accepts."""

from __future__ import annotations

import pytest

from truststats.constructs import Instrument, load_construct, load_instrument
from truststats.errors import DefinitionError, OptionError
from truststats.framework import Framework, load_framework
from truststats.framework.compile import measurement_text, structural_text
from truststats.framework.structure import Structure
from truststats.model import Model, build_partable, check_identified, parse

RIVALS = ("trust_first", "direct_only", "one_factor", "leadership_common_cause")


@pytest.fixture(scope="module")
def tbm() -> Framework:
    return load_framework("tbm")


@pytest.fixture(scope="module")
def core() -> Instrument:
    return load_instrument("tbm-core")


def test_one_factor_is_measured_by_its_items() -> None:
    text = measurement_text(load_construct("TI").restricted_to(["ti1", "ti2"]))
    assert text == "turnover_intention =~ ti1 + ti2"


def test_separate_dimensions_are_left_out(core: Instrument) -> None:
    text = measurement_text(core["CTRL"])
    assert text == "perceived_control =~ ctrl1 + ctrl2 + ctrl3 + ctrl4"


def test_second_order_is_measured_by_its_dimensions(core: Instrument) -> None:
    assert measurement_text(core["AUT"]).splitlines() == [
        "work_autonomy_method =~ aut1 + aut2",
        "work_autonomy_scheduling =~ aut3 + aut4",
        "work_autonomy_decision =~ aut5 + aut6",
        "work_autonomy =~ work_autonomy_method + work_autonomy_scheduling + work_autonomy_decision",
    ]


def test_one_item_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"delegation is measured by 1 item only") as caught:
        measurement_text(load_construct("DEL").restricted_to(["del1"]))
    assert "without error" in str(caught.value)


SMALL = Structure(("x", "z", "m", "y"), {"m": ("x", "z"), "y": ("z",)}, ())


def test_structural_text() -> None:
    assert structural_text(SMALL).splitlines() == ["m ~ x + z", "y ~ z", "m ~~ 0*y"]


def test_controls_enter_every_equation_and_the_exogenous_ones() -> None:
    assert structural_text(SMALL, ["age"]).splitlines() == [
        "x ~ age",
        "z ~ age",
        "m ~ x + z + age",
        "y ~ z + age",
        "x ~~ z",
        "m ~~ 0*y",
    ]


def test_the_model_knows_keys_labels_and_where_it_comes_from(
    tbm: Framework, core: Instrument
) -> None:
    model = tbm.model(core)
    assert isinstance(model, Model)
    assert model.framework is tbm
    assert model.recode == {"del4": 6.0, "tlead5": 6.0, "inff5": 6.0, "vtr5": 6.0}
    assert model.labels["vertical_trust"]["nb"] == "Tillit til nærmeste leder"
    assert model.labels["work_autonomy_method"]["en"] == "Method autonomy"
    assert set(model.labels) == set(model.constructs) == set(model.latents)
    assert model.constructs["work_autonomy_method"] == "work_autonomy"
    assert set(model.observed) <= set(core.item_order)
    assert not {"ctrl5", "felt1", "htr1", "js1", "ti1"} & set(model.observed)


def test_the_text_round_trips(tbm: Framework, core: Instrument) -> None:
    model = tbm.model(core, controls=["tenure"])
    strip = [(s.lhs, s.op, s.rhs, s.fixed) for s in parse(str(model))]
    assert strip == [(s.lhs, s.op, s.rhs, s.fixed) for s in model.statements]


@pytest.mark.parametrize("name", ["tbm-core", "tbm-short"])
@pytest.mark.parametrize("controls", [(), ("tenure", "manager")], ids=["bare", "controls"])
def test_every_model_is_identified(tbm: Framework, name: str, controls: tuple[str, ...]) -> None:
    for model in (
        tbm.model(name, controls),
        *(tbm.rival_model(key, name, controls) for key in RIVALS),
    ):
        check_identified(build_partable(model))


def test_a_control_adds_one_path_per_construct_and_nothing_else(
    tbm: Framework, core: Instrument
) -> None:
    constructs = len(tbm.structure.order)
    for make in (tbm.model, *(_rival(tbm, key) for key in RIVALS if key != "one_factor")):
        bare = build_partable(make(core))
        with_age = build_partable(make(core, ["age"]))
        assert max(with_age.free) - max(bare.free) == constructs


def _rival(tbm: Framework, key: str):
    return lambda core, controls=(): tbm.rival_model(key, core, controls)


def test_residual_covariances_are_those_of_the_structure(tbm: Framework, core: Instrument) -> None:
    for model in (tbm.model(core), tbm.rival_model("leadership_common_cause", core)):
        table = build_partable(model)
        rows = zip(table.lhs, table.op, table.rhs, table.free, strict=True)
        free = {(a, b) for a, op, b, n in rows if op == "~~" and a != b and n}
        exogenous = tbm.structure.exogenous
        between = {(a, b) for i, a in enumerate(exogenous) for b in exogenous[i + 1 :]}
        assert free == between | set(tbm.structure.covariances)


def test_a_common_factor_has_a_label_and_reverse_keys(tbm: Framework, core: Instrument) -> None:
    model = tbm.rival_model("one_factor", core, controls="tenure")
    assert model.latents == ("common_factor",)
    assert set(model.recode) == {"del4", "tlead5", "inff5", "vtr5"}
    assert model.labels["common_factor"]["nb"] == "Én felles faktor"
    assert set(model.observed) - {"tenure"} == set(tbm.model(core).observed)


def test_rivals_use_the_same_items(tbm: Framework, core: Instrument) -> None:
    items = set(tbm.model(core).observed)
    for key in RIVALS:
        assert set(tbm.rival_model(key, core).observed) == items


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        (["vtr1"], "controls= holds 'vtr1', which the model already measures"),
        (["work_autonomy_method"], "which the model already measures"),
        (["years in job"], "controls= holds 'years in job', which cannot be a variable"),
        (["1st"], "cannot be a variable"),
        (["tenure", "tenure"], "names a variable twice"),
    ],
)
def test_controls_that_cannot_be(
    tbm: Framework, core: Instrument, controls: list[str], message: str
) -> None:
    for model in (tbm.model, _rival(tbm, "one_factor")):
        with pytest.raises(OptionError) as caught:
            model(core, controls)
        assert message in str(caught.value)


def test_names_with_letters_of_the_north_are_fine(tbm: Framework, core: Instrument) -> None:
    assert "år_i_jobb" in tbm.model(core, ["år_i_jobb"]).observed
