from __future__ import annotations

import pytest

import truststats as ts
from truststats.errors import DataError

CHAIN = "b ~ a\nc ~ b"


@pytest.fixture(scope="module")
def data(answers_of):
    return answers_of().rename(columns={"x1": "a", "tru1": "b", "res1": "c", "inf1": "d"})


def _net(one, other, data, **options):
    return ts.net(ts.fit(one, data, **options), ts.fit(other, data, **options))


def test_a_chain_turned_round_is_equivalent(data):
    got = _net(CHAIN, "b ~ c\na ~ b", data)
    assert got.relation == "equivalent"
    assert got.df_a == got.df_b == 1
    assert got.a_to_b < 1e-4
    assert got.b_to_a < 1e-4


def test_a_fork_is_equivalent_to_the_chain_and_a_collider_is_not(data):
    assert _net(CHAIN, "a ~ b\nc ~ b\na ~~ 0*c", data).relation == "equivalent"
    got = _net(CHAIN, "b ~ a + c\na ~~ 0*c\na ~~ a\nc ~~ c", data)
    assert got.relation == "not nested"
    assert min(got.a_to_b, got.b_to_a) > 1


def test_a_path_less_is_nested(data):
    got = _net(CHAIN, "b ~ a\nc ~ b + a", data)
    assert (got.relation, got.df_a, got.df_b) == ("a in b", 1, 0)
    assert got.a_to_b < 1e-4 < got.b_to_a
    assert _net("b ~ a\nc ~ b + a", CHAIN, data).relation == "b in a"


def test_saturated_models_are_equivalent(data):
    got = _net("b ~ a\nc ~ b + a", "a ~~ b + c\nb ~~ c", data)
    assert got.relation == "equivalent"


def test_factors(models, data, answers_of):
    text = models["chain"]
    full = ts.fit(text, answers_of())
    less = ts.fit(text.replace("trust + info", "trust"), answers_of())
    cfa = ts.fit("\n".join(text.strip().splitlines()[:3]), answers_of())
    assert ts.net(less, full).relation == "a in b"
    assert ts.net(full, cfa).relation == "equivalent"
    unit = ts.fit(text, answers_of(), std_lv=True)
    assert ts.net(full, unit).relation == "equivalent"


def test_with_means(models, answers_of):
    data = answers_of()
    free = ts.fit("f =~ inf1 + inf2 + inf3", data, meanstructure=True)
    equal = ts.fit("f =~ inf1 + inf2 + inf3\ninf1 ~ i*1\ninf2 ~ i*1", data)
    assert ts.net(equal, free).relation == "a in b"


def test_it_works_from_files(data, tmp_path):
    one = ts.read_fit(ts.fit(CHAIN, data).save(tmp_path / "a.json"))
    other = ts.read_fit(ts.fit("b ~ c\na ~ b", data).save(tmp_path / "b.json"))
    assert ts.net(one, other).relation == "equivalent"


def test_other_variables(data):
    with pytest.raises(DataError, match="do not share their variables: a, d"):
        _net(CHAIN, "b ~ d\nc ~ b", data)


def test_means_on_one_side_only(data):
    with pytest.raises(DataError, match="Only one of the models has a mean structure") as caught:
        ts.net(ts.fit(CHAIN, data), ts.fit(CHAIN, data, meanstructure=True))
    assert "meanstructure=True" in caught.value.fix


@pytest.fixture(scope="module")
def items(answers_of):
    data = answers_of().filter(regex="^(inf|tru)")
    return data.rank(pct=True).mul(4).apply(lambda column: column.clip(0.5, 3.5).round())


ITEMS = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3"


def test_ordinal_items(items):
    free, none = (
        ts.fit(text, items, ordered=True) for text in (ITEMS, f"{ITEMS}\ninfo ~~ 0*trust")
    )
    got = ts.net(none, free)
    assert got.relation == "a in b"
    assert got.a_to_b < 1e-8 < 1 < got.b_to_a
    theta = ts.fit(ITEMS, items, ordered=True, std_lv=True, parameterization="theta")
    assert ts.net(free, theta).relation == "equivalent"
    path = ts.fit(ITEMS + "\ntrust ~ info", items, ordered=True)
    assert ts.net(free, path).relation == "equivalent"


def test_items_treated_in_two_ways(items):
    with pytest.raises(DataError, match="do not treat the same variables as ordinal"):
        ts.net(ts.fit(ITEMS, items, ordered=True), ts.fit(ITEMS, items, meanstructure=True))
