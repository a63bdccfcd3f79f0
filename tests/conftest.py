"""What all tests share: how much is proved, and databases of both kinds."""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from zlib import crc32

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from benchmarks import measure
from meiqia_search.accounts import passwords
from meiqia_search.records.database import Databases, open_postgres, open_sqlite
from meiqia_search.settings import Settings
from opensearch_home import VERSIONS
from tests.cluster import VERSION, Cluster, running_cluster
from tests.places import NewPlace, in_folder, on_servers
from tests.servers import Postgres, running_postgres

pytest.register_assert_rewrite("tests.contract.world")

SAMPLE, TAKEN = 10, 5
"""One in ten, by the remainder that takes the agent: who may least, and is asked by the wrong ways, too."""
SERVERS = ("server", "three_nodes", "secured", "cluster")
"""Fixtures that start one: three secured nodes, three open ones, a secured one, an open one."""
SHARING = {"access", "browser", "contract", "web"}
"""Folders whose tests share an archive."""
PROVE = bool(os.environ.get("MEIQIA_PROVE"))
settings.register_profile(
    "meiqia",
    deadline=None,  # no test judges a timing
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
settings.load_profile("meiqia")


def pytest_report_header() -> str:
    return f"opensearch: {os.environ.get('OPENSEARCH_URL') or VERSION}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of what runs on servers as it does in a folder, a sample, the same each time; all of it when proving.

    Where tests run beside each other, those with the same server do so in one process, and the longest come first.
    """
    left_out = set() if PROVE else {item for item in items if _is_beyond_sample(item)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = sorted((item for item in items if item not in left_out), key=lambda item: _group(item) not in SERVERS)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _is_beyond_sample(item: pytest.Item) -> bool:
    """Tests that go everywhere as somebody are taken with the person, so that few people have to."""
    called = getattr(item, "callspec", None)
    drawn = called.params.get("login", item.nodeid) if called else item.nodeid
    return "on servers" in item.nodeid and crc32(drawn.encode()) % SAMPLE != TAKEN


def _group(item: pytest.Item) -> str:
    """The server that a test needs, else the folder whose tests share an archive, else the file."""
    if item.get_closest_marker("opensearch"):
        needed = getattr(item, "fixturenames", ())
        return next((server for server in SERVERS if server in needed), SERVERS[-1])
    folder = item.path.parent.name
    return folder if folder in SHARING else item.path.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count what a full proof has shown."""
    report = yield
    for mark in item.iter_markers("proof") if PROVE else ():
        name, cases = mark.args
        if report.when == "call" and report.passed:
            _SHOWN[name] += cases
        elif report.failed:
            _FAILED.add(name)
    return report


def pytest_sessionfinish() -> None:
    """What full proofs have shown goes into the figures: so many cases, none failed."""
    for name in _SHOWN.keys() - _FAILED:
        measure.record(f"proof: {name}", _SHOWN[name], {"failures": 0})


_SHOWN: Counter[str] = Counter()
_FAILED: set[str] = set()


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Weak parameters for passwords: people of tests sign in a thousand times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test run; a test without one is skipped, in CI it fails."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """An OpenSearch server of this test run; a test without one is skipped with the reason."""
    with running_cluster() as server:
        yield server


@pytest.fixture(scope="session")
def older_cluster() -> Iterator[Cluster]:
    """The same, of the oldest version that the program works with."""
    with running_cluster(VERSIONS[-1]) as server:
        yield server


@pytest.fixture(
    scope="session",
    params=["in a folder", pytest.param("on servers", marks=[pytest.mark.opensearch, pytest.mark.postgres])],
)
def new_place(request: pytest.FixtureRequest) -> NewPlace:
    """Where archives of tests are kept: each test that uses it runs on both."""
    if request.param == "in a folder":
        return in_folder
    database: Postgres = request.getfixturevalue("postgres")
    index: Cluster = request.getfixturevalue("cluster")
    return lambda folder: on_servers(folder, database.new_database(), index.url, index.new_prefix())


@pytest.fixture
def place(new_place: NewPlace, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Where a new archive can be opened."""
    made = new_place(tmp_path / "data")
    index: Cluster | None = request.getfixturevalue("cluster") if made.opensearch_url else None
    yield made
    if index:
        index.remove(made.opensearch_prefix)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a new, empty record can be opened: a folder, or the address of a database."""
    if request.param == "sqlite":
        return tmp_path / "data"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def databases(address: Path | str) -> Iterator[Databases]:
    """An empty record."""
    opened = open_databases(address)
    yield opened
    opened.close()


def open_databases(address: Path | str) -> Databases:
    """The record at an address."""
    return open_sqlite(address) if isinstance(address, Path) else open_postgres(address)
