from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from truststats.constructs import load_instrument
from truststats.errors import DataError, NotSupportedError, OptionError, SurveyError
from truststats.present import figures
from truststats.present.figures.likert_rows import pooled
from truststats.results.verdicts import VERDICT_NAMES, Verdict, Verdicts

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def survey():
    """Return what the figures read of a survey, 400 people."""
    instrument = load_instrument("tbm-core")
    rng = np.random.default_rng(3)
    names = [item.name for item in instrument.items]
    answers, shares = [1.0, 2.0, 3.0, 4.0, 5.0, np.nan], [0.03, 0.1, 0.2, 0.4, 0.22, 0.05]
    values = pd.DataFrame(rng.choice(answers, (400, len(names)), p=shares), columns=names)
    missing = pd.DataFrame({"n": 400, "dont_know": 6}, index=names)
    missing["share_missing"] = values.isna().mean()
    return SimpleNamespace(
        instrument=instrument,
        items=tuple(names),
        values=lambda: values,
        missingness=lambda: missing,
    )


@pytest.fixture(scope="module")
def verdicts(framework) -> Verdicts:
    """Return a row for each claim of the framework, every verdict in it."""
    rows = []
    for k, claim in enumerate(framework.claims):
        verdict = VERDICT_NAMES[k % 5]
        at = float("nan") if verdict == "not_judged" else claim.sesoi * (k % 4)
        low, high = at - claim.sesoi, at + claim.sesoi
        rows.append(
            Verdict(
                claim.id,
                claim.statement,
                claim.path,
                claim.estimand,
                claim.adjust,
                claim.sign,
                claim.sesoi,
                at,
                claim.sesoi / 2,
                low,
                high,
                low,
                high,
                0.01,
                0.05,
                verdict,
            )
        )
    return Verdicts(tuple(rows))


@pytest.fixture(scope="module")
def reliability() -> pd.DataFrame:
    instrument = load_instrument("tbm-core")
    rows = [
        (c.key, c.label_for("en"), kind, 0.7 + 0.02 * k, len(c.items))
        for k, c in enumerate(instrument.constructs.values())
        for kind in ("alpha", "omega")
    ]
    return pd.DataFrame(rows, columns=["construct", "label", "coefficient", "value", "n_items"])


@pytest.fixture(scope="module")
def residuals() -> pd.DataFrame:
    names = [f"{stem}{k}" for stem in ("del", "vtr", "aut") for k in range(1, 7)]
    matrix = np.random.default_rng(1).normal(0, 0.06, (18, 18))
    return pd.DataFrame((matrix + matrix.T) / 2, names, names)


@pytest.fixture(scope="module")
def every(survey, verdicts, reliability, residuals):
    """Return all figures by name, in a language."""

    def draw(language: str) -> dict:
        draws = np.random.default_rng(2).normal(0.2, 0.05, 500)
        return {
            "likert": figures.likert_bars(survey, language, figures.likert_pages(survey)[0]),
            "likert_one": figures.likert_bars(survey, language, "vertical_trust"),
            "forest": figures.forest(verdicts, language),
            "reliability": figures.reliability_dots(reliability, language),
            "missingness": figures.missingness_grid(survey, language),
            "residual": figures.residual_heatmap(residuals, language),
            "residual_small": figures.residual_heatmap(residuals.iloc[:6, :6], language),
            "bootstrap": figures.bootstrap_histogram(
                draws, 0.2, (0.1, 0.3), label="a → b", language=language
            ),
        }

    return {language: draw(language) for language in ("en", "nb")}


NAMES = ("likert", "likert_one", "forest", "reliability", "missingness", "residual",
         "residual_small", "bootstrap")  # fmt: skip


