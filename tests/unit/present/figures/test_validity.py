from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.present import figures


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(5)
    f = rng.normal(size=(300, 3)) + rng.normal(size=(300, 1))
    f[:, 2] *= -1
    x = np.repeat(f, 3, axis=1) + 0.7 * rng.normal(size=(300, 9))
    frame = pd.DataFrame(x, columns=[f"{stem}{k}" for stem in "abc" for k in (1, 2, 3)])
    text = "\n".join(f"{s} =~ {s}1 + {s}2 + {s}3" for s in "abc")
    return ts.fit(text, frame).validity(draws=100, tests="none")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_map_holds_every_number(found, language):
    axes = figures.validity_map(found, language).axes[0]
    said = [text.get_text() for text in axes.texts]
    assert len(said) == 9
    point = "," if language == "nb" else "."
    assert all(point in text for text in said)


def test_pairs_show_sizes(found):
    figure = figures.validity_pairs(found)
    axes = figure.axes[0]
    dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert sorted(dots) == pytest.approx(sorted(abs(row.cor) for row in found.rows))
    assert len(axes.get_yticklabels()) == 3


@pytest.mark.parametrize("language", ["en", "nb"])
def test_words_for_those_who_do_not_see(found, language):
    largest = max(found.rows, key=lambda row: abs(row.cor))
    assert largest.rhs in figures.validity_alt(found, language)
    assert figures.validity_pairs_alt(found, language).count(";") == 2
