"""Writing the indices of a generation."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import Event
from typing import NamedTuple

from opensearchpy import OpenSearch

from meiqia_search.engines.base import Change, Delete, Put
from meiqia_search.engines.opensearch.bulk import Bulk, Operation, Unwritten, operation
from meiqia_search.engines.opensearch.errors import translated
from meiqia_search.engines.opensearch.indices import Months
from meiqia_search.errors import EngineUnavailable, IndexMissing

FULL = 4_000_000
"""Bytes that are sent at once."""
BATCH = 500
REFUSALS = 100
"""More than so many between two commits are not the fault of single conversations."""
TURN_BITS = 32


class _Place(NamedTuple):
    """Where a document is."""

    partition: str
    id: str


class OpenSearchWriter:
    """The one writer of a generation. It sends while the next writes are gathered.

    What it writes carries versions that begin with ``turn``, a number that each writer gets once, counted up: so what
    a dead or slow writer before had sent cannot come in late, and a writer that was replaced is told so.
    """

    def __init__(self, client: OpenSearch, months: Months, turn: int) -> None:
        self._closed = Event()
        self._bulk = Bulk(client, self._closed)
        self._months = months
        self._version = turn << TURN_BITS
        self._waiting: dict[_Place, Operation] = {}
        self._size = 0
        self._unseen: dict[str, set[str]] = {}
        self._refused: dict[str, str] = {}
        self._thread = ThreadPoolExecutor(1, "bulk")
        self._under_way: Future[Unwritten] | None = None
        with translated():
            months.refresh()  # what a writer before sent and did not commit can be found, so that it can be deleted

    def apply(self, changes: Iterable[Change]) -> None:
        """Replace or remove each conversation; the last change of a conversation wins."""
        for batch in _batches(changes):
            seen = self._seen([change.id for change in batch if isinstance(change, Delete)])
            for change in batch:
                match change:
                    case Put():
                        self._unseen.setdefault(change.id, set()).add(change.partition)
                        self._queue(_Place(change.partition, change.id), change.document)
                    case Delete(gone):
                        self._delete(gone, seen.get(gone, ()))
                if self._size >= FULL:
                    self._send()

    def commit(self) -> Mapping[str, str]:
        """Make everything applied durable and visible; gives what the servers did not take, and why."""
        while self._waiting or self._under_way:
            self._send()
        with translated():
            self._months.refresh()
        self._unseen.clear()
        refused, self._refused = self._refused, {}
        return refused

    def close(self) -> None:
        """Let go; what was not sent yet is dropped, what was sent and not committed is seen with the next commit."""
        self._closed.set()
        self._thread.shutdown()
        self._waiting.clear()
        self._size = 0

    def _seen(self, ids: list[str]) -> dict[str, list[str]]:
        if not ids:
            return {}
        with translated():
            return self._months.holding(ids)

    def _delete(self, conversation_id: str, seen_in: Iterable[str]) -> None:
        for partition in {*seen_in, *self._unseen.pop(conversation_id, ())}:
            self._queue(_Place(partition, conversation_id))

    def _queue(self, place: _Place, document: bytes = b"") -> None:
        self._version += 1
        with translated():
            alias = self._months.ensure(place.partition)
        replaced = self._waiting.pop(place, None)
        self._waiting[place] = operation(place.id, place.partition, alias, self._version, document)
        self._size += len(self._waiting[place].lines) - (len(replaced.lines) if replaced else 0)

    def _send(self) -> None:
        """Wait for what is under way and send what was gathered; one request at a time keeps the order."""
        if self._under_way:
            self._look_after(self._under_way.result())
            self._under_way = None
        if self._waiting:
            self._under_way = self._thread.submit(self._bulk.send, list(self._waiting.values()))
        self._waiting = {}
        self._size = 0

    def _look_after(self, unwritten: Unwritten) -> None:
        """Write again what had no index; of what is refused, take out what may be there of before."""
        if unwritten.without_index:
            with translated():
                self._months.make_again({each.partition for each in unwritten.without_index})
            again = self._bulk.send(unwritten.without_index)
            if again.without_index:
                raise IndexMissing
            unwritten.refused += again.refused
        for each, reason in unwritten.refused:
            self._refused[each.id] = f"搜索引擎不收这条会话（{reason}）。"
            self._waiting.setdefault(_Place(each.partition, each.id), self._removal(each))
        if len(self._refused) > REFUSALS:
            raise EngineUnavailable(
                "搜索引擎拒收了许多会话，索引的结构大概被改动过；请管理员运行 meiqia-search rebuild。"
            )

    def _removal(self, refused: Operation) -> Operation:
        self._version += 1
        return operation(refused.id, refused.partition, self._months.ensure(refused.partition), self._version)


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    rest = iter(changes)
    while batch := list(islice(rest, BATCH)):
        yield batch
