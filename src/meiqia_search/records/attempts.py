"""How often something was tried: failures to sign in by account and address, look-ups by person."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from meiqia_search.records.database import Database
from meiqia_search.records.schema import attempt


class AttemptRow(NamedTuple):
    """How many so far (of signing in, failures), until when the next one is refused, and since when or the last."""

    failures: int
    blocked_until: int
    at: int


NONE = AttemptRow(0, 0, 0)


class AttemptRecord:
    """Counts attempts. All keys of one attempt change together, so that parallel guesses count like one by one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, keys: Iterable[str], decide: Callable[[dict[str, AttemptRow]], dict[str, AttemptRow]]) -> None:
        """Replace the rows of these keys by what ``decide`` makes of them; what it raises leaves them as they were."""
        wanted = sorted(keys)
        with self._database.write() as connection:
            connection.execute(_begin(connection), [{"key": key, **NONE._asdict()} for key in wanted])
            query = select(attempt).where(attempt.c.key.in_(wanted)).order_by(attempt.c.key).with_for_update()
            rows = {row.key: AttemptRow(row.failures, row.blocked_until, row.at) for row in connection.execute(query)}
            for key, row in decide(rows).items():
                connection.execute(update(attempt).where(attempt.c.key == key).values(row._asdict()))

    def lower(self, key: str) -> None:
        """One failure less: the attempt that was counted has succeeded."""
        with self._database.write() as connection:
            connection.execute(
                update(attempt)
                .where(attempt.c.key == key, attempt.c.failures > 0)
                .values(failures=attempt.c.failures - 1, blocked_until=0)
            )

    def forget(self, key: str) -> None:
        """No failures."""
        with self._database.write() as connection:
            connection.execute(delete(attempt).where(attempt.c.key == key))

    def purge(self, before: int) -> None:
        """Forget what is older."""
        with self._database.write() as connection:
            connection.execute(delete(attempt).where(attempt.c.at < before))


def _begin(connection: Connection) -> Any:  # noqa: ANN401 - two dialects
    """A row for each key, so that there is one to lock."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(attempt).on_conflict_do_nothing(index_elements=["key"])
