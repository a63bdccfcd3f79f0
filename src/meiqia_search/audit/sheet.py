"""The log as a file: a table for spreadsheets, in which no cell is a formula, or lines of JSON for programs."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

import msgspec
from msgspec.structs import asdict

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


def as_lines(rows: Iterable[Kept]) -> Iterator[str]:
    """Lines of JSON: the columns as the chain has them, and the hash, so that anybody can compute it again."""
    for row in rows:
        hashed = asdict(row.entry) | {"hash": row.hash.hex()}
        yield msgspec.json.encode(hashed).decode() + "\n"


def as_item(row: Kept, names: Mapping[str, str]) -> dict[str, Any]:
    """An entry for programs that do not compute the chain: time and records can be read, and who it was."""
    readable = {"at": clock.iso(row.entry.at), "ids": row.ids, "hash": row.hash.hex()}
    return asdict(row.entry) | readable | {"name": names.get(row.entry.person, "")}


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
