from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import truststats as ts
from truststats.cli import main


def run(*arguments: str | Path) -> int:
    """Run the command line and return its exit code."""
    with pytest.raises(SystemExit) as stopped:
        main([str(a) for a in arguments])
    return int(stopped.value.code or 0)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    ts.load_dataset("municipal_employees").head(400).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.txt"
    path.write_text("trust =~ vtr1 + vtr2 + vtr3 + vtr4\n", encoding="utf8")
    return path


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.strip() == ts.__version__


def test_python_dash_m_is_the_same() -> None:
    call = [sys.executable, "-m", "truststats", "--version"]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ts.__version__


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    out = capsys.readouterr().out
    for command in ("study", "check", "fit", "instruments", "simulate", "crosscheck"):
        assert command in out


def test_instruments_lists_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("instruments") == 0
    assert "tbm-core" in capsys.readouterr().out
    assert run("instruments", "tbm-short") == 0
    assert "vertical" in capsys.readouterr().out.lower()


def test_instruments_shows_what_a_new_version_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("instruments", "tbm-short", "tbm-core") == 0
    out = capsys.readouterr().out
    assert "May be compared" in out
    assert "Only the new version asks it." in " ".join(out.split())
    assert run("instruments", "tbm-core", "tbm-core") == 2
    assert "given twice" in capsys.readouterr().err


def test_an_error_is_its_message_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("instruments", "tbm-cor") == 2
    captured = capsys.readouterr()
    assert "tbm-core" in captured.err
    assert "Traceback" not in captured.err + captured.out


def test_a_wrong_option_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("study", "--no-such-option") == 2
    assert "no-such-option" in capsys.readouterr().err


def test_check_ends_with_1_when_there_is_an_error(
    answers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", answers, "--instrument", "tbm-core", "--cluster", "unit") == 0
    capsys.readouterr()
    wrong = ts.load_dataset("municipal_employees").head(400)
    wrong["vtr1"] = 4
    path = tmp_path / "wrong.csv"
    wrong.to_csv(path, index=False)
    assert run("check", path, "--instrument", "tbm-core", "--cluster", "unit") == 1
    assert "vtr1" in capsys.readouterr().out


def test_fit_shows_the_card_and_saves(
    answers: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "fit.json"
    code = run(
        "fit", model, answers, "--instrument", "tbm-core", "--missing", "ml", "--save", saved
    )
    assert code == 0
    out = capsys.readouterr().out
    assert "CFI" in out
    assert "vtr1" in out
    assert ts.read_fit(saved).nobs == 400


def test_fit_compares_groups(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = ts.load_dataset()
    file = tmp_path / "answers.csv"
    frame.to_csv(file, index=False)
    code = run(
        "fit", model, file, "--instrument", "tbm-core", "--group", "city",
        "--group-equal", "loadings", "--group-equal", "intercepts",
    )  # fmt: skip
    assert code == 0
    out = capsys.readouterr().out
    for city in frame["city"].dropna().unique():
        assert str(city) in out


def test_fit_says_which_model_file_is_missing(
    answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fit", "nowhere.txt", answers) == 2
    assert "The model file 'nowhere.txt' cannot be read" in capsys.readouterr().err


def test_crosscheck_names_the_second_engine(
    answers: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("crosscheck", model, answers, "--instrument", "tbm-core") == 0
    assert "semopy" in capsys.readouterr().out


def test_simulate_writes_and_does_not_overwrite(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "drawn.csv"
    assert run("simulate", path, "--instrument", "tbm-short", "--seed", "3") == 0
    assert path.read_text(encoding="utf8").startswith("unit,")
    assert ts.read_survey(path, instrument="tbm-short").synthetic
    assert run("simulate", path) == 2
    assert "is there already" in capsys.readouterr().err


def test_study_refuses_unknown_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "study.toml"
    settings.write_text('lanugage = "nb"\n', encoding="utf8")
    assert run("study", settings) == 2
    assert "Did you mean 'language'?" in capsys.readouterr().err


def test_the_card_of_a_study_speaks_its_language(
    answers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "study.toml"
    settings.write_text(
        f'data = "{answers.as_posix()}"\ninstrument = "tbm-core"\nlanguage = "nb"\n',
        encoding="utf8",
    )
    short = ("--no-rivals", "--no-crosscheck", "--quiet")
    assert run("study", settings, "--out", tmp_path / "out", *short) == 0
    out = capsys.readouterr().out
    assert out.startswith("Studie:")
    assert "ADVARSEL" in out
    assert "WARNING" not in out
    record = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf8"))
    assert record["rivals"] is None
    assert record["crosscheck"] is None
