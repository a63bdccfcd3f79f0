"""Work in processes beside this one: Python does one thing at a time in a process."""

import ctypes
import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from subprocess import DEVNULL, Popen
from threading import local
from typing import Any, TypeVar

PROCESSES = min(4, os.cpu_count() or 1)
"""As many as there are cores: what is not done in them takes less than one."""
SEVERAL = 1_000
"""Conversations in a row from which starting processes is worth their half second."""
AHEAD = 2 * PROCESSES + 1
"""Batches that are under way while others are waited for."""
_CODE = "import sys; from meiqia_search.indexing.helping import serve; serve(int(sys.argv[1]))"

T = TypeVar("T")
R = TypeVar("R")


class Helpers:
    """Do work on batches: here while there is little, else in processes.

    Those end with :meth:`close`, and also when we are killed; one that is killed itself is made up for here.
    """

    def __init__(self) -> None:
        self._seen = 0
        self._pool: _Pool | None = None

    def expect(self, size: int) -> None:
        """So many are to come: processes may be started at once, and this one spared what the work needs."""
        self._seen += size

    def do(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        """What becomes of the batch. ``work`` is a function of a module, or a partial of one, and raises nothing."""
        self._seen += len(batch)
        if self._pool is None and self._seen > SEVERAL:
            self._pool = _Pool()
        if self._pool:
            return self._pool.do(work, batch)
        done: Future[R] = Future()
        done.set_result(work(batch))
        return done

    def each(self, work: Callable[[Sequence[T]], R], batches: Iterable[Sequence[T]]) -> Iterator[R]:
        """What becomes of each batch, in order; others are under way meanwhile."""
        waiting: deque[Future[R]] = deque()
        for batch in batches:
            waiting.append(self.do(work, batch))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def close(self) -> None:
        """Let the processes end; work can be done all the same."""
        if self._pool:
            self._pool.close()
        self._pool, self._seen = None, 0


class _Pool:
    """A thread for each process: it asks, waits and hands over."""

    def __init__(self) -> None:
        self._own = local()
        self._children: list[tuple[Connection, Popen[bytes]]] = []
        self._threads = ThreadPoolExecutor(PROCESSES, "help", self._begin)

    def do(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> Future[R]:
        return self._threads.submit(self._ask, work, batch)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        for connection, process in self._children:
            connection.close()
            process.wait()

    def _begin(self) -> None:
        """Start a process that knows nothing but the pipe: a fork would copy locks, multiprocessing our main module."""
        ours, theirs = Pipe()
        with theirs:  # so that each side sees when the other has ended
            command = [sys.executable, "-c", _CODE, str(theirs.fileno())]
            process = Popen(command, stdin=DEVNULL, pass_fds=[theirs.fileno()])  # noqa: S603 - ourselves
        self._children.append((ours, process))
        self._own.connection = ours

    def _ask(self, work: Callable[[Sequence[T]], R], batch: Sequence[T]) -> R:
        connection: Connection = self._own.connection
        try:
            connection.send((work, batch))
            answer: R = connection.recv()
        except (OSError, EOFError):  # it was killed
            return work(batch)
        return answer


def serve(pipe: int) -> None:
    """Do what comes through the pipe with this descriptor, until it is closed: what a helping process does.

    It keeps nothing, so it just stops then: to be taken down in order takes Python a third of a second.
    """
    prefer_throughput()
    with suppress(OSError, EOFError, KeyboardInterrupt), Connection(pipe) as connection:
        while True:
            asked: tuple[Callable[[Any], Any], Any] = connection.recv()
            work, batch = asked
            connection.send(work(batch))
    os._exit(0)


def prefer_throughput() -> None:
    """Look for garbage less often: conversations in bulk are many objects and no cycles (saves a third)."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def give_back_memory() -> None:
    """Let the system have what lies free between the pieces in use: after work in bulk a third of all, by glibc."""
    with suppress(AttributeError):  # another libc has no such thing
        ctypes.CDLL(None).malloc_trim(0)
