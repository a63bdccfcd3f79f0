"""The one process part that writes the index while the program serves: inbox → record → index, over and over."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from time import monotonic

from meiqia_search.engines.base import Index, Writer
from meiqia_search.errors import ArchiveError
from meiqia_search.indexing import intake
from meiqia_search.indexing.feed import Feed
from meiqia_search.indexing.preparing import Recipe
from meiqia_search.privacy.fingerprint import Key
from meiqia_search.records.conversations import Conversations
from meiqia_search.records.inbox import Inbox
from meiqia_search.records.locks import Locks

PAUSE_S = 0.1
COMMIT_S = 15.0
"""While changes keep coming they are made visible so often; a commit makes a segment that has to be merged."""
AFTER_ERROR_S = 5.0
"""Also between two looks whether another process has stopped writing."""
log = logging.getLogger(__name__)


class Worker:
    """Runs until told to stop. Where another process writes it waits to take over; it makes way when asked to.

    ``key`` says with which key personal values are hashed just then. ``beat`` is called again and again while it gets
    on; ``rebuild`` is expected to call it, too.
    """

    def __init__(  # noqa: PLR0913 - its neighbours
        self,
        locks: Locks,
        index: Index,
        conversations: Conversations,
        inbox: Inbox,
        key: Callable[[], Key],
        rebuild: Callable[[], object],
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._locks = locks
        self._index = index
        self._conversations = conversations
        self._inbox = inbox
        self._key = key
        self._rebuild = rebuild
        self._beat = beat
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until :meth:`stop`; an error is logged and tried again with a new writer."""
        while not self._stop.is_set():
            self._beat()
            try:
                with self._locks.writing.taken() as mine:
                    if mine:
                        self._work()
            except ArchiveError as trouble:
                log.warning("worker: %s", trouble.code)
            except Exception:  # a bug in one batch must not end indexing until the next restart
                log.exception("worker")
            self._stop.wait(AFTER_ERROR_S)

    def stop(self) -> None:
        """Finish the present batch and end."""
        self._stop.set()

    def _work(self) -> None:
        intake.drain(self._inbox, self._conversations)  # also while there is no index to be had
        if not self._index.usable():
            self._rebuild()
        writer = self._index.writer()
        try:
            self._serve(writer)
        finally:
            with suppress(ArchiveError):
                writer.close()

    def _serve(self, writer: Writer) -> None:
        committed = monotonic()
        recipe = Recipe(self._index.encode, self._key())
        with closing(Feed(self._conversations, recipe, [writer])) as feed:
            while not self._stop.is_set() and self._locks.asking.is_free():
                self._beat()
                intake.drain(self._inbox, self._conversations)
                if feed.step() == 0:
                    feed.drain()
                    self._stop.wait(PAUSE_S)
                elif monotonic() - committed > COMMIT_S:
                    feed.commit()
                    committed = monotonic()
            feed.commit()
