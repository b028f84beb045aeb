"""Write the goldens again: export the data, then run make_reference.R (needs R with lavaan).

``python tests/reference/make_reference.py`` writes all of ``goldens/``; names given as arguments
restrict it to those fits, and ``--into FOLDER`` writes somewhere else.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import material


def make(folder: Path, names: list[str]) -> None:
    """Recompute goldens into a folder; no names means all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        material.export_data(Path(data))
        script = str(material.HERE / "make_reference.R")
        subprocess.run(["Rscript", script, data, str(folder), *names], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=material.GOLDENS)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    make(given.into, given.names)
