"""Means of many groups and deviating items as pictures: never in the order of the means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import truststats as ts
from tests.unit.workflow.test_alignment import MODEL, answers
from truststats.errors import OptionError
from truststats.present.figures import alignment_alt, alignment_figure, save_figure


@pytest.fixture(scope="module")
def found() -> Any:
    return ts.alignment(MODEL, answers(), group="g", draws=200)


def names_of(figure: Any) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_yticklabels()][::-1]


def test_groups_stand_by_name_or_as_given(found: Any) -> None:
    assert names_of(found.plot()) == ["a", "b", "c", "d", "e", "f"]
    assert names_of(found.plot(order="data")) == ["b", "c", "a", "d", "e", "f"]
    assert found.frame()["mean"].is_monotonic_increasing is False
    with pytest.raises(OptionError, match="order='mean'"):
        found.plot(order="mean")
    with pytest.raises(OptionError, match="kind='bars'"):
        found.plot("bars")


def test_the_axis_says_the_unit_and_that_it_is_no_ranking(found: Any) -> None:
    label = " ".join(found.plot().axes[0].get_xlabel().split())
    assert "in standard deviations of b" in label
    assert "no ranking" in label
    factor = found.factor()
    none = np.zeros_like(factor.loadings_alike)
    doubtful = replace(found, factors=(replace(factor, loadings_alike=none),))
    assert "deviate for these means" in " ".join(doubtful.plot().axes[0].get_xlabel().split())


def test_deviating_items_have_a_dot(found: Any) -> None:
    figure = alignment_figure(found, "items", language="nb")
    loading, intercept = figure.axes[:2]
    assert intercept.get_title("left") == "Konstantledd"
    dots = {tuple(map(int, xy)) for xy in zip(*intercept.lines[0].get_data(), strict=True)}
    assert (0, 1) in dots, "y2 in a, which stands first by its name"
    wanted = int((~found.factor().loadings_alike).sum())
    assert len(loading.lines[0].get_xdata()) == wanted
    assert [t.get_text() for t in intercept.get_xticklabels()] == ["a", "b", "c", "d", "e", "f"]


def test_many_groups_have_no_names(found: Any) -> None:
    factor, many = found.factor(), 20
    people = {f"g{k}": 100 for k in range(6 * many)}

    def wide(x: Any) -> Any:
        return np.tile(x, many)

    cov = np.eye(6 * many) * 0.01
    big = replace(
        found,
        people=people,
        factors=(
            replace(
                factor, mean=wide(factor.mean), sd=wide(factor.sd), mean_cov=cov, log_sd_cov=cov,
                loadings=wide(factor.loadings), intercepts=wide(factor.intercepts),
                loadings_alike=wide(factor.loadings_alike),
                intercepts_alike=wide(factor.intercepts_alike),
            ),
        ),
    )  # fmt: skip
    figure = big.plot()
    assert names_of(figure) == []
    assert figure.get_size_inches()[1] < 11.7
    assert [t.get_text() for t in big.plot("items").axes[1].get_xticklabels()] == []


def test_saved_with_its_words(found: Any, tmp_path: Path) -> None:
    shown = replace(found, synthetic=True)
    svg, _ = save_figure(shown.plot(), tmp_path / "means", alt=alignment_alt(shown))
    text = svg.read_text("utf8")
    assert "SYNTHETIC DATA" in text
    assert "put on one scale" in text
