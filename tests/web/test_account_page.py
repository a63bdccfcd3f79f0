"""我的账号, and tokens as programs use them."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text as sql
from starlette.testclient import TestClient

from meiqia_search.accounts.tokens import PATTERN, Tokens
from meiqia_search.clock import DAY
from meiqia_search.settings import Settings
from meiqia_search.web.app import create_app
from meiqia_search.wiring import Services
from tests.web.page import Page, get
from tests.web.test_people_pages import alert, send
from tests.web.world import BY, EVIL_ID, PASSWORD, open_world, visitor


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An archive of its own: these tests change people."""
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("account")))
    yield opened
    opened.close()


def token(services: Services, login: str, *uses: str, days: int = 1) -> str:
    person = services.people.by_login(login)
    return services.tokens.create(person, "程序", uses or ("search", "read"), days, BY)[1]


def program(services: Services, text: str) -> TestClient:
    client = TestClient(create_app(services), follow_redirects=False)
    client.headers["Authorization"] = f"Bearer {text}"
    return client


def last(services: Services) -> tuple[object, ...]:
    row = services.audit.newest(1)[0]
    return row["action"], row["person"], row["outcome"]


def test_a_token_is_shown_once_and_used(services: Services) -> None:
    client = visitor(services, "agent")
    made = send(client, "/account/tokens", name="日报", use=["search"], days="30", password=PASSWORD)
    text = Page(made.text).one("code", "token").text
    assert PATTERN.fullmatch(text)
    assert text not in get(client, "/account").source
    assert "从未" in get(client, "/account").source
    with services.databases.record.read() as connection:
        assert text not in str(connection.execute(sql("SELECT * FROM token")).all())
    answer = program(services, text).post("/api/v1/search", json={})
    assert (answer.status_code, answer.json()["total"]) == (200, get(client, "/search").total)
    row = (
        services.audit.newest(2)[1]
        if services.audit.newest(1)[0]["action"] != "search"
        else services.audit.newest(1)[0]
    )
    assert row["action"] in {"search", "count"}
    assert "从未" not in get(client, "/account").source


def test_a_token_does_what_it_is_for_and_nothing_else(services: Services) -> None:
    search = program(services, token(services, "admin", "search"))
    assert search.get("/api/v1/search").status_code == 200
    refused = search.get(f"/api/v1/conversations/{EVIL_ID}")
    assert (refused.status_code, refused.json()["code"]) == (403, "action-not-allowed")
    assert (
        program(services, token(services, "admin", "read")).get(f"/api/v1/conversations/{EVIL_ID}").status_code == 200
    )


def test_a_token_sees_what_its_person_sees(services: Services) -> None:
    client = program(services, token(services, "agent"))
    assert client.get("/api/v1/search").json()["reach"] == "本人会话"
    services.people.change("agent", BY, agents=["k99"])
    assert client.get("/api/v1/search").json()["total"] == 0
    services.people.change("agent", BY, agents=["k1"])


def test_pages_take_no_token(services: Services) -> None:
    client = program(services, token(services, "admin"))
    for path in ("/search", "/people", "/account"):
        assert client.get(path).status_code == 303, path


def test_the_token_counts_not_the_cookie_that_comes_along(services: Services) -> None:
    client = visitor(services, "admin")
    client.headers["Authorization"] = f"Bearer {token(services, 'agent')}"
    assert client.get("/api/v1/search").json()["reach"] == "本人会话"
    client.headers["Authorization"] = "Bearer nonsense"
    assert client.get("/api/v1/search").status_code == 401
    client.headers["Authorization"] = "Basic abc"  # of a proxy in front
    assert client.get("/api/v1/search").json()["reach"] == "全部会话"


