"""CSV and TSV → rows."""

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from meiqia_search.channels import decoding
from meiqia_search.channels.decoding import LINE_LIMIT, Encoding
from meiqia_search.channels.row import Row

csv.field_size_limit(LINE_LIMIT)  # the module's own limit is 128 KiB; a whole conversation may stand in one cell

DELIMITERS = ",;\t|"
_SNIFFED = 10
_DAMAGE = re.compile("[\udc80-\udcff]")
"""What undecodable bytes become (``surrogateescape``)."""
_TOO_LONG = "\udfff"


def rows(stream: BinaryIO, encoding: Encoding) -> Iterator[Row]:
    """The rows of the file, header included; a row that cannot be read carries the trouble it has.

    A record is read on until its quotes are closed; where they never are, the next quote in a wrong place ends it.
    """
    lines = _Lines(stream, encoding)
    reader = csv.reader(lines, delimiter=delimiter(lines.ahead()), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(lines.begin, (), lines.taken(), _csv_trouble(error))
            continue
        begin, original = lines.begin, lines.taken()
        if cells:
            yield Row(begin, tuple(cells), original, _trouble(original, encoding))


def delimiter(lines: list[str]) -> str:
    """What separates the cells: the most frequent candidate in the first line that has any."""
    for line in lines:
        best = max(DELIMITERS, key=line.count)
        if best in line:
            return best
    return ","


class _Lines(Iterator[str]):
    """The file's lines as text, remembering those that make up the record being read."""

    def __init__(self, stream: BinaryIO, encoding: Encoding) -> None:
        self._lines = self._decoded(stream, encoding)
        self._ahead: list[str] = []
        self._taken: list[str] = []
        self._number = 0

    def _decoded(self, stream: BinaryIO, encoding: Encoding) -> Iterator[str]:
        for line in decoding.lines(stream, encoding):
            text = decoding.decode(line.data, encoding, "surrogateescape")
            if line.too_long:  # without its quotes, so that it does not swallow the lines after it
                text = text.replace('"', "") + _TOO_LONG
            yield text + "\n" if line.ended else text

    def __next__(self) -> str:
        line = self._ahead.pop(0) if self._ahead else next(self._lines)
        self._number += 1
        self._taken.append(line)
        return line

    def ahead(self) -> list[str]:
        """The first lines, which will still be given."""
        for _, line in zip(range(_SNIFFED), self._lines, strict=False):
            self._ahead.append(line)
        return self._ahead

    @property
    def begin(self) -> int:
        """The number of the line with which the record began."""
        return self._number - len(self._taken) + 1

    def taken(self) -> str:
        """The record's own text; the next record begins."""
        text = "".join(self._taken)
        self._taken = []
        return text.removesuffix("\n").removesuffix("\r")


def _trouble(original: str, encoding: Encoding) -> str:
    if _TOO_LONG in original:
        return f"这一行超过 {LINE_LIMIT // 1024 // 1024} MiB 的上限；这里只保留了开头。"
    if _DAMAGE.search(original):
        return f"这一行含有不属于 {encoding.upper()} 编码的字节。"
    return ""


def _csv_trouble(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "文件末尾的这一行不完整：引号没有结束，可能是写到一半就中断了；请重新导出后再导入。"
    if "limit" in str(error):
        return "这一行里有一格超过 16 MiB，多半是前面某处的引号没有成对。"
    return "这一行的引号不成对，或行内有单独的回车符；请在来源里修正后重新导出。"
