"""Payloads between being acknowledged and being in the record."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from meiqia_search import clock
from meiqia_search.records.among import among, listed
from meiqia_search.records.database import Database
from meiqia_search.records.schema import inbox


class Payload(NamedTuple):
    """What was received, as bytes, and from where."""

    seq: int
    source: str
    body: bytes


class Failure(NamedTuple):
    """A payload that cannot be taken in, and why."""

    seq: int
    body: bytes
    reason: str


class Inbox:
    """A payload is on disk when :meth:`put` returns; only then may it be acknowledged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, source: str, bodies: Sequence[bytes]) -> None:
        """Keep payloads, in one transaction."""
        now = clock.now()
        if bodies:
            with self._database.write() as connection:
                connection.execute(
                    insert(inbox), [{"source": source, "payload": body, "received_at": now} for body in bodies]
                )

    def next(self, limit: int) -> list[Payload]:
        """The oldest payloads that wait."""
        waiting = select(inbox.c.seq, inbox.c.source, inbox.c.payload).where(inbox.c.failed.is_(None))
        with self._database.read() as connection:
            return [Payload(*row) for row in connection.execute(waiting.order_by(inbox.c.seq).limit(limit))]

    def done(self, seqs: Sequence[int]) -> None:
        """These are in the record, or where they were written off to."""
        with self._database.write() as connection:
            here = connection.dialect.name
            connection.execute(delete(inbox).where(among(here, inbox.c.seq)), listed(here, seqs))

    def fail(self, seq: int, reason: str) -> None:
        """This one cannot be taken in; it is kept with the reason."""
        with self._database.write() as connection:
            connection.execute(update(inbox).where(inbox.c.seq == seq).values(failed=reason))

    def failed(self, source: str) -> list[Failure]:
        """What came from this source and could not be taken in, oldest first."""
        query = select(inbox.c.seq, inbox.c.payload, inbox.c.failed).where(inbox.c.source == source)
        with self._database.read() as connection:
            rows = connection.execute(query.where(inbox.c.failed.is_not(None)).order_by(inbox.c.seq))
            return [Failure(*row) for row in rows]
