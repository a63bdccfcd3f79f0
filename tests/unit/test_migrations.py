"""Every way to a record leads to the same schema."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.schema import SchemaItem

from meiqia_search.conversation import build
from meiqia_search.errors import RecordUnavailable, StorageFull
from meiqia_search.records.conversations import Conversations
from meiqia_search.records.database import Databases, version_table
from meiqia_search.records.schema import AUDIT, INBOX, RECORD
from tests.conftest import open_databases

PARTS = {"record": RECORD, "inbox": INBOX, "audit": AUDIT}
VERSIONS = {version_table(part) for part in PARTS}


@pytest.mark.parametrize("part", PARTS)
def test_the_migrations_make_the_declared_schema(databases: Databases, part: str) -> None:
    def own(item: SchemaItem, name: str | None, kind: str, reflected: bool, _: object) -> bool:  # noqa: ARG001
        table = name if kind == "table" else None
        others = {each for other, metadata in PARTS.items() if other != part for each in metadata.tables}
        return table not in others | VERSIONS

    with getattr(databases, part).write() as connection:
        options = {"compare_type": True, "include_object": own}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, PARTS[part]) == []
        assert set(PARTS[part].tables) <= set(inspect(connection).get_table_names())


def test_opening_again_keeps_everything(address: Path | str) -> None:
    for found in (0, 1):
        databases = open_databases(address)
        conversations = Conversations(databases.record)
        assert conversations.count() == found
        conversations.put([build("c1", {}, [])])
        databases.close()


def test_threads_that_open_at_once(address: Path | str) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(open_databases, [address] * 6))
    for number, databases in enumerate(opened):
        Conversations(databases.record).put([build(f"c{number}", {}, [])])
        databases.close()


def test_processes_that_open_at_once(address: Path | str) -> None:
    program = f"""
import sys
from pathlib import Path
from meiqia_search.records.database import open_postgres, open_sqlite
print("ready", flush=True); sys.stdin.readline()
{"open_sqlite(Path(sys.argv[1]))" if isinstance(address, Path) else "open_postgres(sys.argv[1])"}.close()
"""
    command = [sys.executable, "-c", program, str(address)]
    children = list(_started(command, 4))
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.communicate(timeout=60)
    assert [child.returncode for child in children] == [0] * 4


def _started(command: list[str], number: int) -> Iterator[subprocess.Popen[str]]:
    """Processes that have all come as far as the line they print."""
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    for child in running:
        assert child.stdout is not None
        child.stdout.readline()
        yield child


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "record.sqlite").write_text("这不是数据库" * 100)
    with pytest.raises(RecordUnavailable):
        open_databases(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="没有 /dev/full")
def test_a_full_disk_is_said_as_such(tmp_path: Path) -> None:
    (tmp_path / "record.sqlite").symlink_to("/dev/full")
    with pytest.raises((StorageFull, RecordUnavailable)):
        open_databases(tmp_path)
