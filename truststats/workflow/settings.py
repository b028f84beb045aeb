"""What an estimator's name stands for: discrepancy, standard errors, test and information.

The table follows lavaan 0.6-14 (checked live with ``lavInspect(fit, "options")``); from lavaan 0.7
comes that ULS is tested by Browne's residual-based statistic, as N times its discrepancy is not a
chi-square, and that its standard errors allow for the correlations of the moments under
normality. What is not verified against lavaan is refused, with what to use instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from truststats.errors import NotSupportedError, OptionError
from truststats.options import choose

__all__ = [
    "CASEWISE",
    "ESTIMATORS",
    "TWO_STAGE",
    "Settings",
    "choose_missing",
    "settings",
    "settings_of",
    "takes_missing",
]


@dataclass(frozen=True)
class Settings:
    """How a model is estimated and tested.

    Attributes
    ----------
    estimator : str
        The name the user gave, e.g. "MLM".
    discrepancy : {"ML", "GLS", "ULS", "WLS"}
    missing : {"listwise", "ml", "ml.x", "two.stage", "robust.two.stage"}
    se : str
        "standard", "robust.sem", "robust.sem.nt" (for ULS, by Gamma under normality),
        "robust.huber.white", "cr3", "bootstrap" or "none".
    test : str
        Lavaan's name of the test that is reported.
    information : {"expected", "observed", "first.order"}
    likelihood : {"normal", "wishart"}
        Divisor N or N - 1 of covariances, statistic and standard errors.
    fixed_x : bool
        Whether exogenous observed variables keep their sample moments.
    """

    estimator: str
    discrepancy: str
    missing: str
    se: str
    test: str
    information: str
    likelihood: str
    fixed_x: bool

    @property
    def scaled(self) -> bool:
        """Whether the test is a scaled one, with scaled fit measures."""
        return self.test in _SCALED

    @property
    def less_one(self) -> bool:
        """Whether covariances and statistics have N - 1 in place of N."""
        return self.discrepancy != "ML" or self.likelihood == "wishart"

    @property
    def options(self) -> dict[str, str | bool]:
        """The settings as plain options of a fit."""
        return asdict(self)


#: discrepancy, se, test, information.
ESTIMATORS: Mapping[str, tuple[str, str, str, str]] = {
    "ML": ("ML", "standard", "standard", "expected"),
    "MLR": ("ML", "robust.huber.white", "yuan.bentler.mplus", "observed"),
    "MLM": ("ML", "robust.sem", "satorra.bentler", "expected"),
    "MLMV": ("ML", "robust.sem", "scaled.shifted", "expected"),
    "MLMVS": ("ML", "robust.sem", "mean.var.adjusted", "expected"),
    "MLF": ("ML", "standard", "standard", "first.order"),
    "GLS": ("GLS", "standard", "standard", "expected"),
    "ULS": ("ULS", "robust.sem.nt", "browne.residual.nt", "expected"),
    "ULSM": ("ULS", "robust.sem", "satorra.bentler", "expected"),
    "ULSMV": ("ULS", "robust.sem", "scaled.shifted", "expected"),
    "ULSMVS": ("ULS", "robust.sem", "mean.var.adjusted", "expected"),
    "WLS": ("WLS", "standard", "standard", "expected"),
}
#: Every answer counts in a casewise likelihood; "ml.x" keeps rows that miss an exogenous one.
CASEWISE = ("ml", "ml.x")
#: Moments from a casewise likelihood, then the model on them.
TWO_STAGE = ("two.stage", "robust.two.stage")
_MISSING_ALIASES = {
    "fiml": "ml",
    "direct": "ml",
    "fiml.x": "ml.x",
    "direct.x": "ml.x",
    "ml_x": "ml.x",
    "two_stage": "two.stage",
    "twostage": "two.stage",
    "robust_two_stage": "robust.two.stage",
    "robust_twostage": "robust.two.stage",
}
_LATER = ("DWLS", "WLSMV", "WLSMVS", "WLSM", "PML", "DLS")

_TRACES = ("satorra.bentler", "mean.var.adjusted", "scaled.shifted")
_SCALED = (*_TRACES, "yuan.bentler", "yuan.bentler.mplus")
_BROWNE = ("browne.residual.nt", "browne.residual.nt.model", "browne.residual.adf")
_TESTS = {
    "ML": ("standard", *_SCALED, *_BROWNE, "bollen.stine"),
    "GLS": ("standard", *_BROWNE),
    "ULS": (*_TRACES, *_BROWNE),
    "WLS": ("standard", *_BROWNE),
}
_SE = {
    "ML": ("standard", "robust.sem", "robust.huber.white", "cr3", "bootstrap", "none"),
    "GLS": ("standard", "none"),
    "ULS": ("robust.sem.nt", "robust.sem", "none"),
    "WLS": ("standard", "none"),
}
_ALL_TESTS = ("standard", *_SCALED, *_BROWNE, "bollen.stine")
_BY_SCORES = ("robust.huber.white", "cr3")
_NORMAL_SE = ("standard", "robust.sem.nt", "none")
_ALL_SE = (*_NORMAL_SE, "robust.sem", *_BY_SCORES, "first.order", "bootstrap")
_TEST_ALIASES = {
    "satorra": "satorra.bentler",
    "sb": "satorra.bentler",
    "satorra-bentler": "satorra.bentler",
    "yb": "yuan.bentler",
    "yuan": "yuan.bentler",
    "yuan-bentler": "yuan.bentler",
    "yuan-bentler.mplus": "yuan.bentler.mplus",
    "satterthwaite": "mean.var.adjusted",
    "mean-var-adjusted": "mean.var.adjusted",
    "scaled-shifted": "scaled.shifted",
    "boot": "bollen.stine",
    "bootstrap": "bollen.stine",
    "bollen-stine": "bollen.stine",
    "browne": "browne.residual.adf",
    "browne.residual": "browne.residual.adf",
}


def _estimator(name: str) -> str:
    if isinstance(name, str) and name.upper() in _LATER:
        raise NotSupportedError(
            f"estimator={name!r} is not available for continuous items.",
            why="there it is not checked against an independent source",
            fix="say which items are ordinal with ordered=, or use estimator='MLR' or 'ML'",
        )
    return choose("estimator", name, ESTIMATORS)


def choose_missing(name: str) -> str:
    """Return lavaan's name of how missing values are treated."""
    return choose("missing", name, ("listwise", *CASEWISE, *TWO_STAGE), aliases=_MISSING_ALIASES)


