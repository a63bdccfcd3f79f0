"""The audit under attack, kills and many writers: what was changed is found, what was acknowledged is there."""

# ruff: noqa: S608 - what is put into SQL are names from this file

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from meiqia_search.audit.chain import START, Fault, Verdict, linked, verify
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import open_sqlite
from tests.audited import append, checkpoints_in, judged
from tests.conftest import PROVE, open_databases
from tests.fault.victims import append_audit, started, wait_for

ROWS, EVERY = 240, 60
"""Entries of the log that is attacked, and after how many each a checkpoint was signed."""
ATTACKS = 1_000 if PROVE else 60
COLUMNS = ("seq", "at", "action", "person", "role", "policy", "surface", "address", "trace", "session", "sentence",
           "ids", "digest", "count", "outcome")  # fmt: skip


class Victim:
    """A copy of the log in the hands of who may write the database file and knows how the chain is made."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.random = random
        self.folder = folder
        self.file = sqlite3.connect(folder / "audit.sqlite", isolation_level=None)
        self.at = random.randint(1, ROWS)

    def edit(self) -> None:
        """Change one value of one entry."""
        column = self.random.choice(COLUMNS[1:])
        value = self.random.choice([0, 7, "", "x", b"x", 0.5, -1])
        (old,) = self.one(f"SELECT {column} FROM audit WHERE seq = ?", self.at)
        self.do(f"UPDATE audit SET {column} = ? WHERE seq = ?", value if value != old else "other", self.at)

    def edit_hash(self) -> None:
        """Change the hash of one entry."""
        self.do("UPDATE audit SET hash = ? WHERE seq = ?", self.random.choice([b"", bytes(32), "x", 7]), self.at)

    def delete(self) -> None:
        """Remove one entry and leave the gap."""
        self.do("DELETE FROM audit WHERE seq = ?", self.at)

    def delete_and_close(self) -> None:
        """Remove one entry and number the later ones anew."""
        self.delete()
        self.do("UPDATE audit SET seq = -seq WHERE seq > ?", self.at)
        self.do("UPDATE audit SET seq = -seq - 1 WHERE seq < 0")

    def insert(self) -> None:
        """Put another entry in front of this one."""
        self.do("UPDATE audit SET seq = -seq WHERE seq >= ?", self.at)
        self.do("UPDATE audit SET seq = -seq + 1 WHERE seq < 0")
        names = ", ".join(COLUMNS[1:])
        source = self.random.randint(1, self.at - 1) if self.at > 1 else self.at + 2  # behind it stands what stood here
        self.do(
            f"INSERT INTO audit (seq, {names}, hash) SELECT ?, {names}, hash FROM audit WHERE seq = ?", self.at, source
        )

    def swap(self) -> None:
        """Let this entry and a later one change places."""
        self.at = min(self.at, ROWS - 1)
        other = self.random.randint(self.at + 1, ROWS)
        for old, new in ((self.at, 0), (other, self.at), (0, other)):
            self.do("UPDATE audit SET seq = ? WHERE seq = ?", new, old)

    def cut(self) -> None:
        """Remove this entry and all that follow."""
        self.do("DELETE FROM audit WHERE seq >= ?", self.at)

    def forge(self) -> None:
        """Change an entry and compute the chain anew from there to the end."""
        self.edit()
        self.relink()

    def forge_without(self) -> None:
        """Remove an entry, close the gap and compute the chain anew."""
        self.delete_and_close()
        self.relink()

    def forge_with(self) -> None:
        """Put another entry in and compute the chain anew."""
        self.insert()
        self.relink()

    def relink(self) -> None:
        """The chain as it should be for what is there now."""
        link = START
        for row in self.file.execute(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY seq").fetchall():
            link = linked(link, row)
            self.do("UPDATE audit SET hash = ? WHERE seq = ?", link, row[0])

    def judged(self) -> Verdict:
        """What verification says now."""
        self.file.close()
        with _opened(self.folder) as log:
            return judged(log, checkpoints_in(self.folder))

    def one(self, sql: str, *values: object) -> Any:  # noqa: ANN401 - a row
        return self.file.execute(sql, values).fetchone()

    def do(self, sql: str, *values: object) -> None:
        self.file.execute(sql, values)


LOUD: tuple[Callable[[Victim], None], ...] = (
    Victim.edit, Victim.edit_hash, Victim.delete, Victim.delete_and_close, Victim.insert, Victim.swap, Victim.cut,
)  # fmt: skip
QUIET: tuple[Callable[[Victim], None], ...] = (Victim.forge, Victim.forge_without, Victim.forge_with)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with checkpoints, the last of them behind its last entry, and an older copy of it."""
    folder = tmp_path_factory.mktemp("whole")
    checkpoints = checkpoints_in(folder)
    for begin in range(0, ROWS, EVERY):
        with _opened(folder) as log:
            append(log, range(begin, begin + EVERY))
            checkpoints.keep(log)
        if begin == EVERY:
            shutil.copy(folder / "audit.sqlite", folder / "older.sqlite")
    return folder


