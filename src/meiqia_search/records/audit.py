"""Storing what was looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple
from sqlalchemy import ColumnElement, Connection, Select, bindparam, column, func, null, or_, select

from meiqia_search import clock
from meiqia_search.audit.chain import START, Entry, Kept, entry_of, kept, linked
from meiqia_search.audit.events import OK, Event
from meiqia_search.audit.question import Question
from meiqia_search.errors import AuditUnavailable, RecordUnavailable, StorageFull
from meiqia_search.records.database import Database
from meiqia_search.records.locks import Number
from meiqia_search.records.schema import audit
from meiqia_search.records.together import Together

CHUNK = 5_000
END = 1 << 62
"""A number that no entry reaches: what is before it is everything."""
BEFORE_ALL = -(1 << 63) - 1
"""What is behind it is everything, also what somebody put where no entry is."""


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

    def hash_of(self, seq: int) -> bytes | None:
        """The hash of an entry; of number 0, what stands before the first."""
        found = self._read(select(column("hash")).select_from(audit).where(audit.c.seq == seq)) if seq else [(START,)]
        return found[0][0] if found else None

    def rows(self, after: int = BEFORE_ALL) -> Iterator[Sequence[Any]]:
        """The log from its beginning, or behind a number: the columns of an entry, and its hash.

        Of an entry that the database cannot read any more there is only the number.
        """
        last, found = after, True
        while found:
            found = False
            for row in self._readable(last + 1, CHUNK):
                yield row
                last, found = row[0], True

    def before(self, question: Question, seq: int, limit: int) -> list[Kept]:
        """The newest entries before this number that satisfy the question, the newest first.

        Raises:
            AuditDamaged
        """
        older = _ROWS.where(*_conditions(question), audit.c.seq < seq).order_by(audit.c.seq.desc())
        return [kept(row) for row in self._read(older.limit(limit))]

    def after(self, question: Question, seq: int, limit: int) -> list[Kept]:
        """The oldest entries after this number that satisfy the question, the newest first.

        Raises:
            AuditDamaged
        """
        newer = _ROWS.where(*_conditions(question), audit.c.seq > seq).order_by(audit.c.seq)
        return [kept(row) for row in reversed(self._read(newer.limit(limit)))]

    def count(self, question: Question) -> int:
        """How many entries satisfy the question."""
        return int(self._read(select(func.count()).select_from(audit).where(*_conditions(question)))[0][0])

    def uncertain(self, question: Question) -> int:
        """How many more might be about these records: they name only the first of theirs."""
        others = (*_conditions(replace(question, about=())), audit.c.digest != "", ~_names(question.about))
        return int(self._read(select(func.count()).select_from(audit).where(*others))[0][0])

    def newest(self, limit: int) -> list[dict[str, object]]:
        """The newest events, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(limit))
            return [dict(row) for row in rows.mappings()]

    def _read(self, query: Select[Any]) -> Sequence[Sequence[Any]]:
        with self._database.read() as connection:
            return connection.execute(query).all()

    def _readable(self, first: int, limit: int) -> Iterator[Sequence[Any]]:
        """The next rows; fewer at a time where one of them cannot be read, and of that one, in its turn, the number."""
        try:
            for row in self._database.rows(_NEXT, first=first, limit=limit):
                yield row
                first = row[0] + 1
        except RecordUnavailable:
            if limit > 1:
                yield from self._readable(first, limit // 2)
            else:
                yield from self._database.rows(_NUMBER, first=first, limit=limit)

    def _commit(self, events: Sequence[Event]) -> None:
        statements = _PLAIN[self._database.dialect]
        with self._database.plain.transaction(statements.first) as cursor:
            cursor.execute(statements.head)
            newest = cursor.fetchone()
            cursor.executemany(statements.insert, list(_chained(_headed(newest), events)))


def _chained(head: Head, events: Sequence[Event]) -> Iterator[tuple[object, ...]]:
    """The rows of events that come after the head."""
    link, at = head.hash, clock.now()
    for seq, event in enumerate(events, head.seq + 1):
        entry = entry_of(event, seq, at)
        link = linked(link, entry)
        yield (*astuple(entry), link)


def _head(connection: Connection) -> Head:
    return _headed(connection.execute(_HEAD).first())


def _headed(newest: Sequence[Any] | None) -> Head:
    return Head(*newest) if newest else Head(0, START)


def _conditions(question: Question) -> Iterator[ColumnElement[bool]]:
    if question.people:
        yield audit.c.person.in_(question.people) | _names(question.people)
    if question.actions:
        yield audit.c.action.in_(question.actions)
    if question.about:
        yield _names(question.about)
    if question.since is not None:
        yield audit.c.at >= question.since
    if question.until is not None:
        yield audit.c.at < question.until
    if question.failed is not None:
        yield audit.c.outcome != OK if question.failed else audit.c.outcome == OK
    if question.entries:
        yield audit.c.seq.between(*question.entries)
    if question.words:
        yield audit.c.sentence.icontains(question.words, autoescape=True)


def _names(ids: Sequence[str]) -> ColumnElement[bool]:
    """Whether an entry names one of these records; on every database in exactly this spelling."""
    written = [msgspec.json.encode(each).decode() for each in ids]
    return or_(*(func.replace(audit.c.ids, each, "") != audit.c.ids for each in written))


class _Statements(NamedTuple):
    """What the driver is told to append: first, to find the head, and for each row."""

    first: str
    head: str
    insert: str


def _statements(first: str, mark: str) -> _Statements:
    columns = (*Entry.__struct_fields__, "hash")
    names, marks = ", ".join(f'"{each}"' for each in columns), ", ".join([mark] * len(columns))
    return _Statements(
        first,
        "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
        f"INSERT INTO audit ({names}) VALUES ({marks})",  # noqa: S608 - names of columns
    )


_PLAIN = {
    "sqlite": _statements("BEGIN IMMEDIATE", "?"),
    "postgresql": _statements(f"SELECT pg_advisory_xact_lock({int(Number.AUDIT)})", "%s"),
}
"""On PostgreSQL those who append take turns; on SQLite there is one transaction at a time anyway."""
_HEAD = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_ROWS = select(*(audit.c[name] for name in Entry.__struct_fields__), column("hash")).select_from(audit)
"""The hash as it is there, whatever it is."""
_NEXT, _NUMBER = (
    what.where(audit.c.seq >= bindparam("first")).order_by(audit.c.seq).limit(bindparam("limit"))
    for what in (_ROWS, select(audit.c.seq, null()))
)
