"""What every engine is: a Reader that answers scoped requests, and a Writer that takes changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart
from meiqia_search.aggregations.table import Table
from meiqia_search.checkup import Finding
from meiqia_search.conversation import Conversation
from meiqia_search.query.request import After, Search

NO_WAY_BACK = "没有可以回到的上一代索引；请运行 meiqia-search rebuild 重建。"


class Hit(NamedTuple):
    """A conversation that was found, in the version the index knows."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Hits:
    """One page: the hits in order, the exact number of all, and where the pages beside it begin."""

    hits: tuple[Hit, ...]
    total: int
    next: After | None
    previous: After | None


Encode = Callable[[Conversation, int], bytes]
"""A conversation, as ``privacy.for_index`` lets it, and its version → the document that an engine's writer takes.

A function of a module, so that another process can run it.
"""


class Put(NamedTuple):
    """The index shall know this conversation in this version.

    ``partition`` is where it is kept, the same each time: a month such as ``2026-11``, or ``undated``. ``document`` was
    made by the ``encode`` of the index. ``new`` says that the record has had it since just now, and that no writer was
    given it yet.
    """

    id: str
    version: int
    partition: str
    document: bytes
    new: bool = False


class Delete(NamedTuple):
    """The index shall not know this conversation."""

    id: str


Change = Put | Delete


class Reader(Protocol):
    """Answers requests; every call may raise EngineUnavailable, IndexMissing, SearchTimeout or Busy."""

    def search(self, scoped: Scoped[Search], timeout: float) -> Hits:
        """One page and the exact total, within ``timeout`` seconds."""
        ...

    def scan(self, scoped: Scoped[Search]) -> Iterator[Hit]:
        """Every hit, in the search's field order."""
        ...

    def chart(self, scoped: Scoped[Chart], timeout: float) -> Table:
        """The counts, within ``timeout`` seconds."""
        ...

    def hashed_with(self) -> frozenset[str]:
        """The names of the keys with which fingerprints in the index were made: nothing of any conversation."""
        ...


class Writer(Protocol):
    """Takes changes; applying one again changes nothing. May raise EngineUnavailable or StorageFull."""

    def apply(self, changes: Iterable[Change]) -> None:
        """Take the changes; visible to readers after :meth:`commit`."""
        ...

    def commit(self) -> Mapping[str, str]:
        """Make everything applied so far durable and visible; which conversations the engine did not take, and why."""
        ...

    def close(self) -> None:
        """Give the index free; what was not committed is dropped."""
        ...


class Generation(Protocol):
    """An index in the making, beside the one in use."""

    @property
    def writer(self) -> Writer:
        """Fills it."""
        ...

    @property
    def reader(self) -> Reader:
        """Looks into it before it is used."""
        ...

    def switch(self) -> None:
        """Put it in use, atomically; the writer and the reader are closed."""
        ...

    def drop(self) -> None:
        """Give it up."""
        ...


class Index(Protocol):
    """Where an engine keeps what it knows."""

    @property
    def encode(self) -> Encode:
        """Makes the documents that its writers take."""
        ...

    @property
    def reader(self) -> Reader:
        """Answers from the generation in use."""
        ...

    def usable(self) -> bool:
        """Whether there is a generation in use that this program can read."""
        ...

    def writer(self) -> Writer:
        """The writer of the generation in use. There may be one at a time."""
        ...

    def begin(self) -> Generation:
        """A new generation, empty."""
        ...

    def before(self) -> Generation:
        """The generation that was in use before; what has changed since is not in it.

        Raises:
            IndexMissing: there is none that this program can read.
        """
        ...

    def examine(self) -> Iterator[Finding]:
        """How it is, without changing anything; an error is a finding."""
        ...

    def rehearse(self) -> Iterator[Finding]:
        """Whether the program may do all that it does with it, tried out."""
        ...

    def close(self) -> None:
        """Give everything free."""
        ...
