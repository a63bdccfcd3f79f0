"""The meaning of every filter and every order, in plain Python: engines are compared with this, not with each other."""

from functools import cached_property
from hashlib import blake2b
from typing import assert_never

from meiqia_search import fields
from meiqia_search.conversation import Conversation, Speaker
from meiqia_search.fields import SORT_LIMIT, Value
from meiqia_search.query.filter import And, Filter, Has, Name, Not, Or, Range, Term, Text
from meiqia_search.query.request import Sort
from meiqia_search.text.normalise import fold_each
from meiqia_search.text.sounds import spellings

HASH_BITS = 30


class Subject:
    """A conversation as filters see it, with its folded texts kept between questions."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation

    @cached_property
    def said(self) -> list[tuple[Speaker, str]]:
        """Speaker and folded text of everything said."""
        said = list(self.conversation.said())
        return list(zip([speaker for speaker, _ in said], fold_each([text for _, text in said]), strict=True))

    def values(self, name: str) -> tuple[Value, ...]:
        """The values of a field."""
        return self.conversation.values(name)


def matches(where: Filter, subject: Subject) -> bool:
    """Whether the conversation satisfies the filter."""
    match where:
        case Term(name, values):
            return any(value in values for value in subject.values(name))
        case Range(name, at_least, below):
            return any(_within(value, at_least, below) for value in subject.values(name))
        case Has(name):
            return bool(subject.values(name))
        case Name(name):
            return any(where.needle in each for value in subject.values(name) for each in spellings(str(value)))
        case Text():
            return all(_occurs(needle, where.speaker, subject) for needle in where.needles)
        case And(parts):
            return all(matches(part, subject) for part in parts)
        case Or(parts):
            return any(matches(part, subject) for part in parts)
        case Not(part):
            return not matches(part, subject)
        case _:
            assert_never(where)


def _within(value: Value, at_least: int | None, below: int | None) -> bool:
    if isinstance(value, str):
        return False
    return (at_least is None or value >= at_least) and (below is None or value < below)


def _occurs(needle: str, speaker: Speaker | None, subject: Subject) -> bool:
    return any(needle in text for who, text in subject.said if speaker is None or who is speaker)


def id_hash(conversation_id: str) -> int:
    """The hash that orders conversations of equal value: 30 bits of BLAKE2b over the id."""
    digest = blake2b(conversation_id.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 2


def ranks(value: int | None) -> tuple[int, int]:
    """How a field sort orders a sort value, ascending: in an ascending and in a descending order.

    Without a value a conversation comes last in both.
    """
    return (SORT_LIMIT - 1, SORT_LIMIT - 1) if value is None else (value, SORT_LIMIT - 2 - value)


def sort_key(sort: Sort, conversation: Conversation) -> int:
    """The 64-bit key of a field sort, ascending: rank in the high 34 bits, hash of the id in the low 30."""
    rank = ranks(fields.get(sort.field).sort_value(conversation.first(sort.field)))[sort.descending]
    return rank << HASH_BITS | id_hash(conversation.id)
