"""``python -m benchmarks [SIZE …]``: 10,000 and 100,000 conversations unless told otherwise, on both engines."""

import sys
import tempfile
from pathlib import Path

from benchmarks import archive, audit, figures, opensearch
from opensearch_home import CannotAssemble

sizes = [int(size.replace(",", "").replace("_", "")) for size in sys.argv[1:]] or [10_000, 100_000]
with tempfile.TemporaryDirectory(prefix="meiqia-bench-") as folder:
    for size in sizes:
        archive.run(size, Path(folder) / "run")
        try:
            opensearch.run(size, Path(folder) / "run")
        except CannotAssemble as reason:
            print(f"opensearch: {reason}")
audit.run()
figures.write()