def _two_stage(
    name: str, missing: str, se: str | None, test: str | None, fixed_x: bool | None
) -> Settings:
    """Return the settings of two-stage ML, whose standard errors and test are its own."""
    if name not in ("ML", "MLR") or se not in (None, missing) or (
        test not in (None, "satorra.bentler")
    ):  # fmt: skip
        raise NotSupportedError(
            f"missing={missing!r} has standard errors and a test of its own.",
            why="they allow for both stages",
            fix="use estimator='ML' and leave se= and test= out",
        )
    x = True if fixed_x is None else fixed_x
    test = "satorra.bentler"
    return Settings("ML", "ML", missing, missing, test, "observed", "normal", x)


def _unverified(what: str, fix: str) -> NotSupportedError:
    return NotSupportedError(
        what, why="this combination is not checked against an independent source", fix=fix
    )


def _se_aliases(default: str, *, plain: bool) -> dict[str, str]:
    """Return other spellings of standard errors; "robust" depends on whether rows are plain."""
    return {
        "robust": "robust.sem" if plain else "robust.huber.white",
        "robust.mlm": "robust.sem",
        "robust.mlr": "robust.huber.white",
        "sandwich": "robust.huber.white",
        "robust.cluster": "robust.huber.white",
        "jackknife": "cr3",
        "boot": "bootstrap",
        "default": default,
    }


def settings(
    estimator: str = "ML",
    *,
    missing: str = "listwise",
    se: str | None = None,
    test: str | None = None,
    information: str | None = None,
    likelihood: str | None = None,
    fixed_x: bool | None = None,
    clusters: bool = False,
    weights: bool = False,
    rows: bool = True,
) -> Settings:
    """Return the settings of a fit by lavaan's defaults, or raise what to use instead.

    Parameters
    ----------
    estimator : str
        A key of `ESTIMATORS`; clusters and weights turn "ML" into "MLR".
    missing, se, test, information, likelihood, fixed_x
        As the user gave them; None is the estimator's default.
    clusters, weights : bool
        Whether rows are clustered or weighted.
    rows : bool
        Whether there are rows, not only moments.

    Raises
    ------
    OptionError, NotSupportedError
    """
    name = _estimator(estimator)
    if (clusters or weights) and name == "ML":
        name = "MLR"
    discrepancy, default_se, default_test, default_information = ESTIMATORS[name]
    missing = choose_missing(missing)
    if missing in TWO_STAGE:
        return _two_stage(name, missing, se, test, fixed_x)
    aliases = _se_aliases(default_se, plain=missing == "listwise" and not (clusters or weights))
    se = choose("se", se or default_se, _ALL_SE, aliases=aliases)
    if se == "first.order":
        if information not in (None, se):
            raise OptionError(
                f"se='first.order' and information={information!r} contradict each other.",
                why="first-order standard errors come from the first-order information",
                fix="leave one of them out",
            )
        se, information = "standard", "first.order"
    test = choose(
        "test", test or default_test, _ALL_TESTS, aliases=_TEST_ALIASES | {"default": default_test}
    )
    if discrepancy == "ULS":
        se = "robust.sem.nt" if se == "standard" else se
        test = "browne.residual.nt" if test == "standard" else test
    if information is None and default_information == "first.order":
        information = default_information
    if information is None:
        observed = se in _BY_SCORES or missing in CASEWISE
        information = "observed" if observed else "expected"
    made = Settings(
        estimator=name,
        discrepancy=discrepancy,
        missing=missing,
        se=se,
        test=test,
        information=choose("information", information, ("expected", "observed", "first.order")),
        likelihood=choose("likelihood", likelihood or "normal", ("normal", "wishart")),
        fixed_x=discrepancy == "ML" if fixed_x is None else fixed_x,
    )
    _check_choices(made)
    _check_data(made, clusters=clusters, weights=weights, rows=rows)
    _check_information(made)
    return made


