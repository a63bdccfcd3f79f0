"""``{"id", "facts", "messages", "names"}``, as ``conversation.encode`` writes it → Conversation."""

from collections.abc import Iterable, Iterator, Mapping

from meiqia_search import fields
from meiqia_search.channels.values import clean, entries, instant, text_of
from meiqia_search.conversation import Conversation, Message, Speaker, accepted, build, decode
from meiqia_search.errors import BadConversation, BadValue
from meiqia_search.fields import Field, Kind


def exact(line: bytes) -> Conversation | None:
    """A line just as :func:`~meiqia_search.conversation.encode` writes it; None for any other.

    Raises:
        BadConversation, BadValue, UnknownField: as :func:`parse`.
    """
    if not line.startswith(b'{"id":') or b"\\u" in line:  # what was escaped has to be cleaned
        return None
    try:
        found = decode(line)
    except (BadConversation, RecursionError):
        return None
    return accepted(found)


def parse(payload: Mapping[str, object]) -> Conversation:
    """Read one conversation; times may be microseconds or texts, values single or lists.

    Raises:
        BadConversation: no id, or a message that cannot be read.
        BadValue: a fact does not fit its field.
        UnknownField: a fact is not declared.
    """
    facts, names = _object(payload, "facts"), _object(payload, "names")
    return build(
        _id(payload.get("id")),
        {name: list(_values(fields.get(name), raw)) for name, raw in facts.items()},
        [_message(entry) for entry in entries(payload)],
        {kind: _names(known) for kind, known in names.items() if kind in {"agent", "group"}},
    )


def _id(raw: object) -> str:
    return clean(raw) if isinstance(raw, str) else text_of(raw)


def _object(payload: Mapping[str, object], key: str) -> Mapping[str, object]:
    raw = payload.get(key)
    if raw is not None and not isinstance(raw, Mapping):
        raise BadConversation(f"{key} 应为对象。")
    return raw or {}


def _values(field: Field, raw: object) -> Iterator[object]:
    listed: Iterable[object] = raw if isinstance(raw, list) else [raw]
    for value in listed:
        if field.kind is Kind.TIME:
            value = _time(value)  # noqa: PLW2901 - the same value, read
        elif isinstance(value, str):
            value = clean(value)  # noqa: PLW2901 - the same value, clean
        if value not in (None, ""):
            yield value


def _time(raw: object) -> int | None:
    """Our numbers are microseconds whatever their size; texts are read like everyone's."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    return instant(raw)


def _message(entry: Mapping[str, object]) -> Message:
    try:
        speaker = Speaker(text_of(entry.get("speaker")))
    except ValueError:
        raise BadConversation("messages 里的 speaker 应为 customer、agent、bot、system 或 note。") from None
    words = {key: _text(entry, key) for key in ("text", "agent", "name", "url")}
    kinds = {key: _text(entry, key) for key in ("kind", "type") if entry.get(key) is not None}
    return Message(speaker=speaker, at=_time(entry.get("at")), **words, **kinds)


def _text(entry: Mapping[str, object], key: str) -> str:
    raw = entry.get(key)
    if raw is not None and not isinstance(raw, str):
        raise BadValue(f"messages 里的 {key} 应为文字。")
    return clean(raw or "")


def _names(raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        raise BadConversation('names 应为 {"agent": {编号: 名字}, "group": {编号: 名字}}。')
    return {clean(key): clean(name) for key, name in raw.items() if isinstance(name, str)}
