"""Counting conversations by a dimension; every row can be turned back into the filter behind it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from meiqia_search import clock, fields
from meiqia_search.aggregations.table import Table
from meiqia_search.errors import BadValue, LimitExceeded
from meiqia_search.fields import Kind, Value
from meiqia_search.query.filter import EVERYTHING, Filter, Has, Not, Range, Term, both, reads, within_limits
from meiqia_search.query.meaning import Subject, matches

TOP = 50
COUNT = "count"


class Step(StrEnum):
    """How finely a dimension divides its field."""

    VALUE = "value"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A field that conversations are counted by: each value, or each local month (as ``202611``) of a time."""

    field: str
    step: Step = Step.VALUE

    def __post_init__(self) -> None:
        field = fields.get(self.field)
        kind = Kind.TIME if self.step is Step.MONTH else Kind.KEYWORD
        if not field.chartable or field.kind is not kind:
            raise BadValue(f"不能按“{field.label}”统计。")

    def values(self, subject: Subject) -> Iterable[Value]:
        """Where a conversation is counted."""
        values = subject.values(self.field)
        return {month_of(value) for value in values if isinstance(value, int)} if self.step is Step.MONTH else values

    def filter(self, value: Value | None) -> Filter:
        """The conversations that were counted under this value."""
        if value is None:
            return Not(Has(self.field))
        if self.step is Step.VALUE:
            return Term(self.field, (value,))
        year, month = divmod(int(value), 100)
        begin = clock.start_of_day(date(year, month, 1))
        return Range(self.field, begin, clock.start_of_day(date(year + month // 12, month % 12 + 1, 1)))


def month_of(instant: int) -> int:
    """The local month of an instant as a number, ``202611``."""
    day = clock.today(instant)
    return day.year * 100 + day.month


@dataclass(frozen=True, slots=True)
class Chart:
    """How many conversations satisfy the filter, by a dimension; the ``top`` largest (all months)."""

    by: Dimension
    where: Filter = EVERYTHING
    top: int = TOP

    def __post_init__(self) -> None:
        within_limits(self.where)
        if not 1 <= self.top <= TOP:
            raise LimitExceeded(f"一次最多统计 {TOP} 项。", limit=TOP)

    def reads(self) -> frozenset[str]:
        """The fields of filter and dimension."""
        return reads(self.where) | {self.by.field}

    def sorts(self) -> frozenset[str]:
        """None: counts are ordered by themselves."""
        return frozenset()

    def table(self, counts: Iterable[tuple[Value, int]], missing: int) -> Table:
        """The answer made of raw counts: largest first (months in order), those without a value last."""
        if self.by.step is Step.MONTH:
            rows = sorted(counts)
        else:
            rows = sorted(counts, key=lambda pair: (-pair[1], pair[0]))[: self.top]
        rest: list[tuple[Value | None, int]] = [(None, missing)] if missing else []
        return Table((self.by.field, COUNT), (*rows, *rest))


def tabulate(chart: Chart, sees: Filter, subjects: Iterable[Subject]) -> Table:
    """The meaning of a chart, in plain Python."""
    counts: Counter[Value] = Counter()
    missing = 0
    for subject in subjects:
        if matches(both(sees, chart.where), subject):
            found = set(chart.by.values(subject))
            counts.update(found)
            missing += not found
    return chart.table(counts.items(), missing)