def _check_choices(made: Settings) -> None:
    """Raise unless the discrepancy has the test and the standard errors."""
    name = made.estimator
    if made.test not in _TESTS[made.discrepancy]:
        raise NotSupportedError(
            f"test={made.test!r} is not given with estimator={name!r}.",
            fix=f"use test= one of: {', '.join(map(repr, _TESTS[made.discrepancy]))}",
        )
    if made.se not in _SE[made.discrepancy]:
        raise NotSupportedError(
            f"se={made.se!r} is not given with estimator={name!r}.",
            fix=f"use se= one of: {', '.join(map(repr, _SE[made.discrepancy]))}",
        )
    if made.likelihood == "wishart":
        plain = made.estimator == "ML" and made.missing == "listwise"
        if not plain or made.se not in ("standard", "none") or made.test != "standard":
            raise _unverified(
                "likelihood='wishart' goes with estimator='ML' and its standard test only.",
                "use estimator='ML' with missing='listwise', or leave likelihood= out",
            )


def _check_information(made: Settings) -> None:
    """Raise unless the information is verified with the standard errors and the test."""
    kind = made.information
    if made.discrepancy != "ML" and kind != "expected":
        raise _unverified(
            f"information={kind!r} is not given with estimator={made.estimator!r}.",
            "leave information= out",
        )
    robust = made.se.startswith("robust") or made.scaled
    if kind == "first.order" and robust:
        raise OptionError(
            "Robust standard errors and tests need the expected or observed information.",
            fix="leave information= out",
        )
    if kind == "observed" and (made.se == "robust.sem" or made.test in (*_TRACES, "yuan.bentler")):
        raise _unverified(
            f"se={made.se!r} with test={made.test!r} uses the expected information only.",
            "use estimator='MLM' with its defaults, or estimator='MLR'",
        )


def _check_data(made: Settings, *, clusters: bool, weights: bool, rows: bool) -> None:
    """Raise unless the settings are verified with missing values, clusters, weights, moments."""
    plain_tests = ("standard", "yuan.bentler.mplus")
    usual = made.discrepancy == "ML" and made.information != "first.order"
    usual &= made.se in ("standard", *_BY_SCORES, "none") and made.test in plain_tests
    if made.missing in CASEWISE and not usual:
        raise NotSupportedError(
            f"missing={made.missing!r} does not go with estimator={made.estimator!r}, "
            f"se={made.se!r} and test={made.test!r}.",
            why="it is verified with the standard and the sandwich standard errors only",
            fix="use estimator='MLR', or missing='listwise'",
        )
    if clusters or weights:
        usual = made.se in _BY_SCORES and made.test == "yuan.bentler.mplus"
        if made.estimator != "MLR" or not usual:
            refits = "; ts.bootstrap(fit) resamples clusters" if made.se == "bootstrap" else ""
            raise NotSupportedError(
                "With clusters, weights or strata only robust standard errors and tests are given.",
                why="rows in one cluster are not independent, and weighted rows not alike",
                fix="use estimator='MLR' and leave se= and test= out, or pass cluster=None and "
                f"sampling_weights=None{refits}",
            )
    if made.se == "cr3" and not clusters:
        raise OptionError(
            "se='cr3' leaves out one cluster at a time, and there is no cluster=.",
            fix="name the column of the clusters, or use se='robust.huber.white'",
        )
    by_rows = made.se not in _NORMAL_SE or made.discrepancy == "WLS"
    by_rows |= made.information == "first.order" or made.test in ("bollen.stine", *_SCALED)
    if not rows and (by_rows or made.test == "browne.residual.adf"):
        raise NotSupportedError(
            "Robust standard errors and tests cannot be computed from a covariance matrix.",
            why="they need each respondent's answers",
            fix="use estimator='ML' with sample_cov",
        )


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Return the settings that a fit's options record."""
    return Settings(**{each.name: options[each.name] for each in fields(Settings)})


def takes_missing(estimator: str) -> bool:
    """Return whether an estimator by that name can use incomplete rows."""
    return _estimator(estimator) in ("ML", "MLR")
