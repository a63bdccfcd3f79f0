"""Filters as JSON (for programs, views and roles) and as flat parameters of a link (for people's addresses)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TypeAlias, TypeVar, assert_never

import msgspec

from meiqia_search import clock, fields
from meiqia_search.clock import Instant
from meiqia_search.conversation import Speaker
from meiqia_search.errors import BadRequest, BadValue, LimitExceeded, UnknownField
from meiqia_search.fields import FIELDS, NAMES, Kind, Value
from meiqia_search.query import box, days
from meiqia_search.query.canonical import canonical
from meiqia_search.query.filter import (
    DEPTH,
    TEXT_LENGTH,
    And,
    Filter,
    Has,
    Name,
    Not,
    Or,
    Range,
    Term,
    Text,
    within_limits,
)
from meiqia_search.query.names import Vocabulary
from meiqia_search.query.request import Order, Sort

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Params: TypeAlias = Sequence[tuple[str, str]]
Made = TypeVar("Made")

_RAW = re.compile(r"@(-?[0-9]{1,19})")
_WHOLE = re.compile(r"-?[0-9]{1,19}")

OTHER = frozenset(
    {
        "after", "before", "by", "columns", "csrf", "facets", "format", "hit", "measure", "more", "off", "order",
        "page", "size", "sort", "tab", "top", "view",
    }
)  # fmt: skip
"""Parameters of a link that say something else than what is searched."""

# ----------------------------------------------------------------------------------------------------------- JSON


def to_json(where: Filter) -> dict[str, Json]:
    """The filter as JSON values; times as ISO 8601."""
    match where:
        case Term(name, values):
            return {"term": {"field": name, "values": [_plain(name, value) for value in values]}}
        case Range(name, at_least, below):
            bounds = {"at_least": at_least, "below": below}
            known: dict[str, Json] = {end: _plain(name, bound) for end, bound in bounds.items() if bound is not None}
            return {"range": {"field": name, **known}}
        case Has(name):
            return {"has": name}
        case Name(name, words):
            return {"name": {"field": name, "words": words}}
        case Text():
            return {"text": _text_json(where)}
        case And(parts) | Or(parts):
            return {"and" if isinstance(where, And) else "or": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case _:
            assert_never(where)


def _plain(name: str, value: Value) -> Json:
    if isinstance(value, int) and fields.get(name).kind is Kind.TIME and days.is_shown(value):
        return clock.iso(value)
    return value


def _text_json(text: Text) -> Json:
    found: dict[str, Json] = {"words": text.words}
    if text.speaker is not None:
        found["speaker"] = text.speaker.value
    if text.exact:
        found["exact"] = True
    return found


def from_json(value: object) -> Filter:
    """The inverse of :func:`to_json`; times also as whole microseconds.

    Raises:
        BadRequest: names the place (as a JSON pointer) and what is wrong with it.
    """
    return _node(value, "", 0)


def _wrong(at: str, what: str) -> BadRequest:
    return BadRequest(f"条件的 {at or '/'} 处：{what}")


def _node(value: object, at: str, level: int) -> Filter:
    if level > DEPTH + 1:
        raise LimitExceeded(f"条件嵌套太深，最多 {DEPTH} 层。", limit=DEPTH)
    if not isinstance(value, dict) or len(value) != 1:
        raise _wrong(at, f"应是只有一个键的对象，键为 {'、'.join(_READERS)} 之一。")
    [(kind, body)] = value.items()
    if kind not in _READERS:
        raise _wrong(at, f"没有名为“{str(kind)[:40]}”的条件；可以用 {'、'.join(_READERS)}。")
    return _READERS[kind](body, f"{at}/{kind}", level)


def _object(value: object, at: str, needed: set[str], optional: set[str]) -> dict[str, object]:
    if not isinstance(value, dict) or not needed <= value.keys():
        raise _wrong(at, f"应是对象，要有 {'、'.join(sorted(needed))}。")
    if unknown := value.keys() - needed - optional:
        raise _wrong(at, f"不认识“{min(map(str, unknown))[:40]}”；可以有 {'、'.join(sorted(needed | optional))}。")
    return value


def _list(value: object, at: str) -> list[object]:
    if not isinstance(value, list):
        raise _wrong(at, "应是数组。")
    return value


def _string(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise _wrong(at, "应是文字。")
    if box.UNTYPABLE.search(value):
        raise _wrong(at, "含有不能搜索的字符。")
    return value


def _placed(at: str, make: Callable[[], Made]) -> Made:
    """What is made, or the error of making it with its place."""
    try:
        return make()
    except BadRequest as error:
        raise type(error)(f"条件的 {at} 处：{error.detail}", **error.data) from None


def _field(value: object, at: str) -> fields.Field:
    name = _string(value, at)
    return _placed(at, lambda: fields.get(name))


def _value(field: fields.Field, value: object, at: str) -> Value:
    if isinstance(value, str):
        text = _string(value, at)
        return _placed(at, lambda: _instant(text)) if field.kind is Kind.TIME else text
    return _placed(at, lambda: field.check(value))


def _instant(text: str) -> int:
    """The instant of a date or time, or ``@`` and microseconds."""
    if raw := _RAW.fullmatch(text):
        return int(raw[1])
    instant = clock.parse(text)
    if instant is None:
        raise BadValue("时间不能为空。")
    return instant


def _term(value: object, at: str, level: int) -> Filter:  # noqa: ARG001 - one signature for all readers
    body = _object(value, at, {"field", "values"}, set())
    field = _field(body["field"], f"{at}/field")
    values = [
        _value(field, each, f"{at}/values/{index}") for index, each in enumerate(_list(body["values"], f"{at}/values"))
    ]
    return _placed(at, lambda: Term(field.name, tuple(values)))


def _range(value: object, at: str, level: int) -> Filter:  # noqa: ARG001 - as above
    body = _object(value, at, {"field"}, {"at_least", "below"})
    field = _field(body["field"], f"{at}/field")
    at_least, below = (_bound(field, body.get(end), f"{at}/{end}") for end in ("at_least", "below"))
    return _placed(at, lambda: Range(field.name, at_least, below))


def _bound(field: fields.Field, value: object, at: str) -> int | None:
    if value is None:
        return None
    bound = _value(field, value, at)
    if isinstance(bound, str):
        raise _wrong(at, f"“{field.label}”的范围应为整数。")
    return bound


def _has(value: object, at: str, level: int) -> Filter:  # noqa: ARG001 - as above
    return Has(_field(value, at).name)


def _name(value: object, at: str, level: int) -> Filter:  # noqa: ARG001 - as above
    body = _object(value, at, {"field", "words"}, set())
    field, words = _field(body["field"], f"{at}/field"), _string(body["words"], f"{at}/words")
    return _placed(at, lambda: Name(field.name, words))


def _text(value: object, at: str, level: int) -> Filter:  # noqa: ARG001 - as above
    body = _object(value, at, {"words"}, {"speaker", "exact"})
    words, exact, speaker = _string(body["words"], f"{at}/words"), body.get("exact", False), body.get("speaker")
    if not isinstance(exact, bool):
        raise _wrong(f"{at}/exact", "应是 true 或 false。")
    if speaker is not None and speaker not in list(Speaker):
        raise _wrong(f"{at}/speaker", f"应是 {'、'.join(Speaker)} 之一。")
    said_by = None if speaker is None else Speaker(str(speaker))
    return _placed(at, lambda: Text(words, said_by, exact))


def _all(value: object, at: str, level: int) -> Filter:
    return And(_parts(value, at, level))


def _any(value: object, at: str, level: int) -> Filter:
    return Or(_parts(value, at, level))


def _parts(value: object, at: str, level: int) -> tuple[Filter, ...]:
    return tuple(_node(part, f"{at}/{index}", level + 1) for index, part in enumerate(_list(value, at)))


def _not(value: object, at: str, level: int) -> Filter:
    return Not(_node(value, at, level + 1))


_READERS: Mapping[str, Callable[[object, str, int], Filter]] = {
    "term": _term,
    "range": _range,
    "has": _has,
    "name": _name,
    "text": _text,
    "and": _all,
    "or": _any,
    "not": _not,
}

# --------------------------------------------------------------------------------------------------------- digest


def fingerprint(where: Filter, sort: Order) -> str:
    """A short digest of a question, the same however its conditions are nested or ordered: a cursor is bound to it."""
    order: list[Json] = [sort.field, sort.descending] if isinstance(sort, Sort) else ["relevance"]
    body = msgspec.json.encode([_sorted(to_json(canonical(where))), order])
    return blake2b(body, digest_size=12).hexdigest()


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _sorted(part) for key, part in value.items()}
    return sorted(map(_sorted, value), key=msgspec.json.encode) if isinstance(value, list) else value


# ----------------------------------------------------------------------------------------------------------- links


def to_params(where: Filter) -> list[tuple[str, str]]:
    """The filter as parameters of a link: ``q`` for words, a parameter per field, ``where`` for anything else."""
    where = canonical(where)
    parts = where.parts if isinstance(where, And) else (where,)
    said = [part for part in parts if is_said(part)]
    typed = box.render(And(tuple(said)))
    if len(typed) > TEXT_LENGTH:
        said, typed = [], ""
    params = [("q", typed)] if typed else []
    used: set[str] = set()
    for part in parts:
        if part not in said:
            params += _flat(part, used) or [("where", msgspec.json.encode(to_json(part)).decode())]
    return params


def is_said(part: Filter) -> bool:
    """Whether a link says the condition as words in the search box."""
    return isinstance(part, Text) or (isinstance(part, Not) and isinstance(part.part, Text))


def _flat(part: Filter, used: set[str]) -> list[tuple[str, str]]:
    """The condition as readable parameters; none where it has no such form or its field's is taken."""
    match part:
        case Has(name):
            return [("has", name)]
        case Not(Has(name)):
            return [("lacks", name)]
        case Name(name, words) if name not in used:
            used.add(name)
            return [(name, words)]
        case Term(name, values) if name not in used:
            used.add(name)
            return [(name, _written(name, value)) for value in values]
        case Range(name, at_least, below) if f"{name}." not in used:
            used.add(f"{name}.")
            bounds = ((f"{name}.from", at_least), (f"{name}.to", below))
            return [(key, _written(name, value)) for key, value in bounds if value is not None]
        case _:
            return []


