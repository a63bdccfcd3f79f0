"""Answering scoped requests from the tantivy index."""

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import tantivy
from tantivy import FieldType, Query

from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart, Step
from meiqia_search.aggregations.table import Table
from meiqia_search.engines.base import Hit, Hits
from meiqia_search.engines.entry import HASHED_WITH, ID, VERSION, key_of, month_field
from meiqia_search.engines.spool import Found, spooled
from meiqia_search.engines.tantivy.compile import all_of, between, query, ranked, scoped_query
from meiqia_search.engines.tantivy.damage import intact
from meiqia_search.errors import Busy, EngineUnavailable, IndexMissing, SearchTimeout
from meiqia_search.fields import Value
from meiqia_search.query.filter import Has, Not
from meiqia_search.query.request import RELEVANT, After, Search, Sort

T = TypeVar("T")
BUCKETS = 65_000
"""tantivy's limit of values counted at once."""
SCAN = 2_000
WAITING = 16
"""How many requests may wait for a thread before the next is refused."""
HIGHEST = (1 << 64) - 1


class Placed(NamedTuple):
    """A hit with its place in the order."""

    key: int
    id: str
    version: int


class TantivyReader:
    """Reads the generation that ``generation`` names, reloading it when a commit or a switch happened."""

    def __init__(self, generation: Callable[[], Path], threads: int) -> None:
        self._generation = generation
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")
        self._places = threading.BoundedSemaphore(threads + WAITING)
        self._lock = threading.Lock()
        self._index: tantivy.Index | None = None
        self._seen: tuple[object, ...] = ()

    def search(self, scoped: Scoped[Search], timeout: float) -> Hits:
        """One page and the exact total."""
        if isinstance(scoped.request.sort, Sort):
            return self._bounded(lambda: _by_field(self._searcher(), scoped), timeout)
        return self._bounded(lambda: _by_relevance(self._searcher(), scoped), timeout)

    def scan(self, scoped: Scoped[Search]) -> Iterator[Hit]:
        """Every hit in field order, from one state of the index."""
        yield from spooled(self._pages(scoped))

    def _pages(self, scoped: Scoped[Search]) -> Generator[list[Found], None, None]:
        request = scoped.request if isinstance(scoped.request.sort, Sort) else replace(scoped.request, sort=Sort())
        whole = scoped_query(scoped.scope, request.where)
        with _translated():
            searcher = self._searcher()
            after: After | None = None
            while True:
                page, _ = _page(searcher, whole, _sort(request), after, SCAN)
                yield [(each.id, each.version) for each in page[:SCAN]]
                if len(page) <= SCAN:
                    return
                after = After(page[SCAN - 1].key, page[SCAN - 1].id)

    def chart(self, scoped: Scoped[Chart], timeout: float) -> Table:
        """The counts."""
        return self._bounded(lambda: _chart(self._searcher(), scoped), timeout)

    def hashed_with(self) -> frozenset[str]:
        """The names of the keys of all fingerprints."""
        with _translated():
            return frozenset(map(str, dict(_counts(self._searcher(), Query.all_query(), HASHED_WITH))))

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _bounded(self, work: Callable[[], T], timeout: float) -> T:
        """Run in the pool: tantivy has no time limit of its own."""
        if not self._places.acquire(blocking=False):
            raise Busy
        future = self._pool.submit(_translated()(work))
        future.add_done_callback(lambda _: self._places.release())
        try:
            return future.result(timeout)
        except Late:
            future.cancel()
            raise SearchTimeout from None

    def _searcher(self) -> tantivy.Searcher:
        """A searcher on the newest commit of the generation in use."""
        generation = self._generation()
        try:
            stat = (generation / "meta.json").stat()
        except OSError:
            raise IndexMissing from None
        seen = (generation, stat.st_mtime_ns, stat.st_ino)
        with self._lock:
            if self._index is None or self._seen[0] != generation:
                self._index = _opened(generation)
            elif self._seen != seen:
                self._index.reload()
            self._seen = seen
            return self._index.searcher()


@contextmanager
def _translated() -> Iterator[None]:
    """The engine's errors as ours; also where it panics, which Python sees as no ordinary exception."""
    try:
        yield
    except (ValueError, OSError) as broken:
        raise EngineUnavailable from broken
    except BaseException as broken:
        if type(broken).__name__ == "PanicException":
            raise EngineUnavailable from broken
        raise


def _opened(generation: Path) -> tantivy.Index:
    if not intact(generation):
        raise IndexMissing("索引已损坏：请管理员运行 meiqia-search rebuild。会话没有丢失。")
    index = tantivy.Index.open(str(generation))
    index.config_reader("manual")
    index.reload()
    return index


def _sort(request: Search) -> Sort:
    if not isinstance(request.sort, Sort):
        raise TypeError("relevance has no key")
    return request.sort


