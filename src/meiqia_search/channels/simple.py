"""``{"conversation_id", "channel", "customer", "agent", "started_at", "messages", "labels"}`` → Conversation."""

from collections.abc import Mapping

from meiqia_search.channels.draft import Draft
from meiqia_search.channels.speakers import speaker_of
from meiqia_search.channels.values import clean, entries, instant, read, text_of
from meiqia_search.conversation import Conversation, Message, Speaker
from meiqia_search.fields import FIELDS, WORDS, Field

_WHO = frozenset({"id", "channel", "owner", "agent", "group", "customer"})
_COUNTS = frozenset({"messages", "customer_messages", "agent_messages", "bot_messages", "attachments"})
_FACTS: Mapping[str, Field] = {
    **{word: field for word, field in WORDS.items() if field.name not in _WHO | _COUNTS},
    "url": FIELDS["conversation_url"],
    "tags": FIELDS["tag"],
}
"""What labels, the conversation itself and its customer may say, each under a field's name or another word for it."""

_CHANNEL = FIELDS["channel"]
_CUSTOMER = FIELDS["customer"]
_CUSTOMER_NAME = FIELDS["customer_name"]


def parse(payload: Mapping[str, object]) -> Conversation:
    """Read one conversation; unknown keys and missing ones do no harm.

    Raises:
        BadConversation: no id, or a message that cannot be read.
        BadValue: a fact does not fit its field.
    """
    draft = Draft()
    _note_customer(draft, payload.get("customer"))
    _note(draft, _CHANNEL, payload.get("channel"))
    _note_labels(draft, payload)
    _note_labels(draft, payload.get("labels"))
    if owner := draft.agent(*_id_and_name(payload.get("agent"))):
        draft.facts["owner"] = (owner,)
    draft.group(*_id_and_name(payload.get("group")))
    draft.messages = [m for entry in entries(payload) if (m := _message(draft, entry)).text or m.url]
    return draft.finish(text_of(payload.get("conversation_id")))


def _note(draft: Draft, field: Field, raw: object) -> None:
    if raw not in (None, "") and field.name not in draft.facts and (values := read(field, raw)):
        draft.facts[field.name] = values


def _note_customer(draft: Draft, raw: object) -> None:
    customer_id, name = _id_and_name(raw)
    _note(draft, _CUSTOMER, customer_id)
    _note(draft, _CUSTOMER_NAME, name)
    if isinstance(raw, Mapping) and len(raw) > 2:
        _note_labels(draft, raw)


def _note_labels(draft: Draft, raw: object) -> None:
    if not isinstance(raw, Mapping):
        return
    for key in raw:
        if field := _FACTS.get(key):
            _note(draft, field, raw[key])


def _id_and_name(raw: object) -> tuple[str, str]:
    if isinstance(raw, Mapping):
        return text_of(raw.get("id")), text_of(raw.get("name"))
    return text_of(raw), ""


def _message(draft: Draft, entry: Mapping[str, object]) -> Message:
    speaker = speaker_of(entry.get("sender"))
    agent = name = ""
    if speaker is Speaker.AGENT and "agent" in entry:
        agent_id, name = _id_and_name(entry["agent"])
        agent = draft.agent(agent_id, name)
    text = entry.get("text")
    return Message(
        speaker,
        clean(text) if isinstance(text, str) else text_of(text),
        instant(entry.get("sent_at")),
        text_of(entry.get("kind")) or "text",
        text_of(entry.get("type")) or "message",
        agent,
        name,
        text_of(entry.get("url")),
    )
