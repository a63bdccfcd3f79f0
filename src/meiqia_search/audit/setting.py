"""How people write what they set of a rule, and the same written back."""

import re
from collections.abc import Callable, Mapping

from meiqia_search.audit.rules import Rule
from meiqia_search.clock import Instant
from meiqia_search.errors import BadValue
from meiqia_search.query import box
from meiqia_search.query.filter import Filter
from meiqia_search.query.names import Vocabulary

LABELS: Mapping[str, str] = {
    "most": "超过多少",
    "window": "多少分钟内",
    "hours": "时段（点）",
    "factor": "平时的几倍",
    "where": "哪些会话",
    "enabled": "启用",
}
_SWITCH: Mapping[str, bool] = {"on": True, "off": False}
_HOURS = re.compile(r"([0-9]{1,2})\s*(?:-|–|~|到|至|\.\.)\s*([0-9]{1,2})")


def read(values: Mapping[str, str], names: Vocabulary, now: Instant) -> dict[str, object]:
    """What was written: numbers, ``22-6`` for hours, a condition as in the search box, ``on`` or ``off``.

    Raises:
        BadValue: it cannot be understood, or there is no such setting.
        QuerySyntaxError, UnknownField, LimitExceeded: as for the search box.
    """
    for name in values:
        if name not in LABELS:
            raise BadValue(f"规则没有“{name[:40]}”这一项；可以设置 {'、'.join(LABELS)}。")
    readers: Mapping[str, Callable[[str, str], object]] = {
        "hours": _hours,
        "where": lambda _, text: box.parse(text, names, now),
        "enabled": _switch,
    }
    return {name: readers.get(name, _number)(name, text.strip()) for name, text in values.items()}


def _number(name: str, text: str) -> int:
    plain = text.replace(",", "").replace("，", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise BadValue(f"“{LABELS[name]}”应为整数，例如 20。", field=name)
    return int(plain)


def _hours(name: str, text: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(text)
    if found is None:
        raise BadValue("时段应写成 22-6 这样的两个钟点（0 到 24）。", field=name)
    return int(found[1]), int(found[2])


def _switch(name: str, text: str) -> bool:
    if text not in _SWITCH:
        raise BadValue("启用应为 on 或 off。", field=name)
    return _SWITCH[text]


def written(rule: Rule) -> dict[str, str]:
    """What is set of a rule, so that :func:`read` reads it back."""
    return {name: _text(getattr(rule, name)) for name in (*rule.settable, "enabled")}


def _text(value: object) -> str:
    if isinstance(value, Filter):
        return box.render(value)
    match value:
        case bool():
            return "on" if value else "off"
        case (first, last):
            return f"{first}-{last}"
        case number:
            return str(number)
