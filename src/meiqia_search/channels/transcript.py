"""A whole conversation in one cell of a table → messages."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from meiqia_search import clock
from meiqia_search.channels.speakers import Known, recognise
from meiqia_search.channels.values import instant
from meiqia_search.conversation import Speaker
from meiqia_search.errors import BadValue

_DATE = r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[ T]"
_AT = rf"(?:{_DATE})?[0-9]{{1,2}}:[0-9]{{1,2}}(?::[0-9]{{1,2}}(?:\.[0-9]+)?)?+"
_CLOCK = re.compile("[0-9]{1,2}:.*")
_GAP = r"[ \t\u3000]{0,4}"  # bounded, or long runs of blanks take quadratic time
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(
    rf"[\[【(（]?(?P<before>{_AT})?[\]】)）]?{_GAP}"
    r"(?P<who>[^:：\s][^:：]{0,39}?)"
    rf"{_GAP}[\[【(（]?(?P<after>{_AT})?[\]】)）]?{_GAP}(?P<colon>[:：]|$)(?P<text>.*)",
    re.DOTALL,
)


class Utterance(NamedTuple):
    """One line of a transcript with what follows it."""

    known: Known
    at: int | None
    text: str


def parse(cell: str, names: Mapping[str, Speaker], day: date | None = None) -> list[Utterance]:
    """What is said in lines like ``客户 2026-11-22 10:00:01: 文字``, ``[10:00:01] 客户：文字`` or ``客服：文字``.

    A time without its day is one of ``day``, or of the next after midnight. Empty when the first line is not like
    this: then it is no transcript. Other lines belong to what was said before.
    """
    found: list[Utterance] = []
    times = _Times(day)
    for line in _LINE_ENDS.split(cell):
        if said := _utterance(line, names, times):
            found.append(said)
        elif found:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
        elif line.strip():
            return []
    return list(_tidy(found))


def _utterance(line: str, names: Mapping[str, Speaker], times: "_Times") -> Utterance | None:
    match = _LINE.fullmatch(line.strip())
    if not match or not (match["colon"] or match["before"] or match["after"]):
        return None
    known = recognise(match["who"], names)
    return Utterance(known, times.read(match["before"] or match["after"]), match["text"]) if known else None


class _Times:
    """Reads times one after the other; one without its day is of the day before it in the text."""

    def __init__(self, day: date | None) -> None:
        self._day = day
        self._latest = 0

    def read(self, text: str | None) -> int | None:
        """The instant, or ``None`` where there is none to be read."""
        dated = text and not _CLOCK.fullmatch(text)
        try:
            at = instant(text if dated or not self._day else f"{self._day} {text}")
        except BadValue:
            return None
        if at is None:
            return None
        if not dated and at < self._latest - clock.DAY // 2:  # it is past midnight
            at += clock.DAY
        self._day, self._latest = clock.today(at), at
        return at


def _tidy(found: list[Utterance]) -> Iterator[Utterance]:
    for said in found:
        if text := said.text.strip():
            yield said._replace(text=text)
