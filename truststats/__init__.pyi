from .constructs import (
    Construct,
    Instrument,
    list_constructs,
    list_instruments,
    load_construct,
    load_instrument,
)
from .datasets import (
    datasheet,
    list_datasets,
    load_dataset,
)
from .errors import (
    NotSupportedError,
    Problem,
    TrustStatsError,
)
from .framework import (
    Claim,
    Framework,
    load_framework,
)
from .model import Model
from .present import diagram, report, table
from .results import Fit, read_fit
from .simulate import simulate
from .studies import study
from .survey import Survey, read_survey
from .workflow import (
    aggregation,
    alignment,
    bootstrap,
    compare,
    compare_instruments,
    compare_units,
    crosscheck,
    efa,
    fit,
    impute,
    invariance,
    n_factors,
    net,
    polychoric,
    reliability,
    rivals,
    score_bootstrap,
    verdicts,
)

__version__: str
__all__ = [
    "Claim",
    "Construct",
    "Fit",
    "Framework",
    "Instrument",
    "Model",
    "NotSupportedError",
    "Problem",
    "Survey",
    "TrustStatsError",
    "aggregation",
    "alignment",
    "bootstrap",
    "compare",
    "compare_instruments",
    "compare_units",
    "crosscheck",
    "datasheet",
    "diagram",
    "efa",
    "fit",
    "impute",
    "invariance",
    "list_constructs",
    "list_datasets",
    "list_instruments",
    "load_construct",
    "load_dataset",
    "load_framework",
    "load_instrument",
    "n_factors",
    "net",
    "polychoric",
    "read_fit",
    "read_survey",
    "reliability",
    "report",
    "rivals",
    "score_bootstrap",
    "simulate",
    "study",
    "table",
    "verdicts",
    "__version__",
]
