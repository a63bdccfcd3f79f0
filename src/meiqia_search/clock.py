"""Instants: whole microseconds since 1970-01-01 UTC, read and shown in the company's time zone."""

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NewType
from zoneinfo import ZoneInfo

from meiqia_search import fields
from meiqia_search.errors import BadValue

Instant = NewType("Instant", int)

ZONE = ZoneInfo("Asia/Shanghai")
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
EARLIEST = Instant(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"[0-9]{10}(?:[0-9]{3}|[0-9]{6})?(?:\.[0-9]+)?")
_SLASHES = re.compile(r"^([0-9]{4})[/.年]([0-9]{1,2})[/.月]([0-9]{1,2})日?")
_SINGLE = re.compile(r"(?<![0-9.])[0-9](?![0-9])")


def now() -> Instant:
    """The present instant."""
    return Instant(time.time_ns() // 1000)


def from_datetime(moment: datetime) -> Instant:
    """The instant of a datetime; one without a zone is taken as local (:data:`ZONE`), as Meiqia writes them.

    Raises:
        BadValue: before 1970 or after 2199.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZONE)
    instant = (moment - _EPOCH) // timedelta(microseconds=1)
    if not fields.in_calendar(instant):
        raise BadValue(f"时间 {moment:%Y-%m-%d} 不在 1970 到 2199 年之间。")
    return Instant(instant)


def parse(raw: object) -> Instant | None:
    """Read a time as tolerantly as sources write it; ``None`` for nothing.

    Takes ISO 8601 with or without zone, ``2017-04-20 10:42:33.465659`` (local), ``2026/1/2 3:04``, Unix seconds,
    milliseconds or microseconds as number or digits, and datetime.

    Raises:
        BadValue: it is none of these, or out of range.
    """
    if raw is None or raw == "":
        return None
    if isinstance(raw, datetime):
        return from_datetime(raw)
    if isinstance(raw, date):
        return from_datetime(datetime(raw.year, raw.month, raw.day))  # noqa: DTZ001 - from_datetime adds the zone
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise BadValue("时间应为文字或数字。")
    text = str(raw).strip()
    if _DIGITS.fullmatch(text):
        return _from_unix(text)
    try:
        return from_datetime(_moment(text))
    except (ValueError, OverflowError):
        raise BadValue(f"看不懂时间“{text[:40]}”；请写成 2026-11-22 14:03:00。") from None


def _from_unix(text: str) -> Instant:
    whole, _, fraction = text.partition(".")
    instant = int(whole) * 10 ** (16 - len(whole))
    if len(whole) == 10:
        instant += int((fraction + "000000")[:6])
    if not fields.in_calendar(instant):
        raise BadValue(f"时间 {text} 不在 1970 到 2199 年之间。")
    return Instant(instant)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(_iso(text))


def _iso(text: str) -> str:
    """As ISO 8601 what has slashes, dots or Chinese signs in its date, or numbers without a leading zero."""
    text = _SLASHES.sub(lambda m: f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}", text)
    day, _, rest = text.partition(" ")
    rest = _SINGLE.sub(r"0\g<0>", rest.strip())
    return f"{day}T{rest}" if rest else day


def local(instant: int) -> datetime:
    """The datetime of an instant in :data:`ZONE`."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(ZONE)


def iso(instant: int) -> str:
    """ISO 8601 with zone, microseconds only where there are any."""
    return local(instant).isoformat()


def show(instant: int) -> str:
    """As people read it: ``2026-11-22 14:03:05``."""
    return local(instant).strftime("%Y-%m-%d %H:%M:%S")


def start_of_day(day: date) -> Instant:
    """Local midnight at which a day begins."""
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=ZONE))


def today(at: int) -> date:
    """The local day of an instant."""
    return _day_of(at // HOUR)


@lru_cache(maxsize=100_000)
def _day_of(hour: int) -> date:
    """The local day of an hour since 1970: :data:`ZONE` is whole hours ahead, so no day begins within one."""
    return local(hour * HOUR).date()


UNITS = {"天": 86_400, "小时": 3_600, "分钟": 60, "秒": 1}


def largest_unit(seconds: int) -> str:
    """The unit in which so many seconds are a whole number, and a small one."""
    return next(unit for unit, size in UNITS.items() if seconds % size == 0)


def show_duration(seconds: int) -> str:
    """``38 秒``, ``26 分 07 秒``, ``1 小时 04 分``, ``2 天 3 小时``."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} 天 {hour} 小时"
    if hours:
        return f"{hours} 小时 {minute:02} 分"
    if minutes:
        return f"{minutes} 分 {second:02} 秒"
    return f"{second} 秒"
