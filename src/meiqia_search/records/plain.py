"""A transaction with the driver's own cursor, on a connection that is kept.

For what is done so often that it may cost no more than the database does: to make a statement, and to find the pages
of a connection cold, takes SQLAlchemy and SQLite longer than to synchronise a row.
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from meiqia_search.records.errors import translated


class Plain:
    """Writes through one connection; those who come at once take turns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._error = engine.dialect.loaded_dbapi.Error
        self._turn = threading.Lock()
        self._kept: PoolProxiedConnection | None = None

    @contextmanager
    def transaction(self, first: str) -> Iterator[DBAPICursor]:
        """A transaction that begins with this statement, committed at the end, rolled back on an error."""
        with self._turn, translated(self._error):
            try:
                with closing(self._begun(first)) as cursor:
                    yield cursor
                    if self._kept:
                        self._kept.commit()
            except BaseException:
                self._drop()
                raise

    def close(self) -> None:
        """Give the connection free."""
        with self._turn:
            self._drop()

    def _begun(self, first: str) -> DBAPICursor:
        """A cursor that has done the first statement; where the server has gone away since the last time, anew."""
        try:
            return self._done(first)
        except self._error as broken:
            kept = self._kept.dbapi_connection if self._kept else None
            if not self._engine.dialect.is_disconnect(broken, kept, None):
                raise
        self._drop()
        return self._done(first)

    def _done(self, first: str) -> DBAPICursor:
        if self._kept is None:
            self._kept = self._engine.raw_connection()
        cursor = self._kept.cursor()
        cursor.execute(first)
        return cursor

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            with suppress(self._error):
                kept.invalidate()
                kept.close()
