"""A worker process beside this one: it indexes while this one serves."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RESTART_S = 2.0


@contextmanager
def worker_beside(data: Path) -> Iterator[None]:
    """Run a worker for this data folder; it is started again when it dies, and ends when we end or die."""
    stopping = threading.Event()
    command = [sys.executable, "-m", "meiqia_search", "--data", str(data), "worker", "--beside"]
    running: list[subprocess.Popen[bytes]] = []

    def watch() -> None:
        while not stopping.is_set():
            # a session of its own: Ctrl-C is for us, and we tell the worker
            process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - our own
            running[:] = [process]
            process.wait()
            stopping.wait(RESTART_S)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        for process in running:
            process.terminate()
        thread.join(timeout=30)
