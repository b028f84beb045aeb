"""The page on many groups reports the simulation that is kept beside it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_has_the_numbers_of_the_simulation() -> None:
    page = (DOCS / "howto" / "many_groups.md").read_text(encoding="utf8")
    for row in pd.read_csv(DOCS / "simulations" / "alignment.csv").itertuples():
        line = (
            f"| {row.groups} | {row.people} | {row.items_apart} | {row.samples} | "
            f"{row.rmse_mean:.2f} | {row.cor_mean:.2f} | {100 * row.covered_mean:.0f} % | "
            f"{100 * row.covered_variance:.0f} % | {100 * row.covered_all_pairs:.0f} % | "
            f"{100 * row.share_apart:.0f} % |"
        )
        assert line in page
