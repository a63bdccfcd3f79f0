"""One condition of the search box, ``label:value,value``: read and written."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from meiqia_search import clock
from meiqia_search.clock import Instant
from meiqia_search.errors import BadValue, QuerySyntaxError
from meiqia_search.fields import Field, Kind, Value
from meiqia_search.privacy.fingerprint import is_fingerprint
from meiqia_search.query import days
from meiqia_search.query.filter import Filter, Name, Or, Range, Term
from meiqia_search.query.names import NAMED, Vocabulary

SAFE = re.compile(r"\w[\w.@#/+-]*")
"""Words that can stand in the search box as they are."""
NUMBER_EXAMPLES = "10、>10、<=10 或 5..10"
_UNITS = {"秒": 1, "分钟": 60, "分": 60, "小时": 3600, "时": 3600, "天": 86_400}
_AMOUNT = re.compile(r"(-?[0-9]{1,19})\s*(\D*)")


class Item(NamedTuple):
    """One of the values behind a label, without its quotes."""

    text: str
    quoted: bool = False


def read(field: Field, items: list[Item], names: Vocabulary, now: Instant) -> Filter:
    """The field has one of the values.

    Raises:
        BadValue, QuerySyntaxError: a value does not fit the field; says how to write it.
    """
    if field.kind is Kind.TIME:
        return _either(field, [_time(field, item.text, now) for item in items])
    if field.kind is Kind.NUMBER:
        return _either(field, [_number(field, item.text) for item in items])
    if field.by_sound:
        return _any([Name(field.name, item.text) for item in items])
    if field.exact:
        return Term(field.name, tuple(value for item in items for value in _prints(field, item, names)))
    return Term(field.name, tuple(value for item in items for value in _keywords(field, item, names)))


def _either(field: Field, found: list[Filter]) -> Filter:
    exact = [value for part in found if isinstance(part, Term) for value in part.values]
    ranges = [part for part in found if not isinstance(part, Term)]
    return _any([*([Term(field.name, tuple(exact))] if exact else []), *ranges])


def _any(parts: Sequence[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _keywords(field: Field, item: Item, names: Vocabulary) -> tuple[Value, ...]:
    if item.quoted:
        return (item.text,)
    if key := _labelled(field, item.text):
        return (key,)
    known = names.ids(field.name, item.text) if field.name in NAMED else ()
    return known or (item.text,)


def _prints(field: Field, item: Item, names: Vocabulary) -> tuple[Value, ...]:
    return (item.text,) if is_fingerprint(item.text) else names.prints(field.name, item.text)


def _labelled(field: Field, word: str) -> str | None:
    """The value that people call by this word."""
    folded = word.casefold()
    return next((key for key, label in field.labels.items() if folded in {key.casefold(), label.casefold()}), None)


def _time(field: Field, text: str, now: Instant) -> Filter:
    instant = days.exactly(text)
    if instant is not None:
        return Term(field.name, (instant,))
    try:
        start, end = days.stretch(text, now)
    except BadValue as error:
        raise BadValue(f"“{field.label}”：{error.detail}", field=field.name) from None
    return Range(field.name, start, end)


def _number(field: Field, text: str) -> Filter:
    text = days.normal(text)
    sides = days.RANGE_SIGN.split(text, maxsplit=1)
    if len(sides) > 1:
        return _from_to(field, sides[0].strip(), sides[1].strip())
    found = days.COMPARISON.fullmatch(text)
    sign, rest = (found[1], found[2].strip()) if found else (None, text)
    amount = _amount(field, rest)
    match sign:
        case ">":
            return Range(field.name, amount + 1)
        case ">=" | "≥":
            return Range(field.name, amount)
        case "<":
            return Range(field.name, None, amount)
        case "<=" | "≤":
            return Range(field.name, None, amount + 1)
        case _:
            return Term(field.name, (amount,))


def _from_to(field: Field, left: str, right: str) -> Filter:
    """Inclusive; a unit behind the second number counts for a first one without."""
    if left and right and left.lstrip("-").isdecimal():
        left += right.lstrip("-0123456789 ")
    first = _amount(field, left) if left else None
    last = _amount(field, right) if right else None
    if first is not None and last is not None and last < first:
        raise QuerySyntaxError(f"“{field.label}”的范围里小的数要写在前面，例如 5..10。", field=field.name)
    return Range(field.name, first, None if last is None else last + 1)


def _amount(field: Field, text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    units = _UNITS if field.unit == "秒" else {field.unit: 1}
    if not found or (found[2] and found[2] not in units):
        allowed = "、".join(units)
        raise QuerySyntaxError(
            f"“{field.label}”看不懂“{text[:40]}”；可以写成 {NUMBER_EXAMPLES}，单位：{allowed}。", field=field.name
        )
    return int(found[1]) * units.get(found[2], 1)


# -------------------------------------------------------------------------------------------------------- writing


def word_for(field: Field) -> str:
    """What the search box calls the field: its label where that can be typed and means nothing else."""
    if field.name == "agent":  # 客服: is also what agents said
        return field.name
    return field.label if SAFE.fullmatch(field.label) else field.pinyin


def write_name(field: Field, name: Name) -> str:
    """The condition as :func:`read` understands it."""
    return f"{word_for(field)}:{name.words if SAFE.fullmatch(name.words) else quote(name.words)}"


def write_term(field: Field, term: Term) -> str:
    """The condition as :func:`read` understands it."""
    return f"{word_for(field)}:{','.join(_written(field, value) for value in term.values)}"


def _written(field: Field, value: Value) -> str:
    if isinstance(value, int):
        return _quantity(field, value) if field.kind is Kind.NUMBER else f"={days.moment_text(value)}"
    word = field.show(value)
    if field.name in NAMED or not SAFE.fullmatch(word) or (_labelled(field, word) or word) != value:
        return quote(value)
    return word


def quote(words: str) -> str:
    """The words in quotes, with escapes."""
    return '"' + re.sub(r'(["\\])', r"\\\1", words) + '"'


def write_range(field: Field, part: Range) -> str:
    """The condition as :func:`read` understands it."""
    if field.kind is Kind.TIME:
        return f"{word_for(field)}:{days.write(part.at_least, part.below)}"
    return f"{word_for(field)}:{_interval(field, part.at_least, part.below)}"


def _interval(field: Field, at_least: int | None, below: int | None) -> str:
    if below is None:
        bound = at_least or 0
        return (
            f">{_quantity(field, bound - 1)}" if reads_better_before(field, bound) else f">={_quantity(field, bound)}"
        )
    if at_least is None:
        return (
            f"<={_quantity(field, below - 1)}" if reads_better_before(field, below) else f"<{_quantity(field, below)}"
        )
    return f"{_quantity(field, at_least)}..{_quantity(field, below - 1)}"


def _quantity(field: Field, value: int) -> str:
    if field.unit != "秒" or value <= 0:
        return str(value)
    unit = clock.largest_unit(value)
    return f"{value // clock.UNITS[unit]}{unit.removesuffix('秒')}"


def reads_better_before(field: Field, bound: int) -> bool:
    """Whether a bound is better said by the value before it: from 601 seconds on is more than 10 minutes."""
    if field.unit != "秒" or bound <= 1:
        return False
    return clock.UNITS[clock.largest_unit(bound - 1)] > clock.UNITS[clock.largest_unit(bound)]
