"""Time truststats beside lavaan and semopy, in one run, and check that they agree.

``python benchmarks/run.py`` prints a table and writes results.json and results.md beside itself.
``--jobs ml fiml boot`` chooses; ``--rounds``, ``--long-rounds`` and ``--draws`` make it shorter.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


def main() -> int:
    """Start the measurements with one thread; a linear algebra library reads that only once."""
    path = os.pathsep.join(p for p in (str(HERE.parent), os.environ.get("PYTHONPATH")) if p)
    environment = os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": path}
    command = [sys.executable, str(HERE / "measure.py"), *sys.argv[1:]]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
