"""`crosscheck`: let other software estimate the same model, and say how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from truststats.errors import NotSupportedError, TrustStatsError
from truststats.estimation.semopy_adapter import estimate_semopy, semopy_version
from truststats.options import choose
from truststats.results.crosscheck import Crosscheck, EngineCheck
from truststats.results.frames import group_column
from truststats.results.part import refuse_explored, refuse_part
from truststats.workflow.fit import fit as fit_again
from truststats.workflow.lavaan_engine import estimate_lavaan

if TYPE_CHECKING:
    from truststats.model import ParTable
    from truststats.results import Fit

__all__ = ["ENGINES", "crosscheck"]

Array = NDArray[np.float64]

ENGINES = ("semopy", "lavaan")
_LONG = 10_000
"""Missing patterns times variables above which lavaan needs minutes and runs only on request."""


def crosscheck(
    fit: Fit, *, engines: Sequence[str] | None = None, timeout: float = 120.0
) -> Crosscheck:
    """Estimate the model of a fit again with semopy and lavaan, and compare.

    semopy is given complete moments: those of the fit's rows, or with missing answers the
    unrestricted (EM) covariance matrix, which checks the model and its optimum but not the
    treatment of missing answers. lavaan gets the rows and the options of the fit; it runs where
    Rscript and lavaan are installed.

    Parameters
    ----------
    fit : Fit
        An estimated model.
    engines : sequence of {"semopy", "lavaan"}, optional
        Default: both, but lavaan only where it does not need minutes.
    timeout : float
        Seconds to wait for lavaan.

    Returns
    -------
    Crosscheck
        Parameters side by side, the largest differences, and a sentence. An engine that cannot
        run says why; it does not stop the others.

    Raises
    ------
    OptionError
        For an engine that is not known.
    """
    refuse_part(fit, "A second engine")
    refuse_explored(fit, "A second engine")
    asked = [choose("engines", name, ENGINES) for name in engines or ENGINES]
    run: dict[str, Callable[[], EngineCheck]] = {
        "semopy": lambda: _by_semopy(fit),
        "lavaan": lambda: _by_lavaan(fit, timeout, unasked=engines is None),
    }
    checks = tuple(_guarded(name, run[name]) for name in dict.fromkeys(asked))
    table, rows = fit.partable, _compared(fit.partable)
    tidy = fit.tidy()
    return Crosscheck(
        lhs=tuple(table.lhs[k] for k in rows),
        op=tuple(table.op[k] for k in rows),
        rhs=tuple(table.rhs[k] for k in rows),
        label=tuple(table.label[k] for k in rows),
        est=_pick(tidy["est"], rows),
        se=_pick(tidy["se"], rows),
        engines=checks,
        sentences={language: _sentence(checks, language) for language in _WORDS},
        synthetic=fit.synthetic,
        group=tuple(group_column(table)[k] for k in rows) if fit.groups else (),
    )


def _guarded(name: str, run: Callable[[], EngineCheck]) -> EngineCheck:
    """Return the check, or one that says why the engine could not run."""
    try:
        return run()
    except TrustStatsError as error:
        version = (semopy_version() or "") if name == "semopy" else ""
        return EngineCheck(name, version, ran=False, converged=False, reasons=_reasons(error))


def _reasons(error: TrustStatsError) -> dict[str, str]:
    because = f", because {error.why}" if error.why else ""
    instead = f"; {error.fix}" if error.fix else ""
    reasons = {"en": error.what.rstrip(".") + because + instead}
    if error.what in _NORWEGIAN:
        reasons["nb"] = _NORWEGIAN[error.what]
    return reasons


def _compared(table: ParTable) -> list[int]:
    """Return the rows with a free or a defined parameter."""
    return [k for k, op in enumerate(table.op) if table.unique[k] >= 0 or op == ":="]


def _pick(values: Any, rows: Iterable[int]) -> tuple[float, ...]:
    array = np.asarray(values, dtype=float)
    return tuple(float(array[k]) for k in rows)


def _names(table: ParTable, rows: Iterable[int]) -> tuple[str, ...]:
    found = []
    for k in rows:
        name = f"{table.lhs[k]} {table.op[k]} {table.rhs[k]}".strip()
        group = table.group[k] if table.n_groups > 1 else 0
        found.append(f"{name} ({table.group_labels[group - 1]})" if group else name)
    return tuple(found)


def _by_semopy(fit: Fit) -> EngineCheck:
    if fit.groups:
        raise NotSupportedError(
            "semopy estimates one group at a time.",
            why="parameters that are equal over groups need all of them at once",
            fix="read the comparison with lavaan",
        )
    if fit.partable.constraints:
        raise NotSupportedError(
            "semopy is not given equations and inequalities between parameters.",
            fix="read the comparison with lavaan",
        )
    if fit.options.get("discrepancy", "ML") != "ML":
        raise NotSupportedError(
            "semopy is asked for maximum likelihood only.",
            why="its least squares differ from ours in their weights",
            fix="read the comparison with lavaan",
        )
    incomplete = fit.missing == "ml" and fit.estimate.sample.incomplete is not None
    ours = _on_moments(fit) if incomplete else fit
    table, rows, tidy = ours.partable, _compared(fit.partable), ours.tidy()
    # An improper solution lies outside semopy's bounds; without them it is found as well.
    variances = [k for k in rows if table.op[k] == "~~" and table.lhs[k] == table.rhs[k]]
    bounded = all(tidy["est"].iloc[k] > 0.0 for k in variances)
    got = estimate_semopy(table, ours.estimate.sample.cov, bounded=bounded)
    return EngineCheck(
        "semopy",
        got.version,
        ran=True,
        converged=got.converged,
        basis="moments" if incomplete else "rows",
        est=_pick(_with_defined(table, got.rows), rows),
        ours=_pick(tidy["est"], rows),
        ours_se=_pick(tidy["se"], rows),
        names=_names(table, rows),
    )


def _on_moments(fit: Fit) -> Fit:
    """Fit the same model to the unrestricted moments of the incomplete rows."""
    sample, names, options = fit.estimate.sample, list(fit.partable.ov), fit.options
    cov = sample.cov * (sample.n / (sample.n - 1))
    return fit_again(
        fit.model,
        sample_cov=pd.DataFrame(cov, index=names, columns=names),
        sample_mean=pd.Series(sample.mean, index=names),
        sample_nobs=round(sample.n),
        meanstructure=bool(options["meanstructure"]),
        std_lv=bool(options["std_lv"]),
        orthogonal=bool(options["orthogonal"]),
        fixed_x=bool(options["fixed_x"]),
        model_type=str(options["model_type"]),
    )


def _with_defined(table: ParTable, rows: Array) -> Array:
    """Compute the defined parameters from the labelled rows."""
    known: dict[str, Any] = {}
    for k, label in enumerate(table.label):
        if label and table.op[k] != ":=":
            known.setdefault(label, rows[k])
    for name, expression in table.defined:
        known[name] = expression.evaluate(known)
    out = rows.copy()
    for k, op in enumerate(table.op):
        if op == ":=":
            out[k] = known[table.lhs[k]]
    return out


def _by_lavaan(fit: Fit, timeout: float, *, unasked: bool) -> EngineCheck:
    work = fit.n_patterns * len(fit.partable.ov)
    if unasked and fit.missing == "ml" and work > _LONG:
        return EngineCheck(
            "lavaan",
            "",
            ran=False,
            converged=False,
            reasons={
                language: words["long"].format(n=fit.n_patterns)
                for language, words in _WORDS.items()
            },
        )
    got, rows, tidy = estimate_lavaan(fit, timeout=timeout), _compared(fit.partable), fit.tidy()
    return EngineCheck(
        "lavaan",
        got.version,
        ran=True,
        converged=got.converged,
        est=_pick(got.rows, rows),
        se=_pick(got.se, rows),
        ours=_pick(tidy["est"], rows),
        ours_se=_pick(tidy["se"], rows),
        names=_names(fit.partable, rows),
    )


_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "none": "No other engine could run.",
        "not_run": "{engine} did not run: {why}",
        "long": "with {n} patterns of missing answers it needs minutes; ask for it by "
        "ts.crosscheck(fit, engines=['lavaan'], timeout=3600)",
        "not_converged": "{engine} did not arrive at an optimum, so it says nothing.",
        "agrees": "{engine} agrees with every one of {n} estimates to {size} ({share} of a "
        "standard error).",
        "se": "Its standard errors agree to {size}.",
        "se_differ": "Its standard errors differ by up to {size}.",
        "differs": "{engine} differs by up to {size} ({share} standard errors, in {where}): do "
        "not rely on either until you know why.",
        "moments": "Both were given the same unrestricted covariance matrix, because {engine} "
        "cannot use incomplete answers: this checks the model, not the treatment of missing "
        "answers.",
    },
    "nb": {
        "none": "Ingen annen programvare kunne kjøres.",
        "not_run": "{engine} ble ikke kjørt: {why}",
        "long": "med {n} mønstre av manglende svar trenger den flere minutter; be om den med "
        "ts.crosscheck(fit, engines=['lavaan'], timeout=3600)",
        "not_converged": "{engine} kom ikke fram til en løsning og sier derfor ingenting.",
        "agrees": "{engine} gir samme svar på alle {n} estimater, på {size} nær ({share} av en "
        "standardfeil).",
        "se": "Standardfeilene er like på {size} nær.",
        "se_differ": "Standardfeilene avviker med inntil {size}.",
        "differs": "{engine} avviker med inntil {size} ({share} standardfeil, i {where}): stol "
        "ikke på noen av dem før du vet hvorfor.",
        "moments": "Begge fikk den samme ubegrensede kovariansmatrisen, fordi {engine} ikke kan "
        "bruke ufullstendige svar: dette kontrollerer modellen, ikke behandlingen av manglende "
        "svar.",
    },
}

_NORWEGIAN = {
    "Rscript is not installed.": "Rscript er ikke installert; installer R og lavaan",
    "the R package lavaan is not installed.": "R-pakken lavaan er ikke installert; skriv "
    'install.packages("lavaan") i R',
    "semopy is not installed.": "semopy er ikke installert; skriv "
    "pip install 'truststats[crosscheck]'",
    "semopy cannot check a model that restricts the means.": "semopy kan ikke kontrollere en "
    "modell som legger føringer på gjennomsnittene",
    "semopy estimates one group at a time.": "semopy estimerer én gruppe om gangen, og parametere "
    "som er like i flere grupper, krever alle på én gang",
    "semopy is not given equations and inequalities between parameters.": "semopy får ikke "
    "ligninger og ulikheter mellom parametere",
    "semopy is asked for maximum likelihood only.": "semopy brukes bare for sannsynlighets"
    "maksimering (ML)",
    "lavaan has no clusters with ordinal items.": "lavaan kan ikke kombinere klynger med ordnede "
    "kategorier; kontroller en tilpasning med cluster=None",
    "lavaan identifies this model in another way.": "den installerte versjonen av lavaan "
    "identifiserer modellen på en annen måte",
    "the fit holds no rows.": "en lagret tilpasning inneholder ingen svar, og lavaan trenger dem",
}


def _sentence(checks: Sequence[EngineCheck], language: str) -> str:
    words = _WORDS[language]
    parts = [part for check in checks for part in _about(check, language)]
    if not any(check.ran for check in checks):
        parts.insert(0, words["none"])
    return " ".join(parts)


def _about(check: EngineCheck, language: str) -> Iterable[str]:
    words = _WORDS[language]
    if not check.ran:
        why = check.why_for(language).rstrip(".") + "."
        yield words["not_run"].format(engine=check.title, why=why)
        return
    if not check.converged:
        yield words["not_converged"].format(engine=check.title)
        return
    yield words["agrees" if check.agrees else "differs"].format(
        engine=check.title,
        n=check.n_compared,
        size=_short(check.largest),
        share=_short(check.largest_in_se),
        where=check.where,
    )
    if math.isfinite(check.largest_se):
        close = check.largest_se < _SE_CLOSE
        yield words["se" if close else "se_differ"].format(size=_percent(check.largest_se))
    if check.basis == "moments":
        yield words["moments"].format(engine=check.engine)


_SE_CLOSE = 1e-2


def _short(value: float) -> str:
    """Return one significant digit: 3e-7, 0.002, 1."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else "?"
    if value >= 1e-3:
        return f"{value:.1g}" if value < 1.0 else f"{value:.1f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _percent(value: float) -> str:
    return f"{_short(100.0 * value)} %"
