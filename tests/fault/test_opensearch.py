"""What goes wrong with a cluster is said, and never makes an answer that is too short or too old."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from opensearchpy import OpenSearch

from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart, Dimension
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.engines import spool
from meiqia_search.engines.base import Delete, Hit, Put
from meiqia_search.engines.opensearch import indices, reader
from meiqia_search.engines.opensearch import writer as writing
from meiqia_search.engines.opensearch.connection import connect
from meiqia_search.engines.opensearch.errors import whole
from meiqia_search.engines.opensearch.index import OpenSearchIndex
from meiqia_search.engines.opensearch.template import format_version
from meiqia_search.errors import BadConfiguration, EngineUnavailable, IndexMissing, StorageFull
from meiqia_search.query.request import Relevance, Search
from tests.cluster import Cluster, contexts
from tests.contract.world import PATIENCE, World, change, load, put
from tests.corpus import EVERYONE, corpus, indexed
from tests.people import scope_of

pytestmark = pytest.mark.opensearch
ALL = Scoped(Search(), scope_of(EVERYONE))


def said(conversation_id: str, text: str = "您好") -> Conversation:
    return build(conversation_id, {}, [Message(Speaker.CUSTOMER, text)])


@pytest.fixture
def prefix(cluster: Cluster) -> str:
    return cluster.new_prefix()


@pytest.fixture
def client(cluster: Cluster) -> Iterator[OpenSearch]:
    with cluster.client() as some:
        yield some


@pytest.fixture
def index(client: OpenSearch, prefix: str) -> OpenSearchIndex:
    """An empty archive."""
    index = OpenSearchIndex(client, prefix)
    load(index, [])
    return index


def hits(index: OpenSearchIndex) -> list[Hit]:
    return list(index.reader.scan(ALL))


def test_without_an_index(client: OpenSearch, prefix: str) -> None:
    nothing = OpenSearchIndex(client, prefix)
    assert not nothing.usable()
    with pytest.raises(IndexMissing):
        nothing.reader.search(ALL, PATIENCE)
    with pytest.raises(IndexMissing):
        list(nothing.reader.scan(ALL))
    with pytest.raises(IndexMissing):
        nothing.writer()


def test_an_index_of_another_format_is_none(index: OpenSearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    assert index.usable()
    monkeypatch.setattr(indices, "format_version", lambda: "other")
    assert not index.usable()
    load(index, [said("a")])
    assert index.usable()


def test_without_a_server() -> None:
    nowhere = OpenSearchIndex(connect("http://127.0.0.1:9", connections=1))
    with pytest.raises(EngineUnavailable):
        nowhere.usable()
    with pytest.raises(EngineUnavailable):
        nowhere.reader.search(ALL, PATIENCE)
    nowhere.close()


@pytest.mark.parametrize("address", ["", "127.0.0.1:9200", "ftp://x", "http://a,https://b", "http://u:p@x"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(BadConfiguration):
        connect(address, connections=1)


def test_a_missing_part_is_an_error(index: OpenSearchIndex, client: OpenSearch, prefix: str) -> None:
    change(index, [put(index, said("a"), 1, "2026-01")])
    nowhere = {"index.routing.allocation.require._name": "nowhere"}
    aliases = next(iter(client.indices.get_alias(index=f"{prefix}.g*").values()))["aliases"]
    lost = {"settings": nowhere, "aliases": aliases}
    client.indices.create(index=f"{prefix}.g000001.2026-02", body=lost, params={"wait_for_active_shards": "0"})
    for search in (Search(), Search(sort=Relevance())):
        with pytest.raises(EngineUnavailable):
            index.reader.search(Scoped(search, scope_of(EVERYONE)), PATIENCE)
    with pytest.raises(EngineUnavailable):
        index.reader.chart(Scoped(Chart(Dimension("channel")), scope_of(EVERYONE)), PATIENCE)
    with pytest.raises(EngineUnavailable):
        hits(index)


def test_a_scan_that_is_read_slowly_holds_nothing(
    index: OpenSearchIndex, client: OpenSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(index, []).become(indexed(corpus()[:20]))
    monkeypatch.setattr(reader, "SCAN", 5)
    before = contexts(client)
    scan = index.reader.scan(ALL)
    next(scan)
    assert contexts(client) == before
    client.delete_all_pits()
    assert len(list(scan)) == 19


def test_a_scan_whose_state_is_lost_is_an_error(
    index: OpenSearchIndex, client: OpenSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(index, []).become(indexed(corpus()[:20]))
    monkeypatch.setattr(reader, "SCAN", 5)
    monkeypatch.setattr(reader, "whole", _losing_the_state(client))
    with pytest.raises(EngineUnavailable):
        next(index.reader.scan(ALL))


def _losing_the_state(client: OpenSearch) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    def checked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
        client.delete_all_pits()
        return whole(answer)

    return checked


def test_a_scan_for_which_there_is_no_room(
    index: OpenSearchIndex, client: OpenSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(index, []).become(indexed(corpus()[:20]))
    before = contexts(client)

    def full(*_: object) -> None:
        raise StorageFull

    monkeypatch.setattr(spool, "_write", full)
    with pytest.raises(StorageFull):
        next(index.reader.scan(ALL))
    assert contexts(client) == before


def test_a_writer_that_was_replaced_changes_nothing(index: OpenSearchIndex) -> None:
    old = index.writer()
    old.apply([put(index, said("a", "旧的"), 1, "undated"), Delete("b")])
    change(index, [put(index, said("a", "新的"), 2, "undated"), put(index, said("b"), 1, "undated")])
    with pytest.raises(EngineUnavailable, match="另一个进程"):
        old.commit()
    old.close()
    assert sorted(hits(index)) == [Hit("a", 2), Hit("b", 1)]


def test_what_a_killed_writer_had_sent_can_be_deleted(index: OpenSearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meiqia_search.engines.opensearch.writer.FULL", 1)
    killed = index.writer()
    killed.apply([put(index, said("a"), 1, "2026-05"), put(index, said("b"), 1, "2026-05")])
    assert hits(index) == []
    change(index, [Delete("a")])
    assert hits(index) == [Hit("b", 1)]


def test_a_conversation_that_comes_back_is_known(index: OpenSearchIndex) -> None:
    change(index, [put(index, said("a"), 5, "2026-05")])
    change(index, [Delete("a")])
    change(index, [put(index, said("a"), 1, "2026-06")])
    assert hits(index) == [Hit("a", 1)]


def test_a_new_month_is_found_at_once(index: OpenSearchIndex) -> None:
    change(index, [put(index, said("a"), 1, "1999-12")])
    change(index, [put(index, said("b"), 1, "2031-01")])
    assert sorted(hits(index)) == [Hit("a", 1), Hit("b", 1)]


def test_two_generations_stay(index: OpenSearchIndex, client: OpenSearch, prefix: str) -> None:
    for number in range(3):
        load(index, [said(f"a{number}")])
    assert [hit.id for hit in hits(index)] == ["a2"]
    unfinished = index.begin()
    assert {name.split(".")[1] for name in client.indices.get_alias(index=f"{prefix}.g*")} == {
        "g000003", "g000004", "g000005",
    }  # fmt: skip
    unfinished.writer.close()
    index.begin().drop()
    assert {name.split(".")[1] for name in client.indices.get_alias(index=f"{prefix}.g*")} == {"g000003", "g000004"}


def test_archives_on_one_cluster_do_not_touch(client: OpenSearch, prefix: str) -> None:
    one, other = OpenSearchIndex(client, prefix), OpenSearchIndex(client, f"{prefix}-g2")
    load(other, [said("other")])
    for number in range(3):
        load(one, [said(f"one{number}")])
    assert [hit.id for hit in hits(other)] == ["other"]
    assert [hit.id for hit in hits(one)] == ["one2"]


def test_a_month_that_somebody_deleted_is_made_again(index: OpenSearchIndex, client: OpenSearch, prefix: str) -> None:
    writer = index.writer()
    writer.apply([put(index, said("a"), 1, "2026-05"), put(index, said("b"), 1, "2026-06")])
    writer.commit()
    client.indices.delete(index=f"{prefix}.g000001.2026-05")
    assert hits(index) == [Hit("b", 1)]
    writer.apply([put(index, said("c"), 1, "2026-05"), Delete("b"), put(index, said("d"), 1, "2026-06")])
    assert writer.commit() == {}
    writer.close()
    assert sorted(hits(index)) == [Hit("c", 1), Hit("d", 1)]


def test_what_the_server_does_not_take_is_told_and_taken_out(index: OpenSearchIndex) -> None:
    change(index, [put(index, said("a"), 1, "2026-05"), put(index, said("b"), 1, "2026-05")])
    spoilt = Put("a", 2, "2026-05", b'{"id": "a", "version": 2, "unheard_of": 1}')
    writer = index.writer()
    writer.apply([put(index, said("c"), 1, "2026-05"), spoilt, put(index, said("d"), 1, "2026-06")])
    refused = writer.commit()
    assert list(refused) == ["a"]
    assert refused["a"].startswith("搜索引擎不收")
    assert sorted(hits(index)) == [Hit("b", 1), Hit("c", 1), Hit("d", 1)]
    writer.apply([put(index, said("a"), 3, "2026-05")])
    assert writer.commit() == {}
    writer.close()
    assert sorted(hits(index)) == [Hit("a", 3), Hit("b", 1), Hit("c", 1), Hit("d", 1)]


def test_many_refusals_are_not_the_fault_of_conversations(
    index: OpenSearchIndex, client: OpenSearch, prefix: str
) -> None:
    writer = index.writer()
    client.indices.delete(index=f"{prefix}.g000001.undated")
    client.indices.delete_index_template(name=prefix)
    wrong = {"mappings": {"dynamic": "strict", "properties": {"id": {"type": "keyword"}}}}
    alias = f"{prefix}.g000001.undated.{format_version()}"
    client.indices.create(index=f"{prefix}.g000001.undated", body={**wrong, "aliases": {alias: {}}})
    writer.apply([put(index, said(f"c{number}"), 1, "undated") for number in range(writing.REFUSALS + 1)])
    with pytest.raises(EngineUnavailable, match="rebuild"):
        writer.commit()
    writer.close()


def test_a_program_that_would_segment_differently_cannot_write(
    index: OpenSearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = index.writer()
    monkeypatch.setattr(indices, "format_version", lambda: "other")
    other.apply([put(index, said("a"), 1, "undated")])
    with pytest.raises((IndexMissing, BadConfiguration)):
        other.commit()
    other.close()
    monkeypatch.undo()
    assert hits(index) == []
