"""Figures of the answers to ordinal items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import OptionError
from truststats.present import figures

matplotlib = pytest.importorskip("matplotlib")
TEXT = "f =~ a + b\ng =~ c + d"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    common = rng.standard_normal((400, 1))
    y = 0.8 * (0.7 * common + 0.7 * np.repeat(rng.standard_normal((400, 2)), 2, axis=1))
    y += 0.6 * rng.standard_normal((400, 4))
    out = pd.DataFrame(np.digitize(y, [-0.7, 0.4, 1.9]) + 1.0, columns=list("abcd"))
    return out.assign(site=np.repeat(["north", "south"], 200), many=np.arange(400) % 5)


@pytest.fixture(scope="module")
def fit(data):
    return ts.fit(TEXT, data, ordered=True)


def titles(figure) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes]


def test_every_item_has_bars_of_its_shares(fit):
    figure = figures.category_bars(fit)
    assert titles(figure) == list("abcd")
    frame = fit.category_probabilities()
    for axes, (_, rows) in zip(figure.axes, frame.groupby("item"), strict=True):
        heights = [patch.get_height() for patch in axes.patches]
        np.testing.assert_allclose(heights, 100.0 * rows["observed"].fillna(0.0))
        (dots,) = axes.get_lines()
        np.testing.assert_allclose(dots.get_ydata(), 100.0 * rows["implied"])


def test_small_shares_are_not_drawn(fit):
    least = int(fit.category_probabilities(min_n=1)["n"].min())
    figure = figures.category_bars(fit, min_n=least + 1)
    marks = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert marks.count("–") >= 2
    (legend,) = figure.legends
    assert f"fewer than {least + 1}" in legend.get_texts()[-1].get_text()


def test_curves_are_probabilities(fit):
    figure = figures.category_curves(fit, items=["c", "a"])
    assert titles(figure) == ["a", "c"]
    lines = figure.axes[0].get_lines()
    assert len(lines) == 4
    np.testing.assert_allclose(sum(line.get_ydata() for line in lines), 100.0)
    assert [text.get_text() for text in figure.axes[0].texts] == ["1", "2", "3", "4"]


def test_groups_have_panels_and_dashes(data):
    fit = ts.fit(TEXT, data, ordered=True, group="site", group_equal=["loadings"])
    bars = figures.category_bars(fit, items="a", min_n=1)
    assert titles(bars) == ["a, north", "a, south"]
    curves = figures.category_curves(fit, items="a")
    assert {line.get_linestyle() for line in curves.axes[0].get_lines()} == {"-", "--"}
    one = figures.category_curves(fit, items="a", group="south")
    assert len(one.axes[0].get_lines()) == 4
    assert "a (north)" in figures.category_curves_alt(fit, items="a")


def test_in_words_and_in_norwegian(fit):
    assert "differ most" in figures.category_bars_alt(fit)
    said = figures.category_curves_alt(fit, items="b")
    assert said.endswith("b 1, 2, 4.") or said.endswith("b 1, 3, 4.")
    assert "prosentpoeng" in figures.category_bars_alt(fit, "nb")
    assert figures.category_curves(fit, "nb").axes[0].get_ylabel() == "Sannsynlighet, %"


def test_items_that_are_not_there(fit):
    with pytest.raises(OptionError, match="'e' is no ordinal item"):
        figures.category_bars(fit, items=["a", "e"])


def test_too_many_groups_for_dashes(data):
    merged = data.assign(**{name: data[name].clip(2, 3) for name in "abcd"})
    fit = ts.fit(TEXT, merged, ordered=True, group="many")
    with pytest.raises(OptionError, match="name one"):
        figures.category_curves(fit)
    assert figures.category_curves(fit, group="3").axes
