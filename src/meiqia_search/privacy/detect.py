"""Where personal data stands in a text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate

from meiqia_search.fields import Personal
from meiqia_search.privacy.accounts import accounts
from meiqia_search.privacy.found import Found
from meiqia_search.privacy.mail import addresses
from meiqia_search.privacy.numbers import numbers
from meiqia_search.privacy.people import names
from meiqia_search.privacy.places import places
from meiqia_search.privacy.plain import Plain

__all__ = ["Found", "find", "find_each"]

_SEAM = "\x1e"
"""Between joined texts: no value goes across it."""
_ORDER = {
    kind: place
    for place, kind in enumerate((
        Personal.EMAIL, Personal.ID_CARD, Personal.BANK_CARD, Personal.PHONE, Personal.LANDLINE, Personal.PASSPORT,
        Personal.PLATE, Personal.ACCOUNT, Personal.IP, Personal.ADDRESS, Personal.NAME,
    ))
}  # fmt: skip
"""What a text is where it could be several things."""


def find(text: str) -> list[Found]:
    """Every personal value of the text, in order, none overlapping; offsets are those of the text as it is."""
    plain = Plain(text)
    found = _disjoint(_all(plain.text))
    return [Found(*plain.span(each.start, each.end), each.kind, each.value) for each in found]


def find_each(texts: AbstractSet[str]) -> dict[str, list[Found]]:
    """``find`` of each text in which it finds something; many in one go, for most are short."""
    usual, holding = [], {}
    for text in texts:
        if _SEAM not in text:
            usual.append(text)
        elif found := find(text):
            holding[text] = found
    return holding | _distributed(find(_SEAM.join(usual)), usual)


def _distributed(found: Iterable[Found], texts: Sequence[str]) -> dict[str, list[Found]]:
    starts = [0, *accumulate(len(text) + len(_SEAM) for text in texts)]
    holding: dict[str, list[Found]] = {}
    for each in found:
        place = bisect_right(starts, each.start) - 1
        own = Found(each.start - starts[place], each.end - starts[place], each.kind, each.value)
        holding.setdefault(texts[place], []).append(own)
    return holding


def _all(text: str) -> Iterator[Found]:
    yield from addresses(text)
    yield from numbers(text)
    yield from accounts(text)
    yield from places(text)
    yield from names(text)


def _disjoint(found: Iterable[Found]) -> list[Found]:
    """Of what overlaps, the surest kind, then the first, then the longest."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda each: (_ORDER[each.kind], each.start, -each.end)):
        place = bisect_left(kept, (each.start,))
        behind = place == len(kept) or each.end <= kept[place].start
        if behind and (place == 0 or kept[place - 1].end <= each.start):
            kept.insert(place, each)
    return kept
