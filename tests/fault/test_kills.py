"""Killed anywhere, nothing is lost and nothing is doubled."""

import json
import time
from pathlib import Path
from random import Random

import pytest

from meiqia_search.channels import files
from meiqia_search.indexing import worker
from meiqia_search.query.request import Search
from meiqia_search.records.imports import Progress
from meiqia_search.settings import Settings
from tests.conftest import PROVE
from tests.corpus import corpus, indexed
from tests.fault.victims import hold_lock, import_all, rebuild_slowly, started, until, wait_for, work_on
from tests.store import caller, generations, opened

KILLS = 50
IN_FOLDER, ON_SERVERS = (KILLS, KILLS) if PROVE else (15, 3)
LINES = 20_000
BAD = 997
"""Every so many lines one cannot be read."""


def _write(path: Path) -> None:
    with path.open("w") as file:
        for number in range(LINES):
            row = {"id": f"k{number}", "messages": [{"speaker": "customer", "text": f"第{number}条，退款一直没到账"}]}
            file.write("{坏行\n" if number % BAD == 5 else json.dumps(row, ensure_ascii=False) + "\n")


def _ledger(path: Path) -> list[Progress]:
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    numbers = [[int(part) for part in line.split()] for line in lines if line.endswith("\n")]
    return [Progress(position, added=added, rejected=rejected) for position, added, rejected in numbers]


def _require_kept(place: Settings, source: Path, acknowledged: Progress) -> None:
    """What was reported is in the record."""
    with opened(place) as store:
        kept = store.imports.of(files.fingerprint(source))
        assert kept.position >= acknowledged.position
        assert kept.rejected >= acknowledged.rejected
        assert store.conversations.count() == kept.added >= acknowledged.added
        last = f"k{acknowledged.position - 1}"
        assert (acknowledged.position - 1) % BAD == 5 or last in store.conversations.get([last])


@pytest.mark.proof("kills of an import: nothing lost, nothing doubled", KILLS)
@pytest.mark.timeout(600)
def test_an_import_killed_many_times(place: Settings, tmp_path: Path) -> None:
    source, ledger = tmp_path / "会话.jsonl", tmp_path / "ledger"
    _write(source)
    random = Random(50)
    for _ in range(ON_SERVERS if place.database_url else IN_FOLDER):
        before = len(_ledger(ledger))
        process = started(import_all, place, source, ledger)
        reports = random.randint(1, 6)
        wait_for(lambda: len(_ledger(ledger)) >= before + reports, process)  # noqa: B023 - called here and now
        time.sleep(random.uniform(0, 0.03))
        process.kill()
        process.join()
        _require_kept(place, source, _ledger(ledger)[-1])
    process = started(import_all, place, source, ledger)
    process.join()
    assert process.exitcode == 0
    _require_whole(place)


def _require_whole(place: Settings) -> None:
    """Record, index and reject file are what one undisturbed import makes."""
    bad = set(range(5, LINES, BAD))
    good = [f"k{number}" for number in range(LINES) if number not in bad]
    with opened(place) as store:
        assert list(store.conversations.versions()) == [(each, 1) for each in good]
        assert store.conversations.queued(1) == []
        assert (store.difference().checked, store.difference().ids) == (len(good), ())
        assert store.archive.search(caller(), Search()).total == len(good)
    rejects = (place.data_dir / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [number + 1 for number in sorted(bad)]


def test_a_rebuild_killed_in_the_middle(place: Settings, tmp_path: Path) -> None:
    reached = tmp_path / "reached"
    with opened(place) as store:
        store.put(indexed(corpus()[:50]))
    process = started(rebuild_slowly, place, reached)
    wait_for(reached.exists, process)
    process.kill()
    process.join()
    with opened(place) as store:
        until(store.databases.locks.writing.is_free)
        assert len(generations(store)) == 2
        assert store.archive.search(caller(), Search()).total == 50
        assert store.rebuild() == 50
        assert (store.difference().ids, len(generations(store))) == ((), 2)
        assert store.rebuild() == 50
        assert (store.archive.search(caller(), Search()).total, len(generations(store))) == (50, 2)


def test_one_process_writes_and_the_next_takes_over(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_ERROR_S", 0.01)
    with opened(place) as store:
        first = started(work_on, place)
        wait_for(store.index.usable, first)
        assert not store.databases.locks.writing.is_free()
        first.kill()
        first.join()
        store.inbox.put(
            "api", [b'{"id": "n1", "messages": [{"speaker": "customer", "text": "\xe6\x82\xa8\xe5\xa5\xbd"}]}']
        )
        second = started(work_on, place)
        wait_for(lambda: store.conversations.count() and not store.conversations.queued(1), second)
        second.kill()
        second.join()
        assert store.archive.search(caller(), Search()).total == 1


def test_the_lock_is_refused_at_once_and_free_after_a_kill(place: Settings, tmp_path: Path) -> None:
    held = tmp_path / "held"
    process = started(hold_lock, place, held)
    wait_for(held.exists, process)
    with opened(place) as store:
        lock = store.databases.locks.writing
        with lock.taken() as mine:
            assert not mine
        assert not lock.is_free()
        process.kill()
        process.join()
        until(lock.is_free)
        with lock.taken() as mine:
            assert mine
            assert not lock.is_free()
        until(lock.is_free)
