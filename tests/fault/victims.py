"""What runs in processes that tests kill."""

import atexit
import os
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from meiqia_search.indexing import feed, intake, preparing
from meiqia_search.indexing.lock import writer_lock
from meiqia_search.indexing.rebuild import rebuild
from meiqia_search.records.imports import Progress
from tests.store import MAINTENANCE, Store

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.fault.victims"])


def started(work: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """A process that does this work, under way; it may have helpers, so it is no daemon, and is killed at our end."""
    process = CONTEXT.Process(target=work, args=arguments)
    process.start()
    atexit.register(process.kill)
    return process


def import_all(folder: Path, source: Path, ledger: Path) -> None:
    """Import a file in small batches into record and index; each report is on disk before the next batch."""
    intake.BATCH, feed.BATCH, feed.COMMIT, preparing.SEVERAL = 40, 100, 300, 500
    store = Store(folder)
    with store.feeding() as feeding, ledger.open("a") as lines:

        def report(progress: Progress) -> None:
            lines.write(f"{progress.position} {progress.added} {progress.rejected}\n")
            lines.flush()
            os.fsync(lines.fileno())
            feeding.keep_up()

        rejects = folder / "rejects.jsonl"
        intake.import_file(source, None, rejects, store.conversations, store.imports, report)
        feeding.drain()
    store.close()


def rebuild_slowly(folder: Path, reached: Path) -> None:
    """Begin to build the index anew, say so, and never come to the end."""
    store = Store(folder)

    def stop(*_: int) -> None:
        reached.touch()
        time.sleep(3_600)

    with writer_lock(folder):
        rebuild(store.index, store.conversations, MAINTENANCE, stop)


def work_on(folder: Path) -> None:
    """Keep the index up to date for ever."""
    Store(folder).worker().run()


def hold_lock(folder: Path, held: Path) -> None:
    """Keep the writer's lock."""
    with writer_lock(folder) as mine:
        assert mine
        held.touch()
        time.sleep(3_600)


def wait_for(condition: Callable[[], object], process: ForkServerProcess) -> None:
    """Until the condition holds; the process must not end before."""
    while not condition():
        assert process.is_alive() or condition(), process.exitcode
        time.sleep(0.002)
