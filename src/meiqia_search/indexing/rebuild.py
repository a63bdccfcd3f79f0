"""A new index beside the old one: loaded, checked against the record, then switched."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress

from meiqia_search.acl.scope import Scope
from meiqia_search.engines.base import NO_WAY_BACK, Generation, Index, Writer
from meiqia_search.errors import ArchiveError, EngineUnavailable, IndexMissing
from meiqia_search.indexing.feed import BATCH, Feed
from meiqia_search.indexing.helping import Helpers
from meiqia_search.indexing.preparing import Line, Recipe
from meiqia_search.indexing.verify import Difference, verify
from meiqia_search.privacy.fingerprint import Key
from meiqia_search.records.conversations import Conversations

CATCH_UP = 20_000
"""Conversations loaded between two looks at what has come in meanwhile."""


def rebuild(
    index: Index, conversations: Conversations, key: Key, scope: Scope, progress: Callable[[int, int], None]
) -> int:
    """Build the index anew while the old one answers; how many conversations it holds.

    Personal values are hashed under ``key``. The caller holds the writer's lock. What comes in meanwhile goes into
    both.

    Raises:
        EngineUnavailable: the new index does not hold what the record holds; the old one stays in use.
    """
    generation = index.begin()
    try:
        conversations.done([], _load(index, generation, conversations, key, progress))
        found = _require_equal(generation, conversations, scope)
        generation.switch()
    except BaseException:
        with suppress(ArchiveError):
            generation.drop()
        raise
    conversations.refuse(found.refused)
    return found.checked - len(found.refused)


def roll_back(index: Index, conversations: Conversations, keys: Sequence[Key], scope: Scope) -> int:
    """Put the generation before in use again, with what has changed since; how many conversations it holds.

    ``keys`` are those with which is looked up, the newest last. The caller holds the writer's lock.

    Raises:
        IndexMissing: there is none that this program can read, or its fingerprints are of a key that is gone.
        EngineUnavailable: it could not be brought up to date; the one in use stays in use.
    """
    generation = index.before()
    try:
        _require_known(generation, keys)
        late = verify(generation.reader, conversations, scope)
        refused = _bring(
            late.ids + tuple(late.refused), conversations, Recipe(index.encode, keys[-1]), generation.writer
        )
        conversations.done([], refused)
        found = _require_equal(generation, conversations, scope)
        generation.switch()
    except BaseException:
        with suppress(ArchiveError):
            generation.writer.close()
        raise
    conversations.refuse(found.refused)
    return found.checked - len(found.refused)


def _bring(ids: Sequence[str], conversations: Conversations, recipe: Recipe, writer: Writer) -> Mapping[str, str]:
    """Let the writer know of these what the record knows; what it does not take, and why."""
    refused: dict[str, str] = {}
    with closing(Helpers()) as helpers:
        line = Line(recipe, [writer], helpers)
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            line.take(list(conversations.packed(some).values()), some)
        refused |= line.settle()
    return {**refused, **writer.commit()}


def _require_known(generation: Generation, keys: Sequence[Key]) -> None:
    if not generation.reader.hashed_with() <= {key.id for key in keys}:
        raise IndexMissing(NO_WAY_BACK)


def _require_equal(generation: Generation, conversations: Conversations, scope: Scope) -> Difference:
    difference = verify(generation.reader, conversations, scope)
    if difference.ids:
        raise EngineUnavailable(f"新索引与档案相差 {len(difference.ids)} 条，未启用；原索引继续使用。请重试。")
    return difference


def _load(
    index: Index,
    generation: Generation,
    conversations: Conversations,
    key: Key,
    progress: Callable[[int, int], None],
) -> Mapping[str, str]:
    """Fill the generation; what it does not take, and why."""
    with ExitStack() as stack:
        writers = [generation.writer]
        if index.usable():
            old = index.writer()
            stack.callback(old.close)
            writers.insert(0, old)
        recipe = Recipe(index.encode, key)
        feed = stack.enter_context(closing(Feed(conversations, recipe, writers)))
        line = Line(recipe, [generation.writer], feed.helpers)
        loaded, since, total = 0, 0, conversations.count()
        refused: dict[str, str] = {}
        for chunk in conversations.walk(BATCH):
            line.take(chunk)
            loaded, since = loaded + len(chunk), since + len(chunk)
            if since >= CATCH_UP:
                refused |= line.settle()
                feed.drain()
                since = 0
            progress(loaded, max(total, loaded))
        refused |= line.settle()
        feed.drain()
        return {**refused, **generation.writer.commit()}
