"""What is claimed: claims between constructs, the rivals, and their compilation to a model.

A framework is TOML: stages of constructs, claims with estimand, adjustment set, expected sign and
smallest effect of interest, and rival explanations. `Framework.model` turns it into a `Model`
that estimates every claim from the items of an instrument.
"""

from __future__ import annotations

from truststats.framework.claim import Claim, Removal, Rival, Stage
from truststats.framework.library import list_frameworks, load_framework
from truststats.framework.measurement import measurement_model
from truststats.framework.structure import Structure
from truststats.framework.value import Framework

__all__ = [
    "Claim",
    "Framework",
    "Removal",
    "Rival",
    "Stage",
    "Structure",
    "list_frameworks",
    "load_framework",
    "measurement_model",
]
