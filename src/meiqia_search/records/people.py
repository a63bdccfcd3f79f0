"""The people who may sign in."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from meiqia_search import clock
from meiqia_search.records.database import Database, take_turns
from meiqia_search.records.schema import person, session, token


class PersonRow(NamedTuple):
    """A person as kept; ``password`` is a hash, '' where one cannot sign in."""

    id: str
    login: str
    name: str
    role: str
    agents: tuple[str, ...]
    groups: tuple[str, ...]
    password: str
    created_at: int
    disabled_at: int | None


PERSON = tuple(person.c[name] for name in PersonRow._fields)


def person_row(row: Any) -> PersonRow:  # noqa: ANN401 - a row of any width
    """What was selected as :data:`PERSON`, at the start of a row."""
    each = PersonRow(*row[: len(PERSON)])
    return each._replace(agents=tuple(json.loads(row.agents)), groups=tuple(json.loads(row.groups)))


def everybody(connection: Connection) -> list[PersonRow]:
    """All people as they are in this transaction, by login."""
    return [person_row(row) for row in connection.execute(select(*PERSON).order_by(person.c.login))]


class PeopleRecord:
    """Keeps people; nobody is ever removed, only disabled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: PersonRow) -> bool:
        """Keep a person; False where the login is taken."""
        values = {**row._asdict(), "agents": json.dumps(row.agents), "groups": json.dumps(row.groups)}
        with self._database.write() as connection:
            if connection.execute(select(person.c.id).where(person.c.login == row.login)).first():
                return False
            connection.execute(insert(person).values(values))
        return True

    def by_login(self, login: str) -> PersonRow | None:
        """The person of this login."""
        with self._database.read() as connection:
            row = connection.execute(select(*PERSON).where(person.c.login == login)).first()
            return person_row(row) if row else None

    def by_id(self, person_id: str) -> PersonRow | None:
        """The person of this id."""
        with self._database.read() as connection:
            row = connection.execute(select(*PERSON).where(person.c.id == person_id)).first()
            return person_row(row) if row else None

    def all(self) -> list[PersonRow]:
        """Everybody, by login."""
        with self._database.read() as connection:
            return everybody(connection)

    def set_password(self, person_id: str, password: str, *, end_sessions: bool) -> None:
        """Replace the hash; whoever came in with the old one is out, and so are the tokens they may have made."""
        with self._database.write() as connection:
            connection.execute(update(person).where(person.c.id == person_id).values(password=password))
            if end_sessions:
                _end(connection, person_id)

    def change(self, new: PersonRow, allow: Callable[[list[PersonRow]], None], *, end_sessions: bool) -> None:
        """Replace a person's name, role, agents, groups and whether they are disabled; their sessions may end.

        ``allow`` sees everybody as they are in the same transaction; what it raises leaves all as it was.
        """
        values = {"name": new.name, "role": new.role, "agents": json.dumps(new.agents),
                  "groups": json.dumps(new.groups), "disabled_at": new.disabled_at}  # fmt: skip
        with self._database.write() as connection:
            take_turns(connection)
            allow(everybody(connection))
            connection.execute(update(person).where(person.c.id == new.id).values(values))
            if new.disabled_at is not None:
                _end(connection, new.id)
            elif end_sessions:
                connection.execute(delete(session).where(session.c.person == new.id))


def _end(connection: Connection, person_id: str) -> None:
    """Nobody comes in as this person any more until they sign in again."""
    connection.execute(delete(session).where(session.c.person == person_id))
    revoked = update(token).where(token.c.person == person_id, token.c.revoked_at == 0)
    connection.execute(revoked.values(revoked_at=clock.now()))
