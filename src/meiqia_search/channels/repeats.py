"""An id that a file has more than once: its last conversation counts, whoever reads the file and however often."""

from collections.abc import Callable

from meiqia_search.channels.item import Item
from meiqia_search.conversation import Conversation, encode

_BITS = 27
"""The size of a filter that is 16 MiB and takes an id for a repeated one by mistake in 1 of 13 cases at 10 million."""


class Repeats:
    """Where the ids that come more than once stand last, and with which content; filled before the file is read.

    Memory grows with the repeated ids alone. A mistake of the filter does no harm: such an id stands last where it is.
    """

    def __init__(self) -> None:
        self._met = bytearray(1 << (_BITS - 3))
        self._last: dict[int, tuple[int, int]] = {}

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
            self._last[hash(item.conversation.id)] = item.line, _content(item.conversation)

    def settled(self, item: Item, original: Callable[[], str]) -> Item:
        """The item, or its refusal where other content follows under its id."""
        if not self._last or item.conversation is None:
            return item
        line, content = self._last.get(hash(item.conversation.id), (0, 0))
        if line <= item.line or content == _content(item.conversation):
            return item
        reason = f"这个会话编号在第 {line} 行（条）又出现，内容不同；以最后一次为准，这里的没有收。"
        return Item(item.line, item.position, None, reason, original())


def _content(conversation: Conversation) -> int:
    return hash(encode(conversation))
