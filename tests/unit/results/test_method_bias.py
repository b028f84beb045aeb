from __future__ import annotations

from truststats.results.method_bias import MethodBias, MethodRow


def test_a_row_a_model():
    rows = (
        MethodRow("factors", 50.0, 48.0, 0.99, 0.01, 0.02),
        MethodRow("one_factor", 800.0, 54.0, 0.7, 0.2, 0.1, "factors", 750.0, 6.0, 0.0, -0.29),
    )
    found = MethodBias(rows, None, 300.0)
    assert list(found.frame()["model"]) == ["factors", "one_factor"]
    assert "One factor" in repr(found)
    assert "One factor" in found._repr_html_()
