"""One contact from start to end on one channel: its facts and what was said.

Facts are a mapping from field names (:mod:`meiqia_search.fields`) to tuples of values, so that every room treats every
field alike. Sources are read tolerantly elsewhere (``channels``); what is built here is strict.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from hashlib import blake2b

import msgspec

from meiqia_search import fields
from meiqia_search.errors import BadConversation, BadValue
from meiqia_search.fields import TEXT_FIELDS, Kind, Value, in_calendar

ID_LENGTH = 200
MESSAGE_LENGTH = 200_000
MESSAGES = 20_000
_MESSAGE_IDS = re.compile(r"(?:[0-9a-f]{12}(?:-[0-9]{1,5})? )*").fullmatch
_KIND = re.compile("[a-z_]{1,40}").fullmatch
"""Kinds and types of messages leave as they are: they are names of something, never words of somebody."""
UNKNOWN = "unknown"


class Speaker(StrEnum):
    """Who said it; NOTE is what the company wrote about the conversation (summary, subject)."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"
    NOTE = "note"


SPEAKER_LABELS: Mapping[Speaker, str] = {
    Speaker.CUSTOMER: "客户",
    Speaker.AGENT: "客服",
    Speaker.BOT: "机器人",
    Speaker.SYSTEM: "系统",
    Speaker.NOTE: "小结",
}


class Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One utterance. ``at`` is an instant or unknown; ``agent`` the id of the agent who said it, ``name`` as shown."""

    speaker: Speaker
    text: str
    at: int | None = None
    kind: str = "text"
    type: str = "message"
    agent: str = ""
    name: str = ""
    url: str = ""
    id: str = ""


class Conversation(msgspec.Struct, frozen=True, gc=False):
    """A conversation as the record keeps it. Build with :func:`build`, which checks everything.

    ``names`` says what the source called the agents and groups whose ids stand in the facts:
    ``{"agent": {"a1": "小王"}, "group": {"g1": "售后一组"}}``.
    """

    id: str
    facts: dict[str, tuple[Value, ...]]
    messages: tuple[Message, ...]
    names: dict[str, dict[str, str]] = {}

    def values(self, name: str) -> tuple[Value, ...]:
        """The values of a field; empty where there is none."""
        if name == "id":
            return (self.id,)
        return self.facts.get(name, ())

    def first(self, name: str) -> Value | None:
        """The first value of a field, or nothing."""
        found = self.values(name)
        return found[0] if found else None

    def number(self, name: str) -> int | None:
        """The value of a number or time field, or nothing."""
        value = self.first(name)
        return value if isinstance(value, int) else None

    def text(self, name: str) -> str:
        """The value of a keyword or text field, or ''."""
        value = self.first(name)
        return value if isinstance(value, str) else ""

    def said(self) -> Iterator[tuple[Speaker, str]]:
        """Everything that is searched as text, in order: messages, then notes."""
        for message in self.messages:
            yield message.speaker, message.text
        for name in TEXT_FIELDS:
            for value in self.facts.get(name, ()):
                yield Speaker.NOTE, str(value)


def build(
    conversation_id: str,
    facts: Mapping[str, Iterable[object]],
    messages: Iterable[Message],
    names: Mapping[str, Mapping[str, str]] | None = None,
) -> Conversation:
    """A checked conversation; messages in time order (undated ones stay behind their predecessor), each with an id.

    Raises:
        BadConversation: the id is missing or too long, a message is too long, or there are too many.
        BadValue: a fact does not fit its field.
        UnknownField: a fact is not declared.
    """
    if not conversation_id or len(conversation_id) > ID_LENGTH:
        raise BadConversation(f"会话编号应为 1 到 {ID_LENGTH} 字。")
    ordered = _in_time_order(list(messages))
    if len(ordered) > MESSAGES:
        raise BadConversation(f"一条会话最多 {MESSAGES} 条消息，这里有 {len(ordered)} 条。")
    for message in ordered:
        if len(message.text) > MESSAGE_LENGTH:
            raise BadConversation(f"一条消息最多 {MESSAGE_LENGTH} 字，这里有 {len(message.text)} 字。")
        if message.at is not None and not in_calendar(message.at):
            raise BadConversation("有一条消息的时间不在 1970 到 2199 年之间。")
    checked = {name: _checked(name, values) for name, values in facts.items()}
    return Conversation(
        conversation_id,
        {name: values for name, values in checked.items() if values},
        tuple(_identified(conversation_id, ordered)),
        {kind: dict(known) for kind, known in (names or {}).items() if known},
    )


def accepted(found: Conversation) -> Conversation:
    """A decoded conversation after the same checks; one that :func:`build` made comes back as it is.

    Raises:
        BadConversation, BadValue, UnknownField: as :func:`build`.
    """
    for name, values in found.facts.items():
        if not _is_plain(name, values[0] if len(values) == 1 else None):
            _checked(name, values)
    if _is_built(found):
        return found
    return build(found.id, found.facts, found.messages, found.names)


_KEYWORDS = frozenset(name for name, field in fields.FIELDS.items() if field.kind is Kind.KEYWORD and name != "id")
_NUMBERS = frozenset(name for name, field in fields.FIELDS.items() if field.kind in {Kind.NUMBER, Kind.TIME})


def _is_plain(name: str, value: Value | None) -> bool:
    """Whether the one value is as its field wants it; what is not so plain is left to :func:`_checked`."""
    if type(value) is int:
        return name in _NUMBERS and in_calendar(value)
    return type(value) is str and name in _KEYWORDS and 0 < len(value) <= fields.KEYWORD_LENGTH


def _is_built(found: Conversation) -> bool:
    messages = found.messages
    times = [message.at for message in messages if message.at is not None]
    ids = [message.id for message in messages]
    return (
        0 < len(found.id) <= ID_LENGTH
        and len(messages) <= MESSAGES
        and len(set(ids)) == len(ids)
        and _MESSAGE_IDS("".join([f"{each} " for each in ids])) is not None
        and all(map(_KIND, {message.kind for message in messages} | {message.type for message in messages}))
        and all(found.facts.values())
        and max([len(message.text) for message in messages], default=0) <= MESSAGE_LENGTH
        and (not times or (times == sorted(times) and in_calendar(times[0]) and in_calendar(times[-1])))
    )


def _checked(name: str, values: Iterable[object]) -> tuple[Value, ...]:
    field = fields.get(name)
    if name == "id":
        raise BadValue("会话编号不能作为普通字段。")
    checked = tuple([field.check(value) for value in values])
    if field.kind is Kind.TIME and not all(in_calendar(int(value)) for value in checked):
        raise BadValue(f"“{field.label}”不在 1970 到 2199 年之间。")
    if len(checked) < 2:
        return checked
    checked = tuple(dict.fromkeys(checked))
    if len(checked) > 1 and not field.many and field.kind is not Kind.TEXT:
        raise BadValue(f"“{field.label}”只能有一个值，这里有 {len(checked)} 个。")
    return checked


def _in_time_order(messages: list[Message]) -> list[Message]:
    latest, keyed = 0, []
    for message in messages:
        at = message.at if message.at is not None else latest
        latest = max(latest, at)
        keyed.append((at, message))
    return [message for _, message in sorted(keyed, key=lambda pair: pair[0])]


def _identified(conversation_id: str, messages: Iterable[Message]) -> Iterator[Message]:
    """Give each message the id that stays the same however often the source is read (Meiqia sends none).

    Nothing of the text is in it: ids leave, and from a digest of a masked number the number can be worked out.
    """
    seen: dict[str, int] = {}
    for message in messages:
        body = f"{conversation_id}\0{message.at}\0{message.speaker}"
        digest = blake2b(body.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        again = seen.get(digest, 0)
        seen[digest] = again + 1
        kind, type_ = (each if _KIND(each) else UNKNOWN for each in (message.kind, message.type))
        yield msgspec.structs.replace(message, id=f"{digest}-{again}" if again else digest, kind=kind, type=type_)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Conversation)


def encode(conversation: Conversation) -> bytes:
    """The conversation as the record stores it: JSON, the same bytes for the same content."""
    return _ENCODER.encode(conversation)


def decode(stored: bytes) -> Conversation:
    """The inverse of :func:`encode`.

    Raises:
        BadConversation: the bytes are damaged.
    """
    try:
        return _DECODER.decode(stored)
    except (msgspec.DecodeError, msgspec.ValidationError) as damage:
        raise BadConversation("档案中的这条会话已损坏，请从备份恢复。") from damage
