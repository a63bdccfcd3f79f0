"""The two ways out of the record: into the index, and to a person. Every conversation takes one of them.

In every string a personal value is found by what it looks like (``detect``), and a value of the conversation's own
facts also by what it is (``known``).
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import msgspec

from meiqia_search.conversation import Conversation, Message, Speaker
from meiqia_search.fields import EXACT, FIELDS, NAMES, Kind, Personal, Value
from meiqia_search.privacy.detect import Found, find, find_each
from meiqia_search.privacy.fingerprint import Key, fingerprints
from meiqia_search.privacy.known import all_clear, cover, kinds
from meiqia_search.privacy.mask import Show, shown

VERSION = 3
"""Another number than before whenever :func:`for_index` lets something else through: an older index is rebuilt."""
Form = Mapping[Personal, Show]
Facts = dict[str, tuple[Value, ...]]

_PERSONAL = {name: field.personal for name, field in FIELDS.items() if field.personal is not None}
_NOTES = frozenset(name for name, kind in _PERSONAL.items() if kind is Personal.FREE)
_HIDDEN: Form = dict.fromkeys(Personal, Show.HIDDEN)
_CLEAR: Form = dict.fromkeys(Personal, Show.CLEAR)
_COMPANYS = frozenset({"agent", "agent_account", "owner", "group", "enterprise"})
"""Ids of the company, not of the customer: permission is decided by them, so they stay as they are."""
_JOINS = _COMPANYS | {"customer"}
"""Ids by which conversations are held together: in the index no two of them become the same."""
_WORDS = {
    name: field.labels
    for name, field in FIELDS.items()
    if field.kind in {Kind.KEYWORD, Kind.TEXT} and name not in _COMPANYS
}
"""The fields that can hold anything, with the values that are known to say nothing about a person."""
_WORDS_OF_INDEX = {name: labels for name, labels in _WORDS.items() if name not in _JOINS}
_FOUND_BY = {
    Personal.PHONE: "phone", Personal.LANDLINE: "phone", Personal.EMAIL: "email", Personal.ID_CARD: "id_card",
}  # fmt: skip
"""By which field a value in a text is looked up, as if it stood in the customer's card."""


def for_index(conversation: Conversation, key: Key | None = None) -> Conversation:
    """What filters and engines may know of a conversation: no personal field, and of each personal value its kind.

    With a key, the fields by which it is looked up hold the fingerprints of what stands in them and in the texts, and
    its names are there, for those who may find by them.
    """
    return all_for_index([conversation], key)[0]


def all_for_index(conversations: Iterable[Conversation], key: Key | None = None) -> list[Conversation]:
    """:func:`for_index` of each; what several of them say is looked through once."""
    leaving = [_Leaving(each, _impersonal(each), {}, _WORDS_OF_INDEX) for each in conversations]
    found = find_each(set().union(*[each.texts | each.notes for each in leaving]))
    return [each.covered(found, _HIDDEN, each.handles(found, key) if key else {}) for each in leaving]


def _impersonal(conversation: Conversation) -> Facts:
    return {name: values for name, values in conversation.facts.items() if name not in _PERSONAL}


def same_in_index(names: frozenset[str]) -> bool:
    """Whether :func:`for_index` leaves these fields as they are, so that a filter on them can be asked without it."""
    return all(name == "id" or (name in FIELDS and name not in _WORDS_OF_INDEX) for name in names)


def for_person(conversation: Conversation, shows: Mapping[str, Show], personal: Form) -> Conversation:
    """What a person may see of a conversation; a field that is not in ``shows`` does not leave.

    ``personal`` says in which form the values of each kind stand in texts; a kind that is not in it is hidden.
    """
    return all_for_person([conversation], shows, personal)[0]


def all_for_person(
    conversations: Iterable[Conversation], shows: Mapping[str, Show], personal: Form
) -> list[Conversation]:
    """:func:`for_person` of each; what several of them say is looked through once."""
    form = {**_HIDDEN, **personal}
    if form == _CLEAR and all_clear(shows):
        clear = {name for name, show in shows.items() if show is Show.CLEAR}
        return [each if each.facts.keys() <= clear else _with_fields(each, shows) for each in conversations]
    leaving = [_Leaving(each, _shown_facts(each, shows), shows, _WORDS) for each in conversations]
    found = find_each(set().union(*[each.texts for each in leaving]))
    return [each.covered(found, form) for each in leaving]


def _with_fields(conversation: Conversation, shows: Mapping[str, Show]) -> Conversation:
    return msgspec.structs.replace(conversation, facts=_shown_facts(conversation, shows))


def _shown_facts(conversation: Conversation, shows: Mapping[str, Show]) -> Facts:
    facts = {name: values for name, values in conversation.facts.items() if name in shows}
    for name in _PERSONAL.keys() & facts.keys():
        kind, show = _PERSONAL[name], shows[name]
        facts[name] = tuple([shown(kind, str(value), show) for value in facts[name]])
    return facts


