"""The personal values a conversation is known to be about, wherever else in it they occur.

They are compared in their plain spelling (``privacy.plain``), a name also in the other script and with blanks in it.
"""

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence

from meiqia_search.fields import FIELDS, Kind, Personal, Value
from meiqia_search.privacy.mask import Show, shown
from meiqia_search.privacy.plain import Plain, plain
from meiqia_search.text.normalise import scripts
from meiqia_search.text.sounds import HAN

_KINDS: Mapping[str, Personal] = {
    name: field.personal
    for name, field in FIELDS.items()
    if field.kind is Kind.KEYWORD and field.personal is not None and field.personal is not Personal.FREE
}
_LEAST = 4
"""A shorter number or id occurs by chance everywhere; a name is one from two characters on."""
_LEAST_NAME = 2
_ANYBODY = frozenset({
    "访客", "游客", "客户", "用户", "顾客", "会员", "匿名", "先生", "女士", "小姐", "微信用户", "网友", "买家", "您好",
    "你好", "手机", "微信", "姓名", "unknown", "guest",
})  # fmt: skip

Facts = Mapping[str, tuple[Value, ...]]
_CHINESE = re.compile(f"[{HAN}]+").fullmatch
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_LATIN = frozenset(string.ascii_lowercase + string.digits)


def all_clear(shows: Mapping[str, Show]) -> bool:
    """Whether nobody's values have to be covered."""
    return all(shows.get(name) is Show.CLEAR for name in _KINDS)


def cover(facts: Facts, shows: Mapping[str, Show], texts: Iterable[str]) -> "Cover":
    """What covers the values of these facts that may stand in one of the texts: mostly nothing, quickly said.

    A field that is not in ``shows`` is hidden.
    """
    within = [(value, kind, shows.get(name, Show.HIDDEN)) for name, kind, value in _within(facts, texts)]
    return Cover([each for each in within if each[2] is not Show.CLEAR])


def kinds(facts: Facts, texts: Iterable[str]) -> frozenset[Personal]:
    """Of which kind the values are that may stand in one of the texts."""
    return frozenset(kind for _, kind, _ in _within(facts, texts))


def _within(facts: Facts, texts: Iterable[str]) -> Iterator[tuple[str, Personal, str]]:
    """Field, kind and value of what may stand in one of the texts."""
    everything = plain("\n".join(texts)).casefold()
    for name, kind in _KINDS.items():
        for value in map(str, facts[name]) if name in facts else ():
            if any(each.casefold() in everything for each in _spelled(kind, value)) and _tells(kind, value):
                yield name, kind, value


def _spelled(kind: Personal, value: str) -> tuple[str, ...]:
    """In which ways a value may stand in a plain text."""
    value = plain(value)
    if kind is not Personal.NAME or not _CHINESE(value):
        return (value,)
    written = scripts(value)
    return (*written, *map(" ".join, written))


class Cover:
    """Puts what stands for them in the place of values; a longer value before a shorter one."""

    def __init__(self, values: Sequence[tuple[str, Personal, Show]]) -> None:
        self._forms = {
            spelled.translate(_SMALL): shown(kind, value, show)
            for value, kind, show in values
            for spelled in _spelled(kind, value)
        }

    def __bool__(self) -> bool:
        return bool(self._forms)

    def over(self, text: str) -> str:
        """The text with each value, where it stands as a whole, as what stands for it."""
        spelled = Plain(text)
        small = spelled.text.translate(_SMALL)
        places = sorted(
            (at, -len(value), value) for value in self._forms if value in small for at in _places(small, value)
        )
        pieces, last = [], 0
        for at, _, value in places:
            start, end = spelled.span(at, at + len(value))
            if start >= last:
                pieces += [text[last:start], self._forms[value]]
                last = end
        return "".join([*pieces, text[last:]])


def _places(text: str, value: str) -> Iterator[int]:
    """Where the value stands; what is Latin or a number only where it is not part of a longer one."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        if not (_goes_on(text[at - 1 : at], value[0]) or _goes_on(value[-1], text[end : end + 1])):
            yield at
        at = text.find(value, at + 1)


def _goes_on(before: str, behind: str) -> bool:
    return before in _LATIN and behind in _LATIN


def _tells(kind: Personal, value: str) -> bool:
    least = _LEAST_NAME if kind is Personal.NAME else _LEAST
    return len(value) >= least and value.lower() not in _ANYBODY and not value.isspace()
