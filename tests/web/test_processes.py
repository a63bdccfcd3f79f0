"""What one process changes, another one obeys within a second: sessions, tokens, people and roles."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx2 as httpx
import pytest

from meiqia_search.acl import rolefile
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import AGENT, Reach
from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.web.world import BY, PASSWORD, VISIT, open_world

WITHIN_S = 1.0 if os.environ.get("MEIQIA_PROVE") else 20.0
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("processes")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    """Where another process serves the same archive."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "meiqia_search.web.app:app", "--port", str(port)]
    environment = {**os.environ, "MEIQIA_DATA_DIR": str(services.folder)}
    with subprocess.Popen([*command, "--log-level", "warning"], env=environment) as child:
        address = f"http://127.0.0.1:{port}"
        _await_start(address)
        yield address
        child.terminate()


def _await_start(address: str) -> None:
    patience = time.monotonic() + PATIENCE_S
    while True:
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            assert time.monotonic() < patience
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def login(services: Services, request: pytest.FixtureRequest) -> str:
    name = f"p{abs(hash(request.node.name))}"
    services.people.add(name, "某人", "agent", PASSWORD, ["k1"], by=BY)
    return name


def after(change: Callable[[], object], asked: Callable[[], object], expected: object) -> None:
    """The other process answers so, at the latest a second after the change was made."""
    assert asked() != expected
    change()
    began = time.monotonic()
    while asked() != expected:
        assert time.monotonic() - began < WITHIN_S, asked()


def status(address: str, cookie: str) -> Callable[[], object]:
    return lambda: httpx.get(f"{address}/api/v1/search", cookies={"mqs": cookie}).status_code


def test_an_ended_session(services: Services, address: str, login: str) -> None:
    cookie, person = services.sign_in.sign_in(login, PASSWORD, VISIT), services.people.by_login(login)
    [found] = services.sign_in.sessions(person, BY)
    after(lambda: services.sign_in.end(person, found.id, BY), status(address, cookie), 401)


def test_a_disabled_person(services: Services, address: str, login: str) -> None:
    cookie = services.sign_in.sign_in(login, PASSWORD, VISIT)
    after(lambda: services.people.disable(login, BY), status(address, cookie), 401)


def test_a_person_of_another_role(services: Services, address: str, login: str) -> None:
    cookie = services.sign_in.sign_in(login, PASSWORD, VISIT)
    after(lambda: services.people.change(login, BY, role="leader"), status(address, cookie), 401)


def test_a_person_of_other_agents_sees_theirs(services: Services, address: str, login: str) -> None:
    cookie = services.sign_in.sign_in(login, PASSWORD, VISIT)

    def total() -> object:
        return httpx.get(f"{address}/api/v1/search", cookies={"mqs": cookie}).json()["total"]

    after(lambda: services.people.change(login, BY, agents=["k99"]), total, 0)


def test_a_revoked_token(services: Services, address: str, login: str) -> None:
    person = services.people.by_login(login)
    made, text = services.tokens.create(person, "程序", ["search"], 1, BY)

    def asked() -> object:
        return httpx.get(f"{address}/api/v1/search", headers={"Authorization": f"Bearer {text}"}).status_code

    after(lambda: services.tokens.revoke(person, made.id, BY), asked, 401)


def test_another_role(services: Services, address: str, login: str) -> None:
    cookie = services.sign_in.sign_in(login, PASSWORD, VISIT)
    old = services.policy
    new = rolefile.to_json(Policy({**old.roles, "agent": replace(AGENT, reach=Reach.ALL)}))

    def reach() -> object:
        return httpx.get(f"{address}/api/v1/search", cookies={"mqs": cookie}).json()["reach"]

    after(lambda: services.roles.change(new, old.version, BY), reach, "全部会话")
    services.roles.change(rolefile.to_json(old), old.version + 1, BY)  # the other tests know agents as they were
