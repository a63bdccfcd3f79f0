"""An id that a file has more than once: its last conversation counts, whoever reads the file and however often."""

from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from meiqia_search.channels.item import Item
from meiqia_search.conversation import Conversation, encode

_BITS = 27
"""The size of a filter that is 16 MiB and takes an id for a repeated one by mistake in 1 of 13 cases at 10 million."""


class Last(NamedTuple):
    """The line on which a repeated id stands last, and a digest of the content it has there."""

    line: int
    content: bytes


class Repeats:
    """Where the ids that come more than once stand last, and with which content; filled before the file is read.

    Memory grows with the repeated ids alone. A mistake of the filter does no harm: such an id stands last where it is.
    """

    def __init__(self) -> None:
        self._met = bytearray(1 << (_BITS - 3))
        self._last: dict[int, Last] = {}

    def __bool__(self) -> bool:
        return bool(self._last)

    def meet(self, conversation_id: str) -> bool:
        """Whether this id came before, in all likelihood; from now on it did."""
        spot = hash(conversation_id) & ((1 << _BITS) - 1)
        place, bit = spot >> 3, 1 << (spot & 7)
        met = bool(self._met[place] & bit)
        self._met[place] |= bit
        return met

    def note(self, item: Item) -> None:
        """Keep the place of an id that came before; what cannot be read replaces nothing."""
        if item.conversation is not None:
            self._last[hash(item.conversation.id)] = Last(item.line, _content(item.conversation))

    def last(self, conversation_id: str) -> Last | None:
        """Where this id stands last; None where it comes once."""
        return self._last.get(hash(conversation_id))


def settled(item: Item, last: Last | None, original: Callable[[], str]) -> Item:
    """The item, or its refusal where other content follows under its id."""
    if last is None or item.conversation is None:
        return item
    if last.line <= item.line or last.content == _content(item.conversation):
        return item
    reason = f"这个会话编号在第 {last.line} 行（条）又出现，内容不同；以最后一次为准，这里的没有收。"
    return Item(item.line, item.position, None, reason, original())


def _content(conversation: Conversation) -> bytes:
    return blake2b(encode(conversation), digest_size=16).digest()
