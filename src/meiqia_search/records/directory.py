"""What agents and groups are called, gathered from the conversations."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from meiqia_search import fields
from meiqia_search.fields import Value
from meiqia_search.records.database import Database
from meiqia_search.records.schema import directory

REFRESH_S = 2.0
_KIND = {"agent": "agent", "owner": "agent", "group": "group"}


class Directory:
    """Names of agents and groups, kept in memory and read again every few seconds. Implements ``query.names.Names``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._read_at = -REFRESH_S
        self._names: dict[tuple[str, str], str] = {}
        self._ids: dict[tuple[str, str], tuple[str, ...]] = {}

    def ids(self, field: str, word: str) -> tuple[str, ...]:
        """The ids that are called (or are) this word."""
        kind = _KIND.get(field)
        if kind is None:
            return ()
        self._refresh()
        return (word,) if (kind, word) in self._names else self._ids.get((kind, word.casefold()), ())

    def name(self, field: str, value: Value) -> str:
        """How a value of a field is shown."""
        kind = _KIND.get(field)
        if kind is None:
            return fields.get(field).show(value)
        self._refresh()
        return self._names.get((kind, str(value)), str(value))

    def _refresh(self) -> None:
        with self._lock:
            if time.monotonic() - self._read_at < REFRESH_S:
                return
            with self._database.read() as connection:
                rows = connection.execute(select(directory.c.kind, directory.c.id, directory.c.name)).all()
            self._names = {(kind, each): name for kind, each, name in rows}
            self._ids = {}
            for kind, each, name in sorted(rows):
                key = (kind, name.casefold())
                self._ids[key] = (*self._ids.get(key, ()), each)
            self._read_at = time.monotonic()


class Named(Protocol):
    """What brings names: ``{"agent": {"a1": "小王"}, "group": {"g1": "售后一组"}}``."""

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """By kind and id."""
        ...


def note(connection: Connection, conversations: Iterable[Named]) -> None:
    """Keep the names that these conversations bring; the newest name of an id wins."""
    met = {
        (kind, each): name
        for conversation in conversations
        for kind, known in conversation.names.items()
        for each, name in known.items()
        if kind in {"agent", "group"} and name
    }
    if met:
        rows = [{"kind": kind, "id": each, "name": name} for (kind, each), name in sorted(met.items())]
        connection.execute(_upsert(connection, rows))


def _upsert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 - two dialects
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(directory).values(rows)
    return statement.on_conflict_do_update(
        index_elements=["kind", "id"],
        set_={"name": statement.excluded.name},
        where=directory.c.name != statement.excluded.name,
    )
