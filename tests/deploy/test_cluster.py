"""The installation of docker-compose.yml without containers: its settings, PostgreSQL, three secured nodes."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import httpx2 as httpx
import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import AuthenticationException

import cluster_accounts
from meiqia_search import conversation
from meiqia_search.channels import demo
from meiqia_search.engines.opensearch.connection import connect
from opensearch_server import SHORT_LIVED, USER, Server, running
from tests.cluster import VERSION, or_give_up
from tests.deploy.compose import chosen, filled, written
from tests.servers import Postgres

pytestmark = [pytest.mark.opensearch, pytest.mark.postgres]
MADE = 400
PATIENCE_S = 90.0
PROGRAM = [sys.executable, "-m", "meiqia_search"]


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return chosen(tmp_path_factory.mktemp("env"))


@pytest.fixture(scope="module")
def server(values: dict[str, str]) -> Iterator[Server]:
    with or_give_up(), running(nodes=3, security=True, version=VERSION, java_options=SHORT_LIVED) as started:
        cluster_accounts.grant(started.urls[0], started.certificates, values)
        yield started


@dataclass(frozen=True)
class Installation:
    """Where its processes run and what they are given."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        """A command to its end; what it printed."""
        command = [*PROGRAM, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def under_way(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """A process that is told to end as the engine of containers does, without an input as there."""
        with subprocess.Popen(
            [*PROGRAM, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, text=True
        ) as process:
            try:
                yield process
            finally:
                process.terminate()
            assert process.wait(PATIENCE_S) in {0, -signal.SIGTERM}


@pytest.fixture(scope="module")
def installation(
    values: dict[str, str], server: Server, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """What the compose file gives the web, with the addresses of here in place of those of containers."""
    folder = tmp_path_factory.mktemp("installation")
    given = filled(written()["services"]["web"]["environment"], values)
    assert isinstance(given, dict)
    here = {
        "MEIQIA_DATA_DIR": str(folder / "data"),
        "MEIQIA_AUDIT_CHECKPOINTS": str(folder / "checkpoints"),
        "MEIQIA_DATABASE_URL": postgres.new_database(),
        "MEIQIA_OPENSEARCH_URL": server.url,
        "MEIQIA_OPENSEARCH_CA": str(server.ca),
        "MEIQIA_HOST": "127.0.0.1",
        "MEIQIA_PORT": str(free_port()),
    }
    assert here.keys() <= given.keys()
    return Installation(folder, {**os.environ, **given, **here})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Running:
    """The installation at work."""

    installation: Installation
    web: "subprocess.Popen[str]"
    heartbeat: Path

    def ask(self, path: str, token: str = "") -> httpx.Response:
        """A request to the pages."""
        port = self.installation.environment["MEIQIA_PORT"]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def running_installation(installation: Installation) -> Iterator[Running]:
    installation.run("init")
    heartbeat = installation.folder / "heartbeat"
    with (
        installation.under_way("worker", "--heartbeat", str(heartbeat)),
        installation.under_way("serve", "--web-only") as web,
    ):
        made = Running(installation, web, heartbeat)
        patience = time.monotonic() + PATIENCE_S
        while True:
            with suppress(httpx.TransportError):
                if made.ask("/healthz").status_code == 200:
                    break
            assert web.poll() is None
            assert time.monotonic() < patience
            time.sleep(0.2)
        yield made


@pytest.fixture(scope="module")
def token(running_installation: Running) -> str:
    installation = running_installation.installation
    file = installation.folder / "conversations.jsonl"
    file.write_bytes(b"".join(conversation.encode(each) + b"\n" for each in demo.conversations(MADE)))
    installation.run("import", str(file))
    found = installation.run("--json", "tokens", "create", "local", "--name", "t", "--use", "search", "--days", "1")
    made: str = json.loads(found)["token"]
    return made


def client(server: Server, user: str, password: str) -> OpenSearch:
    return connect(server.url, connections=2, user=user, password=password, ca=server.ca)


def test_the_nodes_have_found_each_other_over_tls(server: Server, values: dict[str, str]) -> None:
    with client(server, USER, values["OPENSEARCH_ADMIN_PASSWORD"]) as admin:
        assert admin.cluster.health()["number_of_nodes"] == 3


def test_the_health_check_needs_no_account_and_all_else_does(server: Server) -> None:
    stranger = ssl.create_default_context(cafile=server.ca)
    for url in server.urls:
        with urllib.request.urlopen(f"{url}/_plugins/_security/health", context=stranger) as answer:  # noqa: S310
            assert json.load(answer)["status"] == "UP"
        with pytest.raises(HTTPError, match="401"):
            urllib.request.urlopen(f"{url}/_cluster/health", context=stranger)  # noqa: S310


@pytest.mark.parametrize("user", ["admin", "kibanaserver", "kibanaro", "logstash", "readall", "snapshotrestore"])
def test_no_account_has_the_password_of_the_manual(server: Server, user: str) -> None:
    with client(server, user, user) as known, pytest.raises(AuthenticationException):
        known.info()


def test_dashboards_own_account_can_sign_in(server: Server, values: dict[str, str]) -> None:
    with client(server, "kibanaserver", values["OPENSEARCH_DASHBOARDS_PASSWORD"]) as dashboards:
        assert dashboards.info()["version"]["number"]


def test_a_password_is_changed_by_running_the_step_again(server: Server, values: dict[str, str]) -> None:
    new = {**values, "OPENSEARCH_DASHBOARDS_PASSWORD": f"{values['OPENSEARCH_DASHBOARDS_PASSWORD']}-new"}
    cluster_accounts.grant(server.urls[0], server.certificates, new)
    with client(server, "kibanaserver", new["OPENSEARCH_DASHBOARDS_PASSWORD"]) as dashboards:
        dashboards.info()
    old = client(server, "kibanaserver", values["OPENSEARCH_DASHBOARDS_PASSWORD"])
    with old, pytest.raises(AuthenticationException):
        old.info()
    cluster_accounts.grant(server.urls[0], server.certificates, values)


def test_what_one_process_imports_another_indexes_and_a_third_finds(running_installation: Running, token: str) -> None:
    assert running_installation.ask("/api/v1/search", token).json()["total"] == MADE


def test_nothing_is_missing(running_installation: Running, token: str) -> None:
    assert token
    found = json.loads(running_installation.installation.run("--json", "doctor"))
    assert {each["level"] for each in found} <= {"good", "notice"}
    assert json.loads(running_installation.installation.run("--json", "verify"))["missing"] == []
    assert (running_installation.installation.folder / "checkpoints" / "checkpoints.jsonl").exists()


def test_the_worker_shows_that_it_lives(running_installation: Running) -> None:
    before, patience = running_installation.heartbeat.stat().st_mtime_ns, time.monotonic() + PATIENCE_S
    while running_installation.heartbeat.stat().st_mtime_ns == before:
        assert time.monotonic() < patience
        time.sleep(0.05)


def children(pid: int) -> set[int]:
    """The processes that answer."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(each) for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()}


def test_the_processes_are_replaced_without_a_gap(running_installation: Running, token: str) -> None:
    before, patience = children(running_installation.web.pid), time.monotonic() + PATIENCE_S
    assert len(before) == int(running_installation.installation.environment["MEIQIA_PROCESSES"])
    running_installation.web.send_signal(signal.SIGHUP)
    while children(running_installation.web.pid) & before:
        assert running_installation.ask("/api/v1/search?q=退款", token).status_code == 200
        assert time.monotonic() < patience
    assert len(children(running_installation.web.pid)) == len(before)
