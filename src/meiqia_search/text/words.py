"""Segmenting folded text into the tokens that engines index and the needles that a question looks for."""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise

from meiqia_search.text.normalise import SPACE

BREAK = "\x1e"
"""Joins the folded messages of a speaker. It is white space to ``fold``, so no needle ever contains it."""

_POINTS = (f"utf-32-{sys.byteorder[0]}e", "surrogatepass")
"""Text as an array of code points: several times faster than character by character."""
_GAP = " ".encode(*_POINTS)
_HAN = "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_RUN, _WORD_RUN = f"[{_HAN}]+", f"[^\\W{_HAN}]+"
_RUNS = re.compile(f"(?P<han>{_HAN_RUN})|(?P<word>{_WORD_RUN})|(?P<other>[^\\w\\s]+)")
_HAN_RUNS, _WORD_RUNS = re.compile(_HAN_RUN), re.compile(_WORD_RUN)


@cache
def _chinese() -> Callable[[str], list[str]]:
    """How Chinese is cut: loaded with the first text, for its dictionary takes 30 MB."""
    import rjieba  # noqa: PLC0415 - a process that only hands texts on does without

    return rjieba.cut


def cut(folded: str) -> list[str]:
    """The words of a folded text: jieba's in runs of Chinese, whole runs of letters and digits, and symbols.

    Punctuation and white space are left out.
    """
    words: list[str] = []
    for run in _RUNS.finditer(folded):
        if run.lastgroup == "han":
            words += _chinese()(run[0])
        elif run.lastgroup == "word":
            words.append(run[0])
        elif symbols := _symbols(run[0]):
            words.append(symbols)
    return words


def _symbols(run: str) -> str:
    return run if any(unicodedata.category(char)[0] in "SM" for char in run) else ""


def needles(folded: str, *, most: int) -> tuple[str, ...]:
    """What must occur for a bare run of a query: its words, each once, or all of it.

    Single characters that jieba leaves beside each other stay together (到账 is not in its dictionary; 到 and 账 alone
    would be found nearly everywhere). All of it when there are more than ``most`` words, or none (only punctuation).
    """
    words = tuple(dict.fromkeys(word for run in _RUNS.finditer(folded) for word in _together(cut(run[0]))))
    return words if 0 < len(words) <= most else (folded,)


def _together(words: Iterable[str]) -> list[str]:
    kept: list[str] = []
    after_single = False
    for word in words:
        single = len(word) == 1
        if single and after_single:
            kept[-1] += word
        else:
            kept.append(word)
        after_single = single
    return kept


def joined(folded: Iterable[str]) -> str:
    """Messages as one text in which no needle matches across two of them."""
    return BREAK.join(folded).replace(" ", SPACE)


def bigrams(text: str) -> str:
    """Every neighbouring pair of characters of a joined text, each followed by a space."""
    count = len(text) - 1
    if count < 1:
        return ""
    points = memoryview(text.encode(*_POINTS)).cast("I")
    pairs = bytearray(_GAP * (3 * count))  # first, second, space; first, second, space …
    slots = memoryview(pairs).cast("I")
    slots[0::3], slots[1::3] = points[:-1], points[1:]
    return pairs.decode(*_POINTS)


def chars(text: str) -> str:
    """The different characters of a joined text, separated by spaces."""
    return " ".join(dict.fromkeys(text))


def ranking_words(text: str) -> str:
    """The words of a joined text, separated by white space: for the order by relevance, never for finding."""
    chinese = "\n".join(_HAN_RUNS.findall(text))
    return " ".join([*_chinese()(chinese), *_WORD_RUNS.findall(text)])


def pairs(needle: str) -> list[str]:
    """The bigrams of a folded needle of two or more characters."""
    spaced = needle.replace(" ", SPACE)
    return [a + b for a, b in pairwise(spaced)]
