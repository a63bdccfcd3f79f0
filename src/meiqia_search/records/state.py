"""Single values that belong to the archive."""

import secrets
from collections.abc import Callable

from sqlalchemy import delete, insert, select

from meiqia_search.records.database import Database, take_turns
from meiqia_search.records.schema import state


class State:
    """Named values; a secret is made when it is first asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """The value, if there is one."""
        with self._database.read() as connection:
            return connection.execute(select(state.c.value).where(state.c.name == name)).scalar_one_or_none()

    def put(self, name: str, value: str) -> None:
        """Set the value."""
        self.change(name, lambda _: value)

    def change(self, name: str, make: Callable[[str | None], str]) -> str:
        """Put what ``make`` makes of the value in its place; processes that are at it at once take turns.

        What it raises leaves everything as it was.
        """
        with self._database.write() as connection:
            take_turns(connection)
            known = connection.execute(select(state.c.value).where(state.c.name == name)).scalar_one_or_none()
            value = make(known)
            if value != known:
                connection.execute(delete(state).where(state.c.name == name))
                connection.execute(insert(state).values(name=name, value=value))
            return value

    def secret(self, name: str) -> str:
        """The secret of this name: 256 random bits, the same for every process."""
        return self.get(name) or self.change(name, lambda known: known or secrets.token_urlsafe(32))
