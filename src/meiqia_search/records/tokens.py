"""Tokens by which programs act for a person: only a digest is kept."""

import json
from typing import NamedTuple

from sqlalchemy import insert, select, update

from meiqia_search.records.database import Database
from meiqia_search.records.people import PERSON, PersonRow, person_row
from meiqia_search.records.schema import person, token


class TokenRow(NamedTuple):
    """A token as kept; ``seen_at`` and ``revoked_at`` are 0 where it never was."""

    id: str
    digest: bytes
    person: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int
    seen_at: int
    revoked_at: int


class Found(NamedTuple):
    """A token with the person it belongs to, as that person is now."""

    token: TokenRow
    person: PersonRow


_TOKEN = tuple(token.c[name].label(f"token_{name}") for name in TokenRow._fields)


def _row(values: tuple[object, ...]) -> TokenRow:
    row = TokenRow(*values)  # type: ignore[arg-type]
    return row._replace(scopes=tuple(json.loads(str(row.scopes))))


class TokenRecord:
    """Keeps tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: TokenRow) -> None:
        """Keep a new token."""
        with self._database.write() as connection:
            connection.execute(insert(token).values({**row._asdict(), "scopes": json.dumps(row.scopes)}))

    def find(self, token_id: str) -> Found | None:
        """The token of this id, whether or not it still holds."""
        query = select(*PERSON, *_TOKEN).join(person, person.c.id == token.c.person).where(token.c.id == token_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
            return Found(_row(tuple(row[len(PERSON) :])), person_row(row)) if row else None

    def of(self, person_id: str) -> list[TokenRow]:
        """The tokens of a person, the newest first; those that no longer hold too."""
        query = select(*_TOKEN).where(token.c.person == person_id).order_by(token.c.created_at.desc(), token.c.id)
        with self._database.read() as connection:
            return [_row(tuple(row)) for row in connection.execute(query)]

    def seen(self, token_id: str, at: int) -> None:
        """The token was used."""
        with self._database.write() as connection:
            connection.execute(update(token).where(token.c.id == token_id).values(seen_at=at))

    def revoke(self, token_id: str, at: int) -> None:
        """From now on the token is refused."""
        with self._database.write() as connection:
            connection.execute(
                update(token).where(token.c.id == token_id, token.c.revoked_at == 0).values(revoked_at=at)
            )
