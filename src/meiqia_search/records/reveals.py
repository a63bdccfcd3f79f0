"""What is shown in clear for a while, to whom and where."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from meiqia_search.records.database import Database
from meiqia_search.records.schema import person, reveal


class RevealRow(NamedTuple):
    """One reveal: to a person, in one of their sessions, of one conversation."""

    person: str
    session: str
    conversation: str
    target: str
    at: int
    until: int


class RevealRecord:
    """Keeps reveals for as long as they are open or count."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: RevealRow, since: int, most: int, allow: Callable[[], None]) -> bool:
        """Keep a reveal; False where the person has had ``most`` since then.

        Those who are at it at once take turns. ``allow`` comes last: what it raises leaves everything as it was.
        """
        with self._database.write() as connection:
            connection.execute(select(person.c.id).where(person.c.id == row.person).with_for_update())
            if _count(connection, row.person, since) >= most:
                return False
            connection.execute(insert(reveal).values(row._asdict()))
            connection.execute(delete(reveal).where(reveal.c.at < since, reveal.c.until <= row.at))
            allow()
        return True

    def count(self, person_id: str, since: int) -> int:
        """How many a person has had since then."""
        with self._database.read() as connection:
            return _count(connection, person_id, since)

    def open(self, person_id: str, session: str, conversation: str, at: int) -> dict[str, int]:
        """What this session sees clear of a conversation at a time, and until when."""
        query = (
            select(reveal.c.target, func.max(reveal.c.until).label("until"))
            .where(
                reveal.c.person == person_id, reveal.c.session == session, reveal.c.conversation == conversation,
                reveal.c.until > at,
            )
            .group_by(reveal.c.target)
        )  # fmt: skip
        with self._database.read() as connection:
            return {row.target: row.until for row in connection.execute(query)}


def _count(connection: Connection, person_id: str, since: int) -> int:
    of_day: tuple[ColumnElement[bool], ...] = (reveal.c.person == person_id, reveal.c.at >= since)
    return connection.execute(select(func.count()).select_from(reveal).where(*of_day)).scalar_one()
