"""A record moves from a folder to PostgreSQL, whole and unchanged, and goes on there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from meiqia_search.acl import rolefile
from meiqia_search.conversation import Message, Speaker, build
from meiqia_search.errors import ArchiveError, BadConfiguration, RecordUnavailable
from meiqia_search.indexing.intake import take_in
from meiqia_search.query.request import Search
from meiqia_search.records import database, moving
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.conversations import Conversations
from meiqia_search.records.database import PARTS, Databases
from meiqia_search.records.inbox import Inbox
from tests.audited import BY, event, judged
from tests.corpus import corpus
from tests.places import in_folder
from tests.servers import Postgres
from tests.store import Store, caller

pytestmark = pytest.mark.postgres
PASSWORD = "long enough 密码"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive in which something has happened."""
    made = Store(in_folder(tmp_path / "data"))
    made.put(corpus()[:40])
    take_in(made.conversations, [build(corpus()[0].id, {}, [Message(Speaker.CUSTOMER, "变了")])])
    made.conversations.delete([corpus()[1].id])
    made.inbox.put("api", [b'{"id": "waits", "messages": []}'])
    services = made.services
    person = services.people.add("chen", "陈", "administrator", PASSWORD, by=BY)
    services.tokens.create(person, "程序", ["search"], 1, BY)
    services.sign_in.sign_in("chen", PASSWORD, BY.visit)
    services.roles.change(rolefile.to_json(services.policy), services.policy.version, BY)
    made.archive.search(caller(), Search())
    services.checkpoint()
    yield made
    made.close()


def content(databases: Databases) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    found = {}
    for part, metadata in PARTS.items():
        with getattr(databases, part).read() as connection:
            for table in metadata.sorted_tables:
                rows = connection.execute(select(table).order_by(*table.primary_key)).all()
                found[table.name] = [tuple(row) for row in rows]
    return found


def moved(store: Store, url: str) -> Store:
    """The archive at its new place."""
    with store.services.sole_writer():
        store.services.move(url)
    return Store(store.services.settings.model_copy(update={"database_url": url}))


def test_everything_is_there_and_goes_on(store: Store, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "CHUNK", 7)
    before = content(store.databases)
    assert all(before[name] for name in ("conversation", "superseded", "outbox", "inbox", "audit", "person", "token"))
    there = moved(store, postgres.new_database())
    try:
        assert content(there.databases) == before
        assert judged(there.audit, there.services.checkpoints).fault is None
        there.services.sign_in.sign_in("chen", PASSWORD, BY.visit)
        there.put([build("new", {}, [Message(Speaker.CUSTOMER, "新的一条")])])
        assert there.difference().ids == ()
        assert there.archive.search(caller(), Search()).total == 40
        assert judged(there.audit, there.services.checkpoints).fault is None
        for table in ("audit", "conversation", "inbox"):
            assert len(content(there.databases)[table]) >= len(before[table])
    finally:
        there.close()


def test_only_into_an_empty_database(store: Store, postgres: Postgres) -> None:
    url = postgres.new_database()
    there = moved(store, url)
    before = content(there.databases)
    try:
        with pytest.raises(BadConfiguration, match="已经有档案"):
            store.services.move(url)
        assert content(there.databases) == before
        with pytest.raises(BadConfiguration, match="已经在 PostgreSQL"):
            there.services.move(postgres.new_database())
    finally:
        there.close()


def test_all_or_nothing(store: Store, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres.new_database()
    monkeypatch.setattr(moving, "CHUNK", 1)

    def fail(rows: int) -> None:
        if rows > 50:
            raise RecordUnavailable

    with pytest.raises(RecordUnavailable):
        store.services.move(url, fail)
    store.services.move(url)


def test_nobody_writes_meanwhile(store: Store, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 50)
    other, late = database.open_sqlite(store.folder), []
    writes: list[Callable[[], object]] = [
        lambda: Inbox(other.inbox).put("api", [b"{}"]),
        lambda: take_in(Conversations(other.record), [build("late", {}, [])]),
        lambda: AuditLog(other.audit).append(event(1)),
    ]

    def write(_: int) -> None:
        while writes:
            with pytest.raises(ArchiveError) as refused:
                writes.pop()()
            late.append(refused.type)

    before = content(store.databases)
    store.services.move(postgres.new_database(), write)
    assert len(late) == 3
    assert content(store.databases) == before
    Inbox(other.inbox).put("api", [b"{}"])
    other.close()
