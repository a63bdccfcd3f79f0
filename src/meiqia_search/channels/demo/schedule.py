"""When conversations begin: growing over twelve months, by weekday and hour, with two sale peaks."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from meiqia_search.channels.demo.chance import Chance, cumulated
from meiqia_search.clock import SECOND, Instant, start_of_day, today

DAYS = 365
GROWTH = 0.9
_WEEKDAYS = (1.12, 1.05, 1.0, 1.0, 1.04, 0.93, 0.86)
_HOURS = (
    0.9, 0.5, 0.3, 0.2, 0.2, 0.3, 0.7, 1.6, 3.2, 5.6, 7.0, 6.6, 4.8, 5.2, 6.6, 6.8, 6.2, 5.4, 4.8, 6.0, 7.2, 6.6, 4.2,
    2.1,
)  # fmt: skip
_PEAKS = {6: ((1, 15, 1.3), (16, 17, 1.9), (18, 20, 3.2), (21, 24, 1.8)),
          11: ((1, 9, 1.5), (10, 10, 2.4), (11, 13, 3.6), (14, 18, 2.1))}  # fmt: skip
_SUMS = [0.0, *cumulated(_HOURS)]


def is_sale(day: date) -> bool:
    """Whether the shop holds one of its two big sales."""
    return _peak(day) > 1


def _peak(day: date) -> float:
    return next((factor for first, last, factor in _PEAKS.get(day.month, ()) if first <= day.day <= last), 1.0)


def _weight(day: date, number: int) -> float:
    return (1 + GROWTH * number / DAYS) * _WEEKDAYS[day.weekday()] * _peak(day)


def _share_passed(seconds: float) -> float:
    """Which part of a day's conversations has begun when so many seconds of it have passed."""
    hour, rest = divmod(seconds / 3600, 1)
    if hour >= 24:
        return 1.0
    return _SUMS[int(hour)] + rest * (_SUMS[int(hour) + 1] - _SUMS[int(hour)])


def _second_at(share: float) -> int:
    """The inverse of :func:`_share_passed`."""
    hour = min(bisect_right(_SUMS, share) - 1, 23)
    return int(3600 * (hour + (share - _SUMS[hour]) / (_SUMS[hour + 1] - _SUMS[hour])))


class Start(NamedTuple):
    """When a conversation begins, and which one of its day it is."""

    at: Instant
    day: date
    second: int
    number: int

    @property
    def hour(self) -> int:
        """The hour of the day."""
        return self.second // 3600


def starts(count: int, until: Instant, chance: Chance) -> Iterator[Start]:
    """Start of each conversation, ascending."""
    last = today(until)
    days = [last - timedelta(days=DAYS - number) for number in range(DAYS + 1)]
    passed = _share_passed((until - start_of_day(last)) / SECOND)
    weights = [_weight(day, number) for number, day in enumerate(days)]
    weights[-1] *= passed
    given = 0
    for day, share in zip(days, cumulated(weights), strict=True):
        upto = round(count * share)
        yield from _of_day(day, upto - given, passed if day == last else 1.0, chance)
        given = upto


def _of_day(day: date, count: int, share: float, chance: Chance) -> Iterator[Start]:
    midnight = start_of_day(day)
    for number, at in enumerate(sorted(chance() * share for _ in range(count))):
        second = min(_second_at(at), 86_399)
        yield Start(Instant(midnight + second * SECOND), day, second, number)
