"""The whole way once on the bundled survey, and once on a small file of one's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, DefinitionError
from truststats.studies.output import write_output
from truststats.studies.study import STEPS, study

TABLES = {
    "problems",
    "missing_answers",
    "items",
    "reliability",
    "measurement",
    "fit_measures",
    "paths",
    "effects",
    "estimates",
    "verdicts",
    "rivals",
    "crosscheck",
    "groups_people",
    "groups_effects",
    "groups_tests",
}
FIGURES = {"groups", "missing_answers", "reliability", "claims", "model", "framework", "answers_1"}


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("study") / "out"
    shown: list[str] = []
    result = study(out=folder, progress=lambda label, done, total: shown.append(label))
    record = json.loads((folder / "results.json").read_text(encoding="utf8"))
    return SimpleNamespace(result=result, folder=folder, record=record, shown=shown)


def test_every_file_is_there(bundled: SimpleNamespace) -> None:
    folder: Path = bundled.folder
    assert {p.name for p in folder.iterdir()} == {
        "report.html",
        "results.json",
        "tables",
        "figures",
    }
    for kind, names, suffixes in (
        ("tables", TABLES, (".csv", ".docx")),
        ("figures", FIGURES, (".svg", ".png")),
    ):
        files = {p.name for p in (folder / kind).iterdir()}
        assert files >= {name + suffix for name in names for suffix in suffixes}
        assert all((folder / kind / name).stat().st_size > 0 for name in files)


def test_the_report_stands_alone_and_says_synthetic(bundled: SimpleNamespace) -> None:
    page = (bundled.folder / "report.html").read_text(encoding="utf8")
    assert "SYNTHETIC" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", re.sub(r"<a [^>]*>", "", page))


def test_every_table_and_figure_says_synthetic(bundled: SimpleNamespace) -> None:
    for path in (bundled.folder / "tables").glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
        assert header.endswith(",synthetic"), path
        assert not rows or rows[-1].endswith(",1"), path
    for path in (bundled.folder / "tables").glob("*.docx"):
        assert "SYNTHETIC DATA" in docx.Document(str(path)).paragraphs[-1].text, path
    for path in (bundled.folder / "figures").glob("*.svg"):
        assert ("SYNTHETIC DATA" in path.read_text("utf8")) == (path.stem != "framework"), path


def test_the_record_has_its_provenance(bundled: SimpleNamespace) -> None:
    record: dict[str, Any] = bundled.record
    assert record["schema"] == "truststats-study/1"
    assert record["synthetic"] is True
    assert len(record["provenance"]["data"]["sha256"]) == 64
    assert record["provenance"]["instrument"]["name"] == "tbm-core"
    assert record["provenance"]["versions"]["truststats"] == ts.__version__
    assert {e["code"] for e in record["provenance"]["exclusions"]} >= {"blank", "dont_know"}
    counts = [n for e in record["provenance"]["exclusions"] for n in e["by_item"].values()]
    assert min(counts) >= 5, "a count of a few answers is not shown"
    assert record["fit"]["nobs"] == bundled.result.fit.nobs
    assert record["fit"]["n_clusters"] == 95
    assert "out" not in record["options"]


def test_the_record_holds_the_numbers_of_the_result(bundled: SimpleNamespace) -> None:
    found = {row["claim_id"]: row["estimate"] for row in bundled.record["verdicts"]}
    assert found == {row.claim_id: row.estimate for row in bundled.result.verdicts}
    measures = bundled.result.fit.fit_measures
    assert bundled.record["fit"]["measures"]["cfi_robust"] == measures["cfi_robust"]


def test_the_verdicts_table_is_that_of_the_result(bundled: SimpleNamespace) -> None:
    table = pd.read_csv(bundled.folder / "tables" / "verdicts.csv")
    assert list(table["claim_id"]) == [row.claim_id for row in bundled.result.verdicts]


def test_the_estimator_is_chosen_by_the_rule_and_the_report_says_so(
    bundled: SimpleNamespace,
) -> None:
    assert bundled.result.choice.reason == "numbers"
    assert bundled.record["estimator"]["estimator"] == bundled.result.fit.estimator == "MLR"
    assert bundled.record["estimator"]["numbers"]["items"] == 44
    assert bundled.record["options"]["estimator"] == "auto"
    page = (bundled.folder / "report.html").read_text(encoding="utf8")
    assert "The answers were taken as numbers (estimator MLR)." in page
    assert "--estimator WLSMV" in page


def test_the_whole_way_with_ordered_categories(tmp_path: Path) -> None:
    result = study(
        out=tmp_path / "out", estimator="WLSMV", language="nb", rivals=False,
        compare_groups=False, progress=None,
    )  # fmt: skip
    assert result.choice.reason == "asked"
    assert result.fit.estimator == "WLSMV"
    assert result.fit.n_clusters == 95
    assert {row.verdict for row in result.verdicts} >= {"supported", "practically_zero"}
    assert set(result.reliability["coefficient"]) >= {"omega_categorical", "alpha_ordinal"}
    record = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf8"))
    assert record["estimator"]["advice"] == "MLR"
    assert record["fit"]["measures"]["cfi_robust"] > 0.99
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf8")
    assert "Svarene ble behandlet som ordnede kategorier (estimator WLSMV)." in page
    assert "Regelen ville ha behandlet dem som tall (MLR)." in page
    assert "med alle par av svar" in page


def test_progress_was_shown_for_every_step(bundled: SimpleNamespace) -> None:
    # all but the bootstrap, which is not asked for; and that it is done
    assert len(dict.fromkeys(bundled.shown)) == len(STEPS)
    assert bundled.shown[-1] == "Done"


def test_an_earlier_study_may_be_written_over_and_nothing_else(
    bundled: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf8")
    with pytest.raises(DataError, match="no study wrote"):
        study(out=tmp_path)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small file of one's own with a settings file beside it; columns named otherwise."""
    folder = tmp_path_factory.mktemp("own")
    answers = ts.load_dataset("municipal_employees").iloc[::2].rename(columns={"vtr1": "Spm 14"})
    answers.to_csv(folder / "svar.csv", index=False, sep=";", encoding="cp1252")
    sizes = answers.groupby("unit").size() + 3
    sizes.to_csv(folder / "enheter.csv", sep=";", header=["antall"])
    (folder / "study.toml").write_text(
        'title = "Ansatte <2026>"\ndata = "svar.csv"\ninstrument = "tbm-core"\ncluster = "unit"\n'
        'unit_sizes = "enheter.csv"\nlanguage = "nb"\nrivals = false\ncrosscheck = false\n'
        'out = "resultat"\n[columns]\nvtr1 = "Spm 14"\n',
        encoding="utf8",
    )
    return folder


