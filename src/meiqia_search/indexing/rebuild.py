"""A new index beside the old one: loaded, checked against the record, then switched."""

from collections.abc import Callable
from contextlib import ExitStack, suppress

from meiqia_search.acl.scope import Scope
from meiqia_search.engines.base import Generation, Index
from meiqia_search.errors import ArchiveError, EngineUnavailable
from meiqia_search.indexing.feed import Feed, put
from meiqia_search.indexing.verify import verify
from meiqia_search.records.conversations import Conversations

CATCH_UP = 20_000
"""Conversations loaded between two looks at what has come in meanwhile."""


def rebuild(index: Index, conversations: Conversations, scope: Scope, progress: Callable[[int, int], None]) -> int:
    """Build the index anew while the old one answers; how many conversations it holds.

    The caller holds the writer's lock. What comes in meanwhile goes into both.

    Raises:
        EngineUnavailable: the new index does not hold what the record holds; the old one stays in use.
    """
    generation = index.begin()
    try:
        _load(index, generation, conversations, progress)
        count = _require_equal(generation, conversations, scope)
        generation.switch()
    except BaseException:
        with suppress(ArchiveError):
            generation.drop()
        raise
    return count


def _require_equal(generation: Generation, conversations: Conversations, scope: Scope) -> int:
    difference = verify(generation.reader, conversations, scope)
    if difference.ids:
        raise EngineUnavailable(f"新索引与档案相差 {len(difference.ids)} 条，未启用；原索引继续使用。请重试。")
    return difference.checked


def _load(
    index: Index, generation: Generation, conversations: Conversations, progress: Callable[[int, int], None]
) -> None:
    with ExitStack() as stack:
        writers = [generation.writer]
        if index.usable():
            old = index.writer()
            stack.callback(old.close)
            writers.insert(0, old)
        feed, loaded, since = Feed(conversations, writers), 0, 0
        total = conversations.count()
        for chunk in conversations.walk():
            generation.writer.apply(put(stored) for stored in chunk)
            loaded, since = loaded + len(chunk), since + len(chunk)
            if since >= CATCH_UP:
                feed.drain()
                since = 0
            progress(loaded, max(total, loaded))
        feed.drain()
        generation.writer.commit()
