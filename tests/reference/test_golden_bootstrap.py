"""The bootstrap of rows against lavaan's, up to Monte Carlo error."""

from __future__ import annotations

from typing import Any

import agreement
import material
import pytest

import truststats as ts

# Both sides draw 2,000 resamples of their own: the ratio of two bootstrap SEs has a standard
# error of about sqrt(2 / (2 * 2000)) = .022 and more where tails are heavy, over 44 parameters;
# a percentile limit has about .06 SE a side.
STD_ERROR = 0.12
LIMIT = 0.35


@pytest.fixture(scope="module")
def refits() -> Any:
    """Refit the model of the golden as often as lavaan did."""
    golden = material.golden("bootstrap")
    return ts.bootstrap(material.run("sem_ml"), golden["draws"], seed=2)


def test_standard_errors_and_limits(refits: Any) -> None:
    assert refits.failed == 0
    ours = agreement.by_parameter(refits.tidy())
    found = []
    golden = material.golden("bootstrap")["estimates"]
    for key, theirs in agreement.by_parameter(golden).items():
        # A ratio of effects has no moments worth comparing.
        if not theirs["se"] or key[0] == "share":
            continue
        mine, se = ours[key], theirs["se"]
        label = " ".join(key)
        found += agreement.check(f"{label} se", mine["se"], se, STD_ERROR * se)
        for limit in ("lower", "upper"):
            value = theirs[f"ci.{limit}"]
            found += agreement.check(f"{label} {limit}", mine[f"ci_{limit}"], value, LIMIT * se)
    assert not found, agreement.explain(found)
