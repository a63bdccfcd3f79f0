"""Connections, transactions and migrations; every database error becomes one of ours."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Engine, MetaData, Select, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from meiqia_search.errors import BadConfiguration
from meiqia_search.records import locks
from meiqia_search.records.errors import translated
from meiqia_search.records.locks import Locks, Number
from meiqia_search.records.plain import Plain
from meiqia_search.records.schema import AUDIT, INBOX, RECORD

Transaction: TypeAlias = Connection
"""What other rooms call an open transaction; what to do in it they leave to the records."""

MIGRATIONS = Path(__file__).parent / "migrations"
CONNECTIONS = 8
FETCHED = 500
BUSY_MS = 15_000
CACHE_KB = 8_000
"""Of each connection; SQLite's own 2 MB do not hold the way to the rows of a million conversations."""
WRITING = {"meiqia_writing": True}
"""Marks a transaction that writes: SQLite takes its lock at once instead of failing in the middle."""
NEWER = "档案已由更新版本的程序使用过，这个版本不能打开它。请升级程序。"
_ADDRESS = "MEIQIA_DATABASE_URL 应形如 postgresql://账号:密码@主机:端口/库名；不填则使用数据文件夹里的 SQLite。"
_ALEMBIC = threading.Lock()
"""Alembic keeps the migration under way in a global variable."""


class _Written(NamedTuple):
    """A query as the driver takes it, and its parameters: by position, as SQLite does, or by name."""

    sql: str
    order: Sequence[str]
    given: Mapping[str, object]

    def parameters(self, values: Mapping[str, object]) -> Sequence[object] | Mapping[str, object]:
        every = {**self.given, **values}
        return [every[name] for name in self.order] if self.order else every


class Database:
    """One database: short transactions through :meth:`read` and :meth:`write`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        sees_one_state = {"isolation_level": "REPEATABLE READ"} if self.dialect == "postgresql" else {}
        self._reading = engine.execution_options(**sees_one_state)
        self._writing = engine.execution_options(**WRITING)
        self._driver = engine.dialect.loaded_dbapi
        self._written: dict[Select[Any], _Written] = {}
        self.plain = Plain(engine)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state."""
        with translated(), self._reading.connect() as connection:
            yield connection

    def rows(self, query: Select[Any], **values: object) -> Iterator[Sequence[Any]]:
        """What a query finds, by the driver alone; one statement sees one state.

        SQLAlchemy takes longer to ask for twenty rows than SQLite to find them, and a seventh of reading very many.
        ``query`` is a constant of its module: as what it is written is kept.
        """
        written = self._written.get(query) or self._write(query)
        with translated(self._driver.Error), contextlib.closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(written.sql, written.parameters(values))
            while some := cursor.fetchmany(FETCHED):
                yield from some

    def _write(self, query: Select[Any]) -> _Written:
        compiled = query.compile(dialect=self._engine.dialect)
        order = getattr(compiled, "positiontup", None) or ()
        self._written[query] = made = _Written(str(compiled), order, compiled.params)
        return made

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end, rolled back on an error. On SQLite there is one at a time."""
        with translated(), self._writing.begin() as connection:
            yield connection

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Close all connections."""
        self.plain.close()
        self._engine.dispose()


def take_turns(connection: Connection, at: Number = Number.RECORD) -> None:
    """Let one transaction at a time go on from here; on SQLite it has come that far alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"at": int(at)})


_TURN = text("SELECT pg_advisory_xact_lock(:at)")


@dataclass(frozen=True, slots=True)
class Databases:
    """Where everything is kept. On PostgreSQL the three are one."""

    record: Database
    inbox: Database
    audit: Database
    locks: Locks

    def close(self) -> None:
        """Close all connections."""
        for database in (self.record, self.inbox, self.audit):
            database.close()


PARTS: dict[str, MetaData] = {"record": RECORD, "inbox": INBOX, "audit": AUDIT}


def open_sqlite(folder: Path) -> Databases:
    """The three files in this folder, made and migrated where needed.

    ``inbox`` and ``audit`` are synchronised at every commit, the record at checkpoints: a killed process loses nothing
    of it, and what a power cut takes from it is still in the file or inbox it came from. Whoever opens the folder waits
    for others who do: SQLite refuses at once, without waiting, who finds a new file being given its journal.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engines = {part: sqlite_engine(folder / f"{part}.sqlite") for part in PARTS}
    with locks.alone_in_folder(folder):
        _bring_up_to_date(engines)
    return Databases(**{part: Database(engine) for part, engine in engines.items()}, locks=locks.in_folder(folder))


def open_postgres(url: str) -> Databases:
    """The one database at a ``postgresql://`` address, migrated where needed, under a lock."""
    engine = postgres_engine(url)
    _bring_up_to_date(dict.fromkeys(PARTS, engine))
    database = Database(engine)
    return Databases(database, database, database, locks.in_database(engine))


def postgres_engine(url: str) -> Engine:
    """Connections to the database at a ``postgresql://`` address; none is made yet.

    Raises:
        BadConfiguration: it is not such an address.
    """
    scheme, _, rest = url.partition("://")
    try:
        if scheme not in {"postgresql", "postgres"}:
            raise BadConfiguration(_ADDRESS)
        address = make_url(f"postgresql+psycopg://{rest}")
    except (ArgumentError, ValueError):
        raise BadConfiguration(_ADDRESS) from None
    return create_engine(address, pool_size=CONNECTIONS, pool_pre_ping=True, connect_args={"connect_timeout": 5})


def sqlite_engine(path: Path) -> Engine:
    """Connections to the database in a file; the record is synchronised at checkpoints, the others at every commit."""
    synchronous = "NORMAL" if path.stem == "record" else "FULL"
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=32,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            f"busy_timeout={BUSY_MS}",
            f"cache_size=-{CACHE_KB}",
            "foreign_keys=ON",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().keys() & WRITING.keys()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _bring_up_to_date(engines: Mapping[str, Engine]) -> None:
    try:
        with translated():
            for part, engine in engines.items():
                _migrate(engine, part)
    except BaseException:
        for engine in engines.values():
            engine.dispose()
        raise


def _migrate(engine: Engine, part: str) -> None:
    """Bring one part of the schema up to date; whoever comes second waits and finds it done."""
    version = schema_version(engine, part)
    if version == newest(part):
        return
    if version and version > newest(part):
        raise BadConfiguration(NEWER)
    from alembic import command  # noqa: PLC0415 - takes 0.2 s and is needed once
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / part))
    config.set_main_option("path_separator", "os")
    with _ALEMBIC, engine.execution_options(**WRITING).begin() as connection:
        attributes: dict[str, Any] = {"connection": connection, "part": part}
        config.attributes.update(attributes)
        if engine.dialect.name == "postgresql":
            take_turns(connection, Number.MIGRATION)
        command.upgrade(config, "head")


def version_table(part: str) -> str:
    """Where the version of a part's schema is kept."""
    return f"schema_{part}"


def newest(part: str) -> str:
    """The version of a part's schema that this program brings."""
    return max(path.stem for path in (MIGRATIONS / part).glob("[0-9]*.py"))


def schema_version(engine: Engine, part: str) -> str | None:
    """The version of a part's schema in this database; ``None`` where it has none yet."""
    with translated():
        if not inspect(engine).has_table(version_table(part)):
            return None
        with engine.connect() as connection:
            return connection.execute(text(f"SELECT version_num FROM {version_table(part)}")).scalar()  # noqa: S608 - a constant
