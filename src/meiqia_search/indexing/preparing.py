"""From conversations as they lie in the record to what a writer takes, in processes beside this one.

This is most of the work of indexing, and Python does one thing at a time in a process.
"""

import gc
import logging
import os
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import local
from typing import NamedTuple

from meiqia_search.engines.base import Change, Delete, Encode, Put, Writer
from meiqia_search.errors import ArchiveError
from meiqia_search.privacy.passage import all_for_index
from meiqia_search.records.conversations import Packed

PROCESSES = min(4, os.cpu_count() or 1)
"""As many as there are cores: reading and writing take less than one of them."""
SEVERAL = 1_000
"""Conversations in a row from which starting processes is worth their half second."""
AHEAD = 2 * PROCESSES + 1
"""Batches that are prepared while others are applied."""
log = logging.getLogger(__name__)
_SPAWN = get_context("spawn")  # a fork would copy locks that the engine's threads hold


class Prepared(NamedTuple):
    """What the writers have to be given, and why some cannot be."""

    puts: list[Put]
    unfit: dict[str, str]


def prepared(packed: Sequence[Packed], encode: Encode) -> Prepared:
    """Conversations of the record for the writers; one that cannot be prepared does not hold up the others."""
    try:
        return Prepared(_puts(packed, encode), {})
    except Exception as trouble:
        if len(packed) > 1:
            parts = [prepared([each], encode) for each in packed]
            return Prepared(
                [put for part in parts for put in part.puts],
                {each: reason for part in parts for each, reason in part.unfit.items()},
            )
        if isinstance(trouble, ArchiveError):
            return Prepared([], {packed[0].id: trouble.detail})
        log.exception("preparing")
        return Prepared([], {packed[0].id: f"程序处理不了这条会话（{type(trouble).__name__}），请联系开发者。"})


def _puts(packed: Sequence[Packed], encode: Encode) -> list[Put]:
    stored = [each.stored() for each in packed]
    conversations = all_for_index([each.conversation for each in stored])
    return [
        Put(own.id, each.version, each.partition, encode(own, each.version))
        for own, each in zip(conversations, stored, strict=True)
    ]


class Line:
    """Conversations on their way to the writers of one engine, in order.

    When there are several, processes beside this one prepare them; those end with :meth:`close`, and also when we are
    killed.
    """

    def __init__(self, encode: Encode, writers: Sequence[Writer]) -> None:
        self._encode = encode
        self._writers = writers
        self._waiting: deque[tuple[Future[Prepared], Sequence[str]]] = deque()
        self._unfit: dict[str, str] = {}
        self._taken = 0
        self._helpers: _Helpers | None = None

    def take(self, packed: Sequence[Packed], gone: Iterable[str] = ()) -> None:
        """Bring these to the writers, soon, after those that are gone were taken from them."""
        self._taken += len(packed)
        if self._helpers is None and self._taken > SEVERAL:
            self._helpers = _Helpers(self._encode)
        prepare = self._helpers.prepare if self._helpers else self._prepare
        self._waiting.append((prepare(packed), tuple(gone)))
        self._apply(AHEAD)

    def settle(self) -> Mapping[str, str]:
        """Wait until everything taken was applied; which could not be prepared since the last time, and why."""
        self._apply(0)
        unfit, self._unfit = self._unfit, {}
        return unfit

    def close(self) -> None:
        """Let the helping processes end; the next conversations can be taken all the same."""
        if self._helpers:
            self._helpers.close()
        self._helpers, self._taken = None, 0

    def _prepare(self, packed: Sequence[Packed]) -> Future[Prepared]:
        ready: Future[Prepared] = Future()
        ready.set_result(prepared(packed, self._encode))
        return ready

    def _apply(self, ahead: int) -> None:
        while self._waiting and (len(self._waiting) > ahead or self._waiting[0][0].done()):
            ready, gone = self._waiting.popleft()
            puts, unfit = ready.result()
            self._unfit |= unfit
            changes: list[Change] = [*map(Delete, gone), *map(Delete, unfit), *puts]
            for writer in self._writers:
                writer.apply(changes)


class _Helpers:
    """A thread for each process: it asks, waits and hands over."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._own = local()
        self._children: list[tuple[Connection, SpawnProcess]] = []
        self._threads = ThreadPoolExecutor(PROCESSES, "prepare", self._begin)

    def prepare(self, packed: Sequence[Packed]) -> Future[Prepared]:
        return self._threads.submit(self._ask, packed)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        for connection, process in self._children:
            connection.close()
            process.join()

    def _begin(self) -> None:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(theirs, self._encode), daemon=True)
        process.start()
        theirs.close()  # so that each side sees when the other has ended
        self._children.append((ours, process))
        self._own.connection = ours

    def _ask(self, packed: Sequence[Packed]) -> Prepared:
        connection: Connection = self._own.connection
        try:
            connection.send(packed)
            answer: Prepared = connection.recv()
        except (OSError, EOFError):  # it was killed
            return prepared(packed, self._encode)
        return answer


def _serve(connection: Connection, encode: Encode) -> None:
    prefer_throughput()
    with suppress(OSError, EOFError, KeyboardInterrupt), connection:
        while True:
            connection.send(prepared(connection.recv(), encode))


def prefer_throughput() -> None:
    """Look for garbage less often: conversations in bulk are many objects and no cycles (saves a third)."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
