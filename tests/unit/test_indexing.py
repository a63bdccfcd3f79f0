"""From the outbox into the index: nothing is passed over, everything can be repeated."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from meiqia_search import clock
from meiqia_search.acl.scope import Scoped
from meiqia_search.channels.decoding import Encoding, Line
from meiqia_search.channels.jsonlines import Raw
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.engines.base import Change, Delete, Hit, Put
from meiqia_search.engines.tantivy.schema import encode
from meiqia_search.errors import EngineUnavailable, IndexMissing
from meiqia_search.indexing import feed, intake, rebuild, worker
from meiqia_search.indexing.feed import Feed
from meiqia_search.indexing.intake import drain, receive, take_in
from meiqia_search.indexing.preparing import Recipe, prepared
from meiqia_search.indexing.verify import Difference
from meiqia_search.query.filter import EVERYTHING, Filter, Text
from meiqia_search.query.request import Search
from meiqia_search.records.conversations import Conversations
from meiqia_search.records.database import Databases
from meiqia_search.records.schema import conversation, outbox
from meiqia_search.settings import Settings
from tests.contract.world import put
from tests.corpus import KEY
from tests.places import in_folder
from tests.store import MAINTENANCE, Store, caller, generations, opened


class Pages:
    """A writer that keeps what it is given, and forgets what was not committed when it dies."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}
        self.applied: list[Change] = []

    def apply(self, changes: Iterable[Change]) -> None:
        self.applied += changes

    def commit(self) -> dict[str, str]:
        for change in self.applied:
            match change:
                case Put():
                    self.kept[change.id] = change.version
                case Delete(gone):
                    self.kept.pop(gone, None)
        self.applied = []
        return {}

    def close(self) -> None:
        self.applied = []


RECIPE = Recipe(encode, KEY)


def said(conversation_id: str, text: str = "您好") -> Conversation:
    return build(conversation_id, {"phone": ["13800000000"]}, [Message(Speaker.CUSTOMER, text)])


@pytest.fixture
def store(place: Settings) -> Iterator[Store]:
    with opened(place) as some:
        yield some


def test_a_change_that_is_committed_late_is_not_passed_over(databases: Databases) -> None:
    conversations, pages = Conversations(databases.record), Pages()
    conversations.put([said("slow"), said("a"), said("b")])
    slow = conversations.queued(1)[0]
    conversations.done([slow.seq])  # as if its transaction were not finished
    some = Feed(conversations, RECIPE, [pages])
    assert some.step() == 2
    with databases.record.write() as connection:
        connection.execute(insert(outbox).values(seq=slow.seq, id="slow", at=0))
    some.commit()
    assert some.drain() == 1
    assert pages.kept == {"slow": 1, "a": 1, "b": 1}
    assert conversations.queued(9) == []


def test_without_a_commit_everything_comes_again(databases: Databases) -> None:
    conversations, pages = Conversations(databases.record), Pages()
    conversations.put([said("a"), said("b")])
    Feed(conversations, RECIPE, [pages]).step()
    pages.close()
    assert [each.id for each in conversations.queued(9)] == ["a", "b"]
    conversations.put([said("a", "新的")])
    conversations.delete(["b"])
    assert Feed(conversations, RECIPE, [pages]).drain() == 4
    assert (pages.kept, conversations.queued(9)) == ({"a": 2}, [])


@pytest.mark.parametrize("happening", ["nothing", "changed", "deleted"])
def test_what_came_in_prepared_is_used_only_while_it_is_so(databases: Databases, happening: str) -> None:
    conversations, pages = Conversations(databases.record), Pages()
    lines = [f'{{"id":"{each}","messages":[{{"speaker":"customer","text":"您好"}}]}}'.encode() for each in "ab"]
    brought = intake.read(
        [Raw(number, Line(line, len(line), True), Encoding.UTF_8) for number, line in enumerate(lines)], RECIPE
    )
    conversations.keep([each.sealed for each in brought if each.sealed])
    match happening:
        case "changed":
            conversations.put([said("a", "新的")])
        case "deleted":
            conversations.delete(["a"])
    ready = [each.put._replace(document=b"as it came") for each in brought if each.put]
    Feed(conversations, RECIPE, [pages]).keep_up(ready)
    given = {each.id: each.document for each in pages.applied if isinstance(each, Put)}
    assert given["b"] == b"as it came"
    assert given.get("a") == {"nothing": b"as it came", "changed": given.get("a"), "deleted": None}[happening]
    assert (happening == "nothing") == (given.get("a") == b"as it came")


def test_a_conversation_that_cannot_be_prepared_comes_in_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    def stumbling(*_: object) -> bytes:
        raise OverflowError

    line = b'{"id":"a","messages":[]}'
    (brought,) = intake.read([Raw(1, Line(line, len(line), True), Encoding.UTF_8)], Recipe(stumbling, KEY))
    assert brought.sealed
    assert brought.put is None
    assert "OverflowError" in caplog.text


