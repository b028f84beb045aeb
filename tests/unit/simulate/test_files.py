import numpy as np
import pandas as pd
import pyreadstat
import pytest

from truststats.constructs import load_instrument
from truststats.simulate import Sampling, draw_frame, load_population
from truststats.simulate.files import write_clean, write_sav, write_ugly


@pytest.fixture(scope="module")
def instrument():
    return load_instrument("tbm-short")


@pytest.fixture(scope="module")
def frame(instrument):
    items = [item.name for item in instrument.items]
    return draw_frame(load_population(), items, design=Sampling(units_per_cell=3), seed=2)[0]


def test_the_clean_file_reads_back_the_same(frame, tmp_path):
    write_clean(frame, tmp_path / "a.csv")
    assert b"\r" not in (tmp_path / "a.csv").read_bytes()
    back = pd.read_csv(tmp_path / "a.csv", dtype={"unit": "str"})
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)


def test_the_ugly_file_is_what_a_municipality_sends(frame, instrument, tmp_path):
    write_ugly(frame, instrument, tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    header, first = content.decode("cp1252").split("\r\n")[:2]
    assert all(letter in header for letter in "æøå")
    assert "INF_F1" in header.split(";")
    assert first.startswith("0098")
    assert f"{frame['tenure'][0]}".replace(".", ",") in first.split(";")


def test_the_spss_file_carries_labels_and_missing_codes(frame, instrument, tmp_path):
    write_sav(frame, instrument, tmp_path / "a.sav")
    back, meta = pyreadstat.read_sav(tmp_path / "a.sav", user_missing=True)
    np.testing.assert_array_equal(back["vtr1"], frame["vtr1"])
    assert list(back["unit"]) == list(frame["unit"])
    assert meta.column_names_to_labels["vtr1"] == instrument.item("vtr1").text["nb"]
    assert meta.missing_ranges["vtr1"] == [{"lo": 9.0, "hi": 9.0}]
    assert meta.variable_value_labels["vtr1"][9.0].startswith("Vet ikke")
    assert "SYNTHETIC" in meta.file_label


def test_the_spss_file_does_not_carry_todays_date(frame, instrument, tmp_path):
    write_sav(frame, instrument, tmp_path / "a.sav")
    _, meta = pyreadstat.read_sav(tmp_path / "a.sav", metadataonly=True)
    assert meta.creation_time.year == 2025
