"""What a factor analysis holds and shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.present import figures
from truststats.present.repr import html_card, text_card
from truststats.results import FactorAnalysis


@pytest.fixture(scope="module")
def found() -> FactorAnalysis:
    rng = np.random.default_rng(6)
    one = rng.normal(size=(400, 1))
    two = 0.4 * one + rng.normal(size=(400, 1))
    y = np.hstack([one + rng.normal(size=(400, 3)), two + rng.normal(size=(400, 4))])
    return ts.efa(pd.DataFrame(y, columns=[f"q{k}" for k in range(1, 8)]), 2)


def test_tables(found: FactorAnalysis) -> None:
    table = found.frame()
    assert table["item"].tolist()[:4] == sorted(table["item"][:4], key=lambda i: -found.loadings
                                               .loc[i, "f1"])  # fmt: skip
    assert found.frame(sort=False)["item"].tolist() == list(found.items)
    assert np.allclose(table["communality"] + table["uniqueness"], 1.0)
    assert (table["complexity"] >= 1.0).all()
    tidy = found.tidy(ci_level=0.9)
    assert len(tidy) == 15
    assert tidy.iloc[-1][["lhs", "op", "rhs"]].tolist() == ["f1", "~~", "f2"]
    assert np.allclose(tidy["ci_upper"] - tidy["est"], 1.6448536 * tidy["se"])
    assert tidy["se"].gt(0).all()


def test_parts_belong_together(found: FactorAnalysis) -> None:
    assert np.allclose(found.structure, found.loadings @ found.factor_correlations)
    left = found.residuals()
    assert np.allclose(np.diag(left), 0.0)
    assert np.sqrt((left.to_numpy()[np.triu_indices(7, 1)] ** 2).mean()) == pytest.approx(
        found.fit_measures["rmsr"]
    )
    total = found.variance["cumulative"].iloc[-1]
    assert total == pytest.approx(found.communalities.mean())
    assert found.standard_errors.shape == (7, 2)
    assert (found.chisq, found.df) == (found.measures["chisq"], 8)


def test_cards_and_tables(found: FactorAnalysis) -> None:
    text = repr(found)
    assert text.startswith("Exploratory factor analysis: 2 factors of 7 items")
    assert "Random starts       30; different minima: 1" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "Faktorenes korrelasjoner" in text_card(found, "nb")
    assert found._repr_html_() == html_card(found)
    assert "Communality" in ts.table(found).text()
    assert "Kommunalitet" in ts.table(found, "nb").text()
    assert "Bartlett" in ts.table(found.fit_measures).text()


def test_figure(found: FactorAnalysis) -> None:
    figure = figures.loadings_heatmap(found)
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == found.frame()["item"].tolist()
    numbers = [t.get_text() for t in figure.axes[0].texts]
    assert len(numbers) == int((found.loadings.abs() >= 0.3).sum().sum())
    assert "q4, q5, q6, q7" in figures.loadings_alt(found)
