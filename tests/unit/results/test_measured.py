from __future__ import annotations

import truststats as ts
from truststats.results.measured import Measured


def test_a_fit_has_these_methods(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    assert isinstance(fit, Measured)
    assert set(fit.reliability(level=0.9)["construct"]) == {"info", "trust", "results"}
    narrow, wide = fit.reliability(level=0.9), fit.reliability(level=0.99)
    assert (narrow["ci_lower"].dropna() > wide["ci_lower"].dropna()).all()
    assert len(fit.item_statistics()) == 9
