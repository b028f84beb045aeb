"""The array types that signatures name: shapes stand in the docstrings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "BoolArray", "IntArray"]

#: Real numbers; complex ones where a function is differentiated by complex steps.
Array = NDArray[Any]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
