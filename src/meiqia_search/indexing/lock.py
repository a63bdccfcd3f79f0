"""Who writes the index: one process at a time, given free by the system when it dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def writer_lock(folder: Path) -> Iterator[bool]:
    """Hold the lock of this data folder; yields False at once when another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "index.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
