"""The personal values a conversation is known to be about, wherever else in it they occur."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from meiqia_search.conversation import Conversation
from meiqia_search.fields import FIELDS, Kind, Personal
from meiqia_search.privacy.mask import Show, shown

_KINDS = {
    name: field.personal
    for name, field in FIELDS.items()
    if field.kind is Kind.KEYWORD and field.personal not in {None, Personal.FREE}
}
_LEAST = 4
"""A shorter number or id occurs by chance everywhere; a name is one from two characters on."""
_LEAST_NAME = 2
_ANYBODY = frozenset({
    "访客", "游客", "客户", "用户", "顾客", "会员", "匿名", "先生", "女士", "小姐", "微信用户", "网友", "买家", "您好",
    "你好", "手机", "微信", "姓名", "unknown", "guest",
})  # fmt: skip


class Known:
    """Values and what stands for each."""

    def __init__(self, forms: Mapping[str, str]) -> None:
        self._values = tuple(forms)
        self._forms = {value.casefold(): form for value, form in forms.items()}

    @classmethod
    def of(cls, conversation: Conversation, shows: Mapping[str, Show]) -> "Known":
        """What is known from the facts of a conversation; a field not in ``shows`` is hidden."""
        return cls(dict(_forms(conversation, shows)))

    def __bool__(self) -> bool:
        return bool(self._forms)

    def occurs(self, texts: Iterable[str]) -> bool:
        """Whether any of it may stand in one of the texts: mostly not, and this is quickly said."""
        if not self._forms:
            return False
        everything = "\n".join(texts).casefold()
        return any(value in everything for value in self._forms)

    def covered(self, text: str) -> str:
        """The text with each known value as what stands for it."""
        return self._pattern.sub(lambda match: self._forms[match[0].casefold()], text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._values, key=len, reverse=True)
        return re.compile("|".join(map(_as_a_whole, longest_first)), re.IGNORECASE | re.ASCII)


def _forms(conversation: Conversation, shows: Mapping[str, Show]) -> Iterator[tuple[str, str]]:
    for name in _KINDS.keys() & conversation.facts.keys():
        kind, show = _KINDS[name], shows.get(name, Show.HIDDEN)
        if show is not Show.CLEAR:
            for value in map(str, conversation.facts[name]):
                if _tells(kind, value):
                    yield value, shown(kind, value, show)


def _tells(kind: Personal, value: str) -> bool:
    least = _LEAST_NAME if kind is Personal.NAME else _LEAST
    return len(value) >= least and value.lower() not in _ANYBODY and not value.isspace()


def _as_a_whole(value: str) -> str:
    """As a pattern; what is Latin or a number only where it is not part of a longer one."""
    before = "(?<![A-Za-z0-9])" if re.match("[A-Za-z0-9]", value) else ""
    behind = "(?![A-Za-z0-9])" if re.search("[A-Za-z0-9]$", value) else ""
    return before + re.escape(value) + behind
