"""Write goldens/residuals.json and goldens/scores.json again (needs R with lavaan).

``python tests/reference/make_after_fit.py [--into FOLDER]``
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import material

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=material.GOLDENS)
    into = parser.parse_args().into
    with tempfile.TemporaryDirectory() as data:
        material.export_data(Path(data))
        for topic in ("residuals", "scores"):
            script = str(material.HERE / f"make_{topic}.R")
            subprocess.run(["Rscript", script, data, str(into)], check=True)