def texts(figure) -> list:
    from matplotlib.text import Text

    figure.draw_without_rendering()
    outside = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for at, label in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False):
            if not low <= at <= high:
                outside.add(label)
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    found = [t for t in found if t not in outside]
    return [(t.get_text(), t.get_window_extent()) for t in found]


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("name", NAMES)
def test_text_is_neither_clipped_nor_covered(every, name, language) -> None:
    figure = every[language][name]
    found = texts(figure)
    wide, high = figure.get_size_inches() * figure.dpi
    assert [t for t, b in found if b.x0 < 0 or b.y0 < 0 or b.x1 > wide or b.y1 > high] == []
    close = [(a, b) for (a, p), (b, q) in combinations(found, 2) if p.padded(-1).overlaps(q)]
    assert close == []


@pytest.mark.parametrize("name", NAMES)
def test_figures_fit_an_a4_page(every, name) -> None:
    wide, high = every["en"][name].get_size_inches()
    assert wide <= 7.0
    assert high <= 10.5


def test_all_constructs_are_on_some_page(survey) -> None:
    pages = figures.likert_pages(survey)
    assert [key for page in pages for key in page] == list(survey.instrument.constructs)


def test_words_and_decimals_follow_the_language(every) -> None:
    english = [t for t, _ in texts(every["en"]["forest"])]
    norwegian = [t for t, _ in texts(every["nb"]["forest"])]
    assert "supported" in english
    assert "støttet" in norwegian
    assert any(t.startswith("0,10 [") for t in norwegian)
    assert any(t.startswith(".10 [") for t in english)


def test_reversed_items_are_marked(every) -> None:
    shown = [t for t, _ in texts(every["en"]["likert_one"])]
    assert sum("(R)" in t for t in shown) == 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([2, 10, 20, 10, 3], [0, 12, 20, 13, 0]),
        ([1, 1, 20, 10, 9], [0, 0, 22, 10, 9]),
        ([9, 9, 2, 10, 9], [9, 9, 0, 12, 9]),
        ([0, 10, 20, 10, 0], [0, 10, 20, 10, 0]),
        ([30, 1, 1, 1, 0], [33, 0, 0, 0, 0]),
        ([2, 2, 0, 0, 0], [0, 0, 4, 0, 0]),
        ([3, 9], [0, 12]),
    ],
)
def test_small_categories_are_pooled_toward_the_middle(counts, expected) -> None:
    got, changed = pooled(np.array(counts), 5)
    assert sum(got) == sum(counts)
    assert list(got) == expected or (sum(counts) < 5)
    assert changed == (list(got) != counts)


def test_an_item_with_too_few_answers_is_not_drawn(survey) -> None:
    few = survey.values().copy()
    few.loc[3:, "vtr1"] = np.nan
    rare = SimpleNamespace(**{**vars(survey), "values": lambda: few})
    shown = [t for t, _ in texts(figures.likert_bars(rare, "en", "vertical_trust"))]
    assert "too few answers to show" in shown


def test_effects_are_turned_to_the_expected_sign(verdicts) -> None:
    from dataclasses import replace

    row = verdicts.rows[1]
    against = replace(row, sign=-1, estimate=-0.3, ci_lower=-0.4, ci_upper=-0.2)
    axes = figures.forest(Verdicts((against,))).axes[0]
    drawn = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    assert any(np.allclose(x, [0.2, 0.4]) for x in drawn)


def test_each_row_has_its_own_band(verdicts) -> None:
    for axes, rows in zip(
        figures.forest(verdicts).axes,
        (
            [r for r in verdicts if r.estimand != "indirect"],
            [r for r in verdicts if r.estimand == "indirect"],
        ),
        strict=True,
    ):
        assert [p.get_width() for p in axes.patches] == pytest.approx([2 * r.sesoi for r in rows])


def test_no_claims_is_said() -> None:
    assert "no claims" in texts(figures.forest(Verdicts(())))[0][0]


def test_notable_residuals_are_marked(residuals) -> None:
    axes = figures.residual_heatmap(residuals).axes[0]
    marked = sum(line.get_marker() == "o" for line in axes.lines)
    below = residuals.to_numpy()[np.tril_indices(18, -1)]
    assert marked == (np.abs(below) > 0.10).sum()


