"""Loading frameworks: by name, from a folder, from one file; and what is wrong with a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from truststats.constructs.library import LIBRARY as CONSTRUCTS
from truststats.errors import DefinitionError
from truststats.framework import list_frameworks, load_framework
from truststats.framework.library import LIBRARY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the library's framework that a test may spoil."""
    return Path(shutil.copytree(LIBRARY / "tbm", tmp_path / "tbm"))


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf8")


def test_the_library_has_one_framework() -> None:
    assert list_frameworks() == ("tbm",)
    assert load_framework() is load_framework("TBM")


def test_a_folder_and_one_file_hold_the_same(folder: Path) -> None:
    library = load_framework()
    assert load_framework(folder) == library
    assert load_framework(str(folder)).content_hash == library.content_hash
    parts = [folder / name for name in ("framework.toml", "claims.toml", "rivals.toml")]
    single = folder.parent / "tbm.toml"
    single.write_text("\n".join(p.read_text(encoding="utf8") for p in parts), encoding="utf8")
    assert load_framework(single).content_hash == library.content_hash


def test_rivals_may_be_absent_but_claims_may_not(folder: Path) -> None:
    (folder / "rivals.toml").unlink()
    assert load_framework(folder).rivals == ()
    (folder / "claims.toml").unlink()
    with pytest.raises(DefinitionError, match=r"There is no file 'claims.toml'"):
        load_framework(folder)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(DefinitionError, match=r"no framework 'tmb'. Did you mean 'tbm'"):
        load_framework("tmb")


def test_constructs_of_ones_own_lie_in_a_folder(folder: Path) -> None:
    own = folder / "constructs"
    own.mkdir()
    shutil.copy(CONSTRUCTS / "felt_trust.toml", own / "met_trust.toml")
    for name in ("framework.toml", "claims.toml", "rivals.toml"):
        path = folder / name
        path.write_text(
            path.read_text(encoding="utf8").replace("vertical_trust", "met_trust"), encoding="utf8"
        )
    framework = load_framework(folder)
    assert framework.constructs["met_trust"].label_for("en") == "Felt trust from closest manager"
    assert "met_trust" in framework.structure.equations
    with pytest.raises(DefinitionError, match="does not ask met_trust"):
        framework.model("tbm-core")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("framework", '"results", "innovation"', '"results", "inovation"', "Did you mean 'innov"),
        ("framework", 'version = "0.1"', 'version = "0.1', "framework.toml is not a TOML file"),
        ("framework", 'version = "0.1"', 'name = "x"', "framework.toml holds 'name', which is alr"),
        ("claims", "[[claims]]", "title.en = 'x'\n[[claims]]", "claims.toml holds 'title'"),
        ("claims", "sesoi = 0.02", "", "claims['delegation_trust_results']: sesoi is missing"),
        ("claims", "sign = 1", "sign = 0", "claims['delegation_trust'].sign: Input should be 1"),
        ("claims", 'id = "delegation_trust"\n', "", "claims[0].id: this key is missing"),
        ("claims", "statement.nb", "statement.da", "claim 'delegation_trust' has no 'nb' text"),
        (
            "claims",
            "sesoi = 0.10",
            "sesio = 0.10",
            "sesio: this key is not known. Did you mean 'sesoi'?",
        ),
        ("rivals", 'kind = "remove"', 'kind = "cut"', "rivals['direct_only'].kind: Input should"),
        ("rivals", '"work_autonomy"]', '"work_autonomi"]', "unknown construct 'work_autonomi'"),
    ],
)
def test_a_malformed_file_is_named_with_its_key(
    folder: Path, file: str, old: str, new: str, message: str
) -> None:
    replaced(folder / f"{file}.toml", old, new)
    with pytest.raises(DefinitionError) as caught:
        load_framework(folder)
    assert message in str(caught.value)
    assert ".toml" in caught.value.where


@pytest.mark.parametrize("stages", ['"all"', "[]", '["conditions"]', "[{ constructs = 3 }]"])
def test_stages_that_are_no_tables_are_refused(folder: Path, stages: str) -> None:
    path = folder / "framework.toml"
    head = path.read_text(encoding="utf8").split("[[stages]]")[0]
    path.write_text(f"{head}\nstages = {stages}\n", encoding="utf8")
    with pytest.raises(DefinitionError, match="stages"):
        load_framework(folder)
