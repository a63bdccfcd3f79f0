"""Bad lines to OpenSearch: a search ends in time with a clear error, nothing is lost, and it goes on by itself."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from meiqia_search.engines.opensearch import bulk, transport
from meiqia_search.errors import EngineUnavailable, Unavailable
from meiqia_search.indexing import worker
from meiqia_search.indexing.intake import take_in
from meiqia_search.query.request import Search
from tests.cluster import Cluster
from tests.corpus import corpus
from tests.fault.victims import until
from tests.places import on_servers
from tests.proxy import Line, Proxy, between
from tests.servers import Postgres
from tests.store import Store, caller, opened

pytestmark = [pytest.mark.opensearch, pytest.mark.postgres]
PAGE_S = 3.0
LIMIT_S = 20.0
"""Nobody waits so long, however busy this machine is; who waited for the server would wait a minute."""
BAD = [Line.SILENT, Line.SLOW, Line.TORN, Line.REFUSED, Line.OVERWHELMED]


@pytest.fixture
def line(cluster: Cluster) -> Iterator[Proxy]:
    """A line to the server."""
    with between(cluster.url.split(",")[0]) as proxy:
        yield proxy


@pytest.fixture
def store(line: Proxy, postgres: Postgres, cluster: Cluster, tmp_path: Path) -> Iterator[Store]:
    """An archive with twenty conversations, whose index is at the other end of the line."""
    prefix = cluster.new_prefix()
    with opened(on_servers(tmp_path, postgres.new_database(), line.url, prefix)) as some:
        some.put(corpus()[:20])
        yield some
        line.becomes(Line.GOOD)
    cluster.remove(prefix)


@pytest.fixture
def impatient(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The same, and who waits for the index does not wait long."""
    monkeypatch.setattr(transport, "PATIENCE_S", 3.0)
    monkeypatch.setattr(transport, "REST_S", 0.3)
    monkeypatch.setattr(bulk, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(bulk, "LONGEST_WAIT_S", 0.2)
    monkeypatch.setattr(worker, "AFTER_ERROR_S", 0.1)
    return store


def found(store: Store) -> int:
    return store.archive.search(caller(), Search(), timeout=PAGE_S).total


@pytest.mark.parametrize("bad", BAD)
def test_a_search_ends_in_time_and_comes_back(store: Store, line: Proxy, bad: Line) -> None:
    line.becomes(bad)
    began = monotonic()
    with pytest.raises(Unavailable):
        found(store)
    assert monotonic() - began < LIMIT_S
    line.becomes(Line.GOOD)
    assert found(store) == 20


def test_who_asks_a_dead_cluster_learns_it_at_once(store: Store, line: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "REST_S", 1.0)
    line.becomes(Line.REFUSED)
    for _ in range(transport.FAILURES):
        with pytest.raises(EngineUnavailable):
            found(store)
    asked = line.asked
    for _ in range(20):
        with pytest.raises(EngineUnavailable):
            found(store)
    assert line.asked == asked
    line.becomes(Line.GOOD)
    until(lambda: _is_found(store, 20), patience=10)


@pytest.mark.parametrize("bad", BAD)
def test_what_comes_in_meanwhile_is_found_afterwards(impatient: Store, line: Proxy, bad: Line) -> None:
    store, some = impatient, impatient.worker()
    thread = Thread(target=some.run, daemon=True)
    thread.start()
    until(lambda: not store.databases.locks.writing.is_free())
    line.becomes(bad)
    take_in(store.conversations, corpus()[20:60])
    store.inbox.put("api", [b'{"id": "late", "messages": []}'])
    until(lambda: store.conversations.count() == 61, patience=20)
    before = line.asked
    until(lambda: line.asked > before + 1, patience=20)
    line.becomes(Line.GOOD)
    until(lambda: _is_found(store, 61), patience=60)
    assert store.difference().ids == ()
    assert store.conversations.refused() == {}
    some.stop()
    thread.join()


def _is_found(store: Store, number: int) -> bool:
    try:
        return found(store) == number
    except Unavailable:
        return False
