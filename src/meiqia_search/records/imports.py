"""How far each file was taken in."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select

from meiqia_search import clock
from meiqia_search.records.database import Database
from meiqia_search.records.schema import import_progress


@dataclass(slots=True)
class Progress:
    """Units of the file taken in (``position``), what they did, and whether the end was reached."""

    position: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    finished: bool = False


class Imports:
    """Progress by fingerprint of the file; written in the transaction that keeps the conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, file: str) -> Progress:
        """How far the file was taken in; nothing of it when it is new, or was finished and is taken in again."""
        names = ("position", "added", "changed", "same", "rejected", "finished")
        columns = [import_progress.c[name] for name in names]
        with self._database.read() as connection:
            row = connection.execute(select(*columns).where(import_progress.c.file == file)).mappings().first()
        return Progress() if row is None or row["finished"] else Progress(**row)


def keep(connection: Connection, file: str, progress: Progress) -> None:
    """Note the progress, as part of a transaction."""
    connection.execute(delete(import_progress).where(import_progress.c.file == file))
    connection.execute(
        insert(import_progress).values(
            file=file, at=clock.now(), **asdict(progress) | {"finished": int(progress.finished)}
        )
    )
