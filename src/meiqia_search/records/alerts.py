"""The rules for alerts, as whole versions, and who took note of which alert."""

from typing import NamedTuple

from sqlalchemy import func, insert, select

from meiqia_search.records.database import Database, take_turns
from meiqia_search.records.schema import acknowledgement, alert_rules


class RulesRow(NamedTuple):
    """One version: who made it when, what it changed in words, and the rules as JSON."""

    version: int
    at: int
    person: str
    note: str
    body: str


class Acknowledged(NamedTuple):
    """Who took note of an alert, when, and what they say of it."""

    alert: str
    at: int
    person: str
    note: str


class AlertRecord:
    """Keeps both; nothing here is ever changed or removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self) -> list[RulesRow]:
        """Every version of the rules, the oldest first; without any, those that the program brings are in force."""
        with self._database.read() as connection:
            return [RulesRow(*row) for row in connection.execute(select(alert_rules).order_by(alert_rules.c.version))]

    def add(self, row: RulesRow) -> bool:
        """Keep the next version of the rules; False where it is not the next."""
        with self._database.write() as connection:
            take_turns(connection)
            newest = connection.execute(select(func.coalesce(func.max(alert_rules.c.version), 0))).scalar_one()
            if newest != row.version - 1:
                return False
            connection.execute(insert(alert_rules).values(row._asdict()))
        return True

    def acknowledged(self) -> dict[str, Acknowledged]:
        """Every alert that somebody took note of."""
        with self._database.read() as connection:
            rows = connection.execute(select(acknowledgement))
            return {row.alert: Acknowledged(*row) for row in rows}

    def acknowledge(self, row: Acknowledged) -> bool:
        """Keep that somebody took note; False where somebody had."""
        with self._database.write() as connection:
            take_turns(connection)
            before = select(acknowledgement.c.alert).where(acknowledgement.c.alert == row.alert)
            if connection.execute(before).first():
                return False
            connection.execute(insert(acknowledgement).values(row._asdict()))
        return True