def kinds_in_texts(conversation: Conversation) -> frozenset[Personal]:
    """Which kinds of personal value stand in what was said and in the texts about it."""
    texts = _texts(conversation, _impersonal(conversation), _WORDS)
    found = frozenset(each.kind for several in find_each(texts).values() for each in several)
    return found | kinds(conversation.facts, texts)


def redacted(text: str) -> str:
    """The text with every personal value in it as its kind: for the audit, logs and errors."""
    return _replaced(text, find(text), _HIDDEN)


class _Leaving:
    """A conversation on its way out, with the facts that go with it and what of it may be text."""

    def __init__(
        self, conversation: Conversation, facts: Facts, shows: Mapping[str, Show], words: Mapping[str, Container[str]]
    ) -> None:
        self._conversation, self._facts, self._shows, self._words = conversation, facts, shows, words
        self.texts = _texts(conversation, facts, words)

    @property
    def notes(self) -> set[str]:
        """What somebody wrote about the customer: it does not leave, and what stands in it is looked up."""
        known = self._conversation.facts
        return {str(note) for name in _NOTES & known.keys() for note in known[name]}

    def handles(self, found: Mapping[str, Sequence[Found]], key: Key) -> Facts:
        """What it is found by: names, and the fingerprints of what stands in its facts, texts and notes, by field."""
        known = self._conversation.facts
        values = {name: dict.fromkeys(map(str, known[name])) for name in EXACT.keys() & known.keys()}
        for text in (self.texts | self.notes) & found.keys():
            for each in found[text]:
                if name := _FOUND_BY.get(each.kind):
                    values.setdefault(name, {})[each.value] = None
        facts: Facts = {name: known[name] for name in NAMES if name in known}
        for name, written in values.items():
            prints = [print_ for value in written for print_ in fingerprints(EXACT[name], value, (key,))]
            if prints:
                facts[name] = tuple(sorted(set(prints)))
        return facts

    def covered(self, found: Mapping[str, Sequence[Found]], form: Form, more: Facts | None = None) -> Conversation:
        """It with every text in this form, and ``more`` facts; ``found`` says what stands in which."""
        covered = self._changes(found, form, self.texts)
        facts, names = self._facts, self._conversation.names
        if covered:
            own = dict(self._clear(found, form))
            facts |= {name: _values(facts[name], covered) for name in facts.keys() & self._words.keys()} | own
            names = {kind: {key: covered.get(name, name) for key, name in of.items()} for kind, of in names.items()}
        messages = tuple([_message(each, covered, form) for each in self._conversation.messages])
        return Conversation(self._conversation.id, facts | (more or {}), messages, names)

    def _clear(self, found: Mapping[str, Sequence[Found]], form: Form) -> Iterator[tuple[str, tuple[Value, ...]]]:
        """The fields that are clear although values of their kind are not: in them that kind stays as it is."""
        for name in _PERSONAL.keys() & self._facts.keys():
            kind = _PERSONAL[name]
            if self._shows[name] is Show.CLEAR and form[kind] is not Show.CLEAR:
                texts = {str(value) for value in self._facts[name]}
                yield name, _values(self._facts[name], self._changes(found, {**form, kind: Show.CLEAR}, texts))

    def _changes(self, found: Mapping[str, Sequence[Found]], form: Form, texts: set[str]) -> dict[str, str]:
        """Of these texts those that hold something, and what they become."""
        known = cover(self._conversation.facts, self._shows, texts)
        changes = {}
        for text in texts if known else texts & found.keys():
            clean = _replaced(text, found[text], form) if text in found else text
            clean = known.over(clean)
            if clean != text:
                changes[text] = clean
        return changes


def _texts(conversation: Conversation, facts: Facts, words: Mapping[str, Container[str]]) -> set[str]:
    """Every string that leaves, except ids that somebody has to find again."""
    texts = {each.text for each in conversation.messages}
    texts.update([each.url for each in conversation.messages], [each.name for each in conversation.messages])
    texts.update(
        [
            value
            for name, values in facts.items()
            if name in words
            for value in values
            if isinstance(value, str) and value not in words[name]
        ]
    )
    texts.update([name for named in conversation.names.values() for name in named.values()])
    return texts


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
    customers = message.name and message.speaker is Speaker.CUSTOMER
    if not covered and not customers:
        return message
    name = shown(Personal.NAME, message.name, form[Personal.NAME]) if customers else covered.get(message.name)
    text, url = covered.get(message.text), covered.get(message.url)
    if text is None and url is None and name is None:
        return message
    return msgspec.structs.replace(
        message,
        text=message.text if text is None else text,
        url=message.url if url is None else url,
        name=message.name if name is None else name,
    )
