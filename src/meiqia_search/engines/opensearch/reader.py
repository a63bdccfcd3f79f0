"""Answering scoped requests from the indices of a generation."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from typing import Any, NamedTuple

from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException

from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart, Step
from meiqia_search.aggregations.table import Table
from meiqia_search.engines.base import Hit, Hits
from meiqia_search.engines.entry import HASHED_WITH, ID, VERSION, key_of, month_field
from meiqia_search.engines.opensearch.compile import Query, query, ranked, scoped_query
from meiqia_search.engines.opensearch.errors import translated, whole
from meiqia_search.engines.opensearch.template import KEY_SHIFT
from meiqia_search.engines.opensearch.transport import PATIENCE_S
from meiqia_search.engines.spool import Found, spooled
from meiqia_search.errors import EngineUnavailable
from meiqia_search.fields import Value
from meiqia_search.query.filter import Has, Not
from meiqia_search.query.request import RELEVANT, After, Search, Sort

SCAN = 10_000
"""Hits at once: what a server gives at most (`index.max_result_window`). Every page sorts all that is left."""
KEEP_ALIVE = "2m"
"""Between two pages, of which each may take a minute. What a killed process leaves, the server gives up after that."""
BUCKETS = 65_000
"""The servers' limit of values counted at once is 65,535."""
ON_THE_WAY_S = 0.5
"""Of the time for an answer, so much is not for the search itself."""
BARE: Mapping[str, Any] = {"stored_fields": "_none_"}
"""A hit is its sort values alone: looking up what is stored with it takes three times as long as finding it."""
PAGE_OF_SCAN = "_shards,timed_out,hits.hits.sort"
LAST, FIRST = KEY_SHIFT - 1, -KEY_SHIFT
"""Every version of a conversation is between these."""


class Placed(NamedTuple):
    """A hit with its place in the order."""

    key: int
    id: str
    version: int


