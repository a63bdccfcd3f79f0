"""Nothing is open but what must be, and every answer carries the strict headers."""

import re
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx2 import Response
from sqlalchemy import text
from starlette.routing import Mount
from starlette.testclient import TestClient

from meiqia_search.accounts.signin import IDLE, LONGEST, SignIn
from meiqia_search.errors import AuditUnavailable
from meiqia_search.settings import Settings
from meiqia_search.web.app import create_app
from meiqia_search.web.guard import HEADERS
from meiqia_search.web.pages.signin import local_path
from meiqia_search.wiring import Services, open_services
from tests.web.page import Page, get
from tests.web.world import BY, EVIL_ID, PASSWORD, VISIT, visitor

OPEN = {"/healthz", "/sign-in"}


_PARAMETER = re.compile(r"\{([a-z_]+)[^}]*\}")
SAMPLES = {
    "conversation_id": EVIL_ID, "login": "agent", "session_id": "absent", "token_id": "absent", "role": "leader",
    "number": "1", "key": "absent", "name": "refusals",
}  # fmt: skip
"""What stands in an address, by its name there."""


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and address of every route; fails for a kind of route nobody thought of."""
    for route in _flat(app.routes):
        assert isinstance(route, APIRoute | Mount), route
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        for method in route.methods or ():
            yield method, _PARAMETER.sub(lambda match: SAMPLES[match[1]], route.path)


def _flat(found: object) -> Iterator[object]:
    for route in found:  # type: ignore[attr-defined]  # a list of routes
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _flat(inner.routes)
        else:
            yield route


def test_every_route_needs_a_session_but_the_open_ones(services: Services, stranger: TestClient) -> None:
    seen = set()
    for method, path in routes(create_app(services)):
        seen.add(path)
        answer = stranger.request(method, path)
        if path in OPEN:
            assert answer.status_code in {200, 401}, path
        elif path.startswith("/api/"):
            assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in"), path
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in"), path
    assert seen >= {"/", "/search", "/sign-out", "/api/v1/search", "/api/v1/openapi.json"} | OPEN


def test_every_unsafe_route_needs_the_mark_of_the_session(services: Services) -> None:
    """Of the session, not of another one, and by whichever way it is sent."""
    client, other = visitor(services, "admin"), visitor(services, "admin")
    del client.headers["X-CSRF-Token"]
    before, checked = _kept(services), 0
    for method, path in routes(create_app(services)):
        if method in {"GET", "HEAD"} or path == "/sign-in":  # there is no session yet that could be abused
            continue
        for mark in ("", "x", "ü", other.headers["X-CSRF-Token"]):
            sent = {b"X-CSRF-Token": mark.encode()} if path.startswith("/api/") else {}
            answer = client.request(method, path, headers=sent, data=None if sent else {"csrf": mark})
            assert answer.status_code == 403, (method, path, mark)
            assert "请求来源不对" in answer.text, (method, path)
            checked += 1
    assert checked >= 32
    assert _kept(services) == before


def test_every_change_of_rights_needs_the_password_again(services: Services) -> None:
    client = visitor(services, "admin")
    before, checked = _kept(services), 0
    for method, path in routes(create_app(services)):
        if method in {"GET", "HEAD"} or not path.startswith(RIGHTS):
            continue
        answer = _change(client, method, path)
        if "没有改动" in answer.text and answer.status_code == 200:
            continue  # nothing to save, so nothing asks
        told = answer.json() if path.startswith("/api/") else {"code": Page(answer.text).all(role="alert")[-1].text}
        assert answer.status_code == 403, (method, path, answer.text[:300])
        assert "再输一次" in str(told) or told["code"] == "password-needed", path
        checked += 1
    assert checked >= 14
    assert _kept(services) == before


RIGHTS = (
    "/people",
    "/new-person",
    "/roles",
    "/new-role",
    "/role-history",
    "/account",
    "/api/v1/people",
    "/api/v1/roles",
    "/api/v1/tokens",
)
"""Where rights are changed."""


def _change(client: TestClient, method: str, path: str) -> Response:
    """A change as a form or a program sends it; where the effect is shown first, after having seen it."""
    if path.startswith("/api/"):
        return client.request(method, path, json={})
    form = {
        "csrf": client.headers["X-CSRF-Token"], "name": "walker", "label": "走路", "role": "leader", "reach": "all",
        "login": "agent", "version": "1",
    }  # fmt: skip
    answer = client.request(method, path, data=form)
    seen = Page(answer.text).all("input", name="seen") if answer.status_code == 200 else []
    return client.request(method, path, data={**form, "seen": seen[0]["value"]}) if seen else answer


def _kept(services: Services) -> list[object]:
    """Everything that says who may do what."""
    with services.databases.record.read() as connection:
        return [
            sorted(map(str, connection.execute(text(f"SELECT * FROM {table}"))))  # noqa: S608 - constants
            for table in ("person", "policy", "token")
        ]


def test_every_answer_has_the_strict_headers(services: Services, admin: TestClient, stranger: TestClient) -> None:
    answers = [client.request(*route) for route in routes(create_app(services)) for client in (stranger, admin)
               if route[1] != "/sign-out"]  # fmt: skip
    answers += [admin.get(path) for path in ("/nowhere", "/api/v1/nowhere", "/static/nowhere.js", "/static/app.css")]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, answer.url
        assert re.fullmatch("[0-9A-F]{10}", answer.headers["x-request-id"])
        if "/static/" not in str(answer.url):
            assert answer.headers["cache-control"] == "private, no-store", answer.url
            assert "Cookie" in answer.headers["vary"], answer.url


def test_static_files_are_kept_only_under_their_version(admin: TestClient) -> None:
    page = get(admin, "/search")
    address = page.all("script")[1]["src"]
    assert "immutable" in admin.get(address).headers["cache-control"]
    assert admin.get(address + "0").headers["cache-control"] == "no-cache"
    assert admin.get("/static/../app.py").status_code == 404


def test_pages_use_no_inline_script_or_style(admin: TestClient, stranger: TestClient) -> None:
    for page in (get(admin, "/search", q="退款"), get(admin, f"/conversations/{EVIL_ID}"), get(stranger, "/sign-in")):
        assert all(tag.attributes.get("src", "").startswith("/static/") for tag in page.all("script"))
        assert not page.all("style")
        assert not [tag for tag in page.tags if "style" in tag.attributes]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://testserver.elsewhere.example"},
    ],
)
def test_other_sites_cannot_write(services: Services, headers: dict[str, str]) -> None:
    client = visitor(services, "agent")
    for path in ("/sign-in", "/sign-out", "/api/v1/search"):
        answer = client.post(path, headers=headers)
        assert answer.status_code == 403, path
    own = client.post(
        "/api/v1/search", json={}, headers={"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    )
    assert own.status_code == 200


def test_signing_out_needs_the_forms_token_and_ends_the_session(services: Services) -> None:
    client = visitor(services, "agent")
    page = get(client, "/search")
    assert client.post("/sign-out", data={"csrf": "x"}).status_code == 403
    assert client.get("/search").status_code == 200
    token = client.cookies["mqs"]
    answer = client.post("/sign-out", data={"csrf": page.one("input", name="csrf")["value"]})
    assert answer.headers["location"] == "/sign-in"
    client.cookies.set("mqs", token)
    assert client.get("/search").status_code == 303


def test_signing_in_sets_a_new_cookie_and_goes_on(services: Services, stranger: TestClient) -> None:
    answer = stranger.get("/conversations/x?q=退款")
    form = get(stranger, answer.headers["location"])
    target = form.one("input", name="next")["value"]
    assert target == "/conversations/x?q=%E9%80%80%E6%AC%BE"
    first = stranger.post("/sign-in", data={"login": " Agent ", "password": PASSWORD, "next": target})
    assert (first.status_code, first.headers["location"]) == (303, target)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(first.headers["set-cookie"].split("; "))
    old = stranger.cookies["mqs"]
    stranger.post("/sign-in", data={"login": "agent", "password": PASSWORD})
    assert stranger.cookies["mqs"] != old
    assert services.sign_in.session(old) is None


def test_cookies_are_secure_where_configured(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("secure")
    opened = open_services(Settings(data_dir=folder, secure_cookies=True))
    opened.people.add("sec", "Sec", "agent", PASSWORD, by=BY)
    answer = TestClient(create_app(opened), follow_redirects=False).post(
        "/sign-in", data={"login": "sec", "password": PASSWORD}
    )
    assert answer.headers["set-cookie"].startswith("__Host-mqs=")
    assert "Secure" in answer.headers["set-cookie"]
    opened.close()


def test_a_wrong_password_and_nobody_are_the_same_answer(stranger: TestClient) -> None:
    texts = set()
    for login in ("agent", "niemand"):
        answer = stranger.post("/sign-in", data={"login": login, "password": "wrong wrong"})
        assert answer.status_code == 401
        texts.add(Page(answer.text).one(role="alert").text)
    assert len(texts) == 1


def test_too_many_attempts_have_to_wait(services: Services, stranger: TestClient) -> None:
    services.people.add("slow", "Slow", "agent", PASSWORD, by=BY)
    answers = [stranger.post("/sign-in", data={"login": "slow", "password": "x"}) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 6 + [429]
    assert int(answers[-1].headers["retry-after"]) == 1
    assert "请在 1 秒后再试" in Page(answers[-1].text).one(role="alert").text
    time.sleep(1.1)
    assert stranger.post("/sign-in", data={"login": "slow", "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "\\/elsewhere",
        "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "elsewhere", "", "http:/search", "/\t/elsewhere",
    ],
)  # fmt: skip
def test_after_signing_in_nobody_is_sent_elsewhere(target: str) -> None:
    assert local_path(target) == "/search"


def test_sessions_end(services: Services) -> None:
    client = visitor(services, "agent")
    token, now = client.cookies["mqs"], time.time_ns() // 1000
    minute, hour = 60_000_000, 3_600_000_000

    def at(moment: int) -> bool:
        sign_in = SignIn(services.people, services.databases.record, services.audit, lambda: moment)
        return sign_in.session(token) is not None

    assert not at(now + IDLE + hour)
    moments = range(IDLE - minute, 14 * hour, IDLE - minute)
    assert [at(now + moment) for moment in moments] == [moment < LONGEST for moment in moments]


def test_disabling_a_person_ends_their_sessions_at_once(services: Services) -> None:
    services.people.add("leaver", "Leaver", "agent", PASSWORD, by=BY)
    client = visitor(services, "leaver")
    assert client.get("/search").status_code == 200
    services.people.disable("leaver", BY)
    assert client.get("/search").status_code == 303
    assert client.post("/sign-in", data={"login": "leaver", "password": PASSWORD}).status_code == 401


def test_what_cannot_be_audited_is_not_shown(
    services: Services, monkeypatch: pytest.MonkeyPatch, admin: TestClient
) -> None:
    def broken(*_: object) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(type(services.audit), "append", broken)
    for path in ("/search", f"/conversations/{EVIL_ID}", "/api/v1/search"):
        answer = admin.get(path)
        assert answer.status_code == 503
        assert "坏心思" not in answer.text


def test_an_unexpected_error_shows_only_its_number(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret path")

    client = visitor(services, "admin")
    monkeypatch.setattr(type(services.archive), "read", broken)
    for path in ("/conversations/x", "/api/v1/conversations/x"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert answer.headers["x-request-id"] in answer.text
        assert "secret path" not in answer.text
        assert answer.headers["content-security-policy"]
    assert "secret path" in caplog.text


def test_the_log_names_no_query(admin: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "meiqia_search"):
        admin.get("/search", params={"q": "绝密词"})
    assert "/search" in caplog.text
    assert "绝密词" not in caplog.text
    assert "%E7" not in caplog.text


def test_signing_in_and_out_is_audited(services: Services) -> None:
    client = visitor(services, "boss")
    services.sign_in.sign_out(client.cookies["mqs"], VISIT)
    newest = [row["action"] for row in services.audit.newest(2)]
    assert newest == ["sign_out", "sign_in"]