@pytest.fixture
def victim(whole: Path, tmp_path: Path) -> Callable[[int], Victim]:
    """A fresh copy, attacked with this chance."""

    def copied(seed: int) -> Victim:
        folder = tmp_path / str(seed)
        shutil.copytree(whole, folder)
        return Victim(folder, Random(seed))

    return copied


@pytest.mark.proof("attacks on the audit older than its last checkpoint: all found", ATTACKS)
@pytest.mark.timeout(900)
def test_every_attack_is_found(victim: Callable[[int], Victim]) -> None:
    for seed in range(ATTACKS):
        attacked = victim(seed)
        attack = attacked.random.choice(LOUD + QUIET)
        attack(attacked)
        found, said = attacked.judged(), (seed, attack.__name__, attacked.at)
        assert found.fault, said
        assert found.first_bad is not None, said
        if attack in LOUD:
            assert found.first_bad == attacked.at, said
        else:
            vouched = (attacked.at - 1) // EVERY * EVERY
            assert found.confirmed == vouched, said
            assert vouched < found.first_bad <= attacked.at or found.fault == Fault.CUT, said


def test_an_older_copy_put_back_is_found(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "back")
    shutil.move(tmp_path / "back" / "older.sqlite", tmp_path / "back" / "audit.sqlite")
    with _opened(tmp_path / "back") as log:
        assert judged(log, checkpoints_in(tmp_path / "back")) == Verdict(120, 120, 120, Fault.CUT, 121)
        append(log, range(300))  # as if nothing had been
        found = judged(log, checkpoints_in(tmp_path / "back"))
    assert (found.fault, found.first_bad) == (Fault.REWRITTEN, 121)


def test_another_log_in_its_place_is_found(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole / "checkpoints", tmp_path / "checkpoints")
    shutil.copy(whole / "checkpoint.key", tmp_path)
    with _opened(tmp_path) as log:
        append(log, range(ROWS + 1))
        found = judged(log, checkpoints_in(tmp_path))
    assert (found.fault, found.first_bad) == (Fault.REWRITTEN, 1)


@pytest.mark.parametrize("column", [*COLUMNS[1:], "hash"])
def test_what_the_database_cannot_read_is_found(victim: Callable[[int], Victim], column: str) -> None:
    attacked = victim(1)
    attacked.do(f"UPDATE audit SET {column} = CAST(x'ff' AS TEXT) WHERE seq = ?", attacked.at)
    assert attacked.judged().first_bad == attacked.at


def test_a_forged_checkpoint_is_found(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "forged")
    checkpoints = checkpoints_in(tmp_path / "forged")
    checkpoints.file.write_bytes(checkpoints.file.read_bytes().replace(b'"seq":60', b'"seq":61'))
    with _opened(tmp_path / "forged") as log:
        assert judged(log, checkpoints).fault == Fault.UNSIGNED


def test_several_processes_write_one_chain(address: Path | str, tmp_path: Path) -> None:
    open_databases(address).close()
    running = [started(append_audit, address, range(200), tmp_path / f"ledger{number}") for number in range(3)]
    for each in running:
        each.join()
    assert [each.exitcode for each in running] == [0, 0, 0]
    assert _whole(address) == 600


def test_killed_while_it_writes(address: Path | str, tmp_path: Path) -> None:
    open_databases(address).close()
    ledger = tmp_path / "ledger"
    for kill in range(5):
        before = _acknowledged(ledger)
        process = started(append_audit, address, range(10**6), ledger)
        wait_for(lambda: _acknowledged(ledger) > before + 20, process)  # noqa: B023 - called here and now
        process.kill()
        process.join()
        assert _acknowledged(ledger) <= _whole(address) <= _acknowledged(ledger) + kill + 1


def _acknowledged(ledger: Path) -> int:
    return ledger.read_bytes().count(b"\n") if ledger.exists() else 0


def _whole(address: Path | str) -> int:
    """How many entries there are; the chain must be whole, without a gap."""
    databases = open_databases(address)
    rows = list(AuditLog(databases.audit).rows())
    databases.close()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert verify(rows, []).fault in {Fault.UNCONFIRMED, None}
    return len(rows)


@contextmanager
def _opened(folder: Path) -> Iterator[AuditLog]:
    databases = open_sqlite(folder)
    try:
        yield AuditLog(databases.audit)
    finally:
        databases.close()
