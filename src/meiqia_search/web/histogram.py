"""How many results each month has, as bars that are links; where the months are too many, years."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from meiqia_search import clock
from meiqia_search.aggregations.chart import Chart, Dimension, Step
from meiqia_search.aggregations.table import Table
from meiqia_search.query.filter import Filter, Range, both
from meiqia_search.web.asked import TIME, Asked, without
from meiqia_search.web.facets import time_part

MONTHS = 60
WIDTH, HEIGHT = 1000.0, 40.0
FILL = 0.76


@dataclass(frozen=True, slots=True)
class Bar:
    """One month or year, with its place in the drawing."""

    label: str
    count: int
    href: str
    x: float
    y: float
    width: float
    height: float
    inside: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """The bars; ``free`` says that they are counted without the time filter."""

    bars: tuple[Bar, ...]
    unit: str
    undated: int
    free: bool

    @property
    def highest(self) -> Bar:
        """The bar with the most conversations, the newest of them."""
        return max(self.bars, key=lambda bar: (bar.count, bar.label))


def chart(asked: Asked) -> Chart:
    """What has to be counted."""
    return Chart(Dimension(TIME, Step.MONTH), without(asked.where, time_part(asked)))


def histogram(asked: Asked, table: Table) -> Histogram | None:
    """The drawing; nothing where no conversation has a time."""
    counts = {int(row[0]): int(row[1] or 0) for row in table.rows if row[0] is not None}
    undated = sum(int(row[1] or 0) for row in table.rows if row[0] is None)
    if not counts:
        return None
    months = list(_months(min(counts), max(counts)))
    if len(months) <= MONTHS:
        return _drawn(asked, [(each, counts.get(each, 0)) for each in months], "月", undated)
    years: Counter[int] = Counter()
    for month, count in counts.items():
        years[month // 100] += count
    spans = [(year, years[year]) for year in range(min(years), max(years) + 1)]
    return _drawn(asked, spans, "年", undated)


def _months(first: int, last: int) -> Iterable[int]:
    year, month = divmod(first, 100)
    while year * 100 + month <= last:
        yield year * 100 + month
        year, month = year + month // 12, month % 12 + 1


def _drawn(asked: Asked, spans: list[tuple[int, int]], unit: str, undated: int) -> Histogram:
    own = time_part(asked)
    rest = without(asked.where, own)
    slot, most = WIDTH / len(spans), max(count for _, count in spans) or 1
    bars = []
    for at, (span, count) in enumerate(spans):
        part = Dimension(TIME, Step.MONTH).filter(span) if unit == "月" else _year(span)
        height = round(HEIGHT * count / most, 1)
        label = f"{span // 100}-{span % 100:02}" if unit == "月" else str(span)
        x = round(slot * (at + (1 - FILL) / 2), 1)
        href = asked.href(where=both(rest, part))
        bars.append(Bar(label, count, href, x, 44 - height, round(slot * FILL, 1), height, _overlap(own, part)))
    return Histogram(tuple(bars), unit, undated, own is not None)


def _year(year: int) -> Range:
    return Range(TIME, clock.start_of_day(date(year, 1, 1)), clock.start_of_day(date(year + 1, 1, 1)))


def _overlap(own: Range | None, part: Filter) -> bool:
    if own is None or not isinstance(part, Range):
        return False
    starts = own.below is None or part.at_least is None or part.at_least < own.below
    ends = own.at_least is None or part.below is None or own.at_least < part.below
    return starts and ends