def test_small_steps_and_commits(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BATCH", 3)
    monkeypatch.setattr(feed, "COMMIT", 6)
    conversations, one, other = Conversations(databases.record), Pages(), Pages()
    conversations.put([said(f"c{number}") for number in range(20)])
    some = Feed(conversations, RECIPE, [one, other])
    assert some.keep_up() == 20
    assert len(one.kept) == 18
    some.commit()
    assert one.kept == other.kept == {f"c{number}": 1 for number in range(20)}


def test_no_personal_field_reaches_a_writer(databases: Databases) -> None:
    conversations = Conversations(databases.record)
    conversations.put([said("a")])
    (change,) = prepared(list(conversations.packed(["a"]).values()), RECIPE).puts
    assert b"13800000000" not in change.document


def test_what_differs_is_found_and_repaired(store: Store) -> None:
    store.put([said(each) for each in ("same", "stale", "missing")])
    writer = store.index.writer()
    writer.apply(
        [
            put(store.index, said("stale"), 7, "undated"),
            put(store.index, said("extra"), 1, "undated"),
            Delete("missing"),
        ]
    )
    writer.commit()
    writer.close()
    difference = store.difference()
    assert difference == Difference(3, ("missing",), ("extra",), ("stale",))
    store.conversations.enqueue(difference.ids)
    assert store.difference() == Difference(3, pending=3)  # they wait
    with store.feeding() as feeding:
        feeding.drain()
    assert store.difference() == Difference(3)


def test_what_changes_during_the_comparison_is_no_difference(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put([said(each) for each in ("same", "changed", "gone", "waiting", "stale")])
    writer = store.index.writer()
    writer.apply([put(store.index, said("stale"), 7, "undated")])
    writer.commit()
    writer.close()
    real = Conversations.versions

    def versions(self: Conversations) -> Iterator[tuple[str, int]]:
        yield from real(self)
        monkeypatch.undo()
        store.conversations.delete(["gone"])
        store.put([said("changed", "改了"), said("new")])
        take_in(self, [said("waiting", "改了")])

    monkeypatch.setattr(Conversations, "versions", versions)
    assert store.difference() == Difference(5, stale=("stale",), pending=3)


def dated(conversation_id: str, month: int) -> Conversation:
    began = clock.start_of_day(date(2026, month, 3))
    return build(conversation_id, {"started_at": [began]}, [Message(Speaker.CUSTOMER, f"{month} 月的话", began)])


@pytest.mark.parametrize("at_once", [True, False])
def test_what_comes_back_in_another_month_is_there_once(store: Store, at_once: bool) -> None:
    store.put([dated("a", 3), dated("b", 3)])
    store.conversations.delete(["a"])
    if not at_once:
        store.put([])
    store.put([dated("a", 7)])
    assert store.difference() == Difference(2)
    assert [hit.id for hit in hits(store, Text("3 月", exact=True))] == ["b"]
    assert [hit.id for hit in hits(store, Text("7 月", exact=True))] == ["a"]


def test_what_comes_back_during_a_rebuild_is_there_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "CATCH_UP", 1)
    store.put([dated("a", 3), dated("b", 3)])
    comes_back = iter([True])

    def progress(*_: int) -> None:
        if next(comes_back, False):
            store.conversations.delete(["a"])
            take_in(store.conversations, [dated("a", 7)])

    assert rebuild.rebuild(store.index, store.conversations, KEY, MAINTENANCE, progress) == 2
    assert store.difference() == Difference(2)
    assert hits(store, Text("7 月", exact=True)) == [Hit("a", 1)]


def hits(store: Store, where: Filter) -> list[Hit]:
    return list(store.index.reader.scan(Scoped(Search(where), MAINTENANCE)))


def test_what_cannot_be_indexed_is_kept_with_its_reason_and_holds_up_nothing(store: Store) -> None:
    store.put([said("old"), said("good")])
    spoil(store, "old")
    store.conversations.enqueue(["old"])
    store.put([said("later")])
    assert store.conversations.queued(9) == []
    assert store.difference().ids == ()
    assert store.difference().refused == {"old": "档案中的这条会话已损坏，请从备份恢复。"}
    assert sorted(hit.id for hit in hits(store, EVERYTHING)) == ["good", "later"]
    assert store.rebuild() == 2
    assert list(store.difference().refused) == ["old"]
    store.conversations.delete(["old"])
    store.put([said("old", "好了")])
    assert store.difference() == Difference(3)
    assert store.conversations.refused() == {}


def spoil(store: Store, conversation_id: str) -> None:
    """Let bytes of a conversation in the record become wrong."""
    with store.databases.record.write() as connection:
        wrong = update(conversation).where(conversation.c.id == conversation_id)
        connection.execute(wrong.values(body=b"damaged", version=conversation.c.version + 1))


def test_the_way_back(store: Store) -> None:
    store.put([said(each) for each in ("same", "changed", "gone")])
    with pytest.raises(IndexMissing, match="上一代"):
        store.services.roll_back(MAINTENANCE)
    store.rebuild()
    store.conversations.delete(["gone"])
    store.put([said("changed", "新的话"), said("new")])
    both = generations(store)
    assert store.services.roll_back(MAINTENANCE) == 3
    assert store.difference() == Difference(3)
    assert hits(store, Text("新的话", exact=True)) == [Hit("changed", 2)]
    assert generations(store) == both
    with pytest.raises(IndexMissing, match="上一代"):
        store.services.roll_back(MAINTENANCE)
    store.put([said("after")])
    assert store.rebuild() == 4
    assert (store.difference(), len(generations(store))) == (Difference(4), 2)


def test_what_comes_in_during_a_rebuild_is_in_both(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "CATCH_UP", 1)
    store.put([said("a"), said("b"), said("gone")])
    arrivals = iter([[said("a", "改了"), said("new")], []])

    def progress(*_: int) -> None:
        take_in(store.conversations, next(arrivals, []))
        store.conversations.delete(["gone"])

    assert rebuild.rebuild(store.index, store.conversations, KEY, MAINTENANCE, progress) == 3
    assert store.difference() == Difference(3)
    assert store.conversations.queued(9) == []


def test_a_rebuild_that_lacks_something_is_not_used(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put([said("a"), said("b")])
    before = generations(store)
    monkeypatch.setattr(Conversations, "walk", lambda *_: iter([]))
    with pytest.raises(EngineUnavailable, match="相差 2 条"):
        store.rebuild()
    assert generations(store) == before
    assert store.archive.search(caller(), Search()).total == 2


def test_the_inbox_is_taken_in_and_what_cannot_be_read_is_kept(store: Store) -> None:
    lines = [b'{"id": "x1", "messages": []}\n', b"\n", "{坏的\n".encode(), b'{"id": "x2", "messages": []}']
    assert receive("stdin", BytesIO(b"".join(lines)), store.inbox) == (3, 1)
    assert drain(store.inbox, store.conversations).added == 2
    assert (sorted(dict(store.conversations.versions())), len(store.inbox.failed("stdin"))) == (["x1", "x2"], 1)
    assert drain(store.inbox, store.conversations).added == 0


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(("一", "二", "三"))), max_size=12),
    st.sampled_from(("\n", ",")),
)
def test_importing_a_file_again_changes_nothing(rows: list[tuple[str, str]], between: str) -> None:
    """Whatever ids it repeats; each conversation is what the file says of it last."""
    texts = [json.dumps({"id": each, "messages": [{"speaker": "customer", "text": text}]}) for each, text in rows]
    with TemporaryDirectory() as name, opened(in_folder(Path(name))) as store:
        rejects, source = Path(name, "rejects"), Path(name, "会话.jsonl" if between == "\n" else "会话.json")
        source.write_text(between.join(texts) if between == "\n" else f"[{between.join(texts)}]")
        if source.stat().st_size:
            first, second = (
                intake.import_file(source, None, rejects, store.conversations, store.imports, None, lambda _: None)
                for _ in range(2)
            )
            assert (second.added, second.changed, second.rejected) == (0, 0, first.rejected)
        assert dict(store.conversations.versions()) == dict.fromkeys(dict(rows), 1)
        kept = store.conversations.get(list(dict(rows)))
        assert {each: stored.conversation.messages[0].text for each, stored in kept.items()} == dict(rows)


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("一二")), min_size=1, max_size=16), st.integers(1, 5)
)
@settings(max_examples=30)
def test_a_first_import_brings_every_conversation_once(rows: list[tuple[str, str]], batch: int) -> None:
    """An index that was empty is not searched for older versions of what is new; all else replaces what was there."""
    lines = [json.dumps({"id": each, "messages": [{"speaker": "customer", "text": text}]}) for each, text in rows]
    with TemporaryDirectory() as name, opened(in_folder(Path(name))) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "BATCH", batch)
        patch.setattr(feed, "COMMIT", 3)
        source = Path(name, "会话.jsonl")
        source.write_text("\n".join(lines))
        with store.feeding() as feeding:
            intake.import_file(
                source, None, Path(name, "rejects"), store.conversations, store.imports, feeding, lambda _: None
            )
            feeding.drain()
        last = dict(rows)
        found = [store.archive.search(caller(), Search(Text(text))) for text in "一二"]
        assert [page.total for page in found] == [list(last.values()).count(text) for text in "一二"]
        assert store.archive.search(caller(), Search()).total == len(last)


def test_the_worker_survives_trouble(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_ERROR_S", 0.01)
    monkeypatch.setattr(worker, "PAUSE_S", 0.01)
    troubles: list[Exception] = [EngineUnavailable(), OverflowError("unexpected")]
    real = Feed.drain

    def drain_or_fail(self: Feed) -> int:
        if troubles:
            raise troubles.pop()
        return real(self)

    monkeypatch.setattr(Feed, "drain", drain_or_fail)
    some = store.worker()
    thread = Thread(target=some.run, daemon=True)
    thread.start()
    store.inbox.put("api", [b'{"id": "x1", "messages": []}'])
    while thread.is_alive() and not (store.conversations.count() and not store.conversations.queued(1)):
        sleep(0.01)
    assert thread.is_alive()
    some.stop()
    thread.join()
    assert store.archive.search(caller(), Search()).total == 1
