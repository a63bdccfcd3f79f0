"""Writing the tantivy index."""

import errno
from collections.abc import Iterable
from pathlib import Path

import tantivy

from meiqia_search.engines.base import Change, Delete, Put
from meiqia_search.engines.tantivy.schema import ID, document
from meiqia_search.errors import EngineUnavailable, StorageFull

THREADS = 2


class TantivyWriter:
    """The one writer of a generation. After an error it is dead (tantivy's is): close it and make a new one."""

    def __init__(self, generation: Path, memory_mb: int) -> None:
        try:
            self._writer = tantivy.Index.open(str(generation)).writer(memory_mb * 1_000_000, THREADS)
        except (ValueError, OSError) as broken:
            raise _translated(broken) from broken

    def apply(self, changes: Iterable[Change]) -> None:
        """Replace or remove each conversation; the last change of a conversation wins."""
        try:
            for change in changes:
                match change:
                    case Put(conversation, version):
                        self._writer.delete_documents_by_term(ID, conversation.id)
                        self._writer.add_document(document(conversation, version))
                    case Delete(gone):
                        self._writer.delete_documents_by_term(ID, gone)
        except (ValueError, OSError) as broken:
            raise _translated(broken) from broken

    def commit(self) -> None:
        """Make everything applied durable and visible."""
        try:
            self._writer.commit()
        except (ValueError, OSError) as broken:
            raise _translated(broken) from broken

    def abandon(self) -> None:
        """Let go without waiting; what was not committed is dropped."""
        del self._writer

    def close(self) -> None:
        """Wait for merges and let go of the lock."""
        try:
            self._writer.wait_merging_threads()
        except (ValueError, OSError) as broken:
            raise _translated(broken) from broken


def _translated(broken: Exception) -> EngineUnavailable | StorageFull:
    full = isinstance(broken, OSError) and broken.errno == errno.ENOSPC
    return StorageFull() if full or "No space left" in str(broken) else EngineUnavailable()
