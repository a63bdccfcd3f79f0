"""The roles, as whole versions: none is ever changed or removed, the newest is in force."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import func, insert, select

from meiqia_search.records.database import Database, take_turns
from meiqia_search.records.people import PersonRow, everybody
from meiqia_search.records.schema import policy


class PolicyRow(NamedTuple):
    """One version: who made it when, what it changed in words, and the roles as JSON."""

    version: int
    at: int
    person: str
    note: str
    body: str


class PolicyRecord:
    """Keeps the versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def version(self) -> int:
        """The number of the newest version; 0 where there is none."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.coalesce(func.max(policy.c.version), 0))).scalar_one())

    def newest(self) -> PolicyRow | None:
        """The version in force."""
        with self._database.read() as connection:
            row = connection.execute(select(policy).order_by(policy.c.version.desc()).limit(1)).first()
            return PolicyRow(*row) if row else None

    def get(self, version: int) -> PolicyRow | None:
        """The version of this number."""
        with self._database.read() as connection:
            row = connection.execute(select(policy).where(policy.c.version == version)).first()
            return PolicyRow(*row) if row else None

    def all(self) -> list[PolicyRow]:
        """Every version, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(policy).order_by(policy.c.version.desc()))
            return [PolicyRow(*row) for row in rows]

    def add(self, row: PolicyRow, allow: Callable[[list[PersonRow]], None] = lambda _: None) -> bool:
        """Keep the next version; False where it is not the next.

        ``allow`` sees everybody as they are in the same transaction; what it raises leaves all as it was.
        """
        with self._database.write() as connection:
            take_turns(connection)
            newest = connection.execute(select(func.coalesce(func.max(policy.c.version), 0))).scalar_one()
            if newest != row.version - 1:
                return False
            allow(everybody(connection))
            connection.execute(insert(policy).values(row._asdict()))
        return True
