"""Rights that change while they are used: nobody else changes them, and no answer is made by two rules at once."""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from meiqia_search.accounts.tokens import Use
from meiqia_search.acl import rolefile
from meiqia_search.web.app import create_app
from meiqia_search.wiring import Services, open_services
from tests.access.canaries import World, all_secrets
from tests.access.conftest import Configure
from tests.access.surfaces import Ask
from tests.access.table import EVERYTHING, PEOPLE
from tests.access.traces import Finder
from tests.access.walk import routes, send, without_chance
from tests.access.world import BY, PASSWORD, browser, may_see, open_world, related
from tests.conftest import PROVE

FINDER = Finder(all_secrets())
OPEN_TO_ALL = frozenset({"/sign-in", "/sign-out", "/preview/end", "/search", "/api/v1/search"})
"""What anybody may send; everything else changes something."""
OWN_TESTS = ("/account", "/conversations", "/api/v1/conversations", "/audit/verify", "/audit/alerts")
"""One's own account, what is revealed, and looks into the audit: no right of anybody is changed there."""


@pytest.fixture
def own(configure: Configure) -> Iterator[Services]:
    """An archive that the test may change."""
    opened = open_world(configure(), related())
    yield opened
    opened.close()


def kept(services: Services) -> str:
    """Everything that rights depend on."""
    people = [(row.login, row.name, row.role, row.agents, row.groups, row.password, row.disabled_at)
              for row in services.people.record.all()]  # fmt: skip
    return json.dumps([people, rolefile.to_json(services.policy), services.policy.version])


@pytest.mark.parametrize("login", [login for login in PEOPLE if not PEOPLE[login].manages])
def test_only_who_manages_people_changes_their_rights(services: Services, login: str) -> None:
    client, before = browser(services, login), kept(services)
    csrf = client.headers["X-CSRF-Token"]
    form = {"csrf": csrf, "password": PASSWORD, "name": "别人", "role": "administrator", "new": "long enough 密码"}
    for method, path in sorted(routes(create_app(services))):
        if method in {"POST", "PUT", "PATCH", "DELETE"} and path not in OPEN_TO_ALL and not path.startswith(OWN_TESTS):
            where = path.replace("{login}", "supervisor")
            got = client.request(method, re.sub(r"\{[^}]*\}", "absent", where), data=form)
            assert got.status_code in {403, 404}, path
    assert kept(services) == before


def test_nobody_ends_the_session_or_token_of_another(own: Services) -> None:
    agent, leader = browser(own, "agent"), browser(own, "leader")
    person = own.people.by_login("leader")
    token, text = own.tokens.create(person, "program", list(Use), 1, BY)
    [session] = own.sign_in.sessions(person, BY)
    form = {"csrf": agent.headers["X-CSRF-Token"], "password": PASSWORD}
    for path in (f"/account/sessions/{session.id}/end", f"/account/tokens/{token.id}/revoke"):
        foreign = agent.post(path, data=form)
        absent = agent.post(re.sub("/[0-9a-f]{12}/", "/0123456789ab/", path), data=form)
        assert foreign.status_code == absent.status_code == 404
        assert [unsigned(line) for line in notes(foreign.text)] == [unsigned(line) for line in notes(absent.text)]
    assert leader.get("/search").status_code == 200
    assert agent.get("/api/v1/search", headers={"Authorization": f"Bearer {text}"}).status_code == 200


@pytest.mark.parametrize("login", PEOPLE)
def test_a_token_sees_what_its_person_sees(services: Services, login: str) -> None:
    person, client, program = services.people.by_login(login), browser(services, login), browser(services, None)
    _, text = services.tokens.create(person, "program", [Use.SEARCH, Use.READ], 1, BY)
    _, narrow = services.tokens.create(person, "narrow", [Use.SEARCH], 1, BY)
    ids = [World(each).id for each in ("own", "owner", "foreign")]
    asks = [Ask("GET", "/api/v1/search"), Ask("POST", "/api/v1/search", json={"q": "回电", "size": 2})]
    asks += [Ask("GET", f"/api/v1/conversations/{each}") for each in ids]
    for ask in asks:
        with_cookie = send(client, ask)
        program.headers["Authorization"] = f"Bearer {text}"
        with_token = send(program, ask)
        assert unsigned(with_token.text) == unsigned(with_cookie.text)
        typed = {each for each in all_secrets() if each.place == "id" and each.written in ask.page}
        assert not FINDER.found(with_token.left) - may_see(login) - typed
        program.headers["Authorization"] = f"Bearer {narrow}"
        assert send(program, ask).status == (with_cookie.status if "search" in ask.page else 403)
    assert program.get("/search").status_code == 303


def notes(page: str) -> list[str]:
    """What a page says of what happened."""
    return re.findall('<div class="note.*', page)


def unsigned(text: str) -> str:
    """An answer without the number of its request."""
    return re.sub('(?:"trace_id":"|编号 )[0-9A-F]{10}', "", text)


