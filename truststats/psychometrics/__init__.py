"""How well the items measure: reliability and validity of the scales of a model."""

from __future__ import annotations

from truststats.psychometrics.reliability import alpha, omega

__all__ = ["alpha", "omega"]
