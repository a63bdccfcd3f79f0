"""One process writes the index; a command asks it to make way."""

import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest

from meiqia_search import wiring
from meiqia_search.audit import events
from meiqia_search.audit.events import Action, Actor, Visit
from meiqia_search.conversation import build
from meiqia_search.errors import EngineUnavailable
from meiqia_search.indexing import feed, worker
from meiqia_search.indexing.feed import Feed
from meiqia_search.indexing.intake import take_in
from meiqia_search.query.request import Search
from meiqia_search.records import locks
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.conversations import Conversations
from meiqia_search.records.database import Databases
from meiqia_search.settings import Settings
from tests.corpus import corpus
from tests.fault.victims import until
from tests.store import caller, opened


def test_one_has_a_lock_at_a_time(databases: Databases) -> None:
    writing, asking = databases.locks.writing, databases.locks.asking
    for _ in range(2):
        assert writing.is_free()
        with writing.taken() as mine, writing.taken() as second:
            assert (mine, second, writing.is_free(), asking.is_free()) == (True, False, False, True)
        until(writing.is_free)


def test_a_lock_is_given_back_after_an_error(databases: Databases) -> None:
    with pytest.raises(ZeroDivisionError), databases.locks.writing.taken():
        raise ZeroDivisionError
    until(databases.locks.writing.is_free)


def test_answers_are_given_while_the_index_is_written(place: Settings) -> None:
    with opened(place) as store:
        store.put(corpus()[:20])
        locks = store.databases.locks
        with locks.writing.taken(), locks.asking.taken():
            assert store.archive.search(caller(), Search()).total == 20  # writes the audit
            store.conversations.delete([corpus()[0].id])


def test_a_worker_makes_way_and_goes_on(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_ERROR_S", 0.1)
    with opened(place) as store:
        store.put(corpus()[:20])
        some = store.worker()
        thread = Thread(target=some.run, daemon=True)
        thread.start()
        until(lambda: not store.databases.locks.writing.is_free())
        with store.services.sole_writer():
            assert store.rebuild() == 20
        store.inbox.put("api", [b'{"id": "later", "messages": []}'])
        until(lambda: store.archive.search(caller(), Search()).total == 21)
        some.stop()
        thread.join()


def test_a_worker_makes_way_in_the_middle_of_much_work(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_ERROR_S", 0.1)
    monkeypatch.setattr(feed, "BATCH", 1)
    reached, real = Event(), Feed.step

    def step(self: Feed) -> int:
        done = real(self)
        if store.databases.locks.asking.is_free():
            reached.set()
            until(lambda: not store.databases.locks.asking.is_free())
        return done

    with opened(place) as store:
        store.put([])
        take_in(store.conversations, corpus()[:20])
        monkeypatch.setattr(Feed, "step", step)
        some = store.worker()
        thread = Thread(target=some.run, daemon=True)
        thread.start()
        assert reached.wait(60)
        with store.services.sole_writer():
            monkeypatch.undo()
            assert len(store.conversations.queued(100)) == 19
            assert store.archive.search(caller(), Search()).total == 1
        some.stop()
        thread.join()


def test_a_command_that_writes_does_not_make_way(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "MAKE_WAY_S", 0.3)
    began = monotonic()
    with opened(place) as store, store.feeding():
        command = store.services.sole_writer()
        with pytest.raises(EngineUnavailable, match="等它结束"):
            command.__enter__()
    assert monotonic() - began < 30


def test_who_only_looks_is_in_nobodys_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = locks.in_folder(tmp_path).asking
    with (tmp_path / "asking.lock").open("w") as file:

        def looked(pause: float) -> None:
            if pause:
                fcntl.flock(file, fcntl.LOCK_UN)

        fcntl.flock(file, fcntl.LOCK_SH)
        monkeypatch.setattr(locks, "sleep", looked)
        with asking.taken() as mine:
            assert mine


def test_who_has_a_lock_holds_up_nobody_else(databases: Databases) -> None:
    with databases.locks.writing.taken(), databases.locks.asking.taken(), ThreadPoolExecutor(1) as other:
        other.submit(Conversations(databases.record).put, [build("c1", {}, [])]).result(20)
        audit = AuditLog(databases.audit)
        other.submit(audit.append, events.Event(Action.IMPORT, Actor("p", "r", Visit("cli")), 1)).result(20)
