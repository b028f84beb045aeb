from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.present.repr import html_card, text_card


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(3)
    f = rng.normal(size=(300, 1))
    g = 0.8 * f + 0.6 * rng.normal(size=(300, 1))
    x = np.hstack([f + 0.5 * rng.normal(size=(300, 3)), g + 0.5 * rng.normal(size=(300, 3))])
    frame = pd.DataFrame(x, columns=["a1", "a2", "a3", "b1", "b2", "b3"])
    return ts.fit("a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3", frame)


def test_findings_come_first(fit):
    found = fit.validity(draws=100)
    said = text_card(found)
    assert said.index("near_collinear") < said.index("a - b")
    assert all(len(line) <= 80 for line in said.splitlines())
    assert "2 of 2 scales" in said
    assert "korrelerer" in text_card(found, "nb")
    assert "<script>" not in html_card(
        replace(found, scales=tuple(replace(s, label="<script>") for s in found.scales))
    )


def test_a_method(fit):
    said = text_card(fit.method_bias())
    assert "One factor" in said
    assert "p = " not in said
    assert "Én faktor" in text_card(fit.method_bias(), "nb")
