"""Rules of measurement invariance: what a step's numbers must be for groups to be comparable.

A step is judged by the changes of fit measures (Chen 2007, doi:10.1080/10705510701301834) beside
the chi-square test of exact equality, which rejects trifles in large samples. RMSEA_D is the RMSEA
of the added equalities alone (Savalei, Brace & Fouladi 2023, doi:10.1037/met0000537): a change of
RMSEA is diluted by the degrees of freedom that both models share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array
from truststats.errors import OptionError
from truststats.options import choose

__all__ = [
    "RULES",
    "CutOffs",
    "Rule",
    "adjusted",
    "decide",
    "form_holds",
    "rmsea_d",
    "rule_of",
]

#: Total number of people up to which Chen's smaller cut-offs hold.
SMALL = 300
RULES = ("chen", "cheung_rensvold", "chisq")
_NAN = float("nan")


@dataclass(frozen=True)
class CutOffs:
    """Changes of fit beyond which equality is given up; infinite where a measure does not count.

    Attributes
    ----------
    cfi : float
        Fall of CFI.
    rmsea, srmr : float
        Rise of RMSEA and SRMR; either has to support the fall of CFI.
    """

    cfi: float
    rmsea: float = _NAN
    srmr: float = _NAN


@dataclass(frozen=True)
class Rule:
    """How steps are judged.

    Attributes
    ----------
    name : str
        "chen", "cheung_rensvold", "chisq" or "own".
    loadings, others : CutOffs
        For equal loadings (and thresholds), and for intercepts and residuals.
    alpha : float
        Level of the chi-square test.
    """

    name: str
    loadings: CutOffs
    others: CutOffs
    alpha: float = 0.05

    def cut_offs(self, step: str) -> CutOffs:
        """Return the cut-offs of a step."""
        return self.loadings if step in ("metric", "thresholds", "loadings") else self.others


def rule_of(given: str | Mapping[str, float], n: float, alpha: float = 0.05) -> Rule:
    """Return the rule by its name, or with cut-offs of one's own.

    Parameters
    ----------
    given : str or mapping
        "chen" (Chen 2007): a fall of CFI by .010 together with a rise of RMSEA by .015 or of SRMR
        by .030 (loadings) or .010 (the rest); by .005, .010, .025 and .005 for up to 300 people.
        "cheung_rensvold": a fall of CFI by .010 (Cheung & Rensvold 2002,
        doi:10.1207/S15328007SEM0902_5). "chisq": the chi-square test alone. A mapping names
        ``cfi`` and, if one of them has to support it, ``rmsea`` and ``srmr``.
    n : float
        People in all groups.
    alpha : float
        Level of the chi-square test.

    Raises
    ------
    OptionError
        For an unknown rule or cut-off.
    """
    if isinstance(given, Mapping):
        wrong = [name for name in given if name not in ("cfi", "rmsea", "srmr")]
        if wrong or "cfi" not in given:
            raise OptionError(
                f"rule={dict(given)!r} is no set of cut-offs.",
                why="it has to name cfi, and may name rmsea and srmr",
                fix='rule={"cfi": 0.01, "rmsea": 0.015, "srmr": 0.03}',
            )
        own = CutOffs(**{name: abs(float(value)) for name, value in given.items()})
        return Rule("own", own, own, alpha)
    name = choose("rule", given, RULES)
    if name == "chen" and n > SMALL:
        return Rule(name, CutOffs(0.010, 0.015, 0.030), CutOffs(0.010, 0.015, 0.010), alpha)
    if name == "chen":
        return Rule(name, CutOffs(0.005, 0.010, 0.025), CutOffs(0.005, 0.010, 0.005), alpha)
    if name == "chisq":
        return Rule(name, CutOffs(_NAN), CutOffs(_NAN), alpha)
    return Rule(name, CutOffs(0.010), CutOffs(0.010), alpha)


def decide(
    rule: Rule, step: str, pvalue: float, changes: Mapping[str, float], *, exact: bool = False
) -> str:
    """Return "holds", "approximately" or "fails".

    Parameters
    ----------
    rule : Rule
    step : str
    pvalue : float
        Of the test of exact equality.
    changes : mapping
        ``cfi``, ``rmsea`` and ``srmr``: the step's value minus the one before.
    exact : bool
        Whether that test decides alone, as for p-values from permutations and for steps about
        the factors themselves.

    Notes
    -----
    Within the cut-offs a step holds, only approximately where the chi-square test rejects.
    """
    rejected = bool(pvalue < rule.alpha)
    if exact or rule.name == "chisq":
        return "fails" if rejected else "holds"
    if _beyond(rule.cut_offs(step), changes):
        return "fails"
    return "approximately" if rejected else "holds"


def _beyond(cut: CutOffs, changes: Mapping[str, float]) -> bool:
    """Tell whether CFI fell beyond its cut-off and one of the others, if any counts, rose."""
    slack = 1e-9
    if not changes["cfi"] <= -cut.cfi + slack:
        return False
    others = [(changes[name], getattr(cut, name)) for name in ("rmsea", "srmr")]
    counting = [change >= limit - slack for change, limit in others if not np.isnan(limit)]
    return any(counting) if counting else True


def form_holds(cfi: float, rmsea: float, srmr: float) -> bool:
    """Tell whether a model with the same form in all groups fits well enough to go on.

    Two of three have to be acceptable: CFI of .90, RMSEA of .08 (Browne & Cudeck 1993) and SRMR of
    .08 (Hu & Bentler 1999, doi:10.1080/10705519909540118). RMSEA alone rejects small models whose
    items measure well (Kenny, Kaniskan & McCoach 2015).
    """
    return (cfi >= 0.90) + (rmsea <= 0.08) + (srmr <= 0.08) >= 2


def rmsea_d(chisq: float, df: float, n: float, groups: int, scale: float = 1.0) -> float:
    """Return the RMSEA of the equalities that a step adds.

    sqrt(G) sqrt(max(c (D - df) / (df N), 0)), D the (scaled) difference of chi-squares, c what it
    was divided by. With the unrestricted model above it is the model's own (robust) RMSEA.

    Parameters
    ----------
    chisq, df : float
        The test of the difference.
    n : float
        People in all groups.
    groups : int
    scale : float
        Scaling factor of the difference; 1 for a plain one.
    """
    if not (df > 0 and np.isfinite(chisq)):
        return _NAN
    return float(np.sqrt(groups * max(scale * (chisq - df) / (df * n), 0.0)))


def adjusted(pvalues: Sequence[float] | Array, method: str) -> Array:
    """Return p-values adjusted for their number; NaN stays NaN and is not counted.

    Parameters
    ----------
    pvalues : sequence of float
    method : {"holm", "bh", "none"}
        Holm (1979) bounds the chance of any false finding; Benjamini & Hochberg (1995,
        doi:10.1111/j.2517-6161.1995.tb02031.x) the expected share of false ones.
    """
    choose("adjust", method, ("holm", "bh", "none"))
    p = np.asarray(pvalues, dtype=float)
    out = np.full(len(p), np.nan)
    there = np.flatnonzero(~np.isnan(p))
    order = there[np.argsort(p[there], kind="stable")]
    m = len(order)
    if method == "holm":
        steps = np.maximum.accumulate(p[order] * (m - np.arange(m)))
    elif method == "bh":
        ranked = p[order] * m / np.arange(1, m + 1)
        steps = np.minimum.accumulate(ranked[::-1])[::-1]
    else:
        steps = p[order]
    out[order] = np.minimum(steps, 1.0)
    return out
