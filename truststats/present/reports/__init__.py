"""The report: its material, its sections, and the page they stand on."""
