"""The audit log as it is kept: one chain, however many write it, one commit for all who wait, checkpoints beside it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Signal
from time import sleep
from typing import Any

import pytest
from alembic import command
from sqlalchemy import column, insert, table, text

from meiqia_search.audit.chain import START, Fault, verify
from meiqia_search.errors import AuditUnavailable
from meiqia_search.records import database as databases_module
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Databases
from meiqia_search.records.locks import Number
from meiqia_search.records.together import Together
from tests.audited import append, checkpoints_in, event, judged
from tests.conftest import open_databases

THREADS, EACH = 8, 40


@pytest.fixture
def log(databases: Databases) -> AuditLog:
    return AuditLog(databases.audit)


def wait_for(condition: Any) -> None:  # noqa: ANN401 - a function
    for _ in range(2_000):
        if condition():
            return
        sleep(0.005)
    raise AssertionError("it did not come to pass")


def test_many_threads_write_one_chain(log: AuditLog) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda at: append(log, range(at * EACH, at * EACH + EACH)), range(THREADS)))
    rows = list(log.rows())
    assert [row[0] for row in rows] == list(range(1, THREADS * EACH + 1))
    assert verify(rows, []).fault == Fault.UNCONFIRMED
    assert len({row[11] for row in rows}) == THREADS * EACH


def test_answers_that_wait_share_a_commit(log: AuditLog, databases: Databases) -> None:
    commits: list[int] = []
    work = log._together._work  # noqa: SLF001 - counts what really happens
    log._together._work = lambda events: (work(events), commits.append(len(events)))[0]  # type: ignore[func-returns-value]  # noqa: SLF001
    with ThreadPoolExecutor(THREADS) as pool:
        with databases.audit.write() as connection:  # the disk is busy: nobody gets through
            databases_module.take_turns(connection, Number.AUDIT)
            waiting = [pool.submit(log.append, event(number)) for number in range(THREADS)]
            together = log._together  # noqa: SLF001 - to know that all have come
            wait_for(lambda: len(together._waiting) == THREADS - 1)  # noqa: SLF001
        for each in waiting:
            each.result(30)
    assert commits == [1, THREADS - 1], "the first, and all the others"
    assert log.head().seq == THREADS


def test_what_fails_for_a_round_fails_for_all_who_wait_and_for_nobody_else() -> None:
    begun, go_on, rounds = Signal(), Signal(), []

    def work(items: Any) -> None:  # noqa: ANN401 - numbers
        rounds.append(list(items))
        begun.set()
        go_on.wait(10)
        if 1 in items:
            raise OSError("no space")

    together: Together[int] = Together(work)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.do, 0)
        begun.wait(10)
        others = [pool.submit(together.do, number) for number in (1, 2, 3)]
        wait_for(lambda: len(together._waiting) == 3)  # noqa: SLF001 - to know that all have come
        go_on.set()
        assert first.result(10) is None
        assert all(isinstance(each.exception(10), OSError) for each in others)
    together.do(4)
    assert [sorted(each) for each in rounds] == [[0], [1, 2, 3], [4]]


def test_checkpoints_follow_the_log(log: AuditLog, tmp_path: Path) -> None:
    checkpoints = checkpoints_in(tmp_path)
    checkpoints.keep(log)
    append(log, range(5))
    checkpoints.keep(log)
    checkpoints.keep(log)
    kept = checkpoints.read()
    assert [each.seq for each in kept if each] == [0, 5]
    assert kept[0] is not None
    assert kept[0].hash == START
    assert judged(log, checkpoints).fault is None
    assert (tmp_path / "checkpoint.key").stat().st_mode & 0o777 == 0o600


def test_many_processes_begin_with_one_key(log: AuditLog, tmp_path: Path) -> None:
    append(log, range(2))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: checkpoints_in(tmp_path).keep(log), range(THREADS)))
    assert [each is None for each in checkpoints_in(tmp_path).read()] == [False]
    assert sorted(each.name for each in tmp_path.iterdir() if "key" in each.name) == ["checkpoint.key"]


def test_half_a_line_after_a_power_cut_is_overwritten(log: AuditLog, tmp_path: Path) -> None:
    checkpoints = checkpoints_in(tmp_path)
    append(log, range(2))
    checkpoints.keep(log)
    whole = checkpoints.file.read_bytes()
    checkpoints.file.write_bytes(whole + whole[: len(whole) // 2])
    assert judged(log, checkpoints).fault is None
    append(log, range(2))
    checkpoints.keep(log)
    assert [each and each.seq for each in checkpoints.read()] == [2, 4]


def test_a_lost_key_is_said(log: AuditLog, tmp_path: Path) -> None:
    checkpoints = checkpoints_in(tmp_path)
    append(log, range(2))
    checkpoints.keep(log)
    (tmp_path / "checkpoint.key").unlink()
    assert judged(log, checkpoints).fault == Fault.UNSIGNED


def test_rows_from_before_the_chain_are_linked_in(address: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _: upgrade(config, "0001"))
    databases = open_databases(address)
    old = {"at": 5, "person": "p", "role": "agent", "policy": 1, "surface": "web", "address": "", "trace": "é"}
    more = {"action": "read", "sentence": "“退款”\n", "ids": '["c1"]', "count": 1, "outcome": "ok"}
    old_rows = insert(table("audit", *map(column, ["seq", *old, *more])))
    with databases.audit.write() as connection:
        for seq in (1, 2, 4, *range(5, 1_500)):
            connection.execute(old_rows, {"seq": seq, **old, **more})
    databases.close()
    monkeypatch.undo()
    databases = open_databases(address)
    log = AuditLog(databases.audit)
    log.append(event(1))
    rows = list(log.rows())
    assert [row[0] for row in rows] == [1, 2, 4, *range(5, 1_501)]
    assert verify(rows, []).fault == Fault.UNCONFIRMED
    assert verify([*rows[:7], *rows[8:]], []).first_bad == 9
    databases.close()


def test_a_full_round_says_so_to_everybody(log: AuditLog, databases: Databases) -> None:
    with databases.audit.write() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [pool.submit(log.append, event(number)) for number in range(THREADS)]
        assert all(isinstance(each.exception(30), AuditUnavailable) for each in waiting)
    with databases.audit.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO audit"))
    log.append(event(1))
    assert log.head().seq == 1


def test_a_connection_that_was_lost_is_made_anew(log: AuditLog, databases: Databases) -> None:
    append(log, range(2))
    kept = databases.audit.plain._kept  # noqa: SLF001 - as when the server goes away
    lost: Any = kept and kept.dbapi_connection
    if databases.audit.dialect == "postgresql":
        with databases.audit.write() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": lost.info.backend_pid})
    else:
        lost.close()
    append(log, range(2, 4))
    assert log.head().seq == 4


def test_what_fails_in_the_middle_leaves_nothing(log: AuditLog, databases: Databases) -> None:
    append(log, range(2))
    begin = "BEGIN" if databases.audit.dialect == "sqlite" else "SELECT 1"

    def work() -> None:
        with databases.audit.plain.transaction(begin) as cursor:
            cursor.execute("DELETE FROM audit")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert log.head().seq == 2
    databases.audit.plain.close()
    append(log, range(2, 3))
    assert log.head().seq == 3
