"""A published study refitted from its matrix, and why the published paths are others.

Sahoo & Sahoo (2019), International Journal of Manpower, doi:10.1108/IJM-12-2017-0342: a public
utility, N = 331. The paper fits the items (published paths below); only scale means, SDs, alphas
and correlations are printed. So the scales stand in as single indicators whose error variance is
SD^2 (1 - alpha): alpha corrects with one number for what the measurement model corrects item by
item, and the paths come out close to the published ones and not the same.
"""

from __future__ import annotations

import material

import truststats as ts

PATHS = {("ct", "oj"): 0.606, ("er", "ct"): 0.600, ("er", "oj"): 0.192}
PUBLISHED = {("ct", "oj"): 0.623, ("er", "ct"): 0.604, ("er", "oj"): 0.164}


def model_text() -> str:
    """Return the model, the error variances computed from the published numbers."""
    latents = [name.lower() for name in material.JUSTICE_NAMES]
    errors = material.JUSTICE_SD**2 * (1 - material.JUSTICE_ALPHA)
    pairs = list(zip(latents, material.JUSTICE_NAMES, errors, strict=True))
    lines = [f"{latent} =~ 1*{scale}" for latent, scale, _ in pairs]
    lines += [f"{scale} ~~ {error:.10f}*{scale}" for _, scale, error in pairs]
    return "\n".join([*lines, "ct ~ oj", "er ~ ct + oj"])


def test_error_variances_are_those_of_the_golden() -> None:
    table = material.fits_table()["models"]["justice"]
    errors = material.JUSTICE_SD**2 * (1 - material.JUSTICE_ALPHA)
    for name, error in zip(material.JUSTICE_NAMES, errors, strict=True):
        assert any(line == f"{name} ~~ {error:.6f}*{name}" for line in table)


def test_paths_from_the_published_matrix() -> None:
    cov = material.justice_covariance()
    fit = ts.fit(model_text(), sample_cov=cov, sample_nobs=material.JUSTICE_N)
    table = fit.tidy()
    paths = table[table["op"] == "~"].set_index(["lhs", "rhs"])["std_all"]
    for path, value in PATHS.items():
        assert round(paths[path], 3) == value
        assert abs(value - PUBLISHED[path]) < 0.03
