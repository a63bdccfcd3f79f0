"""What the rules for alerts need to know of conversations that the log names."""

from collections.abc import Callable, Collection, Mapping

from msgspec.structs import replace

from meiqia_search.conversation import Conversation
from meiqia_search.query.filter import Filter
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.records.conversations import Conversations

KEPT = 50_000


class Knowing:
    """Asks the record, and keeps the facts of what was asked lately. ``agents`` are those that a person is."""

    def __init__(self, conversations: Conversations, agents: Callable[[str], Collection[str]]) -> None:
        self._conversations = conversations
        self._agents = agents
        self._facts: dict[str, Conversation | None] = {}

    def foreign(self, person: str, ids: Collection[str]) -> Mapping[str, str]:
        """The customers of those conversations in which this person took no part, by conversation."""
        own = frozenset(self._agents(person))
        return {
            each: (facts and facts.text("customer")) or each
            for each, facts in self._of(ids).items()
            if facts is None or own.isdisjoint(facts.values("agent"))
        }

    def matching(self, where: Filter, ids: Collection[str]) -> frozenset[str]:
        """Those that satisfy a filter that looks at nothing personal and at no message."""
        return frozenset(
            each for each, facts in self._of(ids).items() if facts is not None and matches(where, Subject(facts))
        )

    def _of(self, ids: Collection[str]) -> dict[str, Conversation | None]:
        if len(self._facts) > KEPT:
            self._facts.clear()
        missing = [each for each in ids if each not in self._facts]
        if missing:
            stored = self._conversations.get(missing)
            for each in missing:
                found = stored.get(each)
                self._facts[each] = replace(found.conversation, messages=()) if found else None
        return {each: self._facts[each] for each in ids}
