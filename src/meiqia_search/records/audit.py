"""Storing what was looked at."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import asdict
from sqlalchemy import Connection, Select, column, insert, literal, select

from meiqia_search import clock
from meiqia_search.audit.chain import START, Entry, entry_of, linked
from meiqia_search.audit.events import Event
from meiqia_search.errors import AuditUnavailable, RecordUnavailable, StorageFull
from meiqia_search.records.database import Database, take_turns
from meiqia_search.records.locks import Number
from meiqia_search.records.schema import audit
from meiqia_search.records.together import Together

CHUNK = 5_000


class Head(NamedTuple):
    """The newest entry of the log; of an empty one, what stands before the first."""

    seq: int
    hash: bytes


class AuditLog:
    """Appends events to the chain; a row is on disk when :meth:`append` returns.

    Answers that wait at once share a commit. Processes take turns, so the chain has no fork and no gap.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(self._commit)

    def append(self, event: Event) -> None:
        """Commit one event.

        Raises:
            AuditUnavailable: it could not be written, so nothing may be shown.
        """
        try:
            self._together.do(event)
        except (RecordUnavailable, StorageFull) as broken:
            raise AuditUnavailable from broken

    def head(self) -> Head:
        """The newest entry."""
        with self._database.read() as connection:
            return _head(connection)

    def rows(self) -> Iterator[Sequence[Any]]:
        """The whole log from its beginning: the columns of an entry, and its hash.

        Of an entry that the database cannot read any more there is only the number.
        """
        last: int | None = None
        while chunk := self._readable(last, CHUNK):
            yield from chunk
            last = chunk[-1][0]

    def newest(self, limit: int) -> list[dict[str, object]]:
        """The newest events, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(limit))
            return [dict(row) for row in rows.mappings()]

    def _readable(self, after: int | None, limit: int) -> Sequence[Sequence[Any]]:
        """The next rows; fewer where one of them cannot be read, and of that one, in its turn, the number."""
        try:
            return self._after(_ROWS, after, limit)
        except RecordUnavailable:
            return self._readable(after, limit // 2) if limit > 1 else self._after(_NUMBERS, after, limit)

    def _after(self, rows: Select[Any], seq: int | None, limit: int) -> Sequence[Sequence[Any]]:
        rest = rows if seq is None else rows.where(audit.c.seq > seq)
        with self._database.read() as connection:
            return connection.execute(rest.order_by(audit.c.seq).limit(limit)).all()

    def _commit(self, events: Sequence[Event]) -> None:
        with self._database.write() as connection:
            take_turns(connection, Number.AUDIT)
            connection.execute(_INSERT, list(_chained(_head(connection), events)))


def _chained(head: Head, events: Sequence[Event]) -> Iterator[dict[str, object]]:
    """The rows of events that come after the head."""
    link, at = head.hash, clock.now()
    for seq, event in enumerate(events, head.seq + 1):
        entry = entry_of(event, seq, at)
        link = linked(link, entry)
        yield {**asdict(entry), "hash": link}


def _head(connection: Connection) -> Head:
    newest = connection.execute(_HEAD).first()
    return Head(*newest) if newest else Head(0, START)


_INSERT = insert(audit)
_HEAD = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_ROWS = select(*(audit.c[name] for name in Entry.__struct_fields__), column("hash"))
"""The hash as it is there, whatever it is."""
_NUMBERS = select(audit.c.seq, literal(None))
