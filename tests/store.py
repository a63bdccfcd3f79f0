"""An archive with everything that belongs to it, in a folder of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import Principal
from meiqia_search.archive import Archive, Caller
from meiqia_search.audit.events import Visit
from meiqia_search.conversation import Conversation
from meiqia_search.engines.tantivy.index import TantivyIndex
from meiqia_search.indexing.feed import Feed
from meiqia_search.indexing.intake import take_in
from meiqia_search.indexing.lock import writer_lock
from meiqia_search.indexing.rebuild import rebuild
from meiqia_search.indexing.verify import Difference, verify
from meiqia_search.indexing.worker import Worker
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.conversations import Conversations
from meiqia_search.records.database import open_sqlite
from meiqia_search.records.directory import Directory
from meiqia_search.records.imports import Imports
from meiqia_search.records.inbox import Inbox
from tests.corpus import EVERYONE
from tests.people import POLICY, scope_of

MAINTENANCE = scope_of(EVERYONE)


class Store:
    """Record, index and archive; as ``wiring`` puts them together."""

    def __init__(self, folder: Path, policy: Policy = POLICY) -> None:
        self.folder = folder
        self.databases = open_sqlite(folder)
        self.conversations = Conversations(self.databases.record)
        self.imports = Imports(self.databases.record)
        self.inbox = Inbox(self.databases.inbox)
        self.audit = AuditLog(self.databases.audit)
        self.index = TantivyIndex(folder / "index", memory_mb=32, threads=2)
        names = Directory(self.databases.record)
        self.archive = Archive(self.index.reader, self.conversations, names, self.audit, lambda: policy, "a secret")

    @contextmanager
    def feeding(self) -> Iterator[Feed]:
        """A feed into the index, as the one process that may write it."""
        with writer_lock(self.folder) as mine:
            assert mine
            if not self.index.usable():
                self.rebuild()
            writer = self.index.writer()
            try:
                yield Feed(self.conversations, self.index.encode, [writer])
            finally:
                writer.close()

    def put(self, batch: Sequence[Conversation]) -> None:
        """Keep conversations and make them findable."""
        take_in(self.conversations, batch)
        with self.feeding() as feed:
            feed.drain()

    def rebuild(self) -> int:
        """Build the index anew."""
        return rebuild(self.index, self.conversations, MAINTENANCE, lambda *_: None)

    def difference(self) -> Difference:
        """Between record and index."""
        return verify(self.index.reader, self.conversations, MAINTENANCE)

    def worker(self) -> Worker:
        """What keeps the index up to date."""
        return Worker(self.folder, self.index, self.conversations, self.inbox, self.rebuild)

    def close(self) -> None:
        """Give everything free."""
        self.index.close()
        self.databases.close()


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The store in a folder, closed at the end."""
    store = Store(folder)
    try:
        yield store
    finally:
        store.close()


def caller(principal: Principal = EVERYONE) -> Caller:
    """A person who asks through a page."""
    return Caller(principal, Visit("web", "127.0.0.1", "t1"))
