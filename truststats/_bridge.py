"""The one way to the right: lazy calls for `_repr_html_` and the convenience methods.

Imports in truststats point left only. An object that can show itself, or that offers a verb as a
method (`fit.verdicts()`), reaches the folder to its right through this module and at call time,
so that importing the object never imports the folder.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["call", "html", "text"]


def call(module: str, function: str, /, *args: Any, **kwargs: Any) -> Any:
    """Call ``truststats.<module>.<function>``, importing it now."""
    return getattr(import_module(f"truststats.{module}"), function)(*args, **kwargs)


def html(value: object) -> str:
    """Return the HTML card of any truststats value."""
    return call("present.repr", "html_card", value)


def text(value: object) -> str:
    """Return the plain-text card of any truststats value."""
    return call("present.repr", "text_card", value)
