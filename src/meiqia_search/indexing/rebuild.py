"""A new index beside the old one: loaded, checked against the record, then switched."""

from collections.abc import Callable
from contextlib import ExitStack, closing, suppress

from meiqia_search.acl.scope import Scope
from meiqia_search.engines.base import Generation, Index
from meiqia_search.errors import ArchiveError, EngineUnavailable
from meiqia_search.indexing.feed import BATCH, Feed
from meiqia_search.indexing.preparing import Line
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
        feed = stack.enter_context(closing(Feed(conversations, index.encode, writers)))
        line = stack.enter_context(closing(Line(index.encode, [generation.writer])))
        loaded, since, total = 0, 0, conversations.count()
        for chunk in conversations.walk(BATCH):
            line.take(chunk)
            loaded, since = loaded + len(chunk), since + len(chunk)
            if since >= CATCH_UP:
                line.settle()
                feed.drain()
                since = 0
            progress(loaded, max(total, loaded))
        line.settle()
        feed.drain()
        generation.writer.commit()
