"""Writing the tantivy index."""

import errno
from collections.abc import Iterable, Mapping
from pathlib import Path
from shutil import disk_usage

import tantivy

from meiqia_search.engines.base import Change, Delete, Put
from meiqia_search.engines.entry import ID
from meiqia_search.errors import EngineUnavailable, StorageFull

THREADS = 2
ROOM = 16_000_000
"""With less space a writer can die of the full disk."""


class TantivyWriter:
    """The one writer of a generation. After an error it is dead (tantivy's is): close it and make a new one."""

    def __init__(self, generation: Path, memory_mb: int) -> None:
        self._folder = generation
        try:
            index = tantivy.Index.open(str(generation))
            self._all_ours = index.searcher().num_docs == 0
            self._writer = index.writer(memory_mb * 1_000_000, THREADS)
        except (ValueError, OSError) as broken:
            raise self._translated(broken) from broken

    def apply(self, changes: Iterable[Change]) -> None:
        """Replace or remove each conversation; the last change of a conversation wins.

        Where nothing is in the index but what this writer was given, what is new replaces nothing: looking for it in
        every segment takes a seventh of the memory of an import of 300,000, and some of its time.
        """
        try:
            for change in changes:
                match change:
                    case Put():
                        if not (change.new and self._all_ours):
                            self._writer.delete_documents_by_term(ID, change.id)
                        self._writer.add_json(change.document.decode())
                    case Delete(gone):
                        self._writer.delete_documents_by_term(ID, gone)
        except (ValueError, OSError) as broken:
            raise self._translated(broken) from broken

    def commit(self) -> Mapping[str, str]:
        """Make everything applied durable and visible; it takes whatever there is."""
        try:
            self._writer.commit()
        except (ValueError, OSError) as broken:
            raise self._translated(broken) from broken
        return {}

    def abandon(self) -> None:
        """Let go without waiting; what was not committed is dropped."""
        del self._writer

    def close(self) -> None:
        """Wait for merges and let go of the lock."""
        try:
            self._writer.wait_merging_threads()
        except (ValueError, OSError) as broken:
            raise self._translated(broken) from broken

    def _translated(self, broken: Exception) -> EngineUnavailable | StorageFull:
        """Of a full disk tantivy mostly says only that its writer died; so the disk is asked."""
        full = isinstance(broken, OSError) and broken.errno == errno.ENOSPC
        return StorageFull() if full or disk_usage(self._folder).free < ROOM else EngineUnavailable()
