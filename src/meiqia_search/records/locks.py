"""Who writes the index: one process at a time, on one machine or on several; given free when the process dies."""

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum, unique
from pathlib import Path
from time import sleep
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from meiqia_search.records.errors import translated

_PAUSES_S = (0, 0.001, 0.003, 0.01, 0.03)
"""Whoever looks whether a file's lock is free has it for that moment: only what stays taken is taken by another."""


@unique
class Number(IntEnum):
    """What PostgreSQL's advisory locks are told apart by, in one list: with one number for two they would block."""

    MIGRATION = 20261122
    RECORD = 20261123
    AUDIT = 20261124
    WRITING = 20261125
    ASKING = 20261126


class Lock(Protocol):
    """Something that one process has at a time."""

    def taken(self) -> AbstractContextManager[bool]:
        """Take it; False at once where another has it."""
        ...

    def is_free(self) -> bool:
        """Whether nobody has it just now."""
        ...


@dataclass(frozen=True, slots=True)
class Locks:
    """``writing`` is had by whoever writes the index; ``asking`` by whoever asks a worker to make way."""

    writing: Lock
    asking: Lock


def in_folder(folder: Path) -> Locks:
    """Between the processes of one machine."""
    return Locks(_FileLock(folder / "index.lock"), _FileLock(folder / "asking.lock"))


def in_database(engine: Engine) -> Locks:
    """Between all processes that use a PostgreSQL database."""
    return Locks(_AdvisoryLock(engine, Number.WRITING), _AdvisoryLock(engine, Number.ASKING))


@contextmanager
def alone_in_folder(folder: Path) -> Iterator[None]:
    """Wait until nobody else opens the files of this folder."""
    with (folder / "opening.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class _FileLock:
    """Held by the system for as long as the file is open."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def taken(self) -> Iterator[bool]:
        with self._path.open("w") as file:
            yield any(_flocked(file.fileno(), fcntl.LOCK_EX, pause) for pause in _PAUSES_S)

    def is_free(self) -> bool:
        with self._path.open("w") as file:
            return _flocked(file.fileno(), fcntl.LOCK_SH)


def _flocked(file: int, kind: int, pause: float = 0) -> bool:
    """Whether the lock could be had, after this pause."""
    sleep(pause)
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _AdvisoryLock:
    """Held by the server for as long as a connection lasts.

    A holder that lost its connection unnoticed does no harm: engines refuse a writer that was replaced.
    """

    def __init__(self, engine: Engine, number: Number) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._number = {"number": int(number)}

    @contextmanager
    def taken(self) -> Iterator[bool]:
        with self._connected() as connection:
            connection.detach()  # it is closed afterwards, so that nobody inherits the lock
            with translated():
                _notice_vanished_machine(connection)
                mine: bool = connection.execute(text("SELECT pg_try_advisory_lock(:number)"), self._number).scalar_one()
            try:
                yield mine
            finally:
                with suppress(DBAPIError):  # the server is gone, and the lock with it
                    connection.execute(text("SELECT pg_advisory_unlock_all()"))

    def is_free(self) -> bool:
        with self._connected() as connection, translated():
            return not connection.execute(_HOLDERS, self._number).scalar_one()

    def _connected(self) -> Connection:
        with translated():
            return self._engine.connect()


_HOLDERS = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :number AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def _notice_vanished_machine(connection: Connection) -> None:
    """Let the server notice within a minute that nobody is at the other end any more (its default is two hours)."""
    for name, value in (("idle", 20), ("interval", 10), ("count", 4)):
        connection.execute(text(f"SET tcp_keepalives_{name} = {value}"))
