"""Killed anywhere, nothing is lost and nothing is doubled."""

import json
import time
from pathlib import Path
from random import Random

import pytest

from meiqia_search.channels import files
from meiqia_search.indexing import worker
from meiqia_search.indexing.lock import writer_lock
from meiqia_search.query.request import Search
from meiqia_search.records.imports import Progress
from tests.corpus import corpus, indexed
from tests.fault.victims import hold_lock, import_all, rebuild_slowly, started, wait_for, work_on
from tests.store import Store, caller, opened

KILLS = 50
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


def _require_kept(folder: Path, source: Path, acknowledged: Progress) -> None:
    """What was reported is in the record."""
    with opened(folder) as store:
        kept = store.imports.of(files.fingerprint(source))
        assert kept.position >= acknowledged.position
        assert kept.rejected >= acknowledged.rejected
        assert store.conversations.count() == kept.added >= acknowledged.added
        last = f"k{acknowledged.position - 1}"
        assert (acknowledged.position - 1) % BAD == 5 or last in store.conversations.get([last])


@pytest.mark.proof("kills of an import: nothing lost, nothing doubled", KILLS)
@pytest.mark.timeout(600)
def test_an_import_killed_fifty_times(tmp_path: Path) -> None:
    source, folder, ledger = tmp_path / "会话.jsonl", tmp_path / "data", tmp_path / "ledger"
    _write(source)
    random = Random(50)
    for _ in range(KILLS):
        before = len(_ledger(ledger))
        process = started(import_all, folder, source, ledger)
        reports = random.randint(1, 6)
        wait_for(lambda: len(_ledger(ledger)) >= before + reports, process)  # noqa: B023 - called here and now
        time.sleep(random.uniform(0, 0.03))
        process.kill()
        process.join()
        _require_kept(folder, source, _ledger(ledger)[-1])
    process = started(import_all, folder, source, ledger)
    process.join()
    assert process.exitcode == 0
    _require_whole(folder)


def _require_whole(folder: Path) -> None:
    """Record, index and reject file are what one undisturbed import makes."""
    bad = set(range(5, LINES, BAD))
    good = [f"k{number}" for number in range(LINES) if number not in bad]
    with opened(folder) as store:
        assert list(store.conversations.versions()) == [(each, 1) for each in good]
        assert store.conversations.queued(1) == []
        assert (store.difference().checked, store.difference().ids) == (len(good), ())
        assert store.archive.search(caller(), Search()).total == len(good)
    rejects = (folder / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [number + 1 for number in sorted(bad)]


def test_a_rebuild_killed_in_the_middle(tmp_path: Path) -> None:
    folder, reached = tmp_path / "data", tmp_path / "reached"
    with opened(folder) as store:
        store.put(indexed(corpus()[:50]))
    process = started(rebuild_slowly, folder, reached)
    wait_for(reached.exists, process)
    process.kill()
    process.join()
    with opened(folder) as store:
        assert len(_generations(store)) == 2
        assert store.archive.search(caller(), Search()).total == 50
        assert store.rebuild() == 50
        assert (store.difference().ids, len(_generations(store))) == ((), 2)
        assert store.rebuild() == 50
        assert (store.archive.search(caller(), Search()).total, len(_generations(store))) == (50, 2)


def _generations(store: Store) -> list[Path]:
    return list((store.folder / "index").glob("g*"))


def test_one_process_writes_and_the_next_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_ERROR_S", 0.01)
    with opened(tmp_path) as store:
        first = started(work_on, tmp_path)
        wait_for(store.index.usable, first)
        with writer_lock(tmp_path) as mine:
            assert not mine
        first.kill()
        first.join()
        store.inbox.put(
            "api", [b'{"id": "n1", "messages": [{"speaker": "customer", "text": "\xe6\x82\xa8\xe5\xa5\xbd"}]}']
        )
        second = started(work_on, tmp_path)
        wait_for(lambda: store.conversations.count() and not store.conversations.queued(1), second)
        second.kill()
        second.join()
        assert store.archive.search(caller(), Search()).total == 1


def test_the_lock_is_refused_at_once_and_free_after_a_kill(tmp_path: Path) -> None:
    held = tmp_path / "held"
    process = started(hold_lock, tmp_path, held)
    wait_for(held.exists, process)
    with writer_lock(tmp_path) as mine:
        assert not mine
    process.kill()
    process.join()
    with writer_lock(tmp_path) as mine:
        assert mine
