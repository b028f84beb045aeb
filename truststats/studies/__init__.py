"""Study designs: whole runs from a settings file to an output folder."""

from __future__ import annotations

from truststats.studies.config import StudyConfig, read_config
from truststats.studies.study import study
from truststats.studies.unit_sizes import read_unit_sizes

__all__ = ["StudyConfig", "read_config", "read_unit_sizes", "study"]
