"""A conversation as a page reads it: messages with their days, waits and hits, and the facts beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from meiqia_search import clock, fields
from meiqia_search.acl.reveal import Target
from meiqia_search.archive import Disclosure, Utterance, View
from meiqia_search.conversation import Conversation, Message, Speaker
from meiqia_search.fields import Field
from meiqia_search.query.names import Names
from meiqia_search.query.sentence import value_text

PART = 500
"""So many messages are shown at once."""
SLOW_S = 120
_ATTACHED = {
    "photo": ("photo", "图片"),
    "audio": ("phone", "语音"),
    "video": ("player-pause", "视频"),
    "file": ("file", "文件"),
    "card": ("link", "卡片"),
    "hybrid": ("link", "图文"),
}
_STYLES = {Speaker.AGENT: "msg-agent", Speaker.BOT: "msg-bot"}
_MAIN = (
    "agent", "group", "first_response", "average_response", "duration", "outcome", "rating", "rating_comment", "tag",
    "summary", "subject",
)  # fmt: skip
_APART = frozenset({"id", "started_at", "ended_at"})
_TAGS = frozenset({"tag", "customer_tag"})
_SOURCE = {"first_response": "source_first_response", "average_response": "source_average_response"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or card; ``href`` only where it is an address of the web."""

    icon: str
    kind: str
    address: str
    href: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message; ``day`` stands before it where a new one begins, ``number`` counts the hits."""

    utterance: Utterance
    who: str
    style: str
    day: date | None
    first: str
    wait: str
    number: int
    next_hit: str
    attachment: Attachment | None

    @property
    def system(self) -> bool:
        """Whether nobody said it."""
        return self.utterance.message.speaker is Speaker.SYSTEM


@dataclass(frozen=True, slots=True)
class Fact:
    """A field's values in words, as ``pieces`` with an ``anchor`` where they are searched, and a paler ``note``.

    ``target`` is what could be revealed of it.
    """

    label: str
    values: tuple[str, ...]
    note: str = ""
    tags: bool = False
    pieces: tuple[tuple[str, bool], ...] = ()
    anchor: str = ""
    target: Target | None = None

    @property
    def hit(self) -> bool:
        """Whether something was found in it."""
        return _is_hit(self.pieces)


@dataclass(frozen=True, slots=True)
class Talk:
    """One part of a conversation."""

    said: tuple[Said, ...]
    part: int
    parts: tuple[tuple[int, str], ...]
    hits: tuple[str, ...]


def talk(view: View, who: str, part: int | None) -> Talk:
    """The part asked for, else the one with the first hit."""
    every = view.utterances
    hits = [at for at, each in enumerate(every) if each.hit]
    count = max(-(-len(every) // PART), 1)
    wanted = part if part is not None else (hits[0] // PART + 1 if hits else 1)
    wanted = min(max(wanted, 1), count)
    start = (wanted - 1) * PART
    links = tuple(
        (number, f"第 {(number - 1) * PART + 1}–{min(number * PART, len(every))} 条") for number in range(1, count + 1)
    )
    places = [_place(view, at) for at in hits] + [
        f"#{_note(name)}" for name, them in view.notes.items() if _is_hit(them)
    ]
    said = tuple(_said(view, who, places))[start : start + PART]
    return Talk(said, wanted, links if count > 1 else (), tuple(places))


def _note(name: str) -> str:
    return f"n-{name}"


def _is_hit(pieces: tuple[tuple[str, bool], ...]) -> bool:
    return any(hit for _, hit in pieces)


def _place(view: View, at: int) -> str:
    """Where a message is: its anchor, behind its part where there are several."""
    anchor = f"#m-{view.utterances[at].message.id}"
    return f"part={at // PART + 1}{anchor}" if len(view.utterances) > PART else anchor


class _Waits:
    """Who waits for whom, message by message."""

    def __init__(self, first: int | None) -> None:
        self._first = first
        self._since: int | None = None
        self._answered = False

    def heard(self, message: Message) -> tuple[str, str]:
        """The first response and the wait that end with this message, each in words or empty."""
        if message.speaker is Speaker.CUSTOMER:
            self._since = self._since if self._since is not None else message.at
        if message.speaker is not Speaker.AGENT:
            return "", ""
        wait, since, answered = _wait(self._since, message.at), self._since, self._answered
        self._since, self._answered = None, True
        if answered or since is None or self._first is None:
            return "", wait
        return f"首次响应 {clock.show_duration(self._first)}", ""


class _Days:
    """Which day it is, message by message."""

    def __init__(self) -> None:
        self._day: date | None = None

    def began(self, message: Message) -> date | None:
        """The day that begins with this message."""
        today = None if message.at is None else clock.today(message.at)
        if today is None or today == self._day:
            return None
        self._day = today
        return today


def _said(view: View, who: str, places: Sequence[str]) -> Iterator[Said]:
    days, waits = _Days(), _Waits(view.conversation.number("first_response"))
    number = 0
    for each in view.utterances:
        message = each.message
        number += each.hit
        yield Said(
            each,
            who if message.speaker is Speaker.CUSTOMER else each.name,
            _STYLES.get(message.speaker, ""),
            days.began(message),
            *waits.heard(message),
            number if each.hit else 0,
            places[number] if each.hit and number < len(places) else "",
            _attachment(message.kind, message.url),
        )


def _wait(since: int | None, at: int | None) -> str:
    """How long the customer waited, where it was long."""
    if since is None or at is None or at - since < SLOW_S * clock.SECOND:
        return ""
    return f"间隔 {clock.show_duration((at - since) // clock.SECOND)}"


def _attachment(kind: str, url: str) -> Attachment | None:
    if not url:
        return None
    icon, label = _ATTACHED.get(kind, ("link", "链接"))
    return Attachment(icon, label, url, url if _is_web(url) else "")


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def span(each: Conversation) -> str:
    """From when to when."""
    start, end = each.number("started_at"), each.number("ended_at")
    if start is None:
        return "时间未知" if end is None else f"结束于 {clock.show(end)}"
    if end is None:
        return f"{clock.show(start)} 开始"
    shown = clock.show(end)
    return f"{clock.show(start)} – {shown[11:] if shown[:10] == clock.show(start)[:10] else shown}"


def facts(view: View, names: Names) -> tuple[list[Fact], list[Fact]]:
    """About the conversation: what matters most, and the rest; nothing personal.

    Where there is no card, also what is said of the customer.
    """
    each = view.conversation
    beside = {theirs for ours, theirs in _SOURCE.items() if each.values(ours)}
    about = {
        name: field
        for name, field in fields.FIELDS.items()
        if name not in _APART and name not in beside and not (field.personal if not view.card else _is_customers(field))
    }
    known = {
        name: replace(_fact(field, each, names), pieces=view.notes.get(name, ()), anchor=_note(name))
        for name, field in about.items()
        if each.values(name)
    }
    return [known[name] for name in _MAIN if name in known], [it for name, it in known.items() if name not in _MAIN]


def card(view: View, names: Names) -> list[Fact]:
    """About the customer."""
    each, offered = view.conversation, {target.field: target for target in view.disclosure.offered if target.field}
    return [
        replace(_fact(field, each, names), target=offered.get(field.name))
        for field in fields.FIELDS.values()
        if view.card and _is_customers(field) and each.values(field.name)
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that is clear for a while: until when, and how many seconds that is from now."""

    label: str
    until: int
    seconds: int


def revealed(disclosure: Disclosure) -> list[Shown]:
    """What is clear for a while, what ends first first."""
    return sorted(
        (
            Shown(target.label, until, -(-(until - disclosure.at) // clock.SECOND))
            for target, until in disclosure.opened.items()
        ),
        key=lambda each: each.until,
    )


def _is_customers(field: Field) -> bool:
    return field.personal is not None or field.group == fields.get("customer").group


def _fact(field: Field, each: Conversation, names: Names) -> Fact:
    values = tuple(_words(field, value, names) for value in each.values(field.name))
    return Fact(field.label, values, _source(field, each), field.name in _TAGS)


def _words(field: Field, value: fields.Value, names: Names) -> str:
    return str(value) if field.personal is not None else value_text(field, value, names)


def _source(field: Field, each: Conversation) -> str:
    """What the source says, where it differs from what was measured."""
    ours, theirs = each.number(field.name), each.number(_SOURCE.get(field.name, field.name))
    if ours is None or theirs is None or theirs < 0:
        return ""
    shown = clock.show_duration(theirs)
    return "" if shown == clock.show_duration(max(ours, 0)) else f"源值 {shown}"
