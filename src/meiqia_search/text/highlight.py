"""Where needles occur in an original text, and cutting a fragment around them. Offsets only: pages escape and mark."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from meiqia_search.text.normalise import fold_with_offsets

FRAGMENT = 80
LEAD = 12
LINE = 28
"""So many characters a line of the list shows at least."""


class Span(NamedTuple):
    """Half-open range of offsets in the original text."""

    start: int
    end: int


class Fragment(NamedTuple):
    """A cut-out of a text: pieces that are hits (True) or not (False), and whether it was cut at either end."""

    pieces: tuple[tuple[str, bool], ...]
    cut_before: bool
    cut_after: bool

    @property
    def text(self) -> str:
        """The fragment without marks."""
        return "".join(piece for piece, _ in self.pieces)


def spans(text: str, needles: Sequence[str]) -> list[Span]:
    """Where the folded needles occur in the text: sorted, merged where they touch."""
    folded, offsets = fold_with_offsets(text)
    found: list[Span] = []
    for needle in needles:
        at = folded.find(needle) if needle else -1
        while at >= 0:
            end = at + len(needle)
            if offsets is None:
                found.append(Span(at, end))
            else:
                found.append(Span(offsets[at], _end(offsets, end, len(text))))
            at = folded.find(needle, at + 1)
    return _merged(found)


def _end(offsets: Sequence[int], end: int, length: int) -> int:
    """Where in the original the character that produced folded character ``end - 1`` ends."""
    last = offsets[end - 1]
    return next((offset for offset in offsets[end:] if offset > last), length)


def _merged(found: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(found):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def pieces(text: str, hits: Iterable[Span]) -> tuple[tuple[str, bool], ...]:
    """The text as alternating pieces, hits marked True; joined they are the text."""
    out: list[tuple[str, bool]] = []
    at = 0
    for start, end in hits:
        if start > at:
            out.append((text[at:start], False))
        out.append((text[start:end], True))
        at = end
    if at < len(text):
        out.append((text[at:], False))
    return tuple(out)


def fragment(text: str, hits: Sequence[Span]) -> Fragment:
    """At most :data:`FRAGMENT` characters of the text around its longest hit, which stands near the beginning."""
    start = _start(text, max(hits, key=lambda hit: hit.end - hit.start).start) if hits else 0
    end = min(start + FRAGMENT, len(text))
    inside = [Span(max(s, start) - start, min(e, end) - start) for s, e in hits if s < end and e > start]
    return Fragment(pieces(text[start:end], inside), start > 0, end < len(text))


def _start(text: str, hit: int) -> int:
    """Where to cut so that a line shows the hit; nothing is cut off for the sake of a few characters."""
    start = max(0, min(hit - LEAD, len(text) - LINE))
    return 0 if start < LEAD // 2 else start
