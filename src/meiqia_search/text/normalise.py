"""Folding: the form in which text is compared.

Each code point is folded by itself (NFKD, case-folded, traditional → simplified one to one; never to nothing), then
runs of white space become one space. So a part of a text always folds to a part of the folded text.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

import opencc

SPACE = "␣"
"""Stands for white space in tokens; as a character of a text it counts as white space itself."""

_SEAM = "\ue0ff"  # of the private use area, folded to itself
_SPACES = re.compile("  +")
_HAN_FROM = 0x2E80
_SURROGATES = range(0xD800, 0xE000)


@cache
def _converter(direction: str) -> opencc.OpenCC:
    return opencc.OpenCC(direction)


def _simplified(char: str) -> str:
    if ord(char) < _HAN_FROM or ord(char) in _SURROGATES:
        return char
    simple: str = _converter("t2s").convert(char)
    return simple if len(simple) == 1 else char


def _traditional(char: str) -> str:
    written: str = _converter("s2t").convert(char)
    return written


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
    """Code point → what becomes of it, filled as code points are met (there are 1.1 million; a text uses a few)."""

    def __init__(self, change: Callable[[str], str]) -> None:
        self._change = change

    def __missing__(self, code: int) -> str:
        changed = self[code] = self._change(chr(code))
        return changed


_TABLE, _SIMPLE, _TRADITIONAL = _Table(_folded), _Table(_simplified), _Table(_traditional)


def scripts(name: str) -> tuple[str, ...]:
    """A name as it is, in simplified and in traditional characters, each once."""
    return tuple({name: None, name.translate(_SIMPLE): None, name.translate(_TRADITIONAL): None})


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
