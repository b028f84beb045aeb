"""How well the items measure: reliability of the factors of a fit."""

from __future__ import annotations

from truststats.psychometrics.reliability import alpha, omega, reliability

__all__ = ["alpha", "omega", "reliability"]
