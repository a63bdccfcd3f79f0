"""Conversations, and the index that knows them."""

from collections.abc import Sequence

from meiqia_search.acl.principal import Principal
from meiqia_search.acl.scope import Scope, Scoped
from meiqia_search.conversation import Conversation
from meiqia_search.engines.base import Change, Delete, Hit, Hits, Index, Put
from meiqia_search.query.meaning import Subject
from meiqia_search.query.request import After, Relevance, Search
from meiqia_search.records.conversations import partition_of
from tests import oracle
from tests.corpus import EVERYONE
from tests.people import scope_of

PATIENCE = 60.0


class World:
    """What an index holds, and the same as subjects for the oracle."""

    def __init__(self, index: Index, conversations: Sequence[Conversation]) -> None:
        self.index, self.reader = index, index.reader
        self.subjects = [Subject(conversation) for conversation in conversations]

    def become(self, conversations: Sequence[Conversation]) -> "World":
        """The same index with exactly these conversations instead."""
        gone: list[Change] = [Delete(hit.id) for hit in self.reader.scan(Scoped(Search(), scope_of(EVERYONE)))]
        change(self.index, [*gone, *puts(self.index, conversations)])
        return World(self.index, conversations)

    def page(self, search: Search, scope: Scope) -> Hits:
        """What the engine answers."""
        return self.reader.search(Scoped(search, scope), PATIENCE)

    def ids(self, search: Search, principal: Principal = EVERYONE) -> list[str]:
        """The ids of one page."""
        return ids(self.page(search, scope_of(principal)))

    def pages(self, search: Search, scope: Scope) -> list[Hits]:
        """All pages of a search, forward."""
        pages = [self.page(search, scope)]
        while pages[-1].next is not None:
            pages.append(self.page(search.turned(pages[-1].next), scope))
        return pages

    def pages_back(self, search: Search, scope: Scope, after: After | None) -> list[Hits]:
        """All pages before a place, the nearest last."""
        pages: list[Hits] = []
        while after is not None:
            pages.insert(0, self.page(search.turned(after), scope))
            after = pages[0].previous
        return pages

    def expected(self, search: Search, scope: Scope) -> list[str]:
        """The oracle's answer."""
        return oracle.found(Scoped(search, scope), self.subjects)

    def check(self, search: Search, scope: Scope) -> None:
        """All pages, forward and backward, against the oracle."""
        expected = self.expected(search, scope)
        pages = self.pages(search, scope)
        assert {page.total for page in pages} == {len(expected)}
        found = [each for page in pages for each in ids(page)]
        if isinstance(search.sort, Relevance):
            assert len(found) == len(set(found)) == min(len(expected), 200)
            assert set(found) <= set(expected)
            return
        assert found == expected
        assert pages[0].previous is None
        back = self.pages_back(search, scope, pages[-1].previous)
        assert {page.total for page in back} <= {len(expected)}
        assert [each for page in back for each in ids(page)] == found[: len(found) - len(pages[-1].hits)]


def ids(page: Hits) -> list[str]:
    """The ids of a page."""
    return [hit.id for hit in page.hits]


def puts(index: Index, conversations: Sequence[Conversation], version: int = 1) -> list[Put]:
    """Changes that bring these conversations in."""
    return [put(index, each, version, partition_of(each)) for each in conversations]


def put(index: Index, conversation: Conversation, version: int, partition: str) -> Put:
    """A change that brings a conversation in."""
    return Put(conversation.id, version, partition, index.encode(conversation, version))


def change(index: Index, changes: Sequence[Change]) -> None:
    """Apply and commit."""
    writer = index.writer()
    writer.apply(changes)
    writer.commit()
    writer.close()


def load(index: Index, conversations: Sequence[Conversation]) -> World:
    """Fill a new generation of an index and put it in use."""
    generation = index.begin()
    generation.writer.apply(puts(index, conversations))
    generation.writer.commit()
    generation.switch()
    return World(index, conversations)


def scanned(world: World, search: Search, scope: Scope) -> list[Hit]:
    """Everything a scan yields."""
    return list(world.reader.scan(Scoped(search, scope)))
