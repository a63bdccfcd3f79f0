"""The filters beside the results: how often each value occurs when its own field's condition is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from meiqia_search import clock, fields
from meiqia_search.acl.scope import Scope
from meiqia_search.aggregations.chart import Chart, Dimension
from meiqia_search.aggregations.table import Table
from meiqia_search.clock import Instant
from meiqia_search.fields import Value
from meiqia_search.query import days
from meiqia_search.query.filter import Filter, Has, Not, Or, Range, Term
from meiqia_search.query.names import Names
from meiqia_search.web.asked import RECENT, TIME, Asked, Pairs, without

USUAL = ("agent", "channel", "type", "category", "rating", "outcome", "tag")
EIGHTH = "group"
"""Stands beside the usual ones until another field is wanted instead: eight are counted at most."""
OTHERS = tuple(each.name for each in fields.FIELDS.values() if each.chartable and each.kind is fields.Kind.KEYWORD
               and each.name not in USUAL)  # fmt: skip
SHOWN = 8
OPEN = frozenset({"agent", "channel", "type", "category", "rating"})
_MISSING = {"rating": "未评价", "outcome": "未标记", "agent": "无客服", "group": "无客服组", "tag": "无标签"}
UNKNOWN = "未填写"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be ticked; the missing value has the parameter ``none``."""

    id: str
    name: str
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field; ``hidden`` more are a link away."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    hidden: int
    more: str
    less: str

    @property
    def picked(self) -> int:
        """How many values are chosen."""
        return sum(choice.chosen for choice in self.choices)

    @property
    def open(self) -> bool:
        """Whether the values are in sight at first."""
        return self.name in OPEN or self.picked > 0 or bool(self.less)


@dataclass(frozen=True, slots=True)
class Times:
    """The time filter: which choice is taken, and the days of a range."""

    within: str
    first: str
    last: str
    label: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A field's own condition, and what it allows."""

    part: Filter | None = None
    values: tuple[Value, ...] = ()
    missing: bool = False


def chosen(asked: Asked, name: str) -> Chosen:
    """What is ticked in a facet: the first condition that has its shape."""
    for part in asked.parts:
        alternatives = part.parts if isinstance(part, Or) else (part,)
        terms = [each for each in alternatives if isinstance(each, Term) and each.field == name]
        absent = [each for each in alternatives if each == Not(Has(name))]
        if alternatives and len(terms) + len(absent) == len(alternatives):
            ticked = tuple(value for term in terms for value in term.values)
            return Chosen(part, ticked, bool(absent))
    return Chosen()


def time_part(asked: Asked) -> Range | None:
    """The condition of the time filter."""
    return next((part for part in asked.parts if isinstance(part, Range) and part.field == TIME), None)


def offered(asked: Asked, scope: Scope) -> list[str]:
    """The fields that are facets now: the usual ones, and another that is wanted or has a condition."""
    wanted = [name for name in OTHERS if name in asked.more] + [name for name in OTHERS if chosen(asked, name).part]
    eighth = next((name for name in (*wanted, EIGHTH) if scope.may_find_by(name)), EIGHTH)
    return [name for name in (*USUAL, eighth) if scope.may_find_by(name)]


def others(asked: Asked, scope: Scope, present: Sequence[str]) -> list[tuple[str, str]]:
    """The fields that could be a facet instead of the eighth: label and link."""
    return [
        (fields.get(name).label, asked.href(more=(asked.more - set(OTHERS)) | {name}))
        for name in OTHERS
        if scope.may_find_by(name) and name not in present
    ]


def charts(asked: Asked, offered: Sequence[str]) -> list[Chart]:
    """What has to be counted for these fields."""
    return [Chart(Dimension(name), without(asked.where, chosen(asked, name).part)) for name in offered]


def facets(asked: Asked, offered: Sequence[str], tables: Sequence[Table], names: Names) -> list[Facet]:
    """The filters that have something to choose from."""
    made = [_facet(asked, name, table, names) for name, table in zip(offered, tables, strict=True)]
    return [facet for facet in made if any(choice.name != "none" or choice.chosen for choice in facet.choices)]


def _facet(asked: Asked, name: str, table: Table, names: Names) -> Facet:
    own = chosen(asked, name)
    counts: dict[Value | None, int] = {row[0]: int(row[1] or 0) for row in table.rows}
    missing = counts.pop(None, 0)
    ordered = [value for value in _ordered(name, list(counts)) if value is not None]
    shown = ordered if name in asked.more else ordered[:SHOWN]
    shown += [value for value in own.values if value not in shown]
    choices = [
        Choice(_id(name, value), name, str(value), names.name(name, value), counts.get(value, 0), value in own.values)
        for value in shown
    ]
    if missing or own.missing:
        label = _MISSING.get(name, UNKNOWN)
        choices.append(Choice(f"f-{name}-none", "none", name, label, missing, own.missing))
    hidden = len([value for value in ordered if value not in shown])
    more, less = asked.href(more=asked.more | {name}), asked.href(more=asked.more - {name})
    return Facet(name, fields.get(name).label, tuple(choices), hidden, more, less if name in asked.more else "")


def _ordered(name: str, values: list[Value | None]) -> list[Value | None]:
    """Most frequent first; what has an order of size (满意度) in that order, the best first."""
    field = fields.get(name)
    if not field.sortable:
        return values
    ranks = list(field.labels)
    return sorted(values, key=lambda value: -ranks.index(str(value)) if value in ranks else 1)


def _id(name: str, value: Value) -> str:
    return f"f-{name}-{crc32(str(value).encode()):08x}"


def form_keeps(asked: Asked, offered: Sequence[str]) -> Pairs:
    """What the form of the filters carries along unseen: all conditions that it does not show."""
    rest = without(asked.where, time_part(asked))
    for name in offered:
        rest = without(rest, chosen(asked, name).part)
    bare = Asked(where=rest, off=asked.off, sort=asked.sort, size=asked.size, more=asked.more)
    return bare.pairs


def times(asked: Asked, now: Instant) -> Times:
    """What the time filter shows."""
    part = time_part(asked)
    label = fields.get(TIME).label
    if part is None:
        return Times("all", "", "", label)
    for key, words in RECENT.items():
        if (part.at_least, part.below) == tuple(days.stretch(words, now)):
            return Times(key, "", "", label)
    first = "" if part.at_least is None else clock.today(part.at_least).isoformat()
    last = "" if part.below is None else clock.today(part.below - 1).isoformat()
    return Times("custom", first, last, label)
