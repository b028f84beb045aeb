"""Optional: from a public survey file to verdicts and a report, with mapping files.

The data are read from the folder TRUSTSTATS_EXTERNAL and are no part of this project; the mappings,
with paraphrased items, are in ``mappings/``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

import truststats as ts

pytestmark = pytest.mark.external

MAPPINGS = Path(__file__).parent / "mappings"


class Study(NamedTuple):
    """One public survey: its file, how many people it holds, and what the claims come to."""

    folder: str
    file: str
    people: int
    cluster: str | None
    verdicts: dict[str, str]


STUDIES = (
    Study(
        "wa_public_sector_2015",
        "full_survey_data.csv",
        people=11_405,
        cluster=None,
        verdicts={
            "information_trust": "supported",
            "information_autonomy": "supported",
            "trust_results": "supported",
            "autonomy_results": "supported",
            "information_trust_results": "supported",
            "information_autonomy_results": "supported",
        },
    ),
    Study(
        "gss_qwl",
        "gss_qwl.csv",
        people=2_292,
        cluster="psu",
        verdicts={
            "delegation_trust": "practically_zero",
            "delegation_autonomy": "supported",
            "information_trust": "supported",
            "information_autonomy": "supported",
            "trust_satisfaction": "supported",
            "autonomy_satisfaction": "supported",
            "information_trust_satisfaction": "supported",
            "delegation_autonomy_satisfaction": "supported",
        },
    ),
)


def answers(study: Study, external: Path) -> pd.DataFrame | Path:
    """Return the file, or a frame with the sampling unit where it is spread over columns."""
    path = external / "data" / study.folder / study.file
    assert path.is_file(), f"a covered data set cannot be read: {path} is missing"
    if study.cluster is None:
        return path
    frame = pd.read_csv(path)
    parts = [frame[name].astype(str) for name in ("year", "vstrat", "vpsu")]
    return frame.assign(psu=parts[0] + "_" + parts[1] + "_" + parts[2])


@pytest.fixture(scope="module", params=STUDIES, ids=lambda study: study.folder)
def whole_way(request: pytest.FixtureRequest, external: Path) -> tuple[Study, ts.Survey, Any]:
    """Read, bind, compile and fit one study."""
    study: Study = request.param
    folder = MAPPINGS / study.folder
    survey = ts.read_survey(
        answers(study, external),
        instrument=ts.load_instrument(str(folder / "questionnaire.toml")),
        columns=folder / "columns.toml",
        cluster=study.cluster,
    )
    framework = ts.load_framework(folder / "framework.toml")
    return study, survey, ts.fit(framework, survey, estimator="MLR", missing="ml")


def test_every_item_finds_its_column(whole_way: tuple[Study, ts.Survey, Any]) -> None:
    study, survey, _ = whole_way
    assert survey.n == study.people
    assert len(survey.items) == len(survey.instrument)
    values = survey.values()
    assert values.min().min() >= 1
    assert not any(problem.severity == "error" for problem in survey.check())


def test_the_model_is_estimated_on_everybody_who_answered(
    whole_way: tuple[Study, ts.Survey, Any],
) -> None:
    study, survey, fit = whole_way
    assert fit.converged
    assert fit.n_rows == study.people
    assert fit.nobs == int(survey.values().notna().any(axis=1).sum())
    assert fit.fit_measures["cfi_robust"] > 0.9
    assert fit.cluster == study.cluster


def test_verdicts(whole_way: tuple[Study, ts.Survey, Any]) -> None:
    study, _, fit = whole_way
    found = {row.claim_id: row.verdict for row in fit.verdicts()}
    assert found == study.verdicts


def test_report(whole_way: tuple[Study, ts.Survey, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    _, _, fit = whole_way
    path = tmp_path / "report.html"
    ts.report(fit, path)
    text = path.read_text(encoding="utf-8")
    assert "<html" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
