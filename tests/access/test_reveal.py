"""What is revealed is what the table lets be revealed: there, then, in that session, and nowhere else."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from meiqia_search.accounts.people import principal
from meiqia_search.accounts.tokens import Use
from meiqia_search.acl import rolefile
from meiqia_search.acl.reveal import Target, of_field, of_kind
from meiqia_search.archive import Caller
from meiqia_search.archive.revealing import LASTS
from meiqia_search.audit.events import Visit
from meiqia_search.wiring import Services, open_services
from tests.access.canaries import Secret, World, all_secrets, chance, secrets
from tests.access.conftest import Configure
from tests.access.surfaces import Ask
from tests.access.table import PEOPLE, PERSONAL_FIELDS, RELATIONS, WORDS, Relation
from tests.access.test_matrix import OTHERWISE, written_down
from tests.access.traces import Finder
from tests.access.walk import Answer, Watcher, request, without_chance
from tests.access.world import BY, PASSWORD, browser, may_see, open_world, related
from tests.conftest import PROVE

FINDER = Finder(all_secrets())
WHY = "客户要求回电"
TARGETS = [*map(of_kind, WORDS), *map(of_field, PERSONAL_FIELDS)]
REVEALERS = [login for login, row in PEOPLE.items() if row.reveals and row.form != "clear"]


@pytest.fixture(scope="module")
def shared(configure: Configure) -> Iterator[Services]:
    """An archive in which things are revealed."""
    opened = open_world(configure(), related())
    yield opened
    opened.close()


@pytest.fixture
def own(configure: Configure) -> Iterator[Services]:
    """An archive whose people, roles and clock the test may change."""
    opened = open_world(configure(), related())
    yield opened
    opened.close()


def reveal(client: TestClient, relation: Relation, target: Target, **more: str) -> int:
    """By the interface; the status."""
    wish = {"field": target.field} if target.field else {"kind": target.kind.value}
    body = {**wish, "reason": WHY, "password": PASSWORD, **more}
    return client.post(f"/api/v1/conversations/{World(relation).id}/reveal", json=body).status_code


def seen(client: TestClient, relation: Relation) -> set[Secret]:
    """What the page and the interface show of a conversation."""
    path = f"/conversations/{World(relation).id}"
    return FINDER.found(*(without_chance(client.get(page).content) for page in (path, f"/api/v1{path}")))


def of(target: Target, relation: Relation) -> set[Secret]:
    """The values that this is about."""
    return {
        each
        for each in secrets(World(relation))
        if (each.place == target.field if target.field else each.kind == target.kind)
    }


def may(login: str, relation: Relation, target: Target) -> bool:
    return PEOPLE[login].may_reveal(relation, target.field, target.kind)


def covered(login: str, found: set[Secret]) -> set[Secret]:
    """What of it the table hides from this person; an id that was asked for comes back in an error."""
    return {each for each in found - may_see(login) if each.place != "id"}


@pytest.mark.parametrize("login", PEOPLE)
def test_nobody_reveals_what_the_table_does_not_let_them(shared: Services, login: str) -> None:
    client = browser(shared, login)
    for relation in RELATIONS:
        for target in TARGETS:
            if not may(login, relation, target):
                allowed = {404} if relation not in PEOPLE[login].sees else {403, 422}
                assert reveal(client, relation, target) in allowed, (relation, target)
        assert not covered(login, seen(client, relation))


@pytest.mark.parametrize("login", REVEALERS)
def test_what_is_revealed_is_seen_there_and_nothing_else_is_anywhere(shared: Services, login: str) -> None:
    relations: list[Relation] = sorted(PEOPLE[login].sees)
    pairs = [(relation, target) for relation in relations for target in TARGETS if may(login, relation, target)]
    for relation, target in pairs if PROVE else chance("reveal", login).sample(pairs, 3):
        watcher, client, other = Watcher(shared), browser(shared, login), browser(shared, login)
        answers = [opened(client, watcher, relation, target), *looked(client, watcher, relation)]
        assert [each.status for each in answers] == [200, 200, 200]
        found = covered(login, FINDER.found(*(each.left for each in answers)))
        wanted = covered(login, of(target, relation))
        assert found <= wanted, (relation, target)
        assert found >= {each for each in wanted if leaves(login, each)}, (relation, target)
        assert not written_down(login, answers)
        for elsewhere in relations:
            assert not covered(login, seen(other, elsewhere)), (relation, target)
            assert elsewhere == relation or not covered(login, seen(client, elsewhere)), (relation, target)
        lists = (client.get(page, params={"size": "100"}).content for page in ("/search", "/api/v1/search"))
        assert not covered(login, FINDER.found(*map(without_chance, lists)))


def leaves(login: str, secret: Secret) -> bool:
    """Whether it is on the pages at all, in whatever form."""
    return secret.place not in OTHERWISE and PEOPLE[login].form_of(secret.place, secret.kind) is not None


def opened(client: TestClient, watcher: Watcher, relation: Relation, target: Target) -> Answer:
    wish = {"field": target.field} if target.field else {"kind": target.kind.value}
    ask = Ask(
        "POST", f"/api/v1/conversations/{World(relation).id}/reveal", json=wish | {"reason": WHY, "password": PASSWORD}
    )  # fmt: skip
    return request(client, watcher, "reveal", ask)


def looked(client: TestClient, watcher: Watcher, relation: Relation) -> list[Answer]:
    path = f"/conversations/{World(relation).id}"
    return [request(client, watcher, page, Ask("GET", page)) for page in (path, f"/api/v1{path}")]


def test_a_page_with_revealed_values_is_kept_by_nobody(shared: Services) -> None:
    client = browser(shared, "leader")
    assert reveal(client, "own", of_kind("phone")) == 200
    for page in (f"/conversations/{World('own').id}", f"/api/v1/conversations/{World('own').id}"):
        got = client.get(page)
        assert "no-store" in got.headers["cache-control"]
        titles = " ".join(part.partition("</title>")[0] for part in got.text.split("<title>")[1:])
        assert not FINDER.found(titles.encode()) - {each for each in all_secrets() if each.place == "id"}


@pytest.mark.parametrize("end", ["time", "sign out", "right", "role", "disabled", "password", "session ended"])
def test_it_ends_with(own: Services, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    client, phones = browser(own, "leader"), of_kind("phone")
    assert reveal(client, "own", phones) == 200
    assert covered("leader", seen(client, "own"))
    person = own.people.by_login("leader")
    match end:
        case "time":
            later = own.archive._reveals._now() + LASTS  # noqa: SLF001 - the clock of the test
            monkeypatch.setattr(own.archive._reveals, "_now", lambda: later)  # noqa: SLF001
        case "sign out":
            client.post("/sign-out", data={"csrf": client.headers["X-CSRF-Token"]})
        case "right":
            redesign(own, reveals=["email"])
        case "role":
            own.people.change("leader", BY, role="agent")
            own.people.change("leader", BY, role="leader")
        case "disabled":
            own.people.disable("leader", BY)
            own.people.enable("leader", BY)
        case "password":
            own.people.set_password("leader", PASSWORD, BY)
        case _:
            own.sign_in.end(person, own.sign_in.sessions(person, BY)[0].id, BY)
    assert not covered("leader", seen(client, "own"))
    again = browser(own, "leader")
    assert not covered("leader", seen(again, "own"))


def redesign(services: Services, **changes: object) -> None:
    """Another right for leaders."""
    file: Any = rolefile.to_json(services.policy)
    roles = [{**role, **changes} if role["name"] == "leader" else role for role in file["roles"]]
    services.roles.change({**file, "roles": roles}, services.policy.version, BY)


def test_the_quota_holds_across_processes_and_sessions(own: Services) -> None:
    redesign(own, limits={"export_rows": 1, "reveals_a_day": 3})
    beside = open_services(own.settings)
    try:
        clients = [browser(services, "leader") for services in (own, beside, own, beside)]
        assert [reveal(client, "own", of_kind("phone")) for client in clients] == [200, 200, 200, 403]
    finally:
        beside.close()
    newest = [row for row in own.audit.newest(20) if row["action"] == "reveal"]
    assert [row["outcome"] for row in newest[:4]] == ["quota-used-up", "ok", "ok", "ok"]


def test_every_reveal_and_every_refused_one_is_in_the_audit(shared: Services) -> None:
    client, agent = browser(shared, "leader"), browser(shared, "agent")
    attempts: tuple[tuple[Callable[[], int], str], ...] = (
        (lambda: reveal(client, "own", of_kind("phone")), "ok"),
        (lambda: reveal(client, "own", of_kind("phone"), reason="打"), "reason-needed"),
        (lambda: reveal(client, "own", of_kind("passport")), "action-not-allowed"),
        (lambda: reveal(agent, "own", of_kind("phone")), "action-not-allowed"),
        (lambda: reveal(client, "foreign", of_kind("phone")), "not-found"),
        (lambda: reveal(browser(shared, "leader"), "own", of_kind("phone"), password=""), "password-needed"),
        (lambda: reveal(browser(shared, "leader"), "own", of_kind("phone"), password="x"), "password-needed"),
    )
    for attempt, outcome in attempts:
        attempt()
        row = next(row for row in shared.audit.newest(5) if row["action"] == "reveal")
        assert (row["outcome"], row["count"]) == (outcome, int(outcome == "ok"))
        assert str(row["sentence"]).startswith("会话里的")


def test_a_token_reveals_nothing_and_sees_nothing_revealed(shared: Services) -> None:
    person, client, program = shared.people.by_login("leader"), browser(shared, "leader"), browser(shared, None)
    _, text = shared.tokens.create(person, "program", list(Use), 1, BY)
    program.headers["Authorization"] = f"Bearer {text}"
    assert reveal(program, "own", of_kind("phone")) == 403
    assert reveal(client, "own", of_kind("phone")) == 200
    answer = program.get(f"/api/v1/conversations/{World('own').id}")
    assert answer.status_code == 200
    assert not covered("leader", FINDER.found(answer.content))


def test_what_is_typed_as_a_reason_is_covered(shared: Services) -> None:
    client = browser(shared, "leader")
    phone = next(each for each in secrets(World("own")) if each.place == "phone")
    assert reveal(client, "own", of_kind("phone"), reason=f"回电 {phone.written}") == 200
    row = next(row for row in shared.audit.newest(5) if row["action"] == "reveal")
    assert row["sentence"] == "会话里的手机，理由：回电 [手机]"
    assert not FINDER.found(json.dumps(row, default=repr).encode()) - {
        each for each in all_secrets() if each.place == "id"
    }


def test_nobody_borrows_the_session_of_another(shared: Services) -> None:
    """A reveal is bound to the person as well."""
    client = browser(shared, "leader")
    assert reveal(client, "own", of_kind("phone")) == 200
    token = client.cookies["mqs"]
    session = shared.sign_in.session(token)
    assert session
    other = Caller(principal(shared.people.by_login("agent")), Visit("web", session=session.id))
    view = shared.archive.read(other, World("own").id)
    assert not covered("agent", FINDER.found(repr(view).encode()))
