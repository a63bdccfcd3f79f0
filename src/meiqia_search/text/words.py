"""Segmenting folded text into the tokens that engines index and the needles that a question looks for."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

import rjieba

from meiqia_search.text.normalise import SPACE

BREAK = "␞␞␞"
"""Stands between messages in ``bigrams``: three characters, so no pair and no phrase ever matches it."""

_HAN = "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(f"(?P<han>[{_HAN}]+)|(?P<word>[^\\W{_HAN}]+)|(?P<other>[^\\w\\s]+)")


def cut(folded: str) -> list[str]:
    """The words of a folded text: jieba's in runs of Chinese, whole runs of letters and digits, and symbols.

    Punctuation and white space are left out.
    """
    words: list[str] = []
    for run in _RUNS.finditer(folded):
        if run.lastgroup == "han":
            words += rjieba.cut(run[0])
        elif run.lastgroup == "word":
            words.append(run[0])
        elif symbols := _symbols(run[0]):
            words.append(symbols)
    return words


def _symbols(run: str) -> str:
    return run if any(unicodedata.category(char)[0] in "SM" for char in run) else ""


def needles(folded: str, *, most: int) -> tuple[str, ...]:
    """What must occur for a bare run of a query: its words, each once, or all of it.

    All of it when there are more than ``most`` words, or none (only punctuation).
    """
    words = tuple(dict.fromkeys(cut(folded)))
    return words if 0 < len(words) <= most else (folded,)


def bigrams(folded: Iterable[str]) -> str:
    """Every neighbouring pair of characters of each message, separated by spaces, messages by :data:`BREAK`."""
    spaced = (text.replace(" ", SPACE) for text in folded)
    return f" {BREAK} ".join(" ".join(map(str.__add__, text, text[1:])) for text in spaced)


def chars(folded: Iterable[str]) -> str:
    """The different characters of all messages, separated by spaces, in the order in which they first occur."""
    return " ".join(dict.fromkeys("".join(folded).replace(" ", SPACE)))


def ranking_words(folded: Iterable[str]) -> str:
    """The words of all messages, separated by spaces: for the order of results by relevance, never for finding."""
    return " ".join(word for text in folded for word in cut(text))


def pairs(needle: str) -> list[str]:
    """The bigrams of a folded needle of two or more characters."""
    spaced = needle.replace(" ", SPACE)
    return [a + b for a, b in pairwise(spaced)]
