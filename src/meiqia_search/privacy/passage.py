"""The two ways out of the record: into the index, and to a person. Every conversation takes one of them."""

from collections.abc import Mapping

import msgspec

from meiqia_search import fields
from meiqia_search.conversation import Conversation
from meiqia_search.fields import Value
from meiqia_search.privacy.mask import Show, shown


def for_index(conversation: Conversation) -> Conversation:
    """What filters and engines may know of a conversation: no personal field at all."""
    facts = {name: values for name, values in conversation.facts.items() if fields.get(name).personal is None}
    return msgspec.structs.replace(conversation, facts=facts)


def for_person(conversation: Conversation, shows: Mapping[str, Show]) -> Conversation:
    """What a person may see of a conversation; a field that is not in ``shows`` does not leave."""
    facts = {
        name: tuple(_shown(name, value, shows[name]) for value in values)
        for name, values in conversation.facts.items()
        if name in shows
    }
    return msgspec.structs.replace(conversation, facts=facts)


def _shown(name: str, value: Value, show: Show) -> Value:
    kind = fields.get(name).personal
    return value if kind is None else shown(kind, str(value), show)