def test_a_study_of_one_s_own_in_norwegian(own: Path) -> None:
    result = study(own / "study.toml", progress=None)
    assert result.language == "nb"
    assert result.rivals is None
    assert result.crosscheck is None
    assert result.survey.columns["vtr1"] == "Spm 14"
    assert result.survey.response()["invited"].notna().all()
    page = (own / "resultat" / "report.html").read_text(encoding="utf8")
    assert 'lang="nb"' in page
    assert "Ansatte &lt;2026&gt;" in page
    assert "Ansatte <2026>" not in page


def test_without_an_output_folder_nothing_is_written(
    own: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = {"out": None, "rivals": False, "crosscheck": False, "missing": "listwise"}
    result = study(own / "study.toml", progress=None, bootstrap=100, **settings)
    assert list(tmp_path.iterdir()) == []
    assert result.fit.missing == "listwise"
    assert result.bootstrap is not None
    write_output(result, tmp_path)
    assert (tmp_path / "tables" / "bootstrap.docx").is_file()
    assert (tmp_path / "results.json").read_text("utf8").count("std_ci_lower") > 10


def test_a_bootstrap_of_incomplete_answers(own: Path) -> None:
    found = study(own / "study.toml", progress=None, out=None, bootstrap=100)
    assert found.bootstrap is not None
    assert found.bootstrap.draws == 100


def test_a_survey_without_questionnaire_is_refused() -> None:
    answers = ts.load_dataset("municipal_employees").head(50)
    with pytest.raises(DefinitionError, match="which questionnaire was asked"):
        study(data=answers, out=None, progress=None)


def test_a_published_matrix_is_no_survey() -> None:
    with pytest.raises(DefinitionError, match="has no answers of people"):
        study(data="justice_trust_relations2019", out=None, progress=None)


def test_the_bundled_cities_are_compared_and_not_ranked(bundled: SimpleNamespace) -> None:
    found, record = bundled.result.groups, bundled.record["groups"]
    assert record["group"] == "city"
    assert record["compared"] == list(found.groups) == ["Fjordby", "Bøgeby"]
    assert [row["model"] for row in record["tests"]] == ["configural", "loadings", "regressions"]
    assert len(record["effects"]) == 2 * len(bundled.result.verdicts)
    assert len(record["parameters"]) == len(found.fit.tidy())
    page = (bundled.folder / "report.html").read_text(encoding="utf8")
    assert 'id="groups"' in page
    assert "Compared by city" in page
    assert "nothing here is a ranking" in page
    table = pd.read_csv(bundled.folder / "tables" / "groups_effects.csv")
    assert list(table["group"][:2]) == ["Fjordby", "Bøgeby"]


def test_groups_that_are_too_small_are_named_and_left_out(own: Path, tmp_path: Path) -> None:
    result = study(
        own / "study.toml", progress=None, group="city", out=tmp_path / "out", rivals=False
    )
    assert result.groups.fit is None
    assert {one.reason for one in result.groups.left_out} == {"few_per_parameter"}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf8")
    assert "Sammenligning etter city" in page
    assert "er utelatt: en modell av denne størrelsen trenger" in page
    assert not (tmp_path / "out" / "tables" / "groups_tests.csv").exists()
    record = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf8"))
    assert record["groups"]["reason"] == "few_groups"
    assert record["groups"]["effects"] is None


def test_groups_are_not_compared_where_nobody_asks(own: Path) -> None:
    settings = {"out": None, "group": "city", "missing": "listwise", "compare_groups": False}
    assert study(own / "study.toml", progress=None, **settings).groups is None
