"""Import a file into a new archive until everything can be found: ``python -m benchmarks.importing FILE FOLDER``."""

import sys
import time
from pathlib import Path

import msgspec

from benchmarks.measure import peak_memory_mb
from meiqia_search.acl.principal import Principal
from meiqia_search.archive import Caller
from meiqia_search.indexing import intake
from meiqia_search.query.request import Search
from meiqia_search.settings import Settings
from meiqia_search.wiring import open_services


def run(file: Path, folder: Path) -> int:
    services = open_services(Settings(data_dir=folder))
    caller = Caller(Principal("bench", "bench", "administrator"), "bench")
    try:
        with services.indexing(services.archive.scope(caller)) as feed:
            assert feed is not None
            intake.import_file(
                file, None, folder / "rejects.jsonl", services.conversations, services.imports, lambda _: feed.keep_up()
            )
            feed.drain()
        return services.archive.search(caller, Search()).total
    finally:
        services.close()


if __name__ == "__main__":
    began = time.perf_counter()
    found = run(Path(sys.argv[1]), Path(sys.argv[2]))
    seconds = time.perf_counter() - began
    print(msgspec.json.encode({"count": found, "seconds": seconds, "memory_mb": peak_memory_mb()}).decode())
