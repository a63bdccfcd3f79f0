"""What reading a file yields, one after the other: a conversation, or the reason why there is none."""

from typing import NamedTuple, Protocol, Self

from meiqia_search.conversation import Conversation

ORIGINAL = 64 * 1024
"""Of a line too long to be read, so much is kept."""


class Piece(Protocol):
    """What a file is cut into: it can be read at another time, and in another process."""

    @property
    def size(self) -> int:
        """About how many characters it has."""
        ...

    def item(self) -> "Item":
        """What is in it."""
        ...


class Item(NamedTuple):
    """One conversation of a file, or one piece of it that could not be read.

    ``line`` is where it begins. ``position`` counts the units (lines, rows, elements) up to its end, so that reading
    again with ``skip=position`` goes on right behind it. Without a conversation, ``reason`` says what is wrong with
    ``original``.
    """

    line: int
    position: int
    conversation: Conversation | None
    reason: str = ""
    original: str = ""

    @property
    def size(self) -> int:
        """About how many characters it has."""
        said = self.conversation.messages if self.conversation else ()
        return len(self.original) + sum([len(message.text) for message in said])

    def item(self) -> Self:
        """It has been read already."""
        return self
