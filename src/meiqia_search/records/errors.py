"""What goes wrong with a database, as errors that are meant for people."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from meiqia_search.errors import RecordUnavailable, StorageFull


@contextmanager
def translated(driver: type[Exception] = DBAPIError) -> Iterator[None]:
    """Errors of a database as ours; ``driver`` is the kind of those that come from the driver itself."""
    try:
        yield
    except DBAPIError as broken:
        raise _error(str(broken.orig).lower()) from broken
    except driver as broken:
        raise _error(str(broken).lower()) from broken


_FULL = ("disk is full", "no space left", "disk i/o error")
_SHUT = ("readonly database", "unable to open database file")
_UNKNOWN = ("authentication failed", 'role "', 'database "', "no password supplied", "permission denied")
_DAMAGED = ("file is not a database", "malformed")


def _error(words: str) -> StorageFull | RecordUnavailable:
    """Ours for what a database says of itself."""
    if any(sign in words for sign in _FULL):
        return StorageFull()
    if any(sign in words for sign in _SHUT):
        return RecordUnavailable("数据文件夹只读或打不开；请检查它的权限和所有者。已确认的数据没有丢失。")
    if any(sign in words for sign in _DAMAGED):
        return RecordUnavailable("数据文件夹里的档案文件已损坏；请从备份恢复。")
    if any(sign in words for sign in _UNKNOWN):
        return RecordUnavailable("PostgreSQL 不接受这个账号或库名；请检查 MEIQIA_DATABASE_URL。")
    return RecordUnavailable()
