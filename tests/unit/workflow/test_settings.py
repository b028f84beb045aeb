"""What an estimator's name stands for, and what is refused."""

from __future__ import annotations

import pytest

from truststats.errors import NotSupportedError, OptionError
from truststats.workflow.settings import ESTIMATORS, settings, settings_of, takes_missing

# lavInspect(fit, "options") of lavaan 0.6-14; ULS is tested as from lavaan 0.7 on.
LAVAAN = {
    "ML": ("standard", "standard", "expected"),
    "MLR": ("robust.huber.white", "yuan.bentler.mplus", "observed"),
    "MLM": ("robust.sem", "satorra.bentler", "expected"),
    "MLMV": ("robust.sem", "scaled.shifted", "expected"),
    "MLMVS": ("robust.sem", "mean.var.adjusted", "expected"),
    "MLF": ("standard", "standard", "first.order"),
    "GLS": ("standard", "standard", "expected"),
    "ULS": ("robust.sem.nt", "browne.residual.nt", "expected"),
    "ULSM": ("robust.sem", "satorra.bentler", "expected"),
    "ULSMV": ("robust.sem", "scaled.shifted", "expected"),
    "ULSMVS": ("robust.sem", "mean.var.adjusted", "expected"),
    "WLS": ("standard", "standard", "expected"),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_defaults(name):
    made = settings(name.lower())
    assert (made.se, made.test, made.information) == LAVAAN[name]
    assert made.fixed_x == name.startswith("ML")
    assert made.less_one == (not name.startswith("ML"))
    assert settings_of(made.options) == made


@pytest.mark.parametrize(
    ("options", "se", "test", "information"),
    [
        ({"se": "robust"}, "robust.sem", "standard", "expected"),
        ({"se": "robust", "missing": "fiml"}, "robust.huber.white", "standard", "observed"),
        ({"se": "robust.mlr"}, "robust.huber.white", "standard", "observed"),
        ({"se": "first.order"}, "standard", "standard", "first.order"),
        ({"test": "sb"}, "standard", "satorra.bentler", "expected"),
        ({"test": "Yuan-Bentler"}, "standard", "yuan.bentler", "expected"),
        ({"test": "yuan.bentler.mplus"}, "standard", "yuan.bentler.mplus", "expected"),
        ({"test": "satterthwaite"}, "standard", "mean.var.adjusted", "expected"),
        ({"test": "boot"}, "standard", "bollen.stine", "expected"),
        ({"test": "browne"}, "standard", "browne.residual.adf", "expected"),
        ({"test": "default", "se": "default"}, "standard", "standard", "expected"),
        ({"missing": "ml"}, "standard", "standard", "observed"),
        ({"information": "observed"}, "standard", "standard", "observed"),
        ({"clusters": True}, "robust.huber.white", "yuan.bentler.mplus", "observed"),
        ({"estimator": "MLR", "se": "standard"}, "standard", "yuan.bentler.mplus", "expected"),
        (
            {"estimator": "ULS", "test": "standard", "se": "standard"},
            "robust.sem.nt",
            "browne.residual.nt",
            "expected",
        ),
    ],
    ids=str,
)
def test_choices(options, se, test, information):
    made = settings(**options)
    assert (made.se, made.test, made.information) == (se, test, information)


@pytest.mark.parametrize(
    ("options", "what", "fix"),
    [
        ({"estimator": "PML"}, "not available for continuous", "MLR"),
        ({"estimator": "GLS", "test": "satorra.bentler"}, "test='satorra.bentler'", "standard"),
        ({"estimator": "WLS", "se": "robust.sem"}, "se='robust.sem'", "standard"),
        ({"estimator": "GLS", "missing": "ml"}, "missing='ml'", "MLR"),
        ({"estimator": "MLM", "missing": "ml"}, "missing='ml'", "MLR"),
        ({"estimator": "MLF", "missing": "ml"}, "missing='ml'", "MLR"),
        ({"estimator": "MLM", "clusters": True}, "only robust standard", "cluster=None"),
        ({"clusters": True, "se": "standard"}, "only robust standard", "cluster=None"),
        ({"estimator": "MLM", "weights": True}, "only robust standard", "MLR"),
        ({"estimator": "MLM", "information": "observed"}, "expected information only", "MLR"),
        ({"test": "yuan.bentler", "information": "observed"}, "expected information", "MLR"),
        ({"estimator": "GLS", "information": "observed"}, "information='observed'", "leave"),
        ({"estimator": "MLR", "likelihood": "wishart"}, "likelihood='wishart'", "ML"),
        ({"likelihood": "wishart", "test": "sb"}, "likelihood='wishart'", "ML"),
        ({"estimator": "WLS", "rows": False}, "covariance matrix", "ML"),
        ({"test": "browne", "rows": False}, "covariance matrix", "ML"),
        ({"se": "bootstrap", "rows": False}, "covariance matrix", "ML"),
    ],
    ids=str,
)
def test_what_is_not_verified_is_refused(options, what, fix):
    with pytest.raises(NotSupportedError, match=what) as caught:
        settings(**options)
    assert fix in caught.value.fix


def test_what_makes_no_sense_is_refused():
    with pytest.raises(OptionError, match="expected or observed"):
        settings("MLM", information="first.order")
    for kind in ("observed", "expected"):
        with pytest.raises(OptionError, match="contradict each other"):
            settings(se="first.order", information=kind)
    for name in ("se", "test", "missing", "information", "likelihood"):
        with pytest.raises(OptionError, match=f"{name}='nothing'"):
            settings(**{name: "nothing"})
    with pytest.raises(OptionError, match="estimator='MLQ'"):
        settings("MLQ")


def test_who_takes_missing_answers():
    assert takes_missing("mlr")
    assert not takes_missing("GLS")
