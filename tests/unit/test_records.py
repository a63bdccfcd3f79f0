"""The record keeps what it was given, on both databases."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import msgspec
import pytest
from sqlalchemy import insert, select, text

from meiqia_search.audit.events import Action, Actor, Event, Visit
from meiqia_search.conversation import Conversation, Message, Speaker, accepted, build
from meiqia_search.errors import AuditUnavailable, RecordUnavailable
from meiqia_search.indexing.intake import take_in
from meiqia_search.records import directory, imports
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.conversations import CHUNK, Conversations, Tally
from meiqia_search.records.database import Database, Databases
from meiqia_search.records.directory import Directory
from meiqia_search.records.imports import Imports, Progress
from meiqia_search.records.inbox import Inbox
from meiqia_search.records.schema import outbox, superseded
from meiqia_search.records.state import State
from tests.conftest import open_databases

BY = Actor("p1", "agent", Visit("web", "127.0.0.1", "t1"))
EVENT = Event(Action.SEARCH, BY, 1, "包含“退款”", ("c1", "c2"), 2)


@pytest.fixture
def conversations(databases: Databases) -> Conversations:
    return Conversations(databases.record)


def said(conversation_id: str, text_: str = "您好") -> Conversation:
    return build(conversation_id, {}, [Message(Speaker.CUSTOMER, text_)])


def counts(tally: Tally) -> tuple[int, int, int]:
    return tally.added, tally.changed, tally.same


def queue(conversations: Conversations) -> list[str]:
    return [each.id for each in conversations.queued(10**6)]


def test_new_same_and_changed(conversations: Conversations, databases: Databases) -> None:
    assert counts(conversations.put([said("a"), said("b")])) == (2, 0, 0)
    assert counts(conversations.put([said("a"), said("b", "再见"), said("c")])) == (1, 1, 1)
    assert queue(conversations) == ["a", "b", "c", "b"]
    found = conversations.get(["c", "b", "x", "a"])
    assert {each: (stored.version, stored.conversation.messages[0].text) for each, stored in found.items()} == {
        "a": (1, "您好"), "b": (2, "再见"), "c": (1, "您好"),
    }  # fmt: skip
    with databases.record.read() as connection:
        assert connection.execute(select(superseded.c.id, superseded.c.version)).all() == [("b", 1)]


def test_the_last_of_an_id_in_a_batch_wins(conversations: Conversations) -> None:
    tally = conversations.put([said("a", "一"), said("b"), said("a", "二"), said("a", "二"), said("a", "三")])
    assert counts(tally) == (2, 2, 1)
    stored = conversations.get(["a"])["a"]
    assert (stored.version, stored.conversation.messages[0].text) == (3, "三")


def test_what_goes_wrong_in_the_transaction_undoes_all_of_it(conversations: Conversations) -> None:
    def fail(*_: object) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        conversations.put([said("a")], fail)
    assert (conversations.count(), queue(conversations)) == (0, [])


def test_more_than_a_chunk(conversations: Conversations) -> None:
    many = [said(f"c{number}") for number in range(2 * CHUNK + 3)]
    conversations.put(many)
    everything = [each.id for each in many]
    assert [packed.stored().conversation for chunk in conversations.walk(7) for packed in chunk] == many
    assert list(conversations.versions()) == [(each, 1) for each in everything]
    assert set(conversations.get(everything)) == set(everything)
    assert conversations.count() == len(many)
    conversations.done([each.seq for each in conversations.queued(10**6)])
    assert queue(conversations) == []


def test_deleting_leaves_nothing_but_the_note_for_the_index(conversations: Conversations, databases: Databases) -> None:
    conversations.put([said("a"), said("b")])
    conversations.put([said("a", "改过")])
    conversations.done([each.seq for each in conversations.queued(9)])
    conversations.delete(["a", "没有"])
    assert (list(conversations.get(["a", "b"])), queue(conversations)) == (["b"], ["a", "没有"])
    with databases.record.read() as connection:
        assert connection.execute(select(superseded)).all() == []


def test_the_queue_is_read_in_order_and_in_parts(conversations: Conversations) -> None:
    conversations.put([said("a"), said("b"), said("c")])
    first = conversations.queued(2)
    assert [each.id for each in first] == ["a", "b"]
    assert [each.id for each in conversations.queued(2, beyond=first[-1].seq)] == ["c"]
    assert conversations.last_queued() == first[-1].seq + 1
    conversations.done([first[0].seq])
    assert not conversations.waits_up_to(first[0].seq)
    assert conversations.waits_up_to(first[1].seq)


def test_fresh_is_the_latest_change_even_of_an_old_conversation(conversations: Conversations) -> None:
    assert conversations.freshness() == (None, 0)
    conversations.put([said("old"), said("new")])
    before = conversations.freshness()
    conversations.put([said("old", "又改了")])
    after = conversations.freshness()
    assert before.as_of is not None
    assert after.as_of is not None
    assert (after.as_of > before.as_of, after.pending) == (True, 3)


def test_writers_at_once_lose_nothing(databases: Databases) -> None:
    conversations, start = Conversations(databases.record), Barrier(4)

    def write(writer: int) -> None:
        start.wait()
        for round_ in range(5):
            take_in(conversations, [said(f"c{number}", f"{writer} {round_}") for number in range(20)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert {stored.version for stored in conversations.get([f"c{n}" for n in range(20)]).values()} == {20}
    with databases.record.read() as connection:
        assert len(connection.execute(select(superseded.c.id)).all()) == 20 * 19


def test_names_are_kept_and_the_newest_wins(databases: Databases) -> None:
    names = Directory(databases.record)
    with databases.record.write() as connection:
        directory.note(
            connection, [build("a", {}, [], {"agent": {"k1": "小林", "k2": "小王"}, "group": {"g1": "售前"}})]
        )
        directory.note(connection, [build("b", {}, [], {"agent": {"k1": "林小姐", "k3": "小王"}}), said("c")])
    assert names.name("agent", "k1") == "林小姐"
    assert names.name("owner", "k9") == "k9"
    assert names.name("channel", "web") == "网页"
    assert names.ids("owner", "小王") == ("k2", "k3")
    assert names.ids("agent", "k1") == ("k1",)
    assert names.ids("agent", "小林") == names.ids("channel", "微信") == ()
    assert names.ids("group", "售前") == ("g1",)


def test_progress_of_imports(databases: Databases) -> None:
    known = Imports(databases.record)
    assert known.of("f") == Progress()
    for position in (10, 20):
        with databases.record.write() as connection:
            imports.keep(connection, "f", Progress(position, added=position, rejected=1))
    assert known.of("f") == Progress(20, added=20, rejected=1)
    with databases.record.write() as connection:
        imports.keep(connection, "f", Progress(30, finished=True))
    assert known.of("f") == Progress()


def test_the_inbox_keeps_what_is_not_done(databases: Databases) -> None:
    inbox = Inbox(databases.inbox)
    inbox.put("api", [])
    inbox.put("api", [b"1", b"\x00\xff", b"3"])
    first, second = inbox.next(2)
    assert [(each.source, each.body) for each in (first, second)] == [("api", b"1"), ("api", b"\x00\xff")]
    inbox.done([first.seq])
    inbox.fail(second.seq, "看不懂")
    assert ([each.body for each in inbox.next(9)], [each.reason for each in inbox.failed("api")]) == (
        [b"3"],
        ["看不懂"],
    )
    assert inbox.failed("stdin") == []


def test_the_audit_keeps_what_was_seen(databases: Databases) -> None:
    log = AuditLog(databases.audit)
    log.append(EVENT)
    log.append(Event(Action.READ, BY, 1, "含有\0的查询", tuple(map(str, range(300)))))
    newest, oldest = log.newest(9)
    assert (oldest["sentence"], oldest["ids"], oldest["count"]) == ("包含“退款”", '["c1","c2"]', 2)
    assert (newest["action"], str(newest["ids"]).count(",")) == ("read", 99)


def test_without_its_database_the_audit_refuses(databases: Databases) -> None:
    with databases.audit.write() as connection:
        connection.execute(text("DROP TABLE audit"))
    with pytest.raises(AuditUnavailable):
        AuditLog(databases.audit).append(EVENT)


def test_a_read_only_audit_refuses(tmp_path: Path) -> None:
    databases = open_databases(tmp_path)
    with databases.audit.read() as connection:  # the pool gives this connection out again
        connection.execute(text("PRAGMA query_only=ON"))
    with pytest.raises(AuditUnavailable):
        AuditLog(databases.audit).append(EVENT)
    databases.close()


def test_a_full_audit_refuses(tmp_path: Path) -> None:
    databases = open_databases(tmp_path)
    with databases.audit.read() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
    large = Event(Action.SEARCH, BY, 1, "词" * 10_000)
    with pytest.raises(AuditUnavailable):
        AuditLog(databases.audit).append(large)
    assert AuditLog(databases.audit).newest(9) == []
    databases.close()


def test_everybody_gets_the_same_secret(databases: Databases) -> None:
    start = Barrier(8)

    def ask(_: int) -> str:
        start.wait()
        return State(databases.record).secret("cursors")

    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(ask, range(8)))
    assert len(secrets) == 1
    assert State(databases.record).secret("other") not in secrets


def test_single_values(databases: Databases) -> None:
    state = State(databases.record)
    assert state.get("a") is None
    state.put("a", "1")
    state.put("a", "2")
    assert state.get("a") == "2"


def test_nobody_has_what_cannot_be_an_id(conversations: Conversations) -> None:
    assert conversations.get(["a\0b", "x" * 10_000, "' OR 1=1 --"]) == {}


def test_a_reader_sees_one_state_and_does_not_stop_a_writer(databases: Databases) -> None:
    conversations = Conversations(databases.record)
    conversations.put([said("a")])
    with databases.record.read() as connection:
        one = connection.execute(select(outbox.c.id)).all()
        conversations.put([said("b")])
        assert connection.execute(select(outbox.c.id)).all() == one


def test_a_database_that_is_gone_is_said_as_such(databases: Databases) -> None:
    with databases.record.write() as connection:
        connection.execute(text("DROP TABLE conversation"))
    with pytest.raises(RecordUnavailable):
        Conversations(databases.record).count()


def test_a_locked_sqlite_file_is_said_as_such(tmp_path: Path) -> None:
    databases = open_databases(tmp_path)
    with databases.record.read() as connection:
        connection.execute(text("PRAGMA busy_timeout=50"))
    other = sqlite3.connect(tmp_path / "record.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordUnavailable):
        Conversations(databases.record).put([said("a")])
    other.close()
    databases.close()


def late(database: Database) -> None:
    """A change under a number below those that are known already, as a slower transaction commits it."""
    with database.write() as connection:
        connection.execute(insert(outbox).values(seq=1, id="late", at=0))


def test_kinds_of_messages_are_names_and_never_numbers_of_somebody() -> None:
    made = build("c1", {}, [Message(Speaker.CUSTOMER, "您好", kind="13700137000", type="打我电话")])
    assert (made.messages[0].kind, made.messages[0].type) == ("unknown", "unknown")
    bare = msgspec.structs.replace(made.messages[0], kind="13700137000")
    assert accepted(msgspec.structs.replace(made, messages=(bare,))).messages[0].kind == "unknown"
    assert accepted(made) is made
