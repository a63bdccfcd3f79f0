"""Who is signed in: sessions by the digest of what the cookie holds."""

from typing import NamedTuple

from sqlalchemy import delete, insert, or_, select, update

from meiqia_search.records.database import Database
from meiqia_search.records.people import PERSON, PersonRow, person_row
from meiqia_search.records.schema import person, session


class SessionRow(NamedTuple):
    """A session as kept; ``id`` may be shown, ``token`` is a digest, times are 0 and ids '' where there is nothing."""

    token: bytes
    id: str
    person: str
    created_at: int
    seen_at: int
    address: str
    program: str
    confirmed_at: int
    preview: str
    preview_until: int


class Found(NamedTuple):
    """A session with the person it belongs to, as that person is now."""

    session: SessionRow
    person: PersonRow


_SESSION = tuple(session.c[name] for name in SessionRow._fields)
_NAMED = tuple(column.label(f"session_{column.name}") for column in _SESSION)


class SessionRecord:
    """Keeps sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, row: SessionRow) -> None:
        """Keep a new session."""
        with self._database.write() as connection:
            connection.execute(insert(session).values(row._asdict()))

    def find(self, token: bytes) -> Found | None:
        """The session, unless its person is disabled."""
        query = (
            select(*PERSON, *_NAMED)
            .join(person, person.c.id == session.c.person)
            .where(session.c.token == token, person.c.disabled_at.is_(None))
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
            return Found(SessionRow(*row[len(PERSON) :]), person_row(row)) if row else None

    def of(self, person_id: str, begun_since: int, seen_since: int) -> list[SessionRow]:
        """The sessions of a person that still hold, the last used first."""
        query = (
            select(*_SESSION)
            .where(
                session.c.person == person_id, session.c.created_at > begun_since, session.c.seen_at > seen_since
            )
            .order_by(session.c.seen_at.desc(), session.c.id)
        )  # fmt: skip
        with self._database.read() as connection:
            return [SessionRow(*row) for row in connection.execute(query)]

    def change(self, token: bytes, **values: int | str) -> None:
        """Set columns of a session."""
        with self._database.write() as connection:
            connection.execute(update(session).where(session.c.token == token).values(values))

    def end_preview(self, token: bytes) -> bool:
        """Let the session look as its own person again; False where it did."""
        query = update(session).where(session.c.token == token, session.c.preview != "")
        with self._database.write() as connection:
            return bool(connection.execute(query.values(preview="", preview_until=0)).rowcount)

    def end(self, token: bytes) -> None:
        """Forget the session."""
        with self._database.write() as connection:
            connection.execute(delete(session).where(session.c.token == token))

    def end_of(self, person_id: str, session_id: str) -> None:
        """Forget a session of this person."""
        with self._database.write() as connection:
            connection.execute(delete(session).where(session.c.person == person_id, session.c.id == session_id))

    def purge(self, begun_before: int, seen_before: int) -> None:
        """Forget sessions that are too old or were not used for too long."""
        with self._database.write() as connection:
            connection.execute(
                delete(session).where(or_(session.c.created_at < begun_before, session.c.seen_at < seen_before))
            )
