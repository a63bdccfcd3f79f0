"""One archive per engine, with everybody in it; nothing here changes it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.access.canaries import World
from tests.access.table import PEOPLE
from tests.access.walk import Answer, walk
from tests.access.world import open_world, related
from tests.cluster import Cluster
from tests.secured import Secured, running_secured

Configure = Callable[..., Settings]


@pytest.fixture(scope="session", params=["tantivy", pytest.param("opensearch", marks=pytest.mark.opensearch)])
def configure(request: pytest.FixtureRequest) -> Configure:
    """Settings of a new archive on the engine under test."""
    folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")

    def settings(**more: object) -> Settings:
        if request.param == "opensearch":
            cluster: Cluster = request.getfixturevalue("cluster")
            more |= {"opensearch_url": cluster.url, "opensearch_prefix": cluster.new_prefix()}
        return Settings(data_dir=folders.mktemp("access") / "data", **more)  # type: ignore[arg-type]

    return settings


@pytest.fixture(scope="session")
def services(configure: Configure) -> Iterator[Services]:
    opened = open_world(configure(), related())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def folder(services: Services) -> Path:
    return services.folder


@pytest.fixture(scope="session")
def walked(services: Services) -> dict[str, list[Answer]]:
    """Everything that everybody is answered, and a stranger (``''``)."""
    logins = [*PEOPLE, ""]
    return {
        login: walk(services, login or None, [World(each).id for each in sorted(PEOPLE[login].sees)] if login else [])
        for login in logins
    }


@pytest.fixture(scope="session")
def secured() -> Iterator[Secured]:
    """An OpenSearch server with the security plugin; a test without one is skipped with the reason."""
    with running_secured() as server:
        yield server
