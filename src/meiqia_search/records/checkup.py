"""A look at the databases before anything opens them, which would bring their schema up to date."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Engine, text

from meiqia_search.checkup import Finding, failed, good, notice, trouble
from meiqia_search.errors import ArchiveError, BadConfiguration
from meiqia_search.records.database import NEWER, PARTS, newest, postgres_engine, schema_version, sqlite_engine
from meiqia_search.records.errors import translated

RECORD, CLOCK = "档案数据库", "时钟"
OLDEST = 15
"""Of PostgreSQL."""
SKEW_S = 10.0
NONE = trouble(RECORD, "还没有档案。请先运行 meiqia-search init，或用 --data 指向已有的档案。")


def examine_sqlite(folder: Path) -> Iterator[Finding]:
    """The files of a data folder."""
    engines = {part: sqlite_engine(folder / f"{part}.sqlite") for part in PARTS if (folder / f"{part}.sqlite").exists()}
    if not engines:
        yield NONE
        return
    try:
        yield _schema([(part, schema_version(engine, part)) for part, engine in engines.items()])
    except ArchiveError as error:
        yield failed(RECORD, error)
    finally:
        for engine in engines.values():
            engine.dispose()


def examine_postgres(url: str) -> Iterator[Finding]:
    """The server and the schema at an address."""
    try:
        engine = postgres_engine(url)
    except BadConfiguration as wrong:
        yield failed(RECORD, wrong)
        return
    try:
        yield from _server(engine)
        yield _schema([(part, schema_version(engine, part)) for part in PARTS])
    except ArchiveError as error:
        yield failed(RECORD, error)
    finally:
        engine.dispose()


def _server(engine: Engine) -> Iterator[Finding]:
    with translated(), engine.connect() as connection:
        version = connection.execute(text("SHOW server_version_num")).scalar_one()
        there = float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
        skew = abs(time.time() - there)
    if int(version) // 10_000 < OLDEST:
        yield trouble(RECORD, f"PostgreSQL {int(version) // 10_000} 太旧，请使用 {OLDEST} 或更新的版本。")
    if skew > SKEW_S:
        yield notice(CLOCK, f"这台机器与 PostgreSQL 相差 {skew:.0f} 秒。请在两边启用时间同步（NTP）。")


def _schema(found: Sequence[tuple[str, str | None]]) -> Finding:
    if all(version is None for _, version in found):
        return NONE
    if any(version > newest(part) for part, version in found if version):
        return trouble(RECORD, NEWER)
    if any(version != newest(part) for part, version in found):
        return notice(RECORD, "档案是较旧版本的程序建的，下次运行任何其他命令时会自动升级。请先备份。")
    return good(RECORD, "可以打开，结构是最新的。")