def _written(name: str, value: Value) -> str:
    if isinstance(value, str) or fields.get(name).kind is not Kind.TIME:
        return str(value)
    day = days.day_of(value)
    return day.isoformat() if day else days.moment_text(value)


def from_params(params: Params, names: Vocabulary, now: Instant) -> Filter:
    """The filter of a link, in canonical shape; empty parameters (of a form) say nothing.

    Raises:
        BadRequest: a parameter is unknown or its value does not fit; the limits of a question.
    """
    given: dict[str, list[str]] = {}
    for name, value in params:
        if value and name not in OTHER:
            given.setdefault(name, []).append(_string(value, f"?{name[:40]}"))
    parts = [part for name, values in given.items() for part in _conditions(name, values, names, now)]
    parts += [_between(name, given) for name in dict.fromkeys(map(_ranged, given)) if name]
    return within_limits(canonical(And(tuple(parts))))


def _conditions(name: str, values: list[str], names: Vocabulary, now: Instant) -> Iterable[Filter]:
    match name:
        case "q":
            return [box.parse(query, names, now) for query in values]
        case "where":
            return [from_json(_decoded(text)) for text in values]
        case "has":
            return [Has(value) for value in values]
        case "lacks":
            return [Not(Has(value)) for value in values]
        case _ if _ranged(name):
            return []
        case _ if name in NAMES:
            return [Name(name, value) for value in values]
        case _ if name in FIELDS:
            return [Term(name, tuple(_read(name, value) for value in values))]
        case _:
            raise UnknownField(f"没有名为“{name[:40]}”的参数或字段。", field=name[:40])


def _ranged(name: str) -> str:
    """The field of which this parameter is a bound."""
    field, _, end = name.rpartition(".")
    return field if end in {"from", "to"} and field in FIELDS else ""


def _between(name: str, given: Mapping[str, list[str]]) -> Filter:
    ends = [given.get(f"{name}.{end}", []) for end in ("from", "to")]
    if any(len(values) > 1 for values in ends):
        raise BadValue(f"“{fields.get(name).label}”的范围每端只能有一个值。", field=name)
    first, last = (_integer(name, values[0]) if values else None for values in ends)
    return Range(name, first, last)


def _read(name: str, text: str) -> Value:
    return text if fields.get(name).kind in {Kind.KEYWORD, Kind.TEXT} else _integer(name, text)


def _integer(name: str, text: str) -> int:
    if fields.get(name).kind is Kind.TIME:
        return _instant(text)
    if not _WHOLE.fullmatch(text):
        raise BadValue(f"“{fields.get(name).label}”应为整数，这里是“{text[:40]}”。", field=name)
    return int(text)


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("链接中的 where 不是正确的 JSON；请从原页面重新复制链接。") from None
