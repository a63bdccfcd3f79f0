"""How often signing in failed, by account and by address."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from meiqia_search.records.database import Database
from meiqia_search.records.schema import attempt


class AttemptRow(NamedTuple):
    """Failures so far, and until when the next attempt is refused."""

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
        wanted = list(keys)
        with self._database.write() as connection:
            rows = connection.execute(select(attempt).where(attempt.c.key.in_(wanted)))
            known = {row.key: AttemptRow(row.failures, row.blocked_until, row.at) for row in rows}
            after = decide({key: known.get(key, NONE) for key in wanted})
            connection.execute(delete(attempt).where(attempt.c.key.in_(wanted)))
            kept = [{"key": key, **row._asdict()} for key, row in after.items() if row.failures]
            if kept:
                connection.execute(insert(attempt), kept)

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
