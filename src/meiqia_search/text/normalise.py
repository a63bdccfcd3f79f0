"""Folding: the form in which text is compared.

Each code point is folded by itself (NFKD, case-folded, traditional → simplified one to one; never to nothing), then
runs of white space become one space. So a part of a text always folds to a part of the folded text.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import opencc

SPACE = "␣"
"""Stands for white space in tokens; as a character of a text it counts as white space itself."""

_SEAM = "\ue0ff"  # of the private use area, folded to itself
_SPACES = re.compile("  +")
_HAN_FROM = 0x2E80
_SURROGATES = range(0xD800, 0xE000)


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _simplified(char: str) -> str:
    if ord(char) < _HAN_FROM or ord(char) in _SURROGATES:
        return char
    simple: str = _simplifier().convert(char)
    return simple if len(simple) == 1 else char


def _folded(char: str) -> str:
    if char.isspace() or char == SPACE:
        return " "
    while True:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
        folded = "".join(" " if c.isspace() or c == SPACE else _simplified(c) for c in folded)
        if folded == char:
            return folded
        char = folded


class _Table(dict[int, str]):
    """Code point → its folded form, filled as code points are met (there are 1.1 million; a text uses a few)."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


_TABLE = _Table()


def fold(text: str) -> str:
    """The text in the form in which it is compared; idempotent."""
    folded = text.translate(_TABLE)
    return _SPACES.sub(" ", folded) if "  " in folded else folded


def fold_each(texts: Sequence[str]) -> list[str]:
    """``fold`` of each text, in one go: the usual conversation is many short messages."""
    joined = _SEAM.join(texts)
    if joined.count(_SEAM) != len(texts) - 1:  # a text holds the seam itself
        return [fold(text) for text in texts]
    return fold(joined).split(_SEAM)


def fold_with_offsets(text: str) -> tuple[str, list[int] | None]:
    """``fold(text)`` and, for each character of it, the offset in ``text`` it came from.

    ``None`` instead of a list when every character stayed in its place (the usual case).
    """
    folded = text.translate(_TABLE)
    if len(folded) == len(text) and "  " not in folded:
        return folded, None
    chars: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for piece in _TABLE[ord(char)]:
            if piece == " " and chars and chars[-1] == " ":
                continue
            chars.append(piece)
            offsets.append(offset)
    return "".join(chars), offsets
