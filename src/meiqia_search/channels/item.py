"""What reading a file yields, one after the other: a conversation, or the reason why there is none."""

from typing import NamedTuple

from meiqia_search.conversation import Conversation

ORIGINAL = 64 * 1024
"""Of a line too long to be read, so much is kept."""


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
