"""Writing the indices of a generation."""

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec
from opensearchpy import OpenSearch

from meiqia_search.engines.base import Change, Delete, Put
from meiqia_search.engines.opensearch.bulk import Bulk, Operation
from meiqia_search.engines.opensearch.errors import translated
from meiqia_search.engines.opensearch.indices import Months, document_id

FULL = 8_000_000
"""Bytes that are sent at once."""
BATCH = 500
TURN_BITS = 32
_ENCODER = msgspec.json.Encoder()


class OpenSearchWriter:
    """The one writer of a generation.

    What it writes carries versions that begin with ``turn``, a number that each writer gets once, counted up: so what
    a dead or slow writer before had sent cannot come in late, and a writer that was replaced is told so.
    """

    def __init__(self, client: OpenSearch, months: Months, turn: int) -> None:
        self._bulk = Bulk(client)
        self._months = months
        self._version = turn << TURN_BITS
        self._waiting: dict[tuple[str, str], Operation] = {}
        self._size = 0
        self._unseen: dict[str, str] = {}
        with translated():
            months.refresh()  # what a writer before sent and did not commit can be found, so that it can be deleted

    def apply(self, changes: Iterable[Change]) -> None:
        """Replace or remove each conversation; the last change of a conversation wins."""
        for batch in _batches(changes):
            seen = self._seen([change.id for change in batch if isinstance(change, Delete)])
            for change in batch:
                match change:
                    case Put():
                        self._put(change)
                    case Delete(gone):
                        self._delete(gone, seen.get(gone, ()))
                if self._size >= FULL:
                    self._send()

    def commit(self) -> None:
        """Make everything applied durable and visible."""
        self._send()
        with translated():
            self._months.refresh()
        self._unseen.clear()

    def close(self) -> None:
        """Let go; what was not sent yet is dropped, what was sent and not committed is seen with the next commit."""
        self._waiting.clear()
        self._size = 0

    def _seen(self, ids: list[str]) -> dict[str, list[str]]:
        if not ids:
            return {}
        with translated():
            return self._months.holding(ids)

    def _put(self, change: Put) -> None:
        with translated():
            index = self._months.ensure(change.partition)
        self._unseen[change.id] = index
        self._queue("index", index, change.id, change.document)

    def _delete(self, conversation_id: str, seen_in: Iterable[str]) -> None:
        unseen = self._unseen.pop(conversation_id, None)
        for index in {*seen_in, *([unseen] if unseen else [])}:
            self._queue("delete", index, conversation_id)

    def _queue(self, action: str, index: str, conversation_id: str, document: bytes = b"") -> None:
        self._version += 1
        called = document_id(conversation_id)
        about = {"_index": index, "_id": called, "version": self._version, "version_type": "external_gte"}
        operation = Operation(_ENCODER.encode({action: about}), document)
        replaced = self._waiting.pop((index, called), None)
        self._waiting[index, called] = operation
        self._size += operation.size - (replaced.size if replaced else 0)

    def _send(self) -> None:
        if self._waiting:
            self._bulk.send(list(self._waiting.values()))
        self._waiting.clear()
        self._size = 0


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    rest = iter(changes)
    while batch := list(islice(rest, BATCH)):
        yield batch
