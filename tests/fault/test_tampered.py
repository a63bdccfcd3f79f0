"""What people do to the indices by hand is found by the doctor, said in one sentence, and can be repaired."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from meiqia_search import doctor
from meiqia_search.checkup import Level
from meiqia_search.clock import DAY
from meiqia_search.conversation import Message, Speaker, build
from meiqia_search.engines.opensearch import indices
from meiqia_search.engines.opensearch.template import index_body
from meiqia_search.errors import BadConfiguration, EngineUnavailable
from meiqia_search.query.request import Search
from meiqia_search.settings import Settings
from tests.cluster import Cluster
from tests.corpus import corpus, indexed
from tests.store import Store, caller, opened

pytestmark = pytest.mark.opensearch
SOME = indexed(corpus()[:20])
LATER = "2031-01"
IN_LATER = build("later", {"started_at": (22_300 * DAY,)}, [Message(Speaker.CUSTOMER, "以后的会话")])


@pytest.fixture
def store(cluster: Cluster, tmp_path: Path) -> Iterator[Store]:
    """An archive whose index is on the cluster, and all is well."""
    prefix = cluster.new_prefix()
    with opened(Settings(data_dir=tmp_path, opensearch_url=cluster.url, opensearch_prefix=prefix)) as store:
        store.put(SOME)
        assert troubles(store) == {}
        yield store
    cluster.remove(prefix)


@pytest.fixture
def client(cluster: Cluster) -> Iterator[OpenSearch]:
    with cluster.client() as client:
        yield client


def troubles(store: Store) -> dict[str, str]:
    """What the doctor finds wrong."""
    found = doctor.opened(store.services, caller())
    return {each.subject: each.text for each in found if each.level is not Level.GOOD}


def prefix(store: Store) -> str:
    return store.services.settings.opensearch_prefix


def months(store: Store, client: OpenSearch) -> list[str]:
    """The indices of the generation in use."""
    return sorted(client.indices.get_alias(name=f"{prefix(store)}.conversations"))


def shown(store: Store) -> int:
    """How many conversations are found."""
    return store.archive.search(caller(), Search()).total


def test_the_template_is_changed(store: Store, client: OpenSearch) -> None:
    other = {"index_patterns": [f"{prefix(store)}.g*"], "template": {"settings": {"refresh_interval": "1s"}}}
    client.indices.put_index_template(name=prefix(store), body=other)
    assert "不同" in troubles(store)["索引模板"]
    store.put([IN_LATER])
    assert is_ours(client, f"{prefix(store)}.g000001.{LATER}")
    store.rebuild()
    assert troubles(store) == {}


def test_the_template_is_deleted(store: Store, client: OpenSearch) -> None:
    client.indices.delete_index_template(name=prefix(store))
    assert "没有本档案的索引模板" in troubles(store)["索引模板"]
    store.put([IN_LATER])
    assert is_ours(client, f"{prefix(store)}.g000001.{LATER}")
    store.rebuild()
    assert troubles(store) == {}


def is_ours(client: OpenSearch, name: str) -> bool:
    """Whether the index is as the program makes them, whatever the template says."""
    made, wanted = client.indices.get(index=name)[name], index_body({})
    one, other = made["mappings"], wanted["mappings"]  # of the properties a server leaves out what is usual
    same = all(one[key] == other[key] for key in ("_meta", "_source", "dynamic"))
    return (
        same
        and set(one["properties"]) == set(other["properties"])
        and made["settings"]["index"]["refresh_interval"] == "-1"
    )


def test_a_month_is_deleted(store: Store, client: OpenSearch) -> None:
    client.indices.delete(index=months(store, client)[0])
    lost = len(SOME) - shown(store)
    assert lost > 0
    assert "verify --repair" in troubles(store)["完整性"]
    difference = store.difference()
    assert len(difference.missing) == lost
    with store.feeding():
        store.conversations.enqueue(difference.ids)
    assert store.difference().ids == ()
    assert troubles(store) == {}


def test_an_index_by_hand_where_a_month_will_be(store: Store, client: OpenSearch) -> None:
    (generation,) = store.index.indices.generations()  # type: ignore[attr-defined]
    client.indices.create(index=f"{prefix(store)}.{generation}.{LATER}")
    assert LATER in troubles(store)["索引"]
    with pytest.raises(BadConfiguration, match=LATER):
        store.put([IN_LATER])
    client.indices.delete(index=f"{prefix(store)}.{generation}.{LATER}")
    store.put([])
    assert shown(store) == len(SOME) + 1
    assert troubles(store) == {}


def test_an_index_by_hand_that_is_called_a_little_like_ours(store: Store, client: OpenSearch) -> None:
    for name in ("g", "garbage", "g000001", "g000001.x.y"):
        client.indices.create(index=f"{prefix(store)}.{name}")
    store.rebuild()
    assert troubles(store) == {}
    assert len(client.indices.get(index=f"{prefix(store)}.garbage")) == 1


def test_a_month_takes_other_fields(store: Store, client: OpenSearch) -> None:
    client.indices.put_mapping(index=months(store, client)[0], body={"dynamic": "true"})
    assert "被人改过" in troubles(store)["索引"]
    store.rebuild()
    assert troubles(store) == {}


def test_a_month_loses_its_alias(store: Store, client: OpenSearch) -> None:
    client.indices.delete_alias(index=months(store, client)[0], name=store.index.indices.alias)  # type: ignore[attr-defined]
    assert "没有别名" in troubles(store)["索引"]
    store.rebuild()
    assert troubles(store) == {}


def test_two_generations_are_in_use(store: Store, client: OpenSearch) -> None:
    store.rebuild()
    client.indices.put_alias(index=f"{prefix(store)}.g000001.*", name=f"{prefix(store)}.conversations")
    assert "会重复出现" in troubles(store)["索引"]
    store.rebuild()
    assert troubles(store) == {}


def test_a_later_program_made_it(store: Store, client: OpenSearch) -> None:
    mark = {"format": "later", "program": "99.0.0"}
    client.indices.put_mapping(index=f"{prefix(store)}.g*", body={"_meta": mark})
    assert "99.0.0" in (said := troubles(store)["索引"])
    assert "升级本程序" in said
    with pytest.raises(BadConfiguration, match="升级本程序"):
        store.rebuild()


def test_an_earlier_program_made_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indices, "format_version", lambda: "other")
    assert "另一个版本的程序" in troubles(store)["索引"]


def test_a_part_is_lost(store: Store, client: OpenSearch) -> None:
    nowhere = {"index.routing.allocation.require._name": "nowhere"}
    name = f"{prefix(store)}.g000001.{LATER}"
    aliases: dict[str, Any] = next(iter(client.indices.get_alias(index=months(store, client)[0]).values()))["aliases"]
    body = index_body({alias: {} for alias in aliases if alias.startswith(f"{prefix(store)}.conversations")})
    body["settings"] |= nowhere
    client.indices.create(index=name, body=body, params={"wait_for_active_shards": "0"})
    assert "（red）" in troubles(store)["集群"]
    with pytest.raises(EngineUnavailable):
        shown(store)
    client.indices.delete(index=name)
    assert troubles(store) == {}


def test_a_copy_is_missing(store: Store, client: OpenSearch) -> None:
    more = {"index": {"auto_expand_replicas": False, "number_of_replicas": 5}}
    client.indices.put_settings(index=months(store, client)[0], body=more)
    assert "（yellow）" in troubles(store)["集群"]
    assert shown(store) == len(SOME)


def test_the_server_takes_no_more(store: Store, client: OpenSearch) -> None:
    names = f"{prefix(store)}.g*"
    client.indices.put_settings(index=names, body={"index.blocks.read_only_allow_delete": True})
    assert "只读" in troubles(store)["索引"]
    client.indices.put_settings(index=names, body={"index.blocks.read_only_allow_delete": None})
    assert troubles(store) == {}
