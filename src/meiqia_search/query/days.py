"""How people write stretches of time, and the same stretches written back."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from meiqia_search import clock
from meiqia_search.clock import EARLIEST, SECOND, Instant
from meiqia_search.errors import BadValue
from meiqia_search.fields import in_calendar

EXAMPLES = "今天、近7天、2026-11、2026-11-05、2026-11-01..2026-11-22 或 >=2026-11-01"
RANGE_SIGN = re.compile(r"\.\.|~|到|至")
COMPARISON = re.compile(r"(>=|<=|≥|≤|>|<|=)?(.*)", re.DOTALL)
_MINUTE = 60 * SECOND

_DATE = re.compile(r"([0-9]{4})(?:年|[-/.年]([0-9]{1,2})(?:月|[-/.月]([0-9]{1,2})日?)?)?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_RAW = re.compile(r"@(-?[0-9]{1,19})")
_RECENT = re.compile(r"(?:近|最近)([0-9]{1,5})(小时|天|日|周|个?月|年)")


class Stretch(NamedTuple):
    """From an instant until before another; a missing end is open."""

    start: int | None
    end: int | None


class _Point(NamedTuple):
    """What one side of a range says: the instants it covers, and whether it means a moment rather than whole days."""

    start: int
    end: int
    moment: bool = False


def normal(text: str) -> str:
    """Full-width digits and signs as half-width ones, without white space around."""
    return unicodedata.normalize("NFKC", text).strip()


def stretch(text: str, now: Instant) -> Stretch:
    """Read ``今天``, ``近7天``, ``2026-11``, ``2026-11-01..2026-11-22`` (inclusive days), ``>=2026-11-01``, ….

    Moments (``2026-11-01T10:00:00``) bound a range half-open; alone they stand for their minute or second.

    Raises:
        BadValue: it is none of these; says how to write it.
    """
    text = normal(text)
    sides = RANGE_SIGN.split(text, maxsplit=1)
    if len(sides) > 1:
        return _between(sides[0].strip(), sides[1].strip(), text, now)
    if recent := _RECENT.fullmatch(text):
        return _recent(int(recent[1]), recent[2], now)
    sign, rest = _compared(text)
    return _on_one_side(sign, _point(rest.strip(), now))


def _on_one_side(sign: str, point: _Point) -> Stretch:
    match sign:
        case ">":
            return Stretch(point.end, None)
        case ">=" | "≥":
            return Stretch(point.start, None)
        case "<":
            return Stretch(None, point.start)
        case "<=" | "≤":
            return Stretch(None, point.end)
        case _:
            return Stretch(point.start, point.end)


def exactly(text: str) -> int | None:
    """The instant of ``=2026-11-01T10:00:00``; nothing for anything else."""
    text = normal(text)
    if not text.startswith("=") or not _is_moment(text[1:]):
        return None
    return _moment(text[1:]).start


def _is_moment(text: str) -> bool:
    return bool(_MOMENT.fullmatch(text) or _RAW.fullmatch(text))


def _compared(text: str) -> tuple[str, str]:
    found = COMPARISON.fullmatch(text)
    return (found[1] or "", found[2]) if found else ("", text)


def _between(left: str, right: str, text: str, now: Instant) -> Stretch:
    if not left and not right:
        raise _unreadable(text)
    start = _point(left, now).start if left else None
    end = None
    if right:
        last = _point(right, now)
        end = last.start if last.moment else last.end
    if start is not None and end is not None and end <= start:
        raise BadValue(f"时间范围“{text[:60]}”的起点不早于终点；请把早的写在前面。")
    return Stretch(start, end)


def _point(text: str, now: Instant) -> _Point:
    if _is_moment(text):
        return _moment(text)
    try:
        if text in _NAMED_DAYS:
            return _days(*_NAMED_DAYS[text](clock.today(now)))
        if found := _DATE.fullmatch(text):
            return _days(*_calendar(found))
    except (ValueError, OverflowError):
        pass
    raise _unreadable(text)


def _unreadable(text: str) -> BadValue:
    return BadValue(f"看不懂时间“{text[:60]}”；可以写成 {EXAMPLES}。")


def _moment(text: str) -> _Point:
    if raw := _RAW.fullmatch(text):
        return _Point(int(raw[1]), int(raw[1]) + 1, moment=True)
    at = clock.parse(text.replace("T", " "))
    if at is None:  # pragma: no cover - clock.parse answers nothing only for nothing
        raise _unreadable(text)
    seconds, fraction = _precision(text)
    return _Point(at, at + (1 if fraction else SECOND if seconds else _MINUTE), moment=True)


def _precision(text: str) -> tuple[bool, bool]:
    found = _MOMENT.fullmatch(text)
    return (bool(found and found[1]), bool(found and found[2]))


def _days(first: date, last: date) -> _Point:
    """From the start of the first to the end of the last; the first day that can be asked for begins in 1970 UTC."""
    start = clock.start_of_day(first) if first > date(1970, 1, 1) else EARLIEST
    return _Point(start, clock.start_of_day(last + timedelta(1)))


def _calendar(found: re.Match[str]) -> tuple[date, date]:
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if day:
        return date(year, month, day), date(year, month, day)
    if found[2]:
        return date(year, month, 1), _end_of_month(date(year, month, 1))
    return date(year, 1, 1), date(year, 12, 31)


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _week(day: date) -> tuple[date, date]:
    monday = day - timedelta(day.weekday())
    return monday, monday + timedelta(6)


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), _end_of_month(day)


def _year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


_NAMED_DAYS: dict[str, Callable[[date], tuple[date, date]]] = {
    "今天": lambda day: (day, day),
    "昨天": lambda day: (day - timedelta(1),) * 2,
    "前天": lambda day: (day - timedelta(2),) * 2,
    "本周": _week,
    "上周": lambda day: _week(day - timedelta(7)),
    "本月": _month,
    "上月": lambda day: _month(_months_before(day, 1)),
    "上个月": lambda day: _month(_months_before(day, 1)),
    "今年": _year,
    "去年": lambda day: (date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)),
}


def _recent(count: int, unit: str, now: Instant) -> Stretch:
    """The last ``count`` units up to the end of today; hours are counted back from this minute."""
    if count == 0:
        raise BadValue(f"“近 0 {unit}”里没有时间；可以写成 {EXAMPLES}。")
    if unit == "小时":
        return Stretch(now // _MINUTE * _MINUTE - count * 60 * _MINUTE, None)
    today = clock.today(now)
    try:
        first = _first_of(count, unit, today)
    except (ValueError, OverflowError):
        raise BadValue(f"“近 {count} {unit}”超出了日历；可以写成 {EXAMPLES}。") from None
    return Stretch(*_days(first, today)[:2])


def _first_of(count: int, unit: str, today: date) -> date:
    if unit in {"天", "日"}:
        return today - timedelta(count - 1)
    if unit == "周":
        return today - timedelta(7 * count - 1)
    return _months_before(today, 12 * count if unit == "年" else count) + timedelta(1)


# -------------------------------------------------------------------------------------------------------- writing


def is_shown(instant: int) -> bool:
    """Whether the instant lies in the years that can be written as dates."""
    return in_calendar(instant)


def day_of(instant: int) -> date | None:
    """The local day that begins at exactly this instant."""
    if not is_shown(instant):
        return None
    day = clock.today(instant)
    return day if day > date(1970, 1, 1) and clock.start_of_day(day) == instant else None


def moment_text(instant: int) -> str:
    """The instant so that :func:`stretch` and :func:`exactly` read it back: local time, or ``@`` and the number."""
    if not is_shown(instant):
        return f"@{instant}"
    local = clock.local(instant).replace(tzinfo=None).isoformat()
    return local if clock.parse(local) == instant else clock.iso(instant)


def write(start: int | None, end: int | None) -> str:
    """A stretch in the form :func:`stretch` reads: whole days as inclusive dates where they are."""
    first = "" if start is None else _first_text(start)
    last = "" if end is None else _last_text(end)
    return first if first == last else f"{first}..{last}"


def _first_text(start: int) -> str:
    day = day_of(start)
    return day.isoformat() if day else moment_text(start)


def _last_text(end: int) -> str:
    day = last_day(end)
    return day.isoformat() if day else moment_text(end)


def last_day(end: int) -> date | None:
    """The last whole day before this instant, if a day ends at it."""
    day = day_of(end)
    return day - timedelta(1) if day else None


def whole_days(start: int | None, end: int | None) -> tuple[date | None, date | None] | None:
    """First and last day of a stretch made of whole days; nothing for any other stretch."""
    first = None if start is None else day_of(start)
    last = None if end is None else last_day(end)
    if (first is None) != (start is None) or (last is None) != (end is None):
        return None
    return first, last
