"""The program's own account on a secured cluster can do all that the program does, and nothing else."""

from collections.abc import Callable
from copy import deepcopy

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import AuthorizationException

from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart, Dimension
from meiqia_search.checkup import Level
from meiqia_search.engines.base import Delete
from meiqia_search.engines.opensearch.indices import pattern
from meiqia_search.engines.opensearch.roles import CLUSTER, RUNNING
from meiqia_search.engines.opensearch.template import template
from meiqia_search.errors import ArchiveError, EngineUnavailable
from meiqia_search.query.request import Relevance, Search
from meiqia_search.records.conversations import UNDATED, partition_of
from tests.cluster import contexts
from tests.conftest import PROVE
from tests.contract.world import PATIENCE, change, load, puts, scanned
from tests.corpus import EVERYONE, corpus, indexed
from tests.people import POLICY, scope_of
from tests.secured import API, Guarded, Secured

pytestmark = pytest.mark.opensearch
RIGHTS = [*RUNNING, *CLUSTER] if PROVE else [*RUNNING, *CLUSTER][::4]
SOME = [each for each in indexed(corpus()) if partition_of(each) == UNDATED][:10]


def everything(archive: Guarded) -> None:
    """What the program does with an index: three generations, changes, and every kind of request.

    Raises:
        ArchiveError: the server does not allow a part of it.
    """
    index, before = archive.index(), contexts(archive.on.admin)
    for _ in range(2):
        load(index, SOME)
    world = load(index, SOME)
    index.begin().drop()
    change(index, [*puts(index, SOME[:3], version=2), Delete(SOME[4].id)])
    everybody = scope_of(EVERYONE)
    assert world.page(Search(sort=Relevance()), everybody).total == len(SOME) - 1
    assert len(scanned(world, Search(), everybody)) == len(SOME) - 1
    assert world.reader.chart(Scoped(Chart(Dimension("channel")), everybody), PATIENCE).rows
    found = list(index.examine())
    index.close()
    if trouble := [each.text for each in found if each.level is not Level.GOOD]:
        raise EngineUnavailable(trouble[0])
    if contexts(archive.on.admin) > before:
        raise EngineUnavailable("a scan is still open")


@pytest.fixture(scope="module")
def archive(secured: Secured) -> Guarded:
    return secured.archive(POLICY, [])


def lacking(secured: Secured, action: str) -> Guarded:
    """An archive whose program has one right less."""
    archive = secured.archive(POLICY, [])
    name = f"{archive.prefix}-program"
    less = deepcopy(archive.given.roles[name])
    for actions in (less["cluster_permissions"], less["index_permissions"][0]["allowed_actions"]):
        if action in actions:
            actions.remove(action)
    secured.put("roles", name, less)
    return archive


def test_it_has_what_it_needs(archive: Guarded) -> None:
    everything(archive)


@pytest.mark.parametrize("action", RIGHTS)
def test_it_needs_what_it_has(secured: Secured, action: str) -> None:
    archive = lacking(secured, action)
    with pytest.raises(ArchiveError):
        everything(archive)


@pytest.mark.parametrize("action", RIGHTS)
def test_the_doctor_names_the_right_that_is_missing(secured: Secured, action: str) -> None:
    archive = lacking(secured, action)
    body = template(pattern(archive.prefix))
    secured.admin.indices.put_index_template(name=archive.prefix, body=body)
    index = archive.index()
    told = " ".join(each.text for each in (*index.examine(), *index.rehearse()) if each.level is Level.TROUBLE)
    index.close()
    assert f"缺少权限 {action.rstrip('*')}" in told
    assert "meiqia-search opensearch roles" in told


def test_the_doctor_leaves_nothing_behind(archive: Guarded) -> None:
    index = archive.index()
    assert [each.level for each in index.rehearse()] == [Level.GOOD]
    index.close()
    assert archive.on.admin.indices.get(index=f"{archive.prefix}.trial*") == {}


FOREIGN: dict[str, Callable[[OpenSearch], object]] = {
    "another archive": lambda client: client.search(index="other.conversations"),
    "all indices": lambda client: client.search(index="*"),
    "the security plugin's own index": lambda client: client.search(index=".opendistro_security"),
    "an index of another name": lambda client: client.indices.create(index="elsewhere"),
    "settings of the cluster": lambda client: client.cluster.put_settings(
        body={"transient": {"cluster.routing.allocation.enable": "all"}}
    ),
    "roles": lambda client: client.transport.perform_request("GET", f"{API}/roles"),
    "templates of others": lambda client: client.indices.delete_index_template(name="other"),
    "everybody's points in time": lambda client: client.delete_all_pits(),
    "statistics of the nodes": lambda client: client.nodes.stats(),
}


@pytest.fixture(scope="module")
def other(secured: Secured) -> None:
    secured.admin.indices.create(index="other.g000001.undated", body={"aliases": {"other.conversations": {}}})


@pytest.mark.usefixtures("other")
@pytest.mark.parametrize("what", FOREIGN)
def test_it_has_nothing_else(archive: Guarded, what: str) -> None:
    with archive.on.client(f"{archive.prefix}-program") as client, pytest.raises(AuthorizationException):
        FOREIGN[what](client)
