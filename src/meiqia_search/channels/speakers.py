"""Words for who is speaking, as sources and people write them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from meiqia_search.channels.values import text_of
from meiqia_search.conversation import Speaker
from meiqia_search.errors import BadConversation

_WORDS = {
    Speaker.CUSTOMER: (
        "客户", "顾客", "访客", "用户", "买家", "来电者", "client", "customer", "visitor", "user", "guest", "buyer",
    ),
    Speaker.AGENT: ("客服", "坐席", "座席", "人工客服", "人工", "卖家", "商家", "agent", "staff", "operator", "seller"),
    Speaker.BOT: ("机器人", "机器人客服", "客服机器人", "智能客服", "bot", "robot", "chatbot", "ai"),
    Speaker.SYSTEM: ("系统", "系统消息", "系统通知", "system", "sys", "notice"),
}  # fmt: skip
WORDS = {word: speaker for speaker, words in _WORDS.items() for word in words}
_NAMED = re.compile(
    "(?P<word>" + "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)) + r")"
    r"\s*[-_#(（\[【\s]\s*(?P<name>[^\s)）\]】][^)）\]】]*?)\s*[)）\]】]?",
    re.IGNORECASE,
)


class Known(NamedTuple):
    """A recognised speaker, with the name where one was written."""

    speaker: Speaker
    name: str = ""


def recognise(text: str, names: Mapping[str, Speaker]) -> Known | None:
    """Who is meant by ``客服``, ``agent``, ``客服-小王``, ``访客#12``, or by one of the names."""
    word = text.strip()
    if speaker := WORDS.get(word.casefold()):
        return Known(speaker)
    if word and word in names:
        return Known(names[word], word)
    if named := _NAMED.fullmatch(word):
        return Known(WORDS[named["word"].casefold()], named["name"])
    return None


def speaker_of(raw: object) -> Speaker:
    """The speaker of this word.

    Raises:
        BadConversation: nobody is called so.
    """
    if isinstance(raw, str) and (speaker := WORDS.get(raw)):
        return speaker
    word = text_of(raw)
    if speaker := WORDS.get(word.casefold()):
        return speaker
    raise BadConversation(f"有一条消息的发送方“{word[:40]}”不认识；应为 customer、agent、bot 或 system。")
