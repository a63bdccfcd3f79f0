"""The engines that keep the contract, each with the shared conversations loaded."""

from collections.abc import Callable, Iterator

import pytest

from meiqia_search.engines.base import Index
from meiqia_search.engines.tantivy.index import TantivyIndex
from tests.cluster import Cluster
from tests.conftest import PROVE
from tests.contract.world import World, load
from tests.corpus import corpus, indexed


def _tantivy(request: pytest.FixtureRequest) -> Callable[[], Index]:
    folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return lambda: TantivyIndex(folders.mktemp("index"), memory_mb=32, threads=2)


def _opensearch(request: pytest.FixtureRequest) -> Callable[[], Index]:
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_index


def _older(request: pytest.FixtureRequest) -> Callable[[], Index]:
    if not PROVE:
        pytest.skip("在旧版 OpenSearch 上只随 make prove 测试")
    cluster: Cluster = request.getfixturevalue("older_cluster")
    return cluster.new_index


ENGINES = {"tantivy": _tantivy, "opensearch": _opensearch, "opensearch-older": _older}


@pytest.fixture(
    scope="session",
    params=[
        "tantivy",
        pytest.param("opensearch", marks=pytest.mark.opensearch),
        pytest.param("opensearch-older", marks=[pytest.mark.opensearch, pytest.mark.slow]),
    ],
)
def engine(request: pytest.FixtureRequest) -> Callable[[], Index]:
    """Makes a new, empty index of the engine under test."""
    return ENGINES[request.param](request)


@pytest.fixture(scope="session")
def shop(engine: Callable[[], Index]) -> Iterator[World]:
    """The shared conversations; tests leave them as they are."""
    index = engine()
    yield load(index, indexed(corpus()))
    index.close()


@pytest.fixture(scope="session")
def shared_index(engine: Callable[[], Index]) -> Iterator[Index]:
    """The index behind ``index``, made once because that takes time."""
    index = engine()
    load(index, [])
    yield index
    index.close()


@pytest.fixture
def index(shared_index: Index) -> Index:
    """An empty index."""
    World(shared_index, []).become([])
    return shared_index
