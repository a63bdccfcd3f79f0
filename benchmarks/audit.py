"""What the audit costs: ``python -m benchmarks.audit``.

The entry of an answer beside a bare synchronised append of the same row to the same kind of table (and, to compare, of
the same line to a file), in turn; how many answers that wait at once share a commit; and how fast a log is verified.
"""

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from msgspec.structs import astuple

from benchmarks.measure import milliseconds, record, summary
from meiqia_search.audit.chain import Entry, entry_of, verify
from meiqia_search.audit.events import Action, Actor, Event, Visit
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import open_sqlite

ROUNDS = 1_000
WARM = 50
THREADS, EACH = 8, 100
ENTRIES = 200_000
BATCH = 5_000
TIMES = 7
"""The fastest of so many counts: the machine may have other things to do."""
BY = Actor("p-0123456789abcdef", "agent", Visit("web", "192.0.2.1", "0123456789", "0123456789ab"))


def event(number: int) -> Event:
    """A search with a page of results."""
    return Event(
        Action.SEARCH, BY, 1, f"包含“退款”，第 {number} 次", tuple(f"c{number + at}" for at in range(20)), 1_284
    )


def bare_table(path: Path) -> Callable[[int], None]:
    """The same row into a table as the log's, synchronised, and nothing else."""
    columns = Entry.__struct_fields__
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"CREATE TABLE bare (seq INTEGER PRIMARY KEY, {', '.join(columns[1:])}, hash BLOB)")
    insert = f"INSERT INTO bare VALUES ({', '.join('?' * (len(columns) + 1))})"  # noqa: S608 - only marks
    row = astuple(entry_of(event(1), 1, 1))[1:]

    def append(seq: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(insert, (seq, *row, bytes(32)))
        connection.execute("COMMIT")

    return append


def bare_file(path: Path) -> Callable[[int], None]:
    """The same line to the end of a file, synchronised."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    line = msgspec.json.encode(entry_of(event(1), 1, 1)) + b"\n"

    def append(_: int) -> None:
        os.write(file, line)
        os.fsync(file)

    return append


def appending(log: AuditLog, folder: Path) -> None:
    """One answer after another."""
    table, file = bare_table(folder / "bare.sqlite"), bare_file(folder / "bare.jsonl")
    events = [event(number) for number in range(1, ROUNDS + 1)]
    ways: Sequence[Callable[[int], object]] = (lambda at: log.append(events[at - 1]), table, file)
    times: list[list[float]] = [[] for _ in ways]
    for number in range(1, ROUNDS + 1):
        for way, taken in zip(ways, times, strict=True):
            taken.append(milliseconds(lambda way=way, number=number: way(number)))  # type: ignore[misc]  # bound now
    ours, bare, plain = (summary(each[WARM:]) for each in times)
    ratio = statistics.median(a / b for a, b in zip(times[0][WARM:], times[1][WARM:], strict=True))
    print(f"append {ours['median']:.3f} ms, bare {bare['median']:.3f}, file {plain['median']:.3f}; ratio {ratio:.2f}")
    record("audit append", ROUNDS, {"ours_ms": ours, "bare_ms": bare, "file_ms": plain, "ratio": ratio})


def together(log: AuditLog) -> None:
    """Many answers at once."""
    rounds: list[int] = []
    work = log._together._work  # noqa: SLF001 - to see how many go into a commit
    log._together._work = lambda items: (rounds.append(len(items)), work(items))[1]  # type: ignore[func-returns-value]  # noqa: SLF001
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda at: [log.append(event(at * EACH + each)) for each in range(EACH)], range(THREADS)))
    seconds, events = time.perf_counter() - began, THREADS * EACH
    log._together._work = work  # noqa: SLF001
    print(f"together {events / seconds:,.0f} answers/s, {events / len(rounds):.1f} in a commit")
    figures = {"threads": THREADS, "answers_per_s": events / seconds, "per_commit": events / len(rounds)}
    record("audit together", events, figures)


def verifying(log: AuditLog) -> None:
    """A long log, from its first entry to its last."""
    for start in range(0, ENTRIES, BATCH):
        log._commit([event(start + at) for at in range(BATCH)])  # noqa: SLF001 - as if they had waited together
    verdict = verify(log.rows(), [])
    seconds = min(milliseconds(lambda: verify(log.rows(), [])) for _ in range(TIMES)) / 1000
    print(f"verify {verdict.checked / seconds:,.0f} entries/s")
    record("audit verify", verdict.checked, {"entries_per_s": verdict.checked / seconds})


def run() -> None:
    """All three, each on a new log."""
    for work in (appending, lambda log, _: together(log), lambda log, _: verifying(log)):
        with tempfile.TemporaryDirectory(prefix="meiqia-audit-") as folder:
            databases = open_sqlite(Path(folder) / "data")
            try:
                work(AuditLog(databases.audit), Path(folder))
            finally:
                databases.close()


if __name__ == "__main__":
    run()
