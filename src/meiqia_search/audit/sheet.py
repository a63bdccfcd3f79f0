"""The log as a table for spreadsheets: a cell is never a formula."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from meiqia_search import clock
from meiqia_search.audit.chain import Kept
from meiqia_search.audit.events import action_label, outcome_label

HEAD = (
    "序号", "时间", "人员", "账号编号", "角色", "动作", "内容", "条数", "记录编号", "记录摘要",
    "方式", "地址", "登录", "请求", "权限版本", "结果", "校验值",
)  # fmt: skip
SURFACES = {"web": "网页", "api": "接口", "cli": "命令行"}
_FORMULA = frozenset("=+-@＝＋－＠\t\r\n")
BYTE_ORDER_MARK = "\ufeff"
"""So that Excel reads UTF-8."""


def as_csv(rows: Iterable[Kept], names: Mapping[str, str]) -> Iterator[str]:
    """Lines of CSV; ``names`` are the people's, by id."""
    yield BYTE_ORDER_MARK + _line(HEAD)
    for row in rows:
        yield _line(map(_cell, _columns(row, names)))


def _columns(row: Kept, names: Mapping[str, str]) -> Iterator[object]:
    entry = row.entry
    yield from (entry.seq, clock.show(entry.at), names.get(entry.person, ""), entry.person, entry.role)
    yield from (action_label(entry.action), entry.sentence, entry.count, " ".join(row.ids), entry.digest)
    yield from (SURFACES.get(entry.surface, entry.surface), entry.address, entry.session, entry.trace, entry.policy)
    yield from (outcome_label(entry.outcome), row.hash.hex())


def _cell(value: object) -> str:
    text = str(value)
    dangerous = text.strip()[:1] in _FORMULA or text[:1] in _FORMULA
    return f"'{text}" if text and dangerous else text


def _line(cells: Iterable[str]) -> str:
    made = StringIO()
    csv.writer(made, lineterminator="\r\n").writerow(cells)
    return made.getvalue()
