import tomllib
from pathlib import Path

import numpy as np
import pyreadstat
import pytest

from truststats.simulate.bundle import make_bundle
from truststats.survey import read_survey

DATA = Path(__file__).parents[3] / "data"
REMAKE = "run `python -m truststats.simulate.bundle data/` and commit what changed"


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def registry():
    return tomllib.loads((DATA / "registry.toml").read_text("utf-8"))


def test_the_bundle_is_remade_bit_for_bit(remade, registry):
    fresh = tomllib.loads((remade / "registry.toml").read_text("utf-8"))
    expected = dict(registry["municipal_employees"]["sha256"])
    found = dict(fresh["municipal_employees"]["sha256"])
    # the writer of .sav files puts its own version into them: compared by content below
    expected.pop("municipal_employees.sav")
    found.pop("municipal_employees.sav")
    assert found == expected, REMAKE


def test_the_spss_file_is_remade_with_the_same_content(remade):
    old, old_meta = pyreadstat.read_sav(DATA / "municipal_employees.sav", user_missing=True)
    new, new_meta = pyreadstat.read_sav(remade / "municipal_employees.sav", user_missing=True)
    assert new.equals(old), REMAKE
    for what in ("column_names_to_labels", "variable_value_labels", "missing_ranges"):
        assert getattr(new_meta, what) == getattr(old_meta, what), REMAKE


def test_hand_written_entries_are_kept(remade, registry, tmp_path):
    from shutil import copytree

    from truststats.simulate.bundle import refresh_registry

    folder = copytree(DATA, tmp_path / "data")
    refresh_registry(folder, registry["municipal_employees"]["n"])
    before, after = DATA / "registry.toml", folder / "registry.toml"
    assert after.read_bytes() == before.read_bytes(), REMAKE


def test_files_stay_small():
    for path in DATA.glob("municipal_employees*"):
        assert path.stat().st_size < 1_000_000


def test_every_form_holds_the_same_answers():
    stem = DATA / "municipal_employees"
    clean = read_survey(stem.with_suffix(".csv"), instrument="tbm-core", cluster="unit")
    ugly = read_survey(f"{stem}_ugly.csv", instrument="tbm-core", cluster="enhetsnr")
    sav = read_survey(stem.with_suffix(".sav"), instrument="tbm-core", cluster="unit")
    np.testing.assert_array_equal(clean.values(), ugly.values())
    np.testing.assert_array_equal(clean.values(), sav.values())
    assert list(clean.clusters()) == list(ugly.clusters()) == list(sav.clusters())


def test_the_datasheet_says_synthetic_first():
    first = (DATA / "municipal_employees.md").read_text("utf-8").splitlines()[0]
    assert "SYNTHETIC" in first