class OpenSearchReader:
    """Reads the indices that ``target``, an alias or pattern, stands for."""

    def __init__(self, client: OpenSearch, target: str) -> None:
        self._client = client
        self._target = target

    def search(self, scoped: Scoped[Search], timeout: float) -> Hits:
        """One page and the exact total."""
        if isinstance(scoped.request.sort, Sort):
            return self._by_field(scoped, scoped.request.sort, timeout)
        return self._by_relevance(scoped, timeout)

    def scan(self, scoped: Scoped[Search]) -> Iterator[Hit]:
        """Every hit in field order, from one state of the index."""
        sort = scoped.request.sort if isinstance(scoped.request.sort, Sort) else Sort()
        wanted = scoped_query(scoped.scope, scoped.request.where)
        body = {"query": wanted, "sort": _order(sort), "size": SCAN, "track_total_hits": False, **BARE}
        yield from spooled(self._pages(body))

    def _pages(self, body: dict[str, Any]) -> Generator[list[Found], None, None]:
        state = {"keep_alive": KEEP_ALIVE, "allow_partial_pit_creation": "false"}
        asked = {"request_timeout": PATIENCE_S, "filter_path": PAGE_OF_SCAN}
        with translated():
            pit: str = self._client.create_pit(index=self._target, params=state)["pit_id"]
            body["pit"] = {"id": pit, "keep_alive": KEEP_ALIVE}
            try:
                while True:
                    page = _sorted(whole(self._client.search(body=body, params=asked)))
                    yield [(each, version) for _, each, version in page]
                    if len(page) < SCAN:
                        return
                    body["search_after"] = page[-1]
            finally:
                with suppress(OpenSearchException):  # it ends by itself
                    self._client.delete_pit(body={"pit_id": [pit]})

    def chart(self, scoped: Scoped[Chart], timeout: float) -> Table:
        """The counts.

        Raises:
            EngineUnavailable: more different values than can be counted exactly.
        """
        chart = scoped.request
        by = chart.by
        name = by.field if by.step is Step.VALUE else month_field(by.field)
        parts = {"by": {"terms": {"field": name, "size": BUCKETS}}, "without": {"filter": query(Not(Has(by.field)))}}
        body = {"query": scoped_query(scoped.scope, chart.where), "size": 0, "aggs": parts}
        counted = self._ask(body, timeout)["aggregations"]
        if counted["by"]["sum_other_doc_count"]:
            raise EngineUnavailable("这个字段的不同取值太多，无法精确统计；请缩小范围后重试。")
        counts: list[tuple[Value, int]] = [(each["key"], each["doc_count"]) for each in counted["by"]["buckets"]]
        return chart.table(counts, counted["without"]["doc_count"])

    def hashed_with(self) -> frozenset[str]:
        """The names of the keys of all fingerprints."""
        body = {"size": 0, "aggs": {"keys": {"terms": {"field": HASHED_WITH, "size": BUCKETS}}}}
        counted = self._ask(body, PATIENCE_S)["aggregations"]["keys"]["buckets"]
        return frozenset(str(each["key"]) for each in counted)

    def _ask(self, body: Mapping[str, Any], timeout: float, **parameters: str) -> Mapping[str, Any]:
        """A whole answer in time, or an error."""
        limit = max(timeout - ON_THE_WAY_S, timeout / 2)
        body = {**body, "timeout": f"{max(1, round(limit * 1000))}ms"}
        asked = {"request_timeout": timeout, "allow_no_indices": "false", **parameters}
        with translated():
            return whole(self._client.search(index=self._target, body=body, params=asked))

    def _by_field(self, scoped: Scoped[Search], sort: Sort, timeout: float) -> Hits:
        request = scoped.request
        after, size = request.after, request.size
        backwards = after is not None and after.backwards
        body = {
            "query": scoped_query(scoped.scope, request.where),
            "sort": _order(sort, backwards=backwards),
            "size": size + 1,
            "track_total_hits": True,
            **BARE,
        }
        if after:
            body["search_after"] = [after.key - KEY_SHIFT, after.id, FIRST if backwards else LAST]
        answer = self._ask(body, timeout)
        found = _placed(answer)
        more, page = len(found) > size, found[:size]
        if backwards:
            page.reverse()
        later, earlier = (True, more) if backwards else (more, after is not None)
        return Hits(
            tuple(Hit(each.id, each.version) for each in page),
            _total(answer),
            After(page[-1].key, page[-1].id) if page and later else None,
            After(page[0].key, page[0].id, backwards=True) if page and earlier else None,
        )

    def _by_relevance(self, scoped: Scoped[Search], timeout: float) -> Hits:
        request = scoped.request
        wanted = ranked(request.where, scoped_query(scoped.scope, request.where))
        begin = request.after.key if request.after else 0
        size = max(0, min(request.size, RELEVANT - begin))
        order = ["_score", {ID: "asc"}, {VERSION: "asc"}]
        body = {"query": wanted, "sort": order, "from": begin, "size": size, "track_total_hits": True, **BARE}
        answer = self._ask(body, timeout, search_type="dfs_query_then_fetch", preference=_same_copies(wanted))
        page = _sorted(answer)
        end, total = begin + len(page), _total(answer)
        return Hits(
            tuple(Hit(each, version) for _, each, version in page),
            total,
            After(end) if end < min(total, RELEVANT) else None,
            After(max(0, begin - request.size)) if begin else None,
        )


def _order(sort: Sort, *, backwards: bool = False) -> list[dict[str, str]]:
    direction = "desc" if backwards else "asc"
    return [{key_of(sort): direction}, {ID: direction}, {VERSION: direction}]


def _same_copies(wanted: Query) -> str:
    """Copies of a shard score a little differently; all pages of a search are asked of the same ones."""
    return blake2b(json.dumps(wanted).encode(), digest_size=8).hexdigest()


def _sorted(answer: Mapping[str, Any]) -> list[list[Any]]:
    """Sort key or score, id and version of each hit; of none, a filtered answer says nothing."""
    return [hit["sort"] for hit in answer.get("hits", {}).get("hits", ())]


def _placed(answer: Mapping[str, Any]) -> list[Placed]:
    return [Placed(key + KEY_SHIFT, each, version) for key, each, version in _sorted(answer)]


def _total(answer: Mapping[str, Any]) -> int:
    total: int = answer["hits"]["total"]["value"]
    return total
