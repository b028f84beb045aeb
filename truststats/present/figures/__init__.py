"""Figures for reports and papers; each comes with a function that says it in words.

Every figure is a matplotlib `Figure` of its own: nothing is shown, no open-figures list grows and
the user's settings stay as they are. Colours are told apart in every common colour blindness, and
marker, dash or number says the same again.
"""

from __future__ import annotations

from truststats.present.figures.alignment import alignment_alt, alignment_figure
from truststats.present.figures.categories import (
    category_bars,
    category_bars_alt,
    category_curves,
    category_curves_alt,
)
from truststats.present.figures.explore import (
    loadings_alt,
    loadings_heatmap,
    scree,
    scree_alt,
)
from truststats.present.figures.fit import (
    bootstrap_alt,
    bootstrap_histogram,
    residual_alt,
    residual_heatmap,
)
from truststats.present.figures.forest import forest, forest_alt
from truststats.present.figures.groups import forest_groups, forest_groups_alt
from truststats.present.figures.invariance import (
    invariance_alt,
    invariance_figure,
    item_figure,
    ladder_figure,
)
from truststats.present.figures.likert import likert_alt, likert_bars, likert_pages
from truststats.present.figures.measure import (
    missingness_alt,
    missingness_grid,
    reliability_alt,
    reliability_dots,
)
from truststats.present.figures.style import save_figure
from truststats.present.figures.units import caterpillar, caterpillar_alt
from truststats.present.figures.validity import (
    validity_alt,
    validity_map,
    validity_pairs,
    validity_pairs_alt,
)

__all__ = [
    "alignment_alt",
    "alignment_figure",
    "bootstrap_alt",
    "bootstrap_histogram",
    "category_bars",
    "category_bars_alt",
    "category_curves",
    "category_curves_alt",
    "caterpillar",
    "caterpillar_alt",
    "forest",
    "forest_alt",
    "forest_groups",
    "forest_groups_alt",
    "invariance_alt",
    "invariance_figure",
    "item_figure",
    "ladder_figure",
    "likert_alt",
    "likert_bars",
    "likert_pages",
    "loadings_alt",
    "loadings_heatmap",
    "missingness_alt",
    "missingness_grid",
    "reliability_alt",
    "reliability_dots",
    "residual_alt",
    "residual_heatmap",
    "save_figure",
    "scree",
    "scree_alt",
    "validity_alt",
    "validity_map",
    "validity_pairs",
    "validity_pairs_alt",
]
