"""Storing what was looked at."""

import json

from sqlalchemy import insert, select

from meiqia_search import clock
from meiqia_search.audit.events import IDS, Event
from meiqia_search.errors import AuditUnavailable, RecordUnavailable, StorageFull
from meiqia_search.records.database import Database
from meiqia_search.records.schema import audit


class AuditLog:
    """Appends events; a row is on disk when :meth:`append` returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, event: Event) -> None:
        """Commit one event.

        Raises:
            AuditUnavailable: it could not be written, so nothing may be shown.
        """
        row = {
            "at": clock.now(),
            "action": event.action,
            "person": event.by.person,
            "role": event.by.role,
            "policy": event.policy,
            "surface": event.by.visit.surface,
            "address": event.by.visit.address,
            "trace": event.by.visit.trace,
            "sentence": event.sentence.replace("\0", "␀"),  # PostgreSQL refuses it
            "ids": json.dumps(event.ids[:IDS], ensure_ascii=False),
            "count": event.count,
            "outcome": event.outcome,
        }
        try:
            with self._database.write() as connection:
                connection.execute(_INSERT, row)
        except (RecordUnavailable, StorageFull) as broken:
            raise AuditUnavailable from broken

    def newest(self, limit: int) -> list[dict[str, object]]:
        """The newest events, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(limit))
            return [dict(row) for row in rows.mappings()]


_INSERT = insert(audit)
