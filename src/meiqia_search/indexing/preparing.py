"""From conversations as they lie in the record to what a writer takes: most of the work of indexing."""

import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from meiqia_search.engines.base import Change, Delete, Encode, Put, Writer
from meiqia_search.errors import ArchiveError
from meiqia_search.indexing.helping import AHEAD, Helpers
from meiqia_search.privacy.fingerprint import Key
from meiqia_search.privacy.passage import all_for_index
from meiqia_search.records.conversations import Packed, Stored

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How conversations are prepared: for which engine, and under which key personal values are hashed.

    Can be sent to another process.
    """

    encode: Encode
    key: Key


class Prepared(NamedTuple):
    """What the writers have to be given, and why some cannot be."""

    puts: Sequence[Put]
    unfit: dict[str, str]


def prepared(packed: Sequence[Packed], recipe: Recipe) -> Prepared:
    """Conversations of the record for the writers; one that cannot be prepared does not hold up the others."""
    try:
        return Prepared(puts([each.stored() for each in packed], recipe), {})
    except Exception as trouble:
        if len(packed) > 1:
            parts = [prepared([each], recipe) for each in packed]
            return Prepared(
                [put for part in parts for put in part.puts],
                {each: reason for part in parts for each, reason in part.unfit.items()},
            )
        if isinstance(trouble, ArchiveError):
            return Prepared([], {packed[0].id: trouble.detail})
        log.exception("preparing")
        return Prepared([], {packed[0].id: f"程序处理不了这条会话（{type(trouble).__name__}），请联系开发者。"})


def puts(stored: Sequence[Stored], recipe: Recipe) -> list[Put]:
    """Conversations in certain versions for the writers."""
    conversations = all_for_index([each.conversation for each in stored], recipe.key)
    return [
        Put(own.id, each.version, each.partition, recipe.encode(own, each.version))
        for own, each in zip(conversations, stored, strict=True)
    ]


class Line:
    """Conversations on their way to the writers of one engine, in order."""

    def __init__(self, recipe: Recipe, writers: Sequence[Writer], helpers: Helpers) -> None:
        self._prepare = partial(prepared, recipe=recipe)
        self._writers = writers
        self._helpers = helpers
        self._waiting: deque[tuple[Future[Prepared], Sequence[str]]] = deque()
        self._unfit: dict[str, str] = {}

    def take(self, packed: Sequence[Packed], gone: Iterable[str] = ()) -> None:
        """Bring these to the writers, soon, after those that are gone were taken from them."""
        self._queue(self._helpers.do(self._prepare, packed), gone)

    def give(self, ready: Sequence[Put], gone: Iterable[str] = ()) -> None:
        """The same with what was prepared already."""
        done: Future[Prepared] = Future()
        done.set_result(Prepared(ready, {}))
        self._queue(done, gone)

    def settle(self) -> Mapping[str, str]:
        """Wait until everything taken was applied; which could not be prepared since the last time, and why."""
        self._apply(0)
        unfit, self._unfit = self._unfit, {}
        return unfit

    def _queue(self, ready: Future[Prepared], gone: Iterable[str]) -> None:
        self._waiting.append((ready, tuple(gone)))
        self._apply(AHEAD)

    def _apply(self, ahead: int) -> None:
        while self._waiting and (len(self._waiting) > ahead or self._waiting[0][0].done()):
            ready, gone = self._waiting.popleft()
            puts, unfit = ready.result()
            self._unfit |= unfit
            changes: list[Change] = [*map(Delete, gone), *map(Delete, unfit), *puts]
            for writer in self._writers:
                writer.apply(changes)