def test_what_is_not_a_valid_token_is_refused_alike_and_recorded(services: Services) -> None:
    person = services.people.by_login("boss")
    expired, revoked, disabled = (token(services, "boss") for _ in range(3))
    real = token(services, "boss")
    other = real[:-20] + ("a" if real[-20] != "a" else "b") + real[-19:]
    services.tokens.revoke(person, PATTERN.fullmatch(revoked)[1], BY)  # type: ignore[index]  # it is one
    late = Tokens(services.people, services.databases.record, services.audit, lambda: time.time_ns() // 1000 + 2 * DAY)
    bodies = set()
    for text in (revoked, real[:-1], other, "x" * 500, "mqs_" + "0" * 12 + "_" + "A" * 49, "ü"):
        client = TestClient(create_app(services))
        answer = client.get("/api/v1/search", headers={b"Authorization": f"Bearer {text}".encode()})
        assert answer.status_code == 401, text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"
        body = answer.json()
        bodies.add((body["code"], body["detail"]))
        assert last(services)[0] == "token_refused"
        assert last(services)[2] == "token-refused"
        assert text not in str(services.audit.newest(1))
    assert len(bodies) == 1
    with pytest.raises(Exception, match="过期"):
        late.bearer(expired, BY.visit)
    assert last(services)[:2] == ("token_refused", person.id)
    services.people.disable("boss", BY)
    assert program(services, disabled).get("/api/v1/search").status_code == 401
    services.people.enable("boss", BY)
    assert program(services, disabled).get("/api/v1/search").status_code == 401


def test_a_new_password_ends_tokens(services: Services) -> None:
    before, other = token(services, "leader"), token(services, "agent")
    services.people.set_password("leader", PASSWORD, BY)
    assert program(services, before).get("/api/v1/search").status_code == 401
    assert program(services, other).get("/api/v1/search").status_code == 200
    assert program(services, token(services, "leader")).get("/api/v1/search").status_code == 200


def test_a_token_that_is_not_for_this_is_recorded(services: Services) -> None:
    person = services.people.by_login("admin").id
    search = program(services, token(services, "admin", "search"))
    for method, path in (("GET", EVIL_ID), ("POST", f"{EVIL_ID}/reveal")):
        before = services.audit.head().seq
        assert search.request(method, f"/api/v1/conversations/{path}", json={"kind": "phone"}).status_code == 403
        assert (last(services), services.audit.head().seq) == (("refused", person, "action-not-allowed"), before + 1)


def test_a_session_that_is_not_there_is_not_ended(services: Services) -> None:
    client = visitor(services, "admin")
    assert send(client, "/account/sessions/nothing/end", password=PASSWORD).status_code == 404
    ended = next(row for row in services.audit.newest(9) if row["action"] == "end_session")
    assert (ended["outcome"], ended["count"]) == ("not-found", 0)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": " ", "use": ["search"], "days": "1"}, "名称"),
        ({"name": "x", "use": [], "days": "1"}, "用途"),
        ({"name": "x", "use": ["fly"], "days": "1"}, "用途"),
        ({"name": "x", "use": ["search"], "days": "0"}, "1 到 365 天"),
        ({"name": "x", "use": ["search"], "days": "366"}, "1 到 365 天"),
        ({"name": "x", "use": ["search"], "days": "９"}, "1 到 365 天"),
    ],
)
def test_a_wrong_token_is_not_made(services: Services, form: dict[str, str | list[str]], says: str) -> None:
    client = visitor(services, "leader")
    before = len(services.tokens.of(services.people.by_login("leader"), BY))
    answer = send(client, "/account/tokens", **form, password=PASSWORD)
    assert (answer.status_code, says in alert(answer)) == (422, True)
    assert len(services.tokens.of(services.people.by_login("leader"), BY)) == before


def test_tokens_are_not_without_number(services: Services) -> None:
    services.people.add("many", "Many", "agent", PASSWORD, ["k1"], by=BY)
    for _ in range(20):
        token(services, "many")
    with pytest.raises(Exception, match="最多有 20 个"):
        token(services, "many")


def test_ones_own_sessions_tokens_and_password(services: Services) -> None:
    services.people.add("self", "Self", "agent", PASSWORD, ["k1"], by=BY)
    client, elsewhere = visitor(services, "self"), visitor(services, "self")
    text = token(services, "self")
    page = get(client, "/account")
    end = next(form["action"] for form in page.all("form", method="post") if form["action"].endswith("/end"))
    assert send(client, end).status_code == 403
    assert send(client, end, password=PASSWORD).status_code == 303
    assert elsewhere.get("/search").status_code == 303
    assert client.get("/search").status_code == 200
    revoke = next(form["action"] for form in page.all("form", method="post") if form["action"].endswith("/revoke"))
    assert send(visitor(services, "leader"), revoke, password=PASSWORD).status_code == 404
    assert send(client, revoke).status_code == 303
    assert program(services, text).get("/api/v1/search").status_code == 401
    assert send(client, "/account/password", new="noch ein Passwort").status_code == 422
    changed = send(client, "/account/password", new="noch ein Passwort", password=PASSWORD)
    assert changed.headers["location"] == "/sign-in"
    assert client.get("/search").status_code == 303
    assert services.sign_in.sign_in("self", "noch ein Passwort", BY.visit)


def test_the_password_again_counts_for_minutes_in_this_session_only(services: Services) -> None:
    client, other = visitor(services, "admin"), visitor(services, "admin")
    assert send(client, "/people/agent/enable", password=PASSWORD).status_code == 303
    assert send(client, "/people/agent/enable").status_code == 303
    assert send(other, "/people/agent/enable").status_code == 403


def test_guessing_the_password_again_is_slowed_down(services: Services) -> None:
    services.people.add("guess", "Guess", "agent", PASSWORD, by=BY)
    client = visitor(services, "guess")
    answers = [send(client, "/account/tokens/x/revoke", password="wrong wrong").status_code for _ in range(7)]
    assert answers == [403] * 6 + [429]
