"""Excel workbooks (.xlsx) → rows, after checking that unpacking them is safe."""

import warnings
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import PurePosixPath
from typing import BinaryIO

import openpyxl

from meiqia_search.channels.row import Row
from meiqia_search.channels.values import text_of
from meiqia_search.errors import BadConfiguration, UnreadableFile

MIB = 1024 * 1024
TOTAL = 1024 * MIB
SHARED = 200 * MIB
"""All but sheets are held in memory, above all the table of shared strings."""

MEMBERS = 1_000
RATIO = 200
SMALL = 10 * MIB
"""Below this size a member may be compressed as well as it likes."""

_DAMAGED = "这个 Excel 文件已损坏或没有写完；请在 Excel 里打开并另存为 .xlsx，再导入。"
_UNSAFE = "这个 Excel 文件解压后{what}，像是有意构造的，因此没有打开；请在 Excel 里另存为 CSV 再导入。"


def sheets(file: BinaryIO) -> Generator[Iterator[Row]]:
    """The rows of one sheet after the other.

    Raises:
        UnreadableFile: damaged, or not safe to unpack.
    """
    if not openpyxl.DEFUSEDXML:
        raise BadConfiguration("环境变量 OPENPYXL_DEFUSEDXML 关掉了对 Excel 文件的保护；请去掉它。")
    check(file)
    file.seek(0)
    with _reading():
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # some programs write wrong ones, and rows would be cut
            yield _rows(sheet.iter_rows(values_only=True))
    finally:
        book.close()


def _rows(raw: Iterator[tuple[object, ...]]) -> Iterator[Row]:
    width = 0
    for number in count(1):
        with _reading():
            values = next(raw, None)
        if values is None:
            return
        width = max(width, len(values))  # rows end with their last cell that is not empty
        cells = tuple(map(cell_text, values)) + ("",) * (width - len(values))
        yield Row(number, cells, "\t".join(cells))


@contextmanager
def _reading() -> Iterator[None]:
    """While openpyxl reads: it warns of styles and dates that mean nothing here, and lets out its parsers' errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as damage:
        raise UnreadableFile(_DAMAGED) from damage


def cell_text(value: object) -> str:
    """What a cell shows, times as ISO 8601, whole numbers without a decimal point."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return text_of(value.total_seconds())
        case str():
            return value
        case _:
            return text_of(value)


def check(file: BinaryIO) -> None:
    """Look into the archive without unpacking it.

    Raises:
        UnreadableFile: it is no archive, or would unpack to more than a workbook reasonably holds.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as damage:
        raise UnreadableFile(_DAMAGED) from damage
    if what := _danger(members):
        raise UnreadableFile(_UNSAFE.format(what=what))


def _danger(members: list[zipfile.ZipInfo]) -> str:
    if len(members) > MEMBERS:
        return f"有 {len(members)} 个部分（上限 {MEMBERS}）"
    if sum(member.file_size for member in members) > TOTAL:
        return f"超过 {TOTAL // MIB} MiB"
    return next(filter(None, map(_member_danger, members)), "")


def _member_danger(member: zipfile.ZipInfo) -> str:
    name = PurePosixPath(member.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in str(name):
        return "会写到别的目录"
    if member.file_size > SMALL and member.file_size > RATIO * max(member.compress_size, 1):
        return f"比原来大 {RATIO} 倍以上"
    if "worksheets" not in name.parts and member.file_size > SHARED:
        return f"有一个部分超过 {SHARED // MIB} MiB"
    return ""
