"""Who is signed in: sessions by the digest of what the cookie holds."""

from typing import NamedTuple

from sqlalchemy import delete, insert, or_, select, update

from meiqia_search.records.database import Database
from meiqia_search.records.people import PERSON, PersonRow, person_row
from meiqia_search.records.schema import person, session


class SessionRow(NamedTuple):
    """A session with the person it belongs to, as that person is now."""

    person: PersonRow
    created_at: int
    seen_at: int


class SessionRecord:
    """Keeps sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, token: bytes, person_id: str, at: int) -> None:
        """Keep a new session."""
        with self._database.write() as connection:
            connection.execute(insert(session).values(token=token, person=person_id, created_at=at, seen_at=at))

    def find(self, token: bytes) -> SessionRow | None:
        """The session, unless its person is disabled."""
        query = (
            select(*PERSON, session.c.created_at.label("begun_at"), session.c.seen_at)
            .join(person, person.c.id == session.c.person)
            .where(session.c.token == token, person.c.disabled_at.is_(None))
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
            return SessionRow(person_row(row), row.begun_at, row.seen_at) if row else None

    def seen(self, token: bytes, at: int) -> None:
        """The session was used."""
        with self._database.write() as connection:
            connection.execute(update(session).where(session.c.token == token).values(seen_at=at))

    def end(self, token: bytes) -> None:
        """Forget the session."""
        with self._database.write() as connection:
            connection.execute(delete(session).where(session.c.token == token))

    def purge(self, begun_before: int, seen_before: int) -> None:
        """Forget sessions that are too old or were not used for too long."""
        with self._database.write() as connection:
            connection.execute(
                delete(session).where(or_(session.c.created_at < begun_before, session.c.seen_at < seen_before))
            )