def test_alternative_texts(survey, verdicts, reliability, residuals) -> None:
    assert "My closest manager" in figures.likert_alt(survey, "en", "trust_based_leadership")
    assert "støttet" in figures.forest_alt(verdicts, "nb")
    assert ".70" in figures.reliability_alt(reliability)
    assert "per cent" in figures.missingness_alt(survey)
    assert "of 153 are larger" in figures.residual_alt(residuals)
    said = figures.bootstrap_alt([0.1, 0.3, math.nan], 0.2, (0.1, 0.3), label="a", language="nb")
    assert said.startswith("Histogram over 2 bootstrap-estimater: a 0,20 [0,10; 0,30]")


def test_saved_files_are_the_same_every_time(verdicts, tmp_path) -> None:
    one = figures.save_figure(figures.forest(verdicts), tmp_path / "one.v1", alt="<x> & y")
    two = figures.save_figure(figures.forest(verdicts), tmp_path / "two.v1", alt="<x> & y")
    assert [p.name for p in one] == ["one.v1.svg", "one.v1.png"]
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    source = one[0].read_text(encoding="utf-8")
    assert "dc:date" not in source
    assert "supported" in source, "text stays text"
    assert "&lt;x&gt; &amp; y" in source


def test_labels_cannot_break_the_picture(reliability, tmp_path) -> None:
    nasty = reliability.assign(label="<script>$\\frac{&")
    path, _ = figures.save_figure(figures.reliability_dots(nasty), tmp_path / "a")
    assert "<script>" not in path.read_text(encoding="utf-8")
    assert "<script>$\\frac{&" in "".join(ElementTree.parse(path).getroot().itertext())


def test_settings_of_the_user_stay(verdicts) -> None:
    before = dict(matplotlib.rcParams)
    figures.forest(verdicts)
    assert dict(matplotlib.rcParams) == before
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert pyplot.get_fignums() == []


def test_without_matplotlib_it_says_what_to_do(verdicts, monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(NotSupportedError, match="Figures cannot be drawn here") as caught:
        figures.forest(verdicts)
    assert "truststats[report]" in caught.value.fix


def test_an_unknown_construct_is_refused(survey) -> None:
    with pytest.raises(SurveyError, match=r"no construct 'vertical_trst'\. Did you mean"):
        figures.likert_bars(survey, "en", "vertical_trst")


def test_without_an_instrument_nothing_has_a_wording(survey) -> None:
    loose = SimpleNamespace(**{**vars(survey), "instrument": None})
    with pytest.raises(SurveyError, match="cannot be drawn by construct"):
        figures.likert_bars(loose)
    with pytest.raises(SurveyError, match="Missing answers cannot be drawn"):
        figures.missingness_grid(loose)


def test_no_answers_is_refused(survey) -> None:
    empty = SimpleNamespace(**{**vars(survey), "values": lambda: pd.DataFrame()})
    with pytest.raises(SurveyError, match="There are no answers to draw"):
        figures.likert_bars(empty)


def test_no_draws_is_refused() -> None:
    with pytest.raises(DataError, match="There is no bootstrap estimate to draw"):
        figures.bootstrap_histogram([math.nan])


def test_an_unknown_language_is_refused(verdicts) -> None:
    with pytest.raises(OptionError, match="language='xx'"):
        figures.forest(verdicts, "xx")


def test_figures_of_synthetic_answers_say_so_below_everything(small_study, tmp_path):
    verdicts = replace(small_study.verdicts, synthetic=True)
    drawn = [
        figures.likert_bars(small_study.survey, "nb"),
        figures.missingness_grid(small_study.survey, "nb"),
        figures.reliability_dots(small_study.reliability, "nb"),
        figures.residual_heatmap(small_study.fit, "nb"),
        figures.forest(verdicts, "nb"),
    ]
    for number, figure in enumerate(drawn):
        svg, _ = figures.save_figure(figure, tmp_path / "new folder" / str(number))
        assert "SYNTETISKE DATA" in svg.read_text("utf8")
        foot = figure.texts[-1].get_window_extent()
        for part in (*figure.axes, *figure.legends):
            assert part.get_tightbbox().y0 > foot.y1
    assert not figures.forest(small_study.verdicts).texts
