"""A published study refitted from its matrix, and why the published paths are others.

Sahoo & Sahoo (2019), International Journal of Manpower, doi:10.1108/IJM-12-2017-0342: a public
utility, N = 331. The paper fits the items (published paths below); only scale means, SDs, alphas
and correlations are printed. So the scales stand in as single indicators whose error variance is
SD^2 (1 - alpha): alpha corrects with one number for what the measurement model corrects item by
item, and the paths come out close to the published ones and not the same.

A covariance matrix given to `fit` is rescaled from N - 1 to N, as lavaan does, and so is the error
variance here: its share of the variance is then 1 - alpha exactly (left at N - 1 the first path is
.6065 instead of .6064).
"""

from __future__ import annotations

import material

import truststats as ts

PATHS = {("ct", "oj"): 0.606, ("er", "ct"): 0.600, ("er", "oj"): 0.192}
PUBLISHED = {("ct", "oj"): 0.623, ("er", "ct"): 0.604, ("er", "oj"): 0.164}


def error_lines() -> list[str]:
    """Return the fixed error variances, computed from the published numbers."""
    study = ts.load_dataset(material.JUSTICE)
    errors = study.sd**2 * (1 - study.alpha) * (study.n - 1) / study.n
    return [f"{scale} ~~ {errors[scale]:.10f}*{scale}" for scale in material.JUSTICE_NAMES]


def test_error_variances_are_those_of_the_golden() -> None:
    assert set(error_lines()) <= set(material.fits_table()["models"]["justice"])


def test_paths_from_the_published_matrix() -> None:
    loadings = [f"{name.lower()} =~ 1*{name}" for name in material.JUSTICE_NAMES]
    model = "\n".join([*loadings, *error_lines(), "ct ~ oj", "er ~ ct + oj"])
    study = ts.load_dataset(material.JUSTICE)
    fit = ts.fit(model, sample_cov=study.cov, sample_nobs=study.n)
    table = fit.tidy()
    paths = table[table["op"] == "~"].set_index(["lhs", "rhs"])["std_all"]
    for path, value in PATHS.items():
        assert round(paths[path], 3) == value
        assert abs(value - PUBLISHED[path]) < 0.03
