"""The verbs: they orchestrate and hold no arithmetic of their own."""

from __future__ import annotations

from truststats.workflow.fit import fit

__all__ = ["fit"]
