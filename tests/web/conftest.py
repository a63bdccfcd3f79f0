"""One archive for all tests of pages and interface; nothing in them changes it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from meiqia_search.wiring import Services
from tests.places import NewPlace
from tests.web.world import open_world, visitor


@pytest.fixture(scope="session")
def services(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    opened = open_world(new_place(tmp_path_factory.mktemp("web")))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def admin(services: Services) -> TestClient:
    return visitor(services, "admin")


@pytest.fixture(scope="session")
def agent(services: Services) -> TestClient:
    return visitor(services, "agent")


@pytest.fixture(scope="session")
def leader(services: Services) -> TestClient:
    return visitor(services, "leader")


@pytest.fixture
def stranger(services: Services) -> TestClient:
    return visitor(services, None)
