"""The two ways out of the record: into the index, and to a person. Every conversation takes one of them."""

from collections.abc import Mapping

import msgspec

from meiqia_search.conversation import Conversation
from meiqia_search.fields import FIELDS
from meiqia_search.privacy.mask import Show, shown

_PERSONAL = {name: field.personal for name, field in FIELDS.items() if field.personal is not None}


def for_index(conversation: Conversation) -> Conversation:
    """What filters and engines may know of a conversation: no personal field at all."""
    facts = {name: values for name, values in conversation.facts.items() if name not in _PERSONAL}
    return msgspec.structs.replace(conversation, facts=facts)


def for_person(conversation: Conversation, shows: Mapping[str, Show]) -> Conversation:
    """What a person may see of a conversation; a field that is not in ``shows`` does not leave."""
    facts = {name: values for name, values in conversation.facts.items() if name in shows}
    for name in _PERSONAL.keys() & facts.keys():
        kind, show = _PERSONAL[name], shows[name]
        facts[name] = tuple(shown(kind, str(value), show) for value in facts[name])
    return msgspec.structs.replace(conversation, facts=facts)
