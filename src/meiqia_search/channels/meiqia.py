"""Meiqia's own model of a conversation (``conv_id``, ``conv_content``, …) → Conversation."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import unquote, urlsplit

import msgspec

from meiqia_search.channels.draft import Draft
from meiqia_search.channels.speakers import speaker_of
from meiqia_search.channels.values import clean, instant, read, text_of
from meiqia_search.conversation import UNKNOWN, Conversation, Message, Speaker
from meiqia_search.errors import BadValue
from meiqia_search.fields import FIELDS, Field, Kind, Value

KEYS = frozenset({"conv_id", "conv_content"})
"""Either of these shows that it is Meiqia's model."""

_COUNTED_HERE = frozenset({"id", "customer_messages", "agent_messages", "group", "owner"})
_SOURCES = tuple((field, field.source) for field in FIELDS.values() if field.source and field.name not in _COUNTED_HERE)
_MORE_KEYS: Mapping[str, tuple[str, ...]] = {"customer_name": ("name", "visitor_name")}
"""A name that was written down says more than the visitor number that stands under ``visitor_name``."""

_RATING_KEYS = (
    "evaluation", "evaluation_level", "evaluate_level", "client_evaluation", "conv_evaluation",
    "conv_evaluation_level", "satisfaction", "rating",
)  # fmt: skip
_RATING_COMMENT_KEYS = ("evaluation_content", "evaluation_comment", "evaluate_content", "rating_comment")
_RATINGS = {"0": "poor", "1": "fair", "2": "good"}

