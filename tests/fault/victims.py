"""What runs in processes that tests kill."""

import atexit
import os
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from meiqia_search.indexing import feed, helping, intake
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.imports import Progress
from meiqia_search.settings import Settings
from tests.audited import append
from tests.conftest import open_databases
from tests.store import MAINTENANCE, Store

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.fault.victims"])


def started(work: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """A process that does this work, under way; it may have helpers, so it is no daemon, and is killed at our end."""
    process = CONTEXT.Process(target=work, args=arguments)
    process.start()
    atexit.register(process.kill)
    return process


def import_all(place: Settings, source: Path, ledger: Path) -> None:
    """Import a file in small batches into record and index; each report is on disk before the next batch."""
    intake.BATCH, intake.READ_AT_ONCE, feed.BATCH, feed.COMMIT, helping.SEVERAL = 40, 20, 100, 300, 500
    store = Store(place)
    with store.feeding() as feeding, ledger.open("a") as lines:

        def report(progress: Progress) -> None:
            lines.write(f"{progress.position} {progress.added} {progress.rejected}\n")
            lines.flush()
            os.fsync(lines.fileno())

        rejects = place.data_dir / "rejects.jsonl"
        intake.import_file(source, None, rejects, store.conversations, store.imports, feeding, report)
        feeding.drain()
    store.close()


def rebuild_slowly(place: Settings, reached: Path) -> None:
    """Begin to build the index anew, say so, and never come to the end."""
    store = Store(place)

    def stop(*_: int) -> None:
        reached.touch()
        time.sleep(3_600)

    with store.services.sole_writer():
        store.services.rebuild(MAINTENANCE, stop)


def work_on(place: Settings) -> None:
    """Keep the index up to date for ever."""
    Store(place).worker().run()


def append_audit(address: Path | str, numbers: range, ledger: Path) -> None:
    """Append events to the audit; the number of each is on disk before the next."""
    databases = open_databases(address)
    log = AuditLog(databases.audit)
    with ledger.open("ab", buffering=0) as lines:
        append(log, numbers, lambda number: lines.write(b"%d\n" % number))
    databases.close()


def hold_lock(place: Settings, held: Path) -> None:
    """Keep the writer's lock."""
    with Store(place).databases.locks.writing.taken() as mine:
        assert mine
        held.touch()
        time.sleep(3_600)


def wait_for(condition: Callable[[], object], process: ForkServerProcess) -> None:
    """Until the condition holds; the process must not end before."""
    while not condition():
        assert process.is_alive() or condition(), process.exitcode
        time.sleep(0.002)


def until(condition: Callable[[], object], patience: float = 30.0) -> None:
    """Until the condition holds."""
    late = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < late
        time.sleep(0.02)
