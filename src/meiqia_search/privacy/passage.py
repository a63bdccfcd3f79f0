"""The two ways out of the record: into the index, and to a person. Every conversation takes one of them.

Personal values are found in every text by what they look like (``detect``), and those of the conversation's own facts
also by what they are (``known``).
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from meiqia_search import fields
from meiqia_search.conversation import Conversation, Message, Speaker
from meiqia_search.fields import Personal, Value
from meiqia_search.privacy.detect import Found, find, find_each
from meiqia_search.privacy.known import Known
from meiqia_search.privacy.mask import Show, shown

Form = Mapping[Personal, Show]
_HIDDEN: Form = dict.fromkeys(Personal, Show.HIDDEN)
_COMPANYS = frozenset({"agent", "owner", "group", "enterprise"})
"""Ids of the company, not of the customer: permission is decided by them, so they stay as they are."""
_JOINS = _COMPANYS | {"customer"}
"""Ids by which conversations are held together: in the index two of them never become the same."""


def for_index(conversation: Conversation) -> Conversation:
    """What filters and engines may know of a conversation: no personal field, and for each personal value its kind."""
    facts = {name: values for name, values in conversation.facts.items() if fields.get(name).personal is None}
    return _covered(conversation, facts, _HIDDEN, Known.of(conversation, {}), _JOINS)


def for_person(conversation: Conversation, shows: Mapping[str, Show], personal: Form) -> Conversation:
    """What a person may see of a conversation; a field that is not in ``shows`` does not leave.

    ``personal`` says in which form values of each kind stand in texts; a kind that is not in it is hidden.
    """
    facts = {
        name: tuple([_shown(name, value, shows[name]) for value in values])
        for name, values in conversation.facts.items()
        if name in shows
    }
    form = _HIDDEN | dict(personal)
    if all(show is Show.CLEAR for show in form.values()):
        return msgspec.structs.replace(conversation, facts=facts)
    return _covered(conversation, facts, form, Known.of(conversation, shows), _COMPANYS)


def redacted(text: str) -> str:
    """The text with every personal value in it as its kind: for logs, errors and the audit."""
    return _replaced(text, find(text), _HIDDEN)


def _shown(name: str, value: Value, show: Show) -> Value:
    kind = fields.get(name).personal
    return value if kind is None else shown(kind, str(value), show)


def _covered(
    conversation: Conversation, facts: dict[str, tuple[Value, ...]], form: Form, known: Known, ids: frozenset[str]
) -> Conversation:
    """The conversation with these facts, and every text but ``ids`` in this form."""
    open_facts = {name: values for name, values in facts.items() if name not in ids}
    covered = _changes(list(dict.fromkeys(_texts(conversation, open_facts))), form, known)
    if not covered and not _is_signed(conversation):
        return msgspec.structs.replace(conversation, facts=facts)
    return msgspec.structs.replace(
        conversation,
        facts=facts | {name: _values(values, covered) for name, values in open_facts.items()},
        messages=tuple([_message(each, covered, form) for each in conversation.messages]),
        names={
            kind: {key: covered.get(name, name) for key, name in named.items()}
            for kind, named in conversation.names.items()
        },
    )


def _is_signed(conversation: Conversation) -> bool:
    return any(each.name and each.speaker is Speaker.CUSTOMER for each in conversation.messages)


def _texts(conversation: Conversation, facts: Mapping[str, tuple[Value, ...]]) -> Iterator[str]:
    """Every string that leaves, except ids that somebody has to find again."""
    for message in conversation.messages:
        yield message.text
        if message.url:
            yield message.url
        if message.name:
            yield message.name
    for values in facts.values():
        yield from (value for value in values if isinstance(value, str))
    for named in conversation.names.values():
        yield from named.values()


def _changes(texts: Sequence[str], form: Form, known: Known) -> dict[str, str]:
    """The texts that hold something, and what they become."""
    changes = {}
    occurs = known.occurs(texts)
    for text, found in zip(texts, find_each(texts), strict=True):
        clean = _replaced(text, found, form) if found else text
        clean = known.covered(clean) if occurs else clean
        if clean != text:
            changes[text] = clean
    return changes


def _replaced(text: str, found: Sequence[Found], form: Form) -> str:
    pieces, at = [], 0
    for start, end, kind, value in found:
        show = form[kind]
        if show is not Show.CLEAR:
            pieces += text[at:start], shown(kind, value, show)
            at = end
    return "".join([*pieces, text[at:]])


def _values(values: tuple[Value, ...], covered: Mapping[str, str]) -> tuple[Value, ...]:
    if not any(value in covered for value in values):
        return values
    return tuple(dict.fromkeys([covered.get(value, value) if isinstance(value, str) else value for value in values]))


def _message(message: Message, covered: Mapping[str, str], form: Form) -> Message:
    name = covered.get(message.name, message.name)
    if name and message.speaker is Speaker.CUSTOMER:
        name = shown(Personal.NAME, message.name, form[Personal.NAME])
    text, url = covered.get(message.text, message.text), covered.get(message.url, message.url)
    if (text, url, name) == (message.text, message.url, message.name):
        return message
    return msgspec.structs.replace(message, text=text, url=url, name=name)
