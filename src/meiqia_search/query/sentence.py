"""A filter said in Chinese: as one sentence, or as label and value of a single condition."""

from datetime import date
from typing import TypeAlias, assert_never

from meiqia_search import clock, fields
from meiqia_search.conversation import Speaker
from meiqia_search.fields import Field, Kind
from meiqia_search.query import days
from meiqia_search.query.canonical import canonical
from meiqia_search.query.condition import reads_better_before
from meiqia_search.query.filter import NOTHING, And, Filter, Has, Name, Not, Or, Range, Term, Text
from meiqia_search.query.names import Names

Leaf: TypeAlias = Term | Range | Has | Name | Text

ALL = "全部会话"
NONE = "没有会话"
UNTOLD = "指定的值"
"""Stands for a value of which only the fingerprint is known."""
_SAID = {
    Speaker.CUSTOMER: ("客户说过", "客户没说过", "客户原话有", "客户原话没有"),
    Speaker.AGENT: ("客服说过", "客服没说过", "客服原话有", "客服原话没有"),
    Speaker.BOT: ("机器人说过", "机器人没说过", "机器人原话有", "机器人原话没有"),
    Speaker.SYSTEM: ("系统消息提到", "系统消息没提到", "系统消息原文有", "系统消息原文没有"),
    Speaker.NOTE: ("小结提到", "小结没提到", "小结原文有", "小结原文没有"),
    None: ("包含", "不含", "原话有", "没有原话"),
}


def sentence(where: Filter, names: Names) -> str:
    """The filter as a sentence without its full stop."""
    where = canonical(where)
    if isinstance(where, Or) and where != NOTHING:
        return "，或".join(_inner(part, names) for part in where.parts)
    return _said(where, names)


def _said(where: Filter, names: Names) -> str:
    match where:
        case And(parts):
            return "，".join(_inner(part, names) for part in parts) or ALL
        case Or(parts):
            return "或".join(_inner(part, names) for part in parts) or NONE
        case Not(part):
            return f"不满足{_inner(part, names)}" if isinstance(part, And | Or | Not) else _denied(part, names)
        case _:
            return _stated(where, names)


def _inner(where: Filter, names: Names) -> str:
    """As part of something larger."""
    said = _said(where, names)
    return f"（{said}）" if isinstance(where, And | Or) and where.parts else said


def _stated(leaf: Leaf, names: Names) -> str:
    match leaf:
        case Term(name):
            return f"{fields.get(name).label}{_is(name)}{_values(leaf, names, '或')}"
        case Range(name):
            return f"{fields.get(name).label}{_extent(leaf)}"
        case Has(name):
            return f"有{fields.get(name).label}"
        case Name(name, words):
            return f"{fields.get(name).label}含“{words}”"
        case Text(words, speaker, exact):
            return f"{_SAID[speaker][2 if exact else 0]}“{words}”"
        case _:
            assert_never(leaf)


def _is(name: str) -> str:
    """是, but 为 where the value is a yes or no itself: 机器人转人工为是."""
    return "为" if fields.get(name).labels is fields.YES_NO else "是"


def _denied(leaf: Leaf, names: Names) -> str:
    match leaf:
        case Term(name):
            return f"{fields.get(name).label}不{_is(name)}{_values(leaf, names, '或')}"
        case Range(name):
            return f"不满足（{fields.get(name).label}{_extent(leaf)}）"
        case Has(name):
            return f"没有{fields.get(name).label}"
        case Name(name, words):
            return f"{fields.get(name).label}不含“{words}”"
        case Text(words, speaker, exact):
            return f"{_SAID[speaker][3 if exact else 1]}“{words}”"
        case _:
            assert_never(leaf)


def _values(term: Term, names: Names, joint: str) -> str:
    field = fields.get(term.field)
    if field.exact:
        return UNTOLD
    return joint.join(value_text(field, value, names) for value in term.values)


def value_text(field: Field, value: fields.Value, names: Names) -> str:
    """One value as people read it: with its name, as a time, or with its unit."""
    if isinstance(value, str):
        return names.name(field.name, value)
    return _time(value) if field.kind is Kind.TIME else _quantity(field, value)


def _time(instant: int) -> str:
    if not days.is_shown(instant):
        return days.moment_text(instant)
    shown = clock.show(instant)
    return f"{shown}.{instant % clock.SECOND:06}" if instant % clock.SECOND else shown


def _quantity(field: Field, value: int) -> str:
    if field.unit == "秒" and value >= 0:
        return clock.show_duration(value)
    return f"{value} {field.unit}"


def _extent(part: Range) -> str:
    field = fields.get(part.field)
    if field.kind is Kind.NUMBER:
        return _amounts(field, part.at_least, part.below)
    whole = days.whole_days(part.at_least, part.below)
    return _dates(*whole) if whole else _moments(part.at_least, part.below)


def _amounts(field: Field, at_least: int | None, below: int | None) -> str:
    if at_least is not None and below is not None:
        return f"在 {_bound(field, at_least)}到 {_bound(field, below - 1)}之间"
    bound, beyond, within = (at_least or 0, "超过", "不少于") if below is None else (below, "不超过", "少于")
    if reads_better_before(field, bound):
        return f"{beyond} {_bound(field, bound - 1)}"
    return f"{within} {_bound(field, bound)}"


def _bound(field: Field, value: int) -> str:
    """As people set it: 10 分钟, not 10 分 00 秒."""
    unit = clock.largest_unit(value) if field.unit == "秒" and value > 0 else "秒"
    return f"{value // clock.UNITS[unit]} {unit}" if unit != "秒" else _quantity(field, value)


def _dates(first: date | None, last: date | None) -> str:
    if last is None:
        return f"不早于 {first}"
    if first is None:
        return f"不晚于 {last}"
    return f"在 {first}" if first == last else f"在 {first} 到 {last}"


def _moments(at_least: int | None, below: int | None) -> str:
    if below is None:
        return f"不早于 {_time(at_least or 0)}"
    if at_least is None:
        return f"早于 {_time(below)}"
    return f"在 {_time(at_least)} 到 {_time(below)} 之前"


# ---------------------------------------------------------------------------------------------------------- chips


def phrase(where: Filter, names: Names) -> tuple[str, str]:
    """A single condition, or its negation, as label and value; anything larger as 条件 and its sentence."""
    where = canonical(where)
    match where:
        case Term() | Range() | Has() | Name() | Text():
            return _chip(where, names)
        case Not(Text(words, speaker, exact)):
            return _SAID[speaker][3 if exact else 1], f"“{words}”" if exact else words
        case Not(Has(name)):
            return "没有", fields.get(name).label
        case Not(Term() | Range() | Name() as leaf):
            label, value = _chip(leaf, names)
            return f"{label}不是", value
        case _:
            return "条件", sentence(where, names)


def _chip(leaf: Leaf, names: Names) -> tuple[str, str]:
    match leaf:
        case Term(name):
            return fields.get(name).label, _values(leaf, names, "、")
        case Range(name):
            return fields.get(name).label, _extent(leaf).removeprefix("在 ")
        case Has(name):
            return "有", fields.get(name).label
        case Name(name, words):
            return fields.get(name).label, words
        case Text(words, speaker, exact):
            label = _SAID[speaker][2 if exact else 0]
            return (label.removesuffix("有"), f"“{words}”") if exact else (label, words)
        case _:
            assert_never(leaf)
