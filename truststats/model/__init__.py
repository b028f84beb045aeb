"""The model: lavaan syntax in, statements and the table of parameters out.

`parse` reads the text, `Model` holds it as a value, `build_partable` adds lavaan's automatic
rules, and `check_identified` refuses what no data could ever estimate.
"""

from __future__ import annotations

from truststats.model.bounds import BOUNDS, needs_variances, with_bounds
from truststats.model.constraints import Constraint
from truststats.model.expression import Expression
from truststats.model.groups import GROUP_EQUAL
from truststats.model.identify import check_identified
from truststats.model.partable import ParTable, build_partable
from truststats.model.statement import Modifiers, Statement, canonical
from truststats.model.syntax import parse
from truststats.model.value import Model

__all__ = [
    "BOUNDS",
    "GROUP_EQUAL",
    "Constraint",
    "Expression",
    "Model",
    "Modifiers",
    "ParTable",
    "Statement",
    "build_partable",
    "canonical",
    "check_identified",
    "needs_variances",
    "parse",
    "with_bounds",
]
