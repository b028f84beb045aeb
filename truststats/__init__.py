"""From questionnaire to verdict: survey constructs and structural equation models.

The public names are loaded on first use, so that importing the package costs nothing. They are
listed, with their types, in the stub ``__init__.pyi`` beside this file.
"""

from __future__ import annotations

import lazy_loader as _lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
