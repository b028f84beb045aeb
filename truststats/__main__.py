"""Run the command line as ``python -m truststats``."""

from __future__ import annotations

from truststats.cli import main

if __name__ == "__main__":
    main()
