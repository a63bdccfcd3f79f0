"""Is everything as it should be? A look at the installation, from the data folder to the index; it repairs nothing."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_IRWXG, S_IRWXO

from meiqia_search.archive import Caller
from meiqia_search.checkup import Finding, Level, failed, good, notice, trouble
from meiqia_search.errors import ArchiveError
from meiqia_search.query.filter import EVERYTHING
from meiqia_search.records.checkup import RECORD, examine_postgres, examine_sqlite
from meiqia_search.settings import Settings
from meiqia_search.wiring import Services

FOLDER, OTHERS, SPACE, ROLES, COMPLETE = "数据文件夹", "其他账号", "磁盘空间", "角色", "完整性"
LITTLE, TOO_LITTLE = 5 << 30, 500 << 20
"""Bytes."""


def before_opening(settings: Settings) -> Iterator[Finding]:
    """What can be seen without opening the archive, which would make it or bring its schema up to date."""
    if settings.database_url is not None:
        yield from examine_postgres(settings.database_url)
    else:
        yield from examine_sqlite(settings.data_dir)
    if settings.data_dir.is_dir():
        yield _writable(settings.data_dir)
        yield from _open_to_others(settings.data_dir)
        yield _space(settings.data_dir)


def can_be_opened(before: Iterable[Finding]) -> bool:
    """Whether, after what was found, opening the archive neither fails nor changes it."""
    return all(each.level is Level.GOOD for each in before if each.subject == RECORD)


def _writable(folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return good(FOLDER, "可以写入。")
    except OSError:
        return trouble(FOLDER, "不能写入。请检查它的权限和所有者，以及磁盘是否只读或已满。")


def _open_to_others(folder: Path) -> Iterator[Finding]:
    if folder.stat().st_mode & (S_IRWXG | S_IRWXO):
        yield notice(
            OTHERS, f"这台机器上的其他账号也能打开数据文件夹，里面有个人信息和密钥。请运行 chmod 700 {folder.resolve()}"
        )


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    left = f"还剩 {free / (1 << 30):,.1f} GB"
    if free < TOO_LITTLE:
        return trouble(SPACE, f"{left}，随时会写满。请腾出空间；已确认的数据没有丢失。")
    if free < LITTLE:
        return notice(SPACE, f"{left}。重建索引时新旧两套并存，请留出余地。")
    return good(SPACE, f"{left}。")


def opened(services: Services, caller: Caller) -> Iterator[Finding]:
    """What can be seen in the opened archive; that it was counted is in the audit."""
    yield from (trouble(ROLES, f"“{name}”不能用：{fault}") for name, fault in services.policy.faults.items())
    yield from services.index.examine()
    yield from services.index.rehearse()
    try:
        yield _complete(services, caller)
    except ArchiveError as error:
        yield failed(COMPLETE, error)


def _complete(services: Services, caller: Caller) -> Finding:
    pending = services.conversations.freshness().pending
    kept, found = services.conversations.count(), services.archive.total(caller, EVERYTHING)
    if pending and services.databases.locks.writing.is_free():
        return trouble(COMPLETE, f"{pending:,} 条改动还没进索引，也没有进程在处理。请启动 meiqia-search serve。")
    if pending:
        return notice(COMPLETE, f"{pending:,} 条改动正在进索引。如果一直不减少，请看 serve 的输出。")
    if kept != found:
        return trouble(
            COMPLETE, f"档案里有 {kept:,} 条会话，索引里有 {found:,} 条。请运行 meiqia-search verify --repair。"
        )
    return good(COMPLETE, f"{kept:,} 条会话都能查到。")
