"""The plain spelling of a text, in which personal values are looked for, with the way back to its offsets.

NFKC, every digit of every script as 0–9, and nothing that has no width.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from meiqia_search.text.written import BLANK

_ODD = re.compile(
    "[^\t\n\x1e -~¥·×–—‘’“”…、。《》「」『』【】\u4e00-\u9fff！（），：；？￥\U0001f300-\U0001faff]",
)
"""Everything that may have another plain spelling; the usual text has none of it."""
_CIRCLED = {chr(first + digit - 1): str(digit) for first in (0x2776, 0x2780, 0x278A) for digit in range(1, 11)}
_CIRCLED |= {chr(first + digit - 1): str(digit) for first in (0x2474, 0x2488) for digit in range(1, 10)}
_CIRCLED |= dict.fromkeys("\u24ff\U0001f10b\U0001f10c", "0")


class _Stretch(NamedTuple):
    """From ``plain`` on, the plain text came from ``original`` on; one to one, or (not ``level``) all from there."""

    plain: int
    original: int
    level: bool


class Plain:
    """A text in its plain spelling."""

    __slots__ = ("_starts", "_stretches", "original", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        self._stretches: list[_Stretch] = []
        self.text = self._spelled() if _ODD.search(original) else original
        self._starts = [each.plain for each in self._stretches]

    def _spelled(self) -> str:
        pieces: list[str] = []
        length, at = 0, 0
        for odd in _ODD.finditer(self.original):
            start = odd.start()
            spelled = _plain(odd[0])
            pieces += self.original[at:start], spelled
            length += start - at
            at = start + 1
            if len(spelled) > 1:
                self._stretches.append(_Stretch(length, start, level=False))
            length += len(spelled)
            if len(spelled) != 1:
                self._stretches.append(_Stretch(length, at, level=True))
        pieces.append(self.original[at:])
        return "".join(pieces)

    def _origin(self, offset: int) -> int:
        nearest = bisect_right(self._starts, offset) - 1
        if nearest < 0:
            return offset
        stretch = self._stretches[nearest]
        return stretch.original + (offset - stretch.plain if stretch.level else 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original a part of the plain text stands, with what has no width behind it."""
        if not self._stretches:
            return start, end
        return self._origin(start), max(self._origin(end - 1) + 1, self._origin(end))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char in _CIRCLED:
        return _CIRCLED[char]
    if char in BLANK or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return ""
    if unicodedata.category(char) == "Cc" and not char.isspace():
        return ""
    return "".join(_digit(each) for each in unicodedata.normalize("NFKC", char) if unicodedata.category(each) != "Mn")


def _digit(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    return " " if char.isspace() else char


def plain(text: str) -> str:
    """The text in its plain spelling, where offsets do not matter."""
    return text if text.isascii() and text.isprintable() else Plain(text).text
