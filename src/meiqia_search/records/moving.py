"""A whole record from SQLite to PostgreSQL, as it is: all of it or nothing, while nobody writes here."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from sqlalchemy import Connection, Table, exists, func, insert, select, text

from meiqia_search.errors import BadConfiguration
from meiqia_search.records.database import PARTS, Databases

CHUNK = 2_000
NOT_EMPTY = "目标数据库里已经有档案；请换一个空的数据库。什么都没有改动。"


def move(source: Databases, target: Databases, progress: Callable[[int], object]) -> int:
    """Copy every row of every table; how many rows that were.

    Raises:
        BadConfiguration: the target is not empty.
        RecordUnavailable, StorageFull: nothing was moved.
    """
    moved = 0
    with ExitStack() as stack:
        # each takes the lock of its file: nobody writes here until everything is there
        out = {part: stack.enter_context(getattr(source, part).write()) for part in PARTS}
        into = stack.enter_context(target.record.write())
        for part, metadata in PARTS.items():
            for table in metadata.sorted_tables:
                _require_empty(table, into)
                for copied in _copied(table, out[part], into):
                    moved += copied
                    progress(moved)
                _go_on_counting(table, into)
    return moved


def _require_empty(table: Table, connection: Connection) -> None:
    if connection.execute(select(exists().select_from(table))).scalar_one():
        raise BadConfiguration(NOT_EMPTY)


def _copied(table: Table, out: Connection, into: Connection) -> Iterator[int]:
    """Copy the rows; how many with each step."""
    rows = out.execution_options(yield_per=CHUNK).execute(select(table))
    for some in rows.mappings().partitions():
        into.execute(insert(table), [dict(row) for row in some])
        yield len(some)


def _go_on_counting(table: Table, connection: Connection) -> None:
    """Let numbers that the database gives go on behind the largest there is."""
    counter = table.autoincrement_column
    if counter is None:
        return
    sequence = select(func.pg_get_serial_sequence(table.name, counter.name)).scalar_subquery()
    largest = select(func.coalesce(func.max(counter), 0) + 1).scalar_subquery()
    connection.execute(select(func.setval(sequence, largest, text("false"))))
