from importlib import resources

import pytest

from truststats.constructs import list_constructs, load_construct
from truststats.errors import DefinitionError
from truststats.simulate import list_populations, load_population

TBM = (resources.files("truststats.simulate") / "populations" / "tbm.toml").read_text("utf-8")


@pytest.fixture
def changed(tmp_path):
    def write(old: str, new: str):
        assert TBM.count(old) == 1, f"{old!r} is not in tbm.toml exactly once"
        path = tmp_path / "mine.toml"
        path.write_text(TBM.replace(old, new), encoding="utf-8")
        return path

    return write


def test_the_bundled_populations_load():
    assert list_populations() == ("tbm",)
    assert load_population().name == "tbm"


def test_every_item_on_every_card_is_answered_in_its_direction():
    items = load_population().items
    for key in list_constructs():
        for item in load_construct(key).items:
            assert item.name in items
            assert item.reverse == (items[item.name].loading < 0), item.name


def test_a_file_of_your_own(changed):
    path = changed("method = 0.86", "method = 0.80")
    assert load_population(path).dimensions["work_autonomy"]["method"] == 0.80


def test_an_unknown_population():
    with pytest.raises(DefinitionError, match=r"no population 'tmb'\. Did you mean 'tbm'\?"):
        load_population("tmb")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('version = "1.0"\n', "", "lacks 'version'"),
        ("job_satisfaction = -0.50", "job_satisfaction = -1.20", "more than its whole variance"),
        ("turnover_intention = 0.03", "turnover_intention = 0.01", "variance between units"),
        ("perceived_control = 0.30\n", "perceived_control = 1.30\n", r"after \[shifts\]"),
        ("formal_information = 0.22 ", "innovation = 0.22 ", "does not stand above it"),
        ("percent = [3, 9, 23, 46, 19]", "percent = [3, 9, 23, 46, 20]", "add up to 100"),
        ("del3 = { loading = 0.77", "del3 = { loading = 1.77", "must lie between -1 and 1"),
        ("[measurement.delegation]", "[measurement.delegering]", "not a latent"),
        ('aut1 = { dimension = "method"', 'aut1 = { dimension = "metod"', "dimension 'metod'"),
    ],
)
def test_numbers_that_cannot_be_true(changed, old, new, message):
    with pytest.raises(DefinitionError, match=message):
        load_population(changed(old, new))
