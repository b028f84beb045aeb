"""A measurement model of constructs by themselves, without structural claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from truststats.constructs import Construct
from truststats.framework.compile import latent_labels, measurement_text, reverse_keys
from truststats.model import Model

__all__ = ["measurement_model"]


def measurement_model(constructs: Sequence[Construct]) -> Model:
    """Return the model in which each construct is measured by its items and all correlate.

    Parameters
    ----------
    constructs : sequence of Construct
        As asked, for example ``[instrument["vertical_trust"], instrument["work_autonomy"]]``.

    Raises
    ------
    DefinitionError
        If a construct has fewer than two items.
    """
    labels: dict[str, Mapping[str, str]] = {}
    stands_for: dict[str, str] = {}
    for construct in constructs:
        for name, label in latent_labels(construct):
            labels[name], stands_for[name] = label, construct.key
    return Model.from_text(
        "\n".join(measurement_text(construct) for construct in constructs),
        recode=reverse_keys(constructs),
        labels=labels,
        constructs=stands_for,
    )
