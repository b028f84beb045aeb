from .constructs import (
    Construct as Construct,
    Instrument as Instrument,
    list_constructs as list_constructs,
    list_instruments as list_instruments,
    load_construct as load_construct,
    load_instrument as load_instrument,
)
from .datasets import (
    datasheet as datasheet,
    list_datasets as list_datasets,
    load_dataset as load_dataset,
)
from .errors import (
    NotSupportedError as NotSupportedError,
    Problem as Problem,
    TrustStatsError as TrustStatsError,
)
from .framework import (
    Claim as Claim,
    Framework as Framework,
    load_framework as load_framework,
)
from .model import Model as Model
from .present import diagram as diagram, report as report, table as table
from .psychometrics import reliability as reliability
from .results import Fit as Fit, read_fit as read_fit
from .simulate import simulate as simulate
from .studies import study as study
from .survey import Survey as Survey, read_survey as read_survey
from .workflow import (
    bootstrap as bootstrap,
    compare as compare,
    crosscheck as crosscheck,
    fit as fit,
    net as net,
    rivals as rivals,
    verdicts as verdicts,
)

__version__: str