def _placed(searcher: tantivy.Searcher, hits: list[tuple[int, tantivy.DocAddress]]) -> list[Placed]:
    addresses = [address for _, address in hits]
    versions = searcher.fast_field_values(VERSION, addresses) if addresses else []
    ids = [searcher.doc(address).get_first(ID) for address in addresses]
    return [Placed(key, str(i), int(v or 0)) for (key, _), i, v in zip(hits, ids, versions, strict=True)]


def _top(
    searcher: tantivy.Searcher, whole: Query, sort: Sort, limit: int, *, backwards: bool
) -> tuple[list[tuple[int, tantivy.DocAddress]], int]:
    order = tantivy.Order.Desc if backwards else tantivy.Order.Asc
    result = searcher.search(whole, limit=limit, count=True, order_by_field=key_of(sort), order=order)
    return result.hits, result.count  # type: ignore[attr-defined]  # missing in the stub


def _page(
    searcher: tantivy.Searcher, whole: Query, sort: Sort, after: After | None, size: int
) -> tuple[list[Placed], int]:
    """The first ``size`` conversations behind ``after`` in order of (key, id), and one more where there is one.

    Beside them the number of all conversations from the key of ``after`` on (of all, on the first page).

    tantivy orders by the key alone; conversations whose keys are equal are put in order of their ids here, so all of
    those at the key of the page's end are fetched.
    """
    backwards = after is not None and after.backwards
    asked = all_of([whole, _beyond(sort, after)]) if after else whole
    limit = size + 2  # one to know of a next page, one whose key closes the last tie
    while True:
        hits, count = _top(searcher, asked, sort, limit, backwards=backwards)
        complete = len(hits) < limit
        known = hits if complete else [hit for hit in hits if hit[0] != hits[-1][0]]
        found = sorted(_placed(searcher, known), key=lambda each: (each.key, each.id), reverse=backwards)
        if after:
            found = [each for each in found if _is_beyond(each, after)]
        if complete or len(found) > size:
            return found[: size + 1], count
        limit = limit + size if len(known) else limit * 2


def _beyond(sort: Sort, after: After) -> Query:
    low, high = (0, after.key) if after.backwards else (after.key, HIGHEST)
    return between(key_of(sort), FieldType.Unsigned, low, high)


def _is_beyond(each: Placed, after: After) -> bool:
    here, there = (each.key, each.id), (after.key, after.id)
    return here < there if after.backwards else here > there


def _by_field(searcher: tantivy.Searcher, scoped: Scoped[Search]) -> Hits:
    request = scoped.request
    sort, after, size = _sort(request), request.after, request.size
    whole = scoped_query(scoped.scope, request.where)
    found, total = _page(searcher, whole, sort, after, size)
    if after:
        total = _count(searcher, whole)
    more, page = len(found) > size, found[:size]
    if after and after.backwards:
        page.reverse()
        later, earlier = True, more
    else:
        later, earlier = more, after is not None
    return Hits(
        tuple(Hit(each.id, each.version) for each in page),
        total,
        After(page[-1].key, page[-1].id) if page and later else None,
        After(page[0].key, page[0].id, backwards=True) if page and earlier else None,
    )


def _by_relevance(searcher: tantivy.Searcher, scoped: Scoped[Search]) -> Hits:
    request = scoped.request
    whole = scoped_query(scoped.scope, request.where)
    begin = request.after.key if request.after else 0
    size = max(0, min(request.size, RELEVANT - begin))
    result = searcher.search(ranked(request.where, whole), limit=begin + size or 1, count=True)
    addresses = [(0, address) for _, address in result.hits[begin : begin + size]]
    total: int = result.count  # type: ignore[attr-defined]  # missing in the stub
    end = begin + len(addresses)
    return Hits(
        tuple(Hit(each.id, each.version) for each in _placed(searcher, addresses)),
        total,
        After(end) if end < min(total, RELEVANT) else None,
        After(max(0, begin - request.size)) if begin else None,
    )


def _count(searcher: tantivy.Searcher, whole: Query) -> int:
    """How many conversations satisfy it: counted by their versions, of which each has one, nothing is scored."""
    return int(searcher.aggregate(whole, {"all": {"value_count": {"field": VERSION}}})["all"]["value"])


def _chart(searcher: tantivy.Searcher, scoped: Scoped[Chart]) -> Table:
    chart = scoped.request
    whole = scoped_query(scoped.scope, chart.where)
    by = chart.by
    name = by.field if by.step is Step.VALUE else month_field(by.field)
    counts: list[tuple[Value, int]] = [
        (value if by.step is Step.VALUE else int(value), count) for value, count in _counts(searcher, whole, name)
    ]
    return chart.table(counts, _count(searcher, all_of([whole, query(Not(Has(by.field)))])))


def _counts(searcher: tantivy.Searcher, whole: Query, name: str) -> list[tuple[Value, int]]:
    """How often each value of a field occurs."""
    terms = {"field": name, "size": BUCKETS, "segment_size": BUCKETS}
    buckets = searcher.aggregate(whole, {"by": {"terms": terms}})["by"]["buckets"]
    return [(bucket["key"], bucket["doc_count"]) for bucket in buckets]
