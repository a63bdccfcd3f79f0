"""On a full disk nothing that was acknowledged is lost, and the same call goes on when there is space."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from meiqia_search.acl.scope import Scoped
from meiqia_search.errors import StorageFull
from meiqia_search.indexing import intake
from meiqia_search.query.filter import Text
from meiqia_search.query.request import Search
from meiqia_search.records.imports import Progress
from tests.places import in_folder
from tests.store import MAINTENANCE, Store, caller, opened

SIZE_MB = 128
LINES = 3_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = os.geteuid() == 0 and _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder))
    if not made:
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail("不能挂载 tmpfs")
        pytest.skip("只有能挂载 tmpfs 的 root 才能造出一个满的磁盘")
    yield folder
    assert _run("umount", str(folder))


def _run(*command: str) -> bool:
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Conversations that hardly compress."""
    random, path = Random(1), tmp_path / "会话.jsonl"
    with path.open("w") as file:
        for number in range(LINES):
            text = "".join(chr(random.randrange(0x4E00, 0x9FA0)) for _ in range(300))
            row = {"id": f"d{number}", "messages": [{"speaker": "customer", "text": f"退款{text}"}]}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def _import(store: Store, source: Path, acknowledged: list[Progress]) -> None:
    rejects = store.folder / "rejects.jsonl"
    intake.import_file(source, None, rejects, store.conversations, store.imports, None, acknowledged.append)


def test_the_record_has_no_space(small_disk: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH", 500)
    spare = small_disk / "spare"
    spare.write_bytes(bytes((SIZE_MB - 2) << 20))
    acknowledged: list[Progress] = []
    with opened(in_folder(small_disk)) as store:
        with pytest.raises(StorageFull, match="重新运行同一命令"):
            _import(store, source, acknowledged)
        assert acknowledged
        assert store.conversations.count() == acknowledged[-1].added
        spare.unlink()
        _import(store, source, acknowledged)
        assert store.conversations.count() == LINES
        assert [each.added for each in acknowledged] == sorted({each.added for each in acknowledged})


def test_the_index_has_no_space(small_disk: Path, source: Path) -> None:
    with opened(in_folder(small_disk)) as store:
        with store.feeding():
            pass
        _import(store, source, [])
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        spare = small_disk / "spare"
        spare.write_bytes(bytes(free - (200 << 10)))
        with pytest.raises(StorageFull):
            _feed(store)
        assert store.index.reader.search(Scoped(Search(), MAINTENANCE), 30).total == 0
        assert len(store.conversations.queued(LINES + 1)) == LINES
        spare.unlink()
        _feed(store)
        assert store.archive.search(caller(), Search(Text("退款"))).total == LINES
        assert store.difference().ids == ()


def _feed(store: Store) -> None:
    with store.feeding() as feed:
        feed.drain()
