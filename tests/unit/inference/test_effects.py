from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import OptionError
from truststats.inference.effects import effect_values, list_effects

PATHS = """
inf1 ~ a*x1
tru1 ~ b*inf1 + d*x1
res1 ~ c*tru1 + e*x1 + f*inf1
"""


@pytest.fixture(scope="module")
def fit(answers_of):
    return ts.fit(PATHS, answers_of())


def _by_name(frame, effect, lhs, rhs, via=""):
    at = (frame["effect"] == effect) & (frame["lhs"] == lhs) & (frame["rhs"] == rhs)
    at &= frame["via"] == via
    assert at.sum() == 1
    return frame[at].iloc[0]


def test_a_path_model_by_hand(fit):
    a, b, c, d, e, f = fit.params[list("abcdef")]
    got = fit.effects()
    want = {
        ("direct", "res1", "x1", ""): e,
        ("indirect", "res1", "x1", ""): a * b * c + d * c + a * f,
        ("total", "res1", "x1", ""): e + a * b * c + d * c + a * f,
        ("specific", "res1", "x1", "inf1"): a * f,
        ("specific", "res1", "x1", "tru1"): d * c,
        ("specific", "res1", "x1", "inf1 -> tru1"): a * b * c,
        ("total", "tru1", "x1", ""): d + a * b,
        ("direct", "inf1", "x1", ""): a,
        ("total", "inf1", "x1", ""): a,
        ("indirect", "res1", "inf1", ""): b * c,
    }
    for key, value in want.items():
        assert _by_name(got, *key)["est"] == pytest.approx(value, rel=1e-10), key


def test_standardised_effects_by_hand(fit, answers_of):
    data = answers_of()
    got = _by_name(fit.effects(), "total", "res1", "x1")
    scale = data["x1"].std() / data["res1"].std()
    assert got["std_all"] == pytest.approx(got["est"] * scale, rel=1e-6)


def test_standard_error_of_an_indirect_effect_is_sobels(answers_of):
    fit = ts.fit("inf1 ~ a*x1\ntru1 ~ b*inf1", answers_of())
    got = _by_name(fit.effects(), "indirect", "tru1", "x1")
    a, b = fit.params[["a", "b"]]
    v = fit.cov_params()
    want = b**2 * v.loc["a", "a"] + a**2 * v.loc["b", "b"] + 2 * a * b * v.loc["a", "b"]
    assert got["se"] == pytest.approx(np.sqrt(want))
    assert got["z"] == pytest.approx(got["est"] / got["se"])


def test_effects_equal_defined_parameters(answers_of):
    fit = ts.fit(PATHS + "total := e + a*b*c + d*c + a*f\n", answers_of())
    own = fit.tidy().set_index("lhs").loc["total"]
    got = _by_name(fit.effects(), "total", "res1", "x1")
    for name in ("est", "se", "ci_lower", "ci_upper", "std_all"):
        assert got[name] == pytest.approx(own[name], rel=1e-6)


def test_loadings_are_no_effects(models, answers_of):
    got = ts.fit(models["chain"], answers_of()).effects()
    assert set(got["lhs"]) == {"trust", "results"}
    assert len(got) == 8
    b = ts.fit(models["chain"], answers_of()).params
    assert _by_name(got, "specific", "results", "info", "trust")["est"] == pytest.approx(
        b["trust~info"] * b["results~trust"]
    )


def test_a_loop_has_geometric_total_effects(models, answers_of):
    fit = ts.fit(models["loop"], answers_of())
    got, p = fit.effects(), fit.params
    forth, back = p["res1~tru1"], p["tru1~res1"]
    want = forth / (1 - forth * back)
    assert _by_name(got, "total", "res1", "tru1")["est"] == pytest.approx(want)


def test_every_route_is_listed_once():
    # 0 -> 1 -> 3, 0 -> 2 -> 3, 0 -> 3, 1 -> 2
    listed = list_effects([(1, 0), (2, 0), (2, 1), (3, 1), (3, 2), (3, 0)])
    at = [
        via
        for kind, target, source, via in zip(
            listed.kind, listed.target, listed.source, listed.via, strict=True
        )
        if (kind, target, source) == ("specific", 3, 0)
    ]
    assert at == [(1,), (2,), (1, 2)]


def test_without_the_routes():
    listed = list_effects([(1, 0), (2, 1)], specific=False)
    assert set(listed.kind) == {"direct", "indirect", "total"}


def test_no_regressions_no_effects(answers_of):
    fit = ts.fit("f =~ inf1 + inf2 + inf3", answers_of())
    assert len(list_effects([])) == 0
    assert fit.effects().empty
    assert "std_all" in fit.effects()


def test_a_batch_is_its_singles(fit):
    layout = fit.estimate.layout
    paths = [(int(layout.row[k]), int(layout.col[k])) for k in layout.paths]
    keep = np.zeros((layout.m, layout.m), dtype=bool)
    keep[tuple(zip(*paths, strict=True))] = True
    listed = list_effects(paths)
    thetas = fit.estimate.theta * np.array([[1.0], [1.1]])
    batch = effect_values(layout, listed, thetas, standardized=True, keep=keep)
    for k in range(2):
        one = effect_values(layout, listed, thetas[k : k + 1], standardized=True, keep=keep)
        np.testing.assert_allclose(batch[k], one[0])


def _loop(gain):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(300, 4)), columns=["y1", "y2", "x1", "x2"])
    fit = ts.fit("y1 ~ y2 + x1\ny2 ~ y1 + x2", frame)
    at = {name: k for k, name in enumerate(fit.params.index)}
    theta = fit.estimate.theta.copy()
    theta[[at["y1~y2"], at["y2~y1"]]] = np.sqrt(gain)
    keep = np.ones((4, 4), dtype=bool)
    listed = list_effects([(0, 1), (1, 0), (0, 2), (1, 3)])
    return effect_values(fit.estimate.layout, listed, theta[None], standardized=False, keep=keep)


def test_effects_of_a_loop_that_does_not_die_out_are_undefined():
    assert np.isfinite(_loop(0.5)).all()
    assert np.isnan(_loop(1.5)).any()


def test_too_many_routes_are_refused():
    paths = [(j, i) for i in range(12) for j in range(i + 1, 12)]
    with pytest.raises(OptionError, match="more than 500 routes"):
        list_effects(paths)
    kinds = list_effects(paths, specific=False).kind
    assert kinds.count("direct") == 66
    assert kinds.count("indirect") == 55
