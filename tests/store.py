"""An archive with everything that belongs to it, at a place of its own."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from meiqia_search.acl.principal import Principal
from meiqia_search.archive import Caller
from meiqia_search.archive.looking import LookUps
from meiqia_search.archive.revealing import Reveals
from meiqia_search.audit.events import Visit
from meiqia_search.conversation import Conversation
from meiqia_search.engines.opensearch.index import OpenSearchIndex
from meiqia_search.indexing.feed import Feed
from meiqia_search.indexing.intake import take_in
from meiqia_search.indexing.verify import Difference, verify
from meiqia_search.indexing.worker import Worker
from meiqia_search.records.attempts import AttemptRecord
from meiqia_search.records.reveals import RevealRecord
from meiqia_search.settings import Settings
from meiqia_search.wiring import open_services
from tests.corpus import EVERYONE
from tests.people import scope_of

MAINTENANCE = scope_of(EVERYONE)


class Store:
    """Record, index and archive, as the program has them."""

    def __init__(self, place: Settings) -> None:
        self.services = open_services(place)
        self.folder = place.data_dir
        self.databases = self.services.databases
        self.conversations = self.services.conversations
        self.imports = self.services.imports
        self.inbox = self.services.inbox
        self.audit = self.services.audit
        self.index = self.services.index
        self.archive = self.services.archive
        self.reveals = Reveals(RevealRecord(self.databases.record), self.audit)
        self.look_ups = LookUps(self.services.keys, AttemptRecord(self.databases.record), self.audit, most=30)

    @contextmanager
    def feeding(self) -> Iterator[Feed]:
        """A feed into the index, as the one process that may write it."""
        with self.services.indexing(MAINTENANCE) as feed:
            assert feed
            yield feed

    def put(self, batch: Sequence[Conversation]) -> None:
        """Keep conversations and make them findable."""
        take_in(self.conversations, batch)
        with self.feeding():
            pass

    def rebuild(self) -> int:
        """Build the index anew."""
        return self.services.rebuild(MAINTENANCE)

    def difference(self) -> Difference:
        """Between record and index."""
        return verify(self.index.reader, self.conversations, MAINTENANCE)

    def worker(self) -> Worker:
        """What keeps the index up to date."""
        return self.services.worker(MAINTENANCE)

    def close(self) -> None:
        """Give everything free."""
        self.services.close()


def generations(store: Store) -> list[str]:
    """What generations of the index there are, finished or not, oldest first."""
    if isinstance(store.index, OpenSearchIndex):
        return store.index.indices.generations()
    return sorted(path.name for path in (store.folder / "index").glob("g*"))


def lose_index(store: Store) -> None:
    """Let an accident happen to the index."""
    if isinstance(store.index, OpenSearchIndex):
        for each in generations(store):
            store.index.indices.delete(each)
    else:
        shutil.rmtree(store.folder / "index")


@contextmanager
def opened(place: Settings) -> Iterator[Store]:
    """The store at a place, closed at the end."""
    store = Store(place)
    try:
        yield store
    finally:
        store.close()


def caller(principal: Principal = EVERYONE) -> Caller:
    """A person who asks through a page."""
    return Caller(principal, Visit("web", "127.0.0.1", "t1"))