@pytest.mark.parametrize("act", ["disable", "role", "end", "password"])
def test_paging_ends_with_the_session(own: Services, act: str) -> None:
    client = browser(own, "agent")
    page = client.get("/api/v1/search", params={"size": 1}).json()
    person = own.people.by_login("agent")
    match act:
        case "disable":
            own.people.disable("agent", BY)
        case "role":
            own.people.change("agent", BY, role="leader")
        case "end":
            own.sign_in.end(person, own.sign_in.sessions(person, BY)[0].id, BY)
        case _:
            own.people.set_password("agent", "another 密码 entirely", BY)
    assert client.get("/api/v1/search", params={"size": 1, "after": page["next"]}).status_code == 401
    assert client.get(f"/conversations/{World('own').id}").status_code == 303


def test_other_agents_and_groups_count_at_the_next_request(own: Services) -> None:
    client = browser(own, "agent")
    assert seen_by(client) == {"own", "transferred"}
    own.people.change("agent", BY, agents=["k2"])
    assert seen_by(client) == {"owner", "transferred", "foreign"}
    own.people.change("agent", BY, agents=[])
    assert seen_by(client) == set()
    assert client.get(f"/api/v1/conversations/{World('own').id}").status_code == 404


def test_other_roles_count_at_the_next_request_and_end_old_cursors(own: Services) -> None:
    client = browser(own, "agent")
    cursor = client.get("/api/v1/search", params={"size": 1}).json()["next"]
    wide(own)
    assert seen_by(client) == EVERYTHING
    assert client.get("/api/v1/search", params={"size": 1, "after": cursor}).status_code == 400
    narrow(own)
    assert seen_by(client) == {"own", "transferred"}


def test_another_process_obeys_within_a_second(own: Services) -> None:
    beside = open_services(own.settings)
    try:
        client = browser(beside, "agent")
        assert seen_by(client) == {"own", "transferred"}
        wide(own)
        threading.Event().wait(1)
        assert seen_by(client) == EVERYTHING
    finally:
        beside.close()


def seen_by(client: TestClient) -> set[str]:
    """The relations whose conversations a list holds."""
    found = FINDER.found(without_chance(client.get("/api/v1/search", params={"size": 100}).content))
    return {secret.relation for secret in found if secret.place == "id"}


def wide(services: Services) -> None:
    """Let agents see everything, and clear."""
    _redesign(services, {"reach": "all", "personal": {"phone": "clear", "name": "clear", "email": "clear"}})


def narrow(services: Services) -> None:
    """Let agents see their own, and nothing of people."""
    _redesign(services, {"reach": "own", "personal": {}})


def _redesign(services: Services, changes: dict[str, Any]) -> None:
    file: Any = rolefile.to_json(services.policy)
    roles = [{**role, **changes} if role["name"] == "agent" else role for role in file["roles"]]
    services.roles.change({**file, "roles": roles}, services.policy.version, BY)


ROUNDS = 60 if PROVE else 6
RACERS = 8
_TOTAL, _COUNT = re.compile(r'role="status">共 (\d+) 条'), re.compile(r'class="n">(\d+)</span>')


@pytest.mark.timeout(1_200)
def test_no_answer_mixes_rules(own: Services) -> None:
    """Eight ask while the role goes to and fro; whatever comes back is all of the one rule or all of the other."""
    narrow(own)
    done, faults = threading.Event(), list[str]()

    def asking(number: int, client: TestClient) -> None:
        while not done.is_set():
            fault = mixed(client, number)
            if fault:
                faults.append(fault)

    clients = [browser(own, "agent") for _ in range(RACERS)]
    threads = [threading.Thread(target=asking, args=pair) for pair in enumerate(clients)]
    own_place_for_everyone(own)
    for client in clients:
        client.get("/api/v1/search")  # each builds its application at its first request, one after the other
    for thread in threads:
        thread.start()
    for _ in range(ROUNDS):
        for change in (wide, narrow):
            change(own)
            done.wait(0.05)
    done.set()
    for thread in threads:
        thread.join()
    assert not faults


def own_place_for_everyone(services: Services) -> None:
    """Nobody waits for a place: this is about rights."""
    services.archive._places["p-agent"] = threading.BoundedSemaphore(RACERS)  # noqa: SLF001


def mixed(client: TestClient, number: int) -> str:
    """What in an answer is of two rules; '' where it is of one."""
    if number % 2:
        got = client.get("/api/v1/search", params={"size": 100})
        count = got.json().get("total", -1) if got.status_code == 200 else -1
        facets = {count}
    else:
        got = client.get("/search", params={"size": 100, "more": "channel"})
        total = _TOTAL.search(got.text)
        count = int(total[1]) if total else -1
        facets = set() if "暂时算不出来" in got.text else {channels(got.text)}
    found = FINDER.found(without_chance(got.content))
    ids = {secret.relation for secret in found if secret.place == "id"}
    clear = {secret.relation for secret in found if secret.kind == "phone"}
    masked = "****" in got.text
    wide_, narrow_ = len(ids) == 7, len(ids) == 2
    right = got.status_code == 200 and facets <= {len(ids)} and count == len(ids)
    right = right and ((wide_ and len(clear) == 7) or (narrow_ and not clear and not masked))
    return (
        "" if right else f"{got.url}: {got.status_code}, {count} found, {len(ids)} shown, {len(clear)} clear, {facets}"
    )


def channels(text: str) -> int:
    """How many conversations the filter by channel counts."""
    part = text.partition('data-facet="channel"')[2].partition("</details>")[0]
    return sum(map(int, _COUNT.findall(part)))
