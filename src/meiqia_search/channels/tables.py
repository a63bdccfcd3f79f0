"""Rows of a table → conversations: rows with the same id stand together and make one."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import NamedTuple

from meiqia_search.channels import mapping as columns
from meiqia_search.channels.assembly import Entry, Group, rejected
from meiqia_search.channels.item import Item
from meiqia_search.channels.row import Row
from meiqia_search.channels.values import clean, text_of
from meiqia_search.errors import UnknownMapping

HEADER_ROWS = 10
_TROUBLES = 1_000
"""So many bad rows end the conversation they stand in, lest they pile up until its next row."""
_APART = "同一会话的行要排在一起：这个会话编号前面出现过，中间隔了别的会话；请按会话编号排序后重新导入。"


class Table(NamedTuple):
    """A table whose header was found: what its columns are called and hold, and the rows below."""

    headers: tuple[str, ...]
    targets: tuple[str | None, ...]
    rows: Iterator[Row]


def find(sheets: Iterable[Iterator[Row]], given: Mapping[str, str] | None = None) -> Table:
    """The first sheet with a recognisable header among its first rows.

    Raises:
        UnknownMapping: no sheet has one; says which columns were seen.
    """
    widest, problem = 0, UnknownMapping("表格里没有内容；请检查文件。")
    for rows in sheets:
        for _, row in zip(range(HEADER_ROWS), rows, strict=False):
            if row.empty or row.trouble:
                continue
            try:
                return _table(row, rows, given)
            except UnknownMapping as error:
                if len(row.cells) > widest:  # most likely the header that is meant, not a title above it
                    widest, problem = len(row.cells), error
    raise problem


def _table(row: Row, rows: Iterator[Row], given: Mapping[str, str] | None) -> Table:
    headers = _headers(row)
    targets = columns.detect(headers, given)
    if not columns.is_header(targets):
        raise columns.missing(headers, targets)
    return Table(headers, targets, rows)


def _headers(row: Row) -> tuple[str, ...]:
    cells = [text_of(cell) for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def read(table: Table, skip: int = 0) -> Iterator[Item]:
    """The conversations of a table. ``position`` counts the rows below the header; no two items have the same.

    Rows that are skipped are still looked at, for the ids in them.
    """
    return (item for item in _Reading(table).items(skip) if item.position > skip)


class _Reading:
    """One pass over the rows of a table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._seen: set[int] = set()
        self._group: Group | None = None
        self._troubles: list[Item] = []

    def items(self, skip: int) -> Iterator[Item]:
        for position, row in enumerate(self._table.rows, 1):
            if not row.empty:
                yield from self._take(position, row, skip)
        yield from self._finished(skip)

    def _take(self, position: int, row: Row, skip: int) -> Iterator[Item]:
        cells, reason = self._cells(row)
        conversation_id = cells.get(columns.CONVERSATION_ID, "")
        if not reason and (self._group is None or self._group.id != conversation_id):
            if self._is_new(conversation_id):
                yield from self._finished(skip)
                self._group = Group(conversation_id)
            else:
                reason = _APART
        if self._group and not reason:
            self._group.add(Entry(position, row, cells))
        else:
            self._troubles.append(rejected(position, row, reason))
        if self._group is None or len(self._troubles) >= _TROUBLES:
            yield from self._finished(skip)

    def _cells(self, row: Row) -> tuple[dict[str, str], str]:
        """The row's cells by target, or what is wrong with it."""
        if row.trouble:
            return {}, row.trouble
        targets, values = self._table.targets, row.cells
        if len(values) < len(targets) or any(value.strip() for value in values[len(targets) :]):
            return {}, f"这一行有 {len(values)} 列，表头有 {len(targets)} 列。"
        cells = {target: clean(value) for target, value in zip(targets, values, strict=False) if target}
        conversation_id = cells[columns.CONVERSATION_ID] = cells[columns.CONVERSATION_ID].strip()
        return cells, "" if conversation_id else "这一行没有会话编号。"

    def _is_new(self, conversation_id: str) -> bool:
        """Whether no earlier row has this id; from now on one has."""
        digest = int.from_bytes(blake2b(conversation_id.encode(), digest_size=8).digest())
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True

    def _finished(self, skip: int) -> Iterator[Item]:
        """What has been gathered, in the order of the rows at which it ends."""
        group, self._group = self._group, None
        troubles, self._troubles = self._troubles, []
        made = group.items() if group and group.position > skip else ()
        yield from sorted((*made, *troubles), key=lambda item: item.position)
