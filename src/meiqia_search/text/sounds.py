"""How a name is written, and how it sounds: what it is found by."""

import os
import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from itertools import islice, product

from meiqia_search.text.normalise import fold

MOST = 8
"""So many ways to read a name are known; more have only names of characters that are all read in several ways."""
HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_PARTS = re.compile(f"[{HAN}]|[^\\W_{HAN}]+")
"""A Chinese character, or a word of other letters."""


@lru_cache(maxsize=10_000)
def spellings(name: str) -> tuple[str, ...]:
    """The name folded and without blanks, in pinyin, and its initials; each way of reading a character counts."""
    whole = squeezed(name)
    readings = [_readings(part) for part in _PARTS.findall(fold(name))]
    found = dict.fromkeys([whole])
    for reading in islice(product(*readings), MOST):
        found["".join(reading)] = None
        found["".join(sound[0] for sound in reading)] = None
    return tuple(each for each in found if each)


def squeezed(words: str) -> str:
    """Folded and without blanks."""
    return fold(words).replace(" ", "")


@lru_cache(maxsize=10_000)
def _readings(part: str) -> tuple[str, ...]:
    if len(part) > 1 or part.isascii():
        return (part,)
    return tuple(dict.fromkeys(_pinyin()(part)[0]))


@cache
def _pinyin() -> Callable[[str], list[list[str]]]:
    """How characters are read: loaded with the first name, and without the phrases, that take most of the time."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    import pypinyin  # noqa: PLC0415 - a fifth of a second that most commands do without

    return partial(pypinyin.pinyin, style=pypinyin.Style.NORMAL, heteronym=True)
