"""The engines that keep the contract, each with the shared conversations loaded."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meiqia_search.engines.base import Index
from meiqia_search.engines.tantivy.index import TantivyIndex
from tests.contract.world import World, load
from tests.corpus import corpus, indexed

ENGINES: dict[str, Callable[[Path], Index]] = {
    "tantivy": lambda folder: TantivyIndex(folder, memory_mb=32, threads=2),
}


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Index]:
    """Makes a new, empty index of the engine under test."""
    make = ENGINES[request.param]
    return lambda: make(tmp_path_factory.mktemp("index"))


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