MEDIA = {"photo": "[图片]", "audio": "[语音]", "video": "[视频]", "file": "[文件]"}
KINDS = frozenset({"text", "rich_text", "hybrid", "card", "bot", *MEDIA})
EMOJI = "[表情]"
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_LINE_END = re.compile(r"<br\b[^>]*>|</(?:p|div|li|tr|h[1-6])\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_URL = re.compile(r"(?:https?:)?//[^\s]+", re.IGNORECASE)
_CARD_TEXTS = ("title", "description")
_CARD_URLS = ("target_url", "product_url", "pic_url")


def parse(payload: Mapping[str, object]) -> Conversation:
    """Read one conversation as Meiqia's API and webhooks send it; unknown keys and null lists do no harm.

    Raises:
        BadConversation: no id, or a message by nobody known.
        BadValue: a time cannot be read, or a value is too long.
    """
    info = _mapping(payload.get("client_info"))
    draft = Draft(facts=dict(_facts(payload, info)))
    _note_agents(draft, payload)
    draft.group(text_of(payload.get("group_id")), text_of(payload.get("group_name")))
    draft.messages += _messages(draft, payload.get("conv_content"))
    return draft.finish(text_of(payload.get("conv_id")))


def _facts(payload: Mapping[str, object], info: Mapping[str, object]) -> Iterator[tuple[str, tuple[Value, ...]]]:
    for field, keys in _SOURCES:
        for key in _MORE_KEYS.get(field.name, keys):
            values = _read(field, payload.get(key)) or (_read(field, info.get(key)) if field.group == "客户" else ())
            if values:
                yield field.name, values
                break
    yield from _rating(payload)


def _read(field: Field, raw: object) -> tuple[Value, ...]:
    """As :func:`values.read`, but a number that is none is left out: Meiqia does not say how it writes them."""
    if raw is None:
        return ()
    try:
        return read(field, raw)
    except BadValue:
        if field.kind is Kind.NUMBER:
            return ()
        raise


def _rating(payload: Mapping[str, object]) -> Iterator[tuple[str, tuple[Value, ...]]]:
    raw = next((payload[key] for key in _RATING_KEYS if payload.get(key) not in (None, "")), None)
    nested = _mapping(raw)
    level = text_of(next((nested[key] for key in ("level", "evaluation", "value") if key in nested), raw))
    if rating := read(FIELDS["rating"], _RATINGS.get(level, level)):
        yield "rating", rating
    comments = [payload.get(key) for key in _RATING_COMMENT_KEYS] + [nested.get("content"), nested.get("comment")]
    if comment := next(filter(None, map(text_of, comments)), ""):
        yield "rating_comment", (comment,)


def _note_agents(draft: Draft, payload: Mapping[str, object]) -> None:
    agent_id = text_of(payload.get("agent_ID")) or text_of(payload.get("agent_id"))
    owner = draft.agent(agent_id, text_of(payload.get("agent_name")), text_of(payload.get("agent_nick_name")))
    if owner:
        draft.facts["owner"] = (owner,)


def _messages(draft: Draft, raw: object) -> Iterator[Message]:
    for entry in _list(raw):
        if isinstance(entry, Mapping) and (message := _message(draft, entry)):
            yield message


def _message(draft: Draft, entry: Mapping[str, object]) -> Message | None:
    kind = text_of(entry.get("content_type")).casefold() or "text"
    kind = kind if kind in KINDS else UNKNOWN
    text, url = _content(kind, entry.get("content"))
    if not text and not url:
        return None
    speaker = speaker_of(entry.get("from"))
    name = text_of(entry.get("agent_name")) if speaker is Speaker.AGENT else ""
    return Message(
        speaker,
        text,
        instant(entry.get("timestamp")),
        kind,
        text_of(entry.get("type")) or "message",
        draft.agent("", name),
        name,
        url,
    )


def _content(kind: str, raw: object) -> tuple[str, str]:
    """Text and address of a message's content."""
    if kind in {"hybrid", "card"} or not isinstance(raw, str):
        return _card(raw)
    text = clean(raw)
    if kind in MEDIA:
        return media(kind, text.strip())
    return (_plain(text) if kind == "rich_text" else _IMAGE.sub(EMOJI, text)).strip(), ""


def media(kind: str, content: str) -> tuple[str, str]:
    """What stands for a picture, recording, film or file, and its address."""
    if not _URL.fullmatch(content):
        return content, ""
    if kind != "file":
        return MEDIA[kind], content
    try:
        name = unquote(urlsplit(content).path).rpartition("/")[2]
    except ValueError:  # an address with broken brackets
        name = ""
    return clean(name) or MEDIA[kind], content


def _plain(markup: str) -> str:
    return unescape(_TAG.sub("", _LINE_END.sub("\n", _IMAGE.sub(EMOJI, markup))))


def _card(raw: object) -> tuple[str, str]:
    """The titles and descriptions of the cards, and the first address in them."""
    bodies = [_mapping(card.get("body")) or card for card in _cards(raw)]
    texts = [text_of(body.get(key)) for body in bodies for key in _CARD_TEXTS]
    urls = [text_of(body.get(key)) for body in bodies for key in _CARD_URLS]
    text, url = "\n".join(filter(None, texts)), next(filter(None, urls), "")
    if not bodies and isinstance(raw, str):
        return clean(raw).strip(), ""
    return text or "[卡片]", url


def _cards(raw: object) -> list[Mapping[str, object]]:
    loaded = _loaded(raw)
    listed = loaded if isinstance(loaded, list) else [loaded]
    return [card for card in listed if isinstance(card, Mapping) and card]


def _mapping(raw: object) -> Mapping[str, object]:
    loaded = _loaded(raw)
    return loaded if isinstance(loaded, Mapping) else {}


def _list(raw: object) -> list[object]:
    loaded = _loaded(raw)
    return loaded if isinstance(loaded, list) else []


def _loaded(raw: object) -> object:
    """What a JSON string holds: Meiqia writes some objects as strings."""
    if not isinstance(raw, str) or not raw.lstrip().startswith(("{", "[")):
        return raw
    try:
        return msgspec.json.decode(clean(raw))
    except (msgspec.MsgspecError, RecursionError):
        return raw
