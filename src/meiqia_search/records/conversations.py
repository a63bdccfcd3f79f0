"""Conversations, what they replaced, and the outbox of changes for the index: always written together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import local
from types import MappingProxyType
from typing import Any, NamedTuple

import zstandard
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from meiqia_search import clock
from meiqia_search.conversation import Conversation, decode, encode
from meiqia_search.errors import BadConversation
from meiqia_search.records.among import among, listed
from meiqia_search.records.database import Database, take_turns
from meiqia_search.records.schema import conversation as table
from meiqia_search.records.schema import outbox, superseded, unindexed

CHUNK = 500
FIRST = 1
"""The version of a conversation that was not there before."""
UNDATED = "undated"


class Stored(NamedTuple):
    """A conversation, its version in the record, and the partition it was put in at first sight."""

    conversation: Conversation
    version: int
    partition: str


class Packed(NamedTuple):
    """A conversation as it lies in the record; :meth:`stored` opens it."""

    id: str
    version: int
    body: bytes
    partition: str

    def stored(self) -> Stored:
        """What is in it.

        Raises:
            BadConversation: it is damaged.
        """
        try:
            plain = _CODEC.unpack(self.body)
        except zstandard.ZstdError as damage:
            raise BadConversation("档案中的这条会话已损坏，请从备份恢复。") from damage
        return Stored(decode(plain), self.version, self.partition)


class Sealed(NamedTuple):
    """A conversation as the record will keep it, and the names it brings; made by :func:`sealed`."""

    id: str
    digest: bytes
    body: bytes
    partition: str
    names: Mapping[str, Mapping[str, str]]


class Queued(NamedTuple):
    """A change that the index does not know yet.

    ``anew``: the conversation was deleted, or was found in the wrong place; before it comes in (perhaps in another
    partition) it has to be taken out wherever it is.
    """

    seq: int
    id: str
    anew: bool = False


@dataclass(slots=True)
class Tally:
    """What a batch did to the record."""

    added: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.added + other.added, self.changed + other.changed, self.same + other.same)


class Freshness(NamedTuple):
    """``as_of``: the latest change (an instant); ``pending``: changes that cannot be found yet."""

    as_of: int | None
    pending: int


class _Codec(local):
    """zstd contexts are not to be shared between threads."""

    def __init__(self) -> None:
        self.pack: Callable[[bytes], bytes] = zstandard.ZstdCompressor(level=1).compress
        self.unpack: Callable[[bytes], bytes] = zstandard.ZstdDecompressor().decompress


_CODEC = _Codec()


class Conversations:
    """The record of conversations. Imported only by the rooms that may pass the door (DESIGN 8)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, batch: Sequence[Conversation], also: Callable[[Connection, Tally], None] = lambda *_: None) -> Tally:
        """:meth:`keep` conversations."""
        return self.keep([sealed(each) for each in batch], also)

    def keep(self, batch: Sequence[Sealed], also: Callable[[Connection, Tally], None] = lambda *_: None) -> Tally:
        """Keep each conversation and note the change for the index, in one transaction with ``also``.

        The same content again changes nothing; other content under a known id is a new version, the old one is kept in
        ``superseded``. Within a batch the last of an id wins.
        """
        tally = Tally()
        with self._database.write() as connection:
            take_turns(connection)
            for some in _rounds(batch):
                tally += _keep_round(connection, some)
            also(connection, tally)
        return tally

    def get(self, ids: Sequence[str]) -> dict[str, Stored]:
        """Those of the conversations that exist, by id."""
        return {each: packed.stored() for each, packed in self.packed(ids).items()}

    def packed(self, ids: Sequence[str]) -> dict[str, Packed]:
        """Those of the conversations that exist, by id, not yet opened."""
        found: dict[str, Packed] = {}
        here = self._database.dialect
        for chunk in _chunks([each for each in ids if "\0" not in each]):  # PostgreSQL refuses it
            rows = self._database.rows(_GET[here], **listed(here, chunk))
            found.update({row[0]: Packed(*row) for row in rows})
        return found

    def delete(self, ids: Sequence[str]) -> None:
        """Remove conversations and everything they replaced, and note it for the index."""
        now, here = clock.now(), self._database.dialect
        with self._database.write() as connection:
            for chunk in _chunks(ids):
                connection.execute(delete(table).where(among(here, table.c.id)), listed(here, chunk))
                connection.execute(delete(superseded).where(among(here, superseded.c.id)), listed(here, chunk))
                connection.execute(insert(outbox), [{"id": each, "at": now, "anew": 1} for each in chunk])

    def walk(self, size: int = CHUNK) -> Iterator[list[Packed]]:
        """Every conversation in the order of arrival, in chunks, each read in a transaction of its own."""
        after = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(
                    select(table.c.seq, table.c.id, table.c.version, table.c.body, table.c.partition)
                    .where(table.c.seq > after)
                    .order_by(table.c.seq)
                    .limit(size)
                ).all()
            if not rows:
                return
            after = rows[-1][0]
            yield [Packed(*row[1:]) for row in rows]

    def versions(self) -> Iterator[tuple[str, int]]:
        """Id and version of every conversation."""
        after = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(
                    select(table.c.seq, table.c.id, table.c.version)
                    .where(table.c.seq > after)
                    .order_by(table.c.seq)
                    .limit(20_000)
                ).all()
            if not rows:
                return
            after = rows[-1][0]
            yield from ((row[1], row[2]) for row in rows)

    def versions_of(self, ids: Sequence[str]) -> dict[str, int]:
        """The version of each that exists."""
        found: dict[str, int] = {}
        here = self._database.dialect
        known = select(table.c.id, table.c.version).where(among(here, table.c.id))
        with self._database.read() as connection:
            for chunk in _chunks(ids):
                rows = connection.execute(known, listed(here, chunk))
                found.update({row[0]: row[1] for row in rows})
        return found

    def settled(self, ids: Sequence[str]) -> dict[str, int | None]:
        """The version of each (none: there is no such conversation) for which no change waits."""
        waiting = {each.id for each in self.queued(10**9)} if ids else set()
        settled = [each for each in ids if each not in waiting]
        known = self.versions_of(settled)
        return {each: known.get(each) for each in settled}

    def count(self) -> int:
        """How many there are."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def queued(self, limit: int, beyond: int = 0) -> list[Queued]:
        """The next changes for the index, oldest first, behind the sequence number ``beyond``."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(outbox.c.seq, outbox.c.id, outbox.c.anew)
                .where(outbox.c.seq > beyond)
                .order_by(outbox.c.seq)
                .limit(limit)
            )
            return [Queued(seq, each, bool(anew)) for seq, each, anew in rows]

    def enqueue(self, ids: Sequence[str]) -> None:
        """Note these conversations for the index again (a repair)."""
        now = clock.now()
        with self._database.write() as connection:
            for chunk in _chunks(ids):
                connection.execute(insert(outbox), [{"id": each, "at": now, "anew": 1} for each in chunk])

    def done(self, seqs: Sequence[int], refused: Mapping[str, str] = MappingProxyType({})) -> None:
        """The index has committed these changes, but for those that it refused for a reason."""
        here = self._database.dialect
        these = among(here, outbox.c.seq)
        with self._database.write() as connection:
            for chunk in _chunks(seqs):
                known = unindexed.c.id.in_(select(outbox.c.id).where(these))
                connection.execute(delete(unindexed).where(known), listed(here, chunk))
                connection.execute(delete(outbox).where(these), listed(here, chunk))
            _note_refused(connection, refused)

    def refuse(self, refused: Mapping[str, str]) -> None:
        """The index in use refuses these, for a reason, and none else."""
        with self._database.write() as connection:
            connection.execute(delete(unindexed))
            _note_refused(connection, refused)

    def refused(self) -> dict[str, str]:
        """What the index does not take, with the reason: it can be read, but not be found."""
        with self._database.read() as connection:
            rows = connection.execute(select(unindexed.c.id, unindexed.c.reason).order_by(unindexed.c.id))
            return {row.id: row.reason for row in rows}

    def last_queued(self) -> int:
        """The sequence number of the newest change that waits, 0 if none does."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(outbox.c.seq))).scalar() or 0

    def waits_up_to(self, seq: int) -> bool:
        """Whether a change up to this sequence number still waits."""
        with self._database.read() as connection:
            return connection.execute(select(outbox.c.seq).where(outbox.c.seq <= seq).limit(1)).first() is not None

    def freshness(self) -> Freshness:
        """Up to when the index knows the record."""
        with self._database.read() as connection:
            as_of = connection.execute(select(func.max(table.c.changed_at))).scalar()
            pending = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
            return Freshness(as_of, pending)


_GET = {
    dialect: select(table.c.id, table.c.version, table.c.body, table.c.partition).where(among(dialect, table.c.id))
    for dialect in ("sqlite", "postgresql")
}
_CHANGE = (
    update(table)
    .where(table.c.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in ("version", "digest", "body", "changed_at")})
)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def _rounds(batch: Iterable[Sealed]) -> Iterator[list[Sealed]]:
    """Chunks in which no id occurs twice, so that versions of one conversation follow each other."""
    chunk: dict[str, Sealed] = {}
    for each in batch:
        if each.id in chunk or len(chunk) == CHUNK:
            yield list(chunk.values())
            chunk = {}
        chunk[each.id] = each
    if chunk:
        yield list(chunk.values())


def partition_of(conversation: Conversation) -> str:
    """The month of the start, where a conversation is kept from first sight on, also if its start is corrected."""
    start = conversation.number("started_at")
    return UNDATED if start is None else f"{clock.today(start):%Y-%m}"


def sealed(conversation: Conversation) -> Sealed:
    """A conversation as the record keeps it; a pure function, so that it can be done in another process."""
    plain = encode(conversation)
    return Sealed(
        conversation.id,
        blake2b(plain, digest_size=16).digest(),
        _CODEC.pack(plain),
        partition_of(conversation),
        conversation.names,
    )


def _keep_round(connection: Connection, batch: Sequence[Sealed]) -> Tally:
    now, here = clock.now(), connection.dialect.name
    there = select(table.c.id, table.c.version, table.c.digest).where(among(here, table.c.id))
    known = {row.id: row for row in connection.execute(there, listed(here, [each.id for each in batch]))}
    fresh: list[dict[str, Any]] = []
    newer: list[dict[str, Any]] = []
    tally = Tally()
    for each in batch:
        old = known.get(each.id)
        if old is None:
            fresh.append({
                "id": each.id, "version": FIRST, "digest": each.digest, "body": each.body,
                "partition": each.partition, "changed_at": now,
            })  # fmt: skip
        elif old.digest == each.digest:
            tally.same += 1
        else:
            newer.append({
                "of": each.id, "new_version": old.version + 1, "new_digest": each.digest, "new_body": each.body,
                "new_changed_at": now,
            })  # fmt: skip
    if fresh:
        connection.execute(insert(table), fresh)
    if newer:
        _supersede(connection, [row["of"] for row in newer])
        connection.execute(_CHANGE, newer)
    noted = [row["id"] for row in fresh] + [row["of"] for row in newer]
    if noted:
        connection.execute(insert(outbox), [{"id": each, "at": now} for each in noted])
    tally.added, tally.changed = len(fresh), len(newer)
    return tally


def _note_refused(connection: Connection, refused: Mapping[str, str]) -> None:
    now, here = clock.now(), connection.dialect.name
    for chunk in _chunks(list(refused)):
        connection.execute(delete(unindexed).where(among(here, unindexed.c.id)), listed(here, chunk))
        connection.execute(insert(unindexed), [{"id": each, "reason": refused[each], "at": now} for each in chunk])


def _supersede(connection: Connection, ids: Sequence[str]) -> None:
    here = connection.dialect.name
    old = select(table.c.id, table.c.version, table.c.body, table.c.changed_at).where(among(here, table.c.id))
    new = insert(superseded).from_select(["id", "version", "body", "changed_at"], old)
    connection.execute(new, listed(here, ids))
