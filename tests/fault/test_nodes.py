"""Nodes of a cluster of three that die or hang while it is written and read."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opensearchpy import OpenSearch

from meiqia_search.acl.scope import Scoped
from meiqia_search.channels import demo
from meiqia_search.conversation import Conversation
from meiqia_search.engines.base import Hit
from meiqia_search.engines.opensearch import bulk, reader, transport
from meiqia_search.engines.opensearch.connection import connect
from meiqia_search.engines.opensearch.errors import whole
from meiqia_search.errors import EngineUnavailable, Unavailable
from meiqia_search.indexing import feed, worker
from meiqia_search.indexing.intake import take_in
from meiqia_search.query.request import Search
from opensearch_home import Kind
from opensearch_server import SHORT_LIVED, Server, revive, running
from tests.cluster import VERSION, or_give_up
from tests.conftest import PROVE
from tests.fault.victims import until
from tests.places import on_servers
from tests.servers import Postgres
from tests.store import MAINTENANCE, Store, caller, opened

pytestmark = [pytest.mark.opensearch, pytest.mark.postgres]
MADE = 400
PATIENCE_S = 120.0
PAGE_S = 3.0
LIMIT_S = 20.0
"""Nobody waits so long, however busy this machine is; who waited for the node would wait a minute."""


@dataclass
class Nodes:
    """The cluster, seen from outside."""

    server: Server

    def client(self) -> OpenSearch:
        return connect(self.server.url, connections=2)

    def manager(self) -> int:
        """The process of the node that the others have elected."""
        with self.client() as client:
            name = client.cat.cluster_manager(params={"format": "json"})[0]["node"]
        return self.server.pids[int(name.removeprefix("n")) - 1]

    def ordinary(self) -> int:
        """The process of a node that was not elected."""
        return next(pid for pid in self.server.pids if pid != self.manager())


WHICH = {"the elected": Nodes.manager, "another": Nodes.ordinary}
TRIED = [*WHICH] if PROVE else [*WHICH][:1]


@pytest.fixture(scope="module")
def three_nodes() -> Iterator[Nodes]:
    with or_give_up(), running(nodes=3, version=VERSION, java_options=SHORT_LIVED) as server:
        yield Nodes(server)


@pytest.fixture
def nodes(three_nodes: Nodes) -> Iterator[Nodes]:
    """The cluster with all its nodes."""
    yield three_nodes
    revive(three_nodes.server, Kind(VERSION, security=False), java_options=SHORT_LIVED)
    with three_nodes.client() as client:
        client.cluster.health(params={"wait_for_no_relocating_shards": "true", "wait_for_status": "green"})


@pytest.fixture
def store(nodes: Nodes, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty archive that is written and read in small parts, and whose worker does not wait long."""
    monkeypatch.setattr(transport, "PATIENCE_S", 10.0)
    monkeypatch.setattr(transport, "REST_S", 0.3)
    monkeypatch.setattr(bulk, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(bulk, "LONGEST_WAIT_S", 0.5)
    monkeypatch.setattr(worker, "AFTER_ERROR_S", 0.1)
    monkeypatch.setattr(feed, "BATCH", 20)
    monkeypatch.setattr(feed, "COMMIT", 40)
    monkeypatch.setattr(reader, "SCAN", 50)
    with opened(on_servers(tmp_path, postgres.new_database(), nodes.server.url, "nodes")) as some:
        yield some
    with nodes.client() as client:
        client.indices.delete(index="nodes.*")


@pytest.fixture
def working(store: Store) -> Iterator[Store]:
    """The same, with a worker under way."""
    some = store.worker()
    thread = Thread(target=some.run, daemon=True)
    thread.start()
    yield store
    some.stop()
    thread.join()


def made() -> list[Conversation]:
    return list(islice(demo.conversations(MADE, 5), MADE))


def found(store: Store) -> int:
    return store.archive.search(caller(), Search(), timeout=PAGE_S).total


def scanned(store: Store) -> list[Hit]:
    return list(store.index.reader.scan(Scoped(Search(), MAINTENANCE)))


def ready(condition: Callable[[], bool]) -> bool:
    """Whether it holds; while the cluster does not answer, it does not."""
    try:
        return condition()
    except Unavailable:
        return False


@pytest.mark.parametrize("which", TRIED)
def test_a_node_dies_while_it_is_written(working: Store, nodes: Nodes, which: str) -> None:
    some = made()
    take_in(working.conversations, some[:20])
    until(lambda: ready(lambda: found(working) == 20), PATIENCE_S)
    take_in(working.conversations, some[20:])
    until(lambda: ready(lambda: found(working) > 20), PATIENCE_S)
    assert working.conversations.queued(1)
    os.kill(WHICH[which](nodes), signal.SIGKILL)
    until(lambda: ready(lambda: found(working) == MADE), PATIENCE_S)
    assert working.difference().ids == ()
    assert working.conversations.refused() == {}


@pytest.mark.parametrize("which", TRIED)
def test_a_node_dies_while_it_is_scanned(
    store: Store, nodes: Nodes, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """The list is complete or there is none."""
    store.put(made())
    pages = 0

    def killing(answer: Mapping[str, Any]) -> Mapping[str, Any]:
        nonlocal pages
        pages += 1
        if pages == 2:
            os.kill(WHICH[which](nodes), signal.SIGKILL)
        return whole(answer)

    monkeypatch.setattr(reader, "whole", killing)
    try:
        assert len(scanned(store)) == MADE
    except EngineUnavailable:
        assert pages >= 2
    until(lambda: ready(lambda: len(scanned(store)) == MADE), PATIENCE_S)
    assert store.difference().ids == ()


@pytest.mark.parametrize("which", TRIED)
def test_a_node_hangs(store: Store, nodes: Nodes, which: str) -> None:
    """Every question is answered in full or refused in time, and all of them again when the node goes on."""
    store.put(made())
    pid = WHICH[which](nodes)
    os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(3):
            _ask_in_time(store)
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: ready(lambda: found(store) == MADE), PATIENCE_S)


def _ask_in_time(store: Store) -> None:
    answers: list[object] = []

    def ask() -> None:
        try:
            answers.append(found(store))
        except Unavailable as refused:
            answers.append(refused.code)

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LIMIT_S)
    assert answers, "still waiting"
    assert answers[0] == MADE or isinstance(answers[0], str)


def test_no_disk_has_room(working: Store, nodes: Nodes) -> None:
    """A disk is nearly full: the servers take nothing, the record does, and what waits is written afterwards."""
    some = made()
    take_in(working.conversations, some[:100])
    until(lambda: ready(lambda: found(working) == 100), PATIENCE_S)
    with nodes.client() as client:
        block = "index.blocks.read_only_allow_delete"
        client.indices.put_settings(index="nodes.*", body={block: True})
        take_in(working.conversations, some[100:])
        assert working.conversations.count() == MADE
        until(lambda: bool(working.conversations.queued(1)))
        assert found(working) < MADE
        client.indices.put_settings(index="nodes.*", body={block: None})
    until(lambda: ready(lambda: found(working) == MADE), PATIENCE_S)
    assert working.difference().ids == ()
