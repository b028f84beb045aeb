import numpy as np
import pytest

from truststats import datasets
from truststats.datasets import (
    PublishedMatrix,
    dataset_path,
    datasheet,
    list_datasets,
    load_dataset,
)
from truststats.errors import DataError, DefinitionError, OptionError


def test_the_list_says_which_data_are_synthetic():
    table = list_datasets()
    assert table["synthetic"].sum() == 1
    assert table.loc["municipal_employees", "synthetic"]
    assert table.loc["bagozzi1980", "n"] == 122


@pytest.mark.parametrize("name", list(list_datasets().index))
def test_every_file_is_what_the_registry_says(name):
    entry = datasets._entry(name)
    for kind in entry["files"]:
        datasets._verify(dataset_path(name, kind), entry)
    assert name in datasheet(name)


def test_the_survey_keeps_its_unit_codes():
    frame = load_dataset("municipal_employees")
    assert 2300 < len(frame) < 2500
    assert frame["unit"].str.startswith("009").all()
    units = load_dataset("municipal_employees", "units")
    assert set(frame["unit"]) < set(units["unit"])
    assert len(load_dataset("municipal_employees", "truth")) >= 10


@pytest.mark.parametrize("name", [n for n in list_datasets().index if n != "municipal_employees"])
def test_published_matrices_are_correlation_matrices(name):
    matrix = load_dataset(name)
    assert isinstance(matrix, PublishedMatrix)
    cor = matrix.cor.to_numpy()
    np.testing.assert_array_equal(np.diag(cor), 1)
    np.testing.assert_array_equal(cor, cor.T)
    assert list(matrix.cor.index) == list(matrix.cor.columns)
    assert matrix.citation in repr(matrix)
    known = ~np.isnan(cor).any(axis=0)
    assert np.linalg.eigvalsh(cor[np.ix_(known, known)]).min() > 0
    for moments in (matrix.mean, matrix.sd, matrix.alpha):
        assert moments is None or set(moments.index) <= set(matrix.cor.index)


def test_covariances():
    matrix = load_dataset("justice_trust_relations2019")
    assert matrix.cov.loc["OJ", "ER"] == pytest.approx(0.52 * 0.99 * 1.18)
    assert matrix.alpha is not None
    assert matrix.alpha["CM"] == 0.86
    assert load_dataset("qi2019_inclusive").alpha is None


def test_no_covariances_without_standard_deviations():
    matrix = load_dataset("legood2021_empowering")
    assert matrix.n is None
    assert "N not known" in repr(matrix)
    with pytest.raises(DataError, match="no standard deviations"):
        _ = matrix.cov


def test_an_unknown_dataset():
    with pytest.raises(OptionError, match=r"no dataset 'bagozi1980'\. Did you mean 'bagozzi1980'"):
        load_dataset("bagozi1980")


def test_an_unknown_kind():
    with pytest.raises(OptionError, match=r"no file of kind 'unit'\. Did you mean 'units'"):
        dataset_path("municipal_employees", "unit")


@pytest.mark.parametrize("kind", ["sav", "ugly"])
def test_files_that_need_read_survey(kind):
    with pytest.raises(OptionError, match="another kind of file"):
        load_dataset("municipal_employees", kind)


def test_a_changed_file_is_refused(tmp_path):
    entry = {"sha256": {"a.csv": "0" * 64}}
    (tmp_path / "a.csv").write_text("x\n1\n")
    with pytest.raises(DefinitionError, match="it has been changed"):
        datasets._verify(tmp_path / "a.csv", entry)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DefinitionError, match=r"a\.csv is missing"):
        datasets._verify(tmp_path / "a.csv", {"sha256": {}})


def test_a_broken_installation(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "_INSTALLED", tmp_path)
    monkeypatch.setattr(datasets, "_CHECKOUT", tmp_path)
    with pytest.raises(DefinitionError, match="bundled data are not where they should be"):
        datasets._folder()
