"""A search as it stands in an address: everything a page shows can be reached again by its link."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import quote, urlencode

import msgspec

from meiqia_search import clock, fields
from meiqia_search.clock import Instant
from meiqia_search.errors import BadRequest, BadValue
from meiqia_search.query import days, wire
from meiqia_search.query.filter import EVERYTHING, And, Filter, Has, Not, Or, Range, Term, both
from meiqia_search.query.names import Vocabulary
from meiqia_search.query.request import Order, Relevance, Search, Sort

Pairs = list[tuple[str, str]]

TIME = "started_at"
RECENT = {"7": "近7天", "30": "近30天", "90": "近90天"}
RELEVANCE = "relevance"
DEFAULT_SIZE = 20
PAUSED = 20
_FORM = frozenset({"within", "from", "to", "none", "find", "part"})
"""Parameters of the pages' own forms, beside those that :mod:`wire` sets apart."""
_WHOLE = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True)
class Asked:
    """What an address asks for. ``typed`` is what stands in the box, ``off`` the paused conditions."""

    typed: str = ""
    where: Filter = EVERYTHING
    off: tuple[Filter, ...] = ()
    sort: Order = Sort()  # noqa: RUF009 - immutable
    size: int = DEFAULT_SIZE
    after: str = ""
    more: frozenset[str] = frozenset()
    find: str = ""
    given: Pairs = field(default_factory=list)

    @property
    def parts(self) -> tuple[Filter, ...]:
        """The conditions, each of which can be dropped or paused."""
        return self.where.parts if isinstance(self.where, And) else (self.where,)

    @property
    def filters(self) -> Filter:
        """The conditions that do not stand in the search box."""
        return both(*(part for part in self.parts if not wire.is_said(part)))

    @property
    def search(self) -> Search:
        """The question for the archive."""
        return Search(self.where, self.sort, self.size)

    @property
    def kept(self) -> Pairs:
        """What a new query in the box leaves as it is."""
        return [pair for pair in self.given if pair[0] not in {"q", "after", "find", "part"}]

    def href(self, path: str = "/search", **changes: object) -> str:
        """The link to the same search but for these changes, from its first page."""
        asked = replace(self, **{"after": "", "more": frozenset(), **changes})  # type: ignore[arg-type]
        return address(path, asked.pairs)

    @property
    def pairs(self) -> Pairs:
        """The search as parameters of a link."""
        pairs = wire.to_params(self.where) + [("off", _packed(each)) for each in self.off]
        if self.sort != Sort():
            pairs.append(("sort", sort_name(self.sort)))
        if self.size != DEFAULT_SIZE:
            pairs.append(("size", str(self.size)))
        pairs += [("more", name) for name in sorted(self.more)]
        return pairs + ([("after", self.after)] if self.after else [])


def address(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A path with parameters."""
    query = urlencode(list(pairs), quote_via=quote)
    return f"{path}?{query}" if query else path


def without(where: Filter, part: Filter | None) -> Filter:
    """The filter without one of its conditions."""
    parts = where.parts if isinstance(where, And) else (where,)
    return both(*(each for each in parts if each != part))


def read(params: Sequence[tuple[str, str]], names: Vocabulary, now: Instant) -> Asked:
    """What the parameters ask for.

    Raises:
        BadRequest: a parameter or its value is not understood.
    """
    given = [(name, value) for name, value in params if value]
    where = both(wire.from_params(_fields(given), names, now), *_times(given, now))
    return Asked(
        typed=" ".join(values(given, "q")),
        where=where,
        off=tuple(_unpacked(text) for text in values(given, "off")[:PAUSED]),
        sort=read_sort(last(given, "sort")),
        size=read_size(last(given, "size")),
        after=last(given, "after"),
        more=frozenset(values(given, "more")),
        find=last(given, "find").strip(),
        given=given,
    )


def unread(params: Sequence[tuple[str, str]]) -> Asked:
    """What can be kept of an address that is not understood: all of it, for another try."""
    given = [(name, value.replace("\0", "\ufffd")) for name, value in params if value]
    return Asked(typed=" ".join(values(given, "q")), given=given)


def values(given: Iterable[tuple[str, str]], name: str) -> list[str]:
    """The values of a parameter."""
    return [value for each, value in given if each == name]


def last(given: Iterable[tuple[str, str]], name: str) -> str:
    """The last value of a parameter, '' without one."""
    return next(iter(reversed(values(given, name))), "")


def read_sort(text: str) -> Order:
    """``-started_at``, ``duration``, ``relevance``; nothing is the newest first."""
    if text == RELEVANCE:
        return Relevance()
    return Sort(text.removeprefix("-"), text.startswith("-")) if text else Sort()


def sort_name(sort: Order) -> str:
    """The inverse of :func:`read_sort`."""
    return f"{'-' if sort.descending else ''}{sort.field}" if isinstance(sort, Sort) else RELEVANCE


def read_size(text: str) -> int:
    """How many conversations a page has; the limit is the request's."""
    if text and not _WHOLE.fullmatch(text):
        raise BadValue("每页条数应为 1 到 100 的整数。", field="size")
    return int(text) if text else DEFAULT_SIZE


def _fields(given: Pairs) -> Pairs:
    """The parameters that :mod:`wire` reads; ``none=rating`` widens the values of a field by having none."""
    widened = {fields.get(name).name for name in values(given, "none")}
    pairs = [(name, value) for name, value in given if name not in _FORM and name not in widened]
    for name in sorted(widened):
        missing = Not(Has(name))
        chosen = tuple(values(given, name))
        part: Filter = Or((Term(name, chosen), missing)) if chosen else missing
        pairs.append(("where", _packed(part)))
    return pairs


def _times(given: Pairs, now: Instant) -> list[Filter]:
    """The choice of the time form: the last days, or days from and to, both inclusive."""
    recent = RECENT.get(last(given, "within"))
    if recent:
        return [Range(TIME, *days.stretch(recent, now))]
    if last(given, "within") == "all":
        return []
    first, until = _day(last(given, "from")), _day(last(given, "to"))
    if first is None and until is None:
        return []
    if first and until and until < first:
        raise BadValue("开始日期晚于结束日期；请把早的写在前面。", field=TIME)
    start = clock.start_of_day(first) if first else None
    end = clock.start_of_day(until + timedelta(days=1)) if until else None
    return [Range(TIME, start, end)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadValue(f"看不懂日期“{text[:20]}”；请写成 2026-11-22。", field=TIME) from None


def _packed(part: Filter) -> str:
    return msgspec.json.encode(wire.to_json(part)).decode()


def _unpacked(text: str) -> Filter:
    try:
        return wire.from_json(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("链接中的 off 不是正确的 JSON；请从原页面重新复制链接。") from None
