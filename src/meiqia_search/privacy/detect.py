"""Where personal data stands in a text."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

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


def find_each(texts: Sequence[str]) -> list[list[Found]]:
    """``find`` of each text, in one go: the usual conversation is many short messages."""
    joined = _SEAM.join(texts)
    if joined.count(_SEAM) != len(texts) - 1:  # a text holds the seam itself
        return [find(text) for text in texts]
    found = find(joined)
    return list(_distributed(found, texts)) if found else [[] for _ in texts]


def _distributed(found: list[Found], texts: Iterable[str]) -> Iterator[list[Found]]:
    start, at = 0, 0
    for text in texts:
        end, own = start + len(text), []
        while at < len(found) and found[at].start < end:
            each = found[at]
            own.append(Found(each.start - start, each.end - start, each.kind, each.value))
            at += 1
        yield own
        start = end + len(_SEAM)


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
