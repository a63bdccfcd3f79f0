"""One archive for each place, with everybody in it; nothing here changes it."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.access.canaries import World
from tests.access.table import PEOPLE
from tests.access.walk import Answer, walk
from tests.access.world import open_world, related
from tests.places import NewPlace
from tests.secured import Secured, running_secured

Configure = Callable[[], Settings]


@pytest.fixture(scope="session")
def configure(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Configure:
    """Settings of a new archive at the place under test; everybody asks there more than a person would."""
    often = {"look_ups_a_minute": 10_000}
    return lambda: new_place(tmp_path_factory.mktemp("access") / "data").model_copy(update=often)


@pytest.fixture(scope="session")
def services(configure: Configure) -> Iterator[Services]:
    opened = open_world(configure(), related())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def walked(services: Services) -> Callable[[str], list[Answer]]:
    """Everything that somebody is answered, or a stranger (``''``)."""

    @cache
    def answers(login: str) -> list[Answer]:
        return walk(services, login or None, [World(each).id for each in sorted(PEOPLE[login].sees)] if login else [])

    return answers


@pytest.fixture(scope="session")
def secured() -> Iterator[Secured]:
    """An OpenSearch server with the security plugin; a test without one is skipped with the reason."""
    with running_secured() as server:
        yield server
