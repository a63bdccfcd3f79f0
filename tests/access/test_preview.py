"""Whoever looks as somebody else sees what that person sees, no more than they see themselves, and changes nothing."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from meiqia_search.accounts import preview
from meiqia_search.acl import rolefile
from meiqia_search.wiring import Services
from tests.access.canaries import World, all_secrets, chance
from tests.access.conftest import Configure
from tests.access.dice import Dice
from tests.access.surfaces import ROUTES, Ask
from tests.access.table import PEOPLE
from tests.access.test_changing import kept
from tests.access.test_two_worlds import answer
from tests.access.traces import Finder
from tests.access.walk import without_chance
from tests.access.world import BY, PASSWORD, account_secrets, browser, may_see, open_world, related
from tests.conftest import PROVE
from tests.corpus import corpus

FINDER = Finder([*all_secrets(), *account_secrets()])
REQUESTS = 1_000 if PROVE else 40
READS = ("/search", "/conversations/{conversation_id:path}", "/api/v1/search",
         "/api/v1/conversations/{conversation_id:path}", "/roles", "/people", "/role-history")  # fmt: skip
_FRAME = re.compile('(?s)<body class="app[^"]*">.*?</header>')
"""The bar at the top: who is signed in, and that it is a preview."""
OTHERS = frozenset({"/sign-in", "/search"})
"""It begins another session, as whoever has another password; it changes nothing, as a search of the interface."""
ENDS = frozenset({"/sign-out", "/preview/end"})


@pytest.fixture(scope="module")
def shared(configure: Configure) -> Iterator[Services]:
    opened = open_world(configure(), [*related(), *corpus()])
    opened.directory._read_at = float("-inf")  # noqa: SLF001 - names that came just now are known from the first answer on
    yield opened
    opened.close()


@pytest.fixture
def own(configure: Configure) -> Iterator[Services]:
    """An archive whose people and roles the test may change."""
    opened = open_world(configure(), related())
    yield opened
    opened.close()


def looking(services: Services, looker: str, seen: str) -> TestClient:
    """A browser in which one person looks as another."""
    client = browser(services, looker)
    assert post(client, "/preview", login=seen).headers["location"] == "/search"
    return client


def post(client: TestClient, path: str, **form: str) -> Response:
    return client.post(path, data={"csrf": client.headers["X-CSRF-Token"], **form})


def bare(client: TestClient, ask: Ask) -> str:
    """What came back without the frame around a page."""
    return _FRAME.sub("", answer(client, ask))


@pytest.mark.proof("a preview answers like the person", REQUESTS)
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("login", PEOPLE)
def test_a_preview_answers_like_the_person(shared: Services, login: str) -> None:
    ids = [World(each).id for each in (*sorted(PEOPLE[login].sees), "foreign")]
    asks = [ask for (method, path), asking in ROUTES.items() if (method, path) in _reads() for ask in asking(ids)]
    dice = Dice(login, [*related(), *corpus()], [needle for each in all_secrets() for needle in each.needles])
    with browser(shared, login) as person, looking(shared, "administrator", login) as looker:
        assert f"正在以 <b>{shared.people.by_login(login).name}（{login}" in looker.get("/search").text
        some = asks if PROVE else chance("preview", login).sample(asks, REQUESTS)
        for ask in [*some, *(dice.throw() for _ in range(REQUESTS))]:
            if ask.method == "GET" and not ask.page.startswith("/account"):
                theirs = bare(person, ask)
                assert bare(looker, ask) == theirs, ask
                dice.saw(ask, theirs)


def _reads() -> set[tuple[str, str]]:
    return {("GET", path) for path in READS}


@pytest.mark.parametrize("login", PEOPLE)
def test_nobody_sees_more_as_somebody_else(own: Services, login: str) -> None:
    """Somebody who may manage people and see little; as whomever they look, it stays little."""
    lookers: dict[str, dict[str, Any]] = {"narrow": {"reach": "own"}, "blind": {"reach": "all", "where": {"or": []}}}
    for name, role in lookers.items():
        add_manager(own, name, **role)
        client = looking(own, name, login)
        sees = PEOPLE[login].sees & {"own", "transferred"} if name == "narrow" else frozenset()
        allowed = {each for each in may_see(login) if each.relation in sees} | set(account_secrets())
        for path in ("/search", "/api/v1/search", *(f"/conversations/{World(each).id}" for each in ("own", "group"))):
            got = client.get(path, params={"size": "100"})
            found = {
                each
                for each in FINDER.found(without_chance(got.content))
                if each.place != "id" or "/conversations" not in path
            }
            assert not {each for each in found - allowed if each.kind or each.relation not in sees}, (name, path)
        assert f'"total":{len(sees)}' in client.get("/api/v1/search").text or login == "unknown-role"


def add_manager(services: Services, name: str, **role: Any) -> None:  # noqa: ANN401 - the parts of a role
    """Somebody who manages people, with a role of this kind."""
    file: Any = rolefile.to_json(services.policy)
    made = {"name": name, "label": name, "abilities": ["manage_people"], "personal": {}, **role}
    services.roles.change({**file, "roles": [*file["roles"], made]}, services.policy.version, BY)
    services.people.add(name, name, name, PASSWORD, ["k1"], ["g1"], by=BY)


def test_every_change_is_refused(shared: Services) -> None:
    client = looking(shared, "administrator", "administrator")
    before, tried = kept(shared), 0
    form = {"password": PASSWORD, "name": "别人", "role": "administrator", "new": "long enough 密码", "login": "agent",
            "label": "新角色", "reach": "all", "what": "phone", "reason": "客户要求回电", "q": "x"}  # fmt: skip
    for method, path in sorted(ROUTES):
        if method == "GET" or path in OTHERS | ENDS:
            continue
        where = path.replace("{login}", "agent").replace("{role}", "agent").replace("{number}", "1")
        where = re.sub(r"\{[^}]*\}", World("own").id, where)
        got = client.request(method, where, json={}) if path.startswith("/api/") else post(client, where, **form)
        assert (got.status_code, "预览时只能查看" in got.text) == (403, True), path
        row = next(row for row in shared.audit.newest(3) if row["action"] == "refused")
        assert (row["outcome"], row["sentence"]) == ("read-only-preview", "以 administrator 的身份预览：改动")
        tried += 1
    assert tried >= 19
    assert kept(shared) == before
    assert client.get("/account").status_code == 403


def test_what_was_looked_at_and_as_whom_is_recorded(shared: Services) -> None:
    client = looking(shared, "administrator", "leader")
    begun = shared.audit.newest(1)[0]
    assert (begun["action"], begun["person"], begun["sentence"]) == (
        "preview", "p-administrator", "以 leader 的身份预览：开始",
    )  # fmt: skip
    for path in ("/search?q=退款", f"/conversations/{World('own').id}", "/api/v1/search", "/roles"):
        client.get(path)
        row = shared.audit.newest(1)[0]
        assert (row["person"], row["role"]) == ("p-administrator", "administrator"), path
        assert str(row["sentence"]).startswith("以 leader 的身份预览"), path
        assert json.loads(str(row["ids"]))[0] == "p-leader", path
    post(client, "/preview/end")
    ended = shared.audit.newest(1)[0]
    assert (ended["action"], ended["sentence"]) == ("preview", "以 leader 的身份预览：结束")
    client.get("/search")
    assert "预览" not in str(shared.audit.newest(1)[0]["sentence"])


@pytest.mark.parametrize("end", ["end", "time", "sign out", "person disabled", "right"])
def test_it_ends_with(own: Services, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    client = looking(own, "administrator", "agent")
    assert total(client) == 2
    match end:
        case "end":
            assert post(client, "/preview/end").headers["location"] == "/people/agent"
        case "time":
            later = own.sign_in._now() + preview.LASTS  # noqa: SLF001 - the clock of the test
            monkeypatch.setattr(own.sign_in._previews, "_now", lambda: later)  # noqa: SLF001
        case "sign out":
            assert post(client, "/sign-out").status_code == 303
            assert client.get("/search").headers["location"].startswith("/sign-in")
        case "person disabled":
            own.people.disable("agent", BY)
        case _:
            own.people.add("chief", "Chief", "administrator", PASSWORD, by=BY)
            own.people.record.change(  # the right alone: with another role the session would end as well
                own.people.record.by_id("p-administrator")._replace(role="supervisor"),  # type: ignore[union-attr]
                lambda _: None, end_sessions=False,
            )  # fmt: skip
    if end != "sign out":
        assert total(client) == 7
        assert "preview" not in client.get("/search").text.partition("</header>")[0]
    rows = [row for row in own.audit.newest(20) if row["action"] == "preview"]
    assert [row["sentence"] for row in rows[:2]] == ["以 agent 的身份预览：结束", "以 agent 的身份预览：开始"]


def total(client: TestClient) -> int:
    return int(client.get("/api/v1/search").json()["total"])


def test_who_may_not_manage_people_looks_as_nobody(shared: Services) -> None:
    for login in ("agent", "leader", "supervisor", "auditor"):
        client = browser(shared, login)
        assert post(client, "/preview", login="administrator").status_code == 404
        assert "正在以" not in client.get("/search").text
    client = browser(shared, "administrator")
    assert post(client, "/preview", login="absent").status_code == 404
    assert post(client, "/preview/end").headers["location"] == "/search"


def test_a_disabled_account_is_not_looked_as(own: Services) -> None:
    own.people.disable("agent", BY)
    got = post(browser(own, "administrator"), "/preview", login="agent")
    assert (got.status_code, "已停用" in got.text) == (422, True)


def test_another_session_is_not_in_the_preview(shared: Services) -> None:
    client, beside = looking(shared, "administrator", "agent"), browser(shared, "administrator")
    assert total(client) < total(beside)
    assert "正在以" not in beside.get("/search").text


def test_what_the_person_revealed_is_not_shown(shared: Services) -> None:
    person, client = browser(shared, "leader"), looking(shared, "administrator", "leader")
    body = {"kind": "phone", "reason": "客户要求回电", "password": PASSWORD}
    path = f"/api/v1/conversations/{World('own').id}"
    assert person.post(f"{path}/reveal", json=body).status_code == 200
    clear = FINDER.found(without_chance(person.get(path).content)) - may_see("leader")
    assert clear
    assert not FINDER.found(without_chance(client.get(path).content)) & clear


def test_in_a_preview_the_person_s_places_are_left_to_them(shared: Services) -> None:
    """Who looks waits in their own line."""
    client = looking(shared, "administrator", "leader")
    places = shared.archive._places  # noqa: SLF001
    places.pop("p-leader", None)
    client.get("/search")
    assert "p-leader" not in places
