"""The two ways out of the record: into the index, and to a person. Every conversation takes one of them.

In every string a personal value is found by what it looks like (``detect``), and a value of the conversation's own
facts also by what it is (``known``).
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from meiqia_search.conversation import Conversation, Message, Speaker
from meiqia_search.fields import FIELDS, Kind, Personal, Value
from meiqia_search.privacy.detect import Found, find, find_each
from meiqia_search.privacy.known import Known
from meiqia_search.privacy.mask import Show, shown

Form = Mapping[Personal, Show]
Facts = dict[str, tuple[Value, ...]]

_PERSONAL = {name: field.personal for name, field in FIELDS.items() if field.personal is not None}
_HIDDEN: Form = dict.fromkeys(Personal, Show.HIDDEN)
_CLEAR: Form = dict.fromkeys(Personal, Show.CLEAR)
_COMPANYS = frozenset({"agent", "agent_account", "owner", "group", "enterprise"})
"""Ids of the company, not of the customer: permission is decided by them, so they stay as they are."""
_JOINS = _COMPANYS | {"customer"}
"""Ids by which conversations are held together: in the index no two of them become the same."""
_WORDS = {name: field.labels for name, field in FIELDS.items() if field.kind in {Kind.KEYWORD, Kind.TEXT}}
"""The fields that can hold anything, with the values that are known to say nothing about a person."""


def for_index(conversation: Conversation) -> Conversation:
    """What filters and engines may know of a conversation: no personal field, and of each personal value its kind."""
    facts = {name: values for name, values in conversation.facts.items() if name not in _PERSONAL}
    return _covered(conversation, facts, _HIDDEN, Known.of(conversation, {}), _JOINS)


def same_in_index(names: frozenset[str]) -> bool:
    """Whether :func:`for_index` leaves these fields as they are, so that a filter on them can be asked without it."""
    return all(name in _JOINS or name == "id" or (name in FIELDS and name not in _WORDS) for name in names)


def for_person(conversation: Conversation, shows: Mapping[str, Show], personal: Form) -> Conversation:
    """What a person may see of a conversation; a field that is not in ``shows`` does not leave.

    ``personal`` says in which form the values of each kind stand in texts; a kind that is not in it is hidden.
    """
    facts = {name: values for name, values in conversation.facts.items() if name in shows}
    for name in _PERSONAL.keys() & facts.keys():
        kind, show = _PERSONAL[name], shows[name]
        facts[name] = tuple([shown(kind, str(value), show) for value in facts[name]])
    form, known = {**_HIDDEN, **personal}, Known.of(conversation, shows)
    if form == _CLEAR and not known:
        return msgspec.structs.replace(conversation, facts=facts)
    return _covered(conversation, facts, form, known, _COMPANYS)


def redacted(text: str) -> str:
    """The text with every personal value in it as its kind: for the audit, logs and errors."""
    return _replaced(text, find(text), _HIDDEN)


def _covered(conversation: Conversation, facts: Facts, form: Form, known: Known, ids: frozenset[str]) -> Conversation:
    """The conversation with these facts, and every text but ``ids`` in this form."""
    texts = list(dict.fromkeys(_texts(conversation, facts, ids)))
    covered = _changes(texts, form, known)
    if covered:
        facts |= {name: _values(facts[name], covered) for name in facts.keys() - ids}
    names = {
        kind: {key: covered.get(name, name) for key, name in of.items()} for kind, of in conversation.names.items()
    }
    messages = tuple([_message(each, covered, form) for each in conversation.messages])
    return msgspec.structs.replace(conversation, facts=facts, messages=messages, names=names)


def _texts(conversation: Conversation, facts: Facts, ids: frozenset[str]) -> Iterator[str]:
    """Every string that leaves, except ids that somebody has to find again."""
    for message in conversation.messages:
        yield message.text
        yield message.url
        yield message.name
    for name in facts.keys() & _WORDS.keys() - ids:
        harmless = _WORDS[name]
        yield from [value for value in facts[name] if isinstance(value, str) and value not in harmless]
    for named in conversation.names.values():
        yield from named.values()


def _changes(texts: Sequence[str], form: Form, known: Known) -> dict[str, str]:
    """The texts that hold something, and what they become."""
    occurs = known.occurs(texts)
    changes = {}
    for text, found in zip(texts, find_each(texts), strict=True):
        clean = _replaced(text, found, form) if found else text
        clean = known.covered(clean) if occurs else clean
        if clean != text:
            changes[text] = clean
    return changes


def _replaced(text: str, found: Sequence[Found], form: Form) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, kind, value in found:
        if (show := form[kind]) is not Show.CLEAR:
            pieces += text[at:start], shown(kind, value, show)
            at = end
    return "".join([*pieces, text[at:]])


def _values(values: tuple[Value, ...], covered: Mapping[str, str]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys([covered.get(value, value) if isinstance(value, str) else value for value in values]))


def _message(message: Message, covered: Mapping[str, str], form: Form) -> Message:
    text, url, name = covered.get(message.text), covered.get(message.url), covered.get(message.name)
    if message.name and message.speaker is Speaker.CUSTOMER:
        name = shown(Personal.NAME, message.name, form[Personal.NAME])
    if text is None and url is None and name is None:
        return message
    return msgspec.structs.replace(
        message,
        text=message.text if text is None else text,
        url=message.url if url is None else url,
        name=message.name if name is None else name,
    )
