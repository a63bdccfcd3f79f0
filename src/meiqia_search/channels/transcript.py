"""A whole conversation in one cell of a table → messages."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from meiqia_search.channels.speakers import Known, recognise
from meiqia_search.channels.values import instant
from meiqia_search.conversation import Speaker
from meiqia_search.errors import BadValue

_DATE = r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
_GAP = r"[ \t\u3000]{0,4}"  # bounded, or long runs of blanks take quadratic time
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(
    rf"[\[【(（]?(?P<before>{_DATE})?[\]】)）]?{_GAP}"
    r"(?P<who>[^:：\s][^:：]{0,39}?)"
    rf"{_GAP}[\[【(（]?(?P<after>{_DATE})?[\]】)）]?{_GAP}(?P<colon>[:：]|$)(?P<text>.*)",
    re.DOTALL,
)


class Utterance(NamedTuple):
    """One line of a transcript with what follows it."""

    known: Known
    at: int | None
    text: str


def parse(cell: str, names: Mapping[str, Speaker]) -> list[Utterance]:
    """What is said in lines like ``客户 2026-11-22 10:00:01: 文字`` or ``客服：文字``.

    Empty when the first line is not like this: then it is no transcript. Other lines belong to what was said before.
    """
    found: list[Utterance] = []
    for line in _LINE_ENDS.split(cell):
        if said := _utterance(line, names):
            found.append(said)
        elif found:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
        elif line.strip():
            return []
    return list(_tidy(found))


def _utterance(line: str, names: Mapping[str, Speaker]) -> Utterance | None:
    match = _LINE.fullmatch(line.strip())
    if not match or not (match["colon"] or match["before"] or match["after"]):
        return None
    known = recognise(match["who"], names)
    return Utterance(known, _at(match["before"] or match["after"]), match["text"]) if known else None


def _at(text: str | None) -> int | None:
    try:
        return instant(text)
    except BadValue:
        return None


def _tidy(found: list[Utterance]) -> Iterator[Utterance]:
    for said in found:
        if text := said.text.strip():
            yield said._replace(text=text)
