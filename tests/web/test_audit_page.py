"""The page of the audit: what is found, who may, how one gets about, and what leaves as a file."""

import csv
import json
import re
import time
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from itertools import product
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import select, update
from starlette.testclient import TestClient

from meiqia_search.accounts.tokens import Use
from meiqia_search.audit.chain import START, linked
from meiqia_search.audit.events import Action, Event
from meiqia_search.audit.question import Question
from meiqia_search.records.schema import audit
from meiqia_search.settings import Settings
from meiqia_search.web import auditing
from meiqia_search.web.app import create_app
from meiqia_search.wiring import Services
from tests.web.page import Page, get
from tests.web.world import BY, EVIL_ID, PASSWORD, open_world, visitor


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An archive of its own: these tests count what is in its log."""
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("audit")))
    yield opened
    opened.close()


@pytest.fixture
def admin(services: Services) -> TestClient:
    return visitor(services, "admin")


def send(client: TestClient, path: str, **form: str) -> Response:
    return client.post(path, data={"csrf": client.headers["X-CSRF-Token"], **form})


def numbers(page: Page) -> list[int]:
    """The numbers of the entries on a page."""
    links = [tag["href"] for tag in page.all("a") if tag.attributes.get("href", "").startswith("/audit?entries=")]
    return [int(href.removeprefix("/audit?entries=")) for href in links]


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.one("p", "summary").text.split("条")[0]))


def test_only_who_may_read_the_audit_finds_it(services: Services, admin: TestClient) -> None:
    assert [tag["href"] for tag in get(admin, "/search").all("a", href="/audit")] == ["/audit"]
    for login in ("agent", "leader", "boss"):
        client = visitor(services, login)
        assert get(client, "/search").all("a", href="/audit") == []
        absent = Page(client.get("/nowhere").text).one("h1").text
        for path in ("/audit", "/audit/export", "/audit/checkpoints"):
            refused = client.get(path)
            assert (refused.status_code, Page(refused.text).one("h1").text) == (404, absent)
            newest = services.audit.newest(1)[0]
            assert (newest["action"], newest["outcome"]) == ("refused", "action-not-allowed")
        assert send(client, "/audit/verify").status_code == 404
        for path in ("/api/v1/audit", "/api/v1/audit/export"):
            assert client.get(path).json()["code"] == "action-not-allowed"
    assert visitor(services, None).get("/audit").headers["location"].startswith("/sign-in")


def test_every_entry_says_who_when_what_and_where(services: Services, admin: TestClient) -> None:
    agent = visitor(services, "agent")
    agent.get(f"/conversations/{EVIL_ID}")
    seq = int(str(services.audit.newest(1)[0]["seq"]))
    page = get(admin, f"/audit?entries={seq}")
    assert (total(page), numbers(page)) == (1, [seq])
    row = page.one("tbody").text
    for words in ("Agent", "客服", "权限第 1 版", "查看会话", "testclient", "网页", "成功"):
        assert words in row
    assert page.all("a", href=f"/conversations/{EVIL_ID}")
    raw = json.loads(page.one("pre", "raw").text.split("\nsha256")[0])
    assert (raw["seq"], raw["action"], raw["role"]) == (seq, "read", "agent")


def test_filters_and_paging(services: Services, admin: TestClient) -> None:
    agent = visitor(services, "agent")
    for _ in range(60):
        agent.get(f"/conversations/{EVIL_ID}")
    agent.get("/conversations/absent")
    first = get(admin, "/audit", who="agent", action="read", outcome="ok", about=EVIL_ID, when="今天")
    agents = services.people.called("agent")
    asked = Question(people=agents, actions=(Action.READ,), about=(EVIL_ID,), failed=False)
    assert (len(numbers(first)), total(first)) == (50, services.audit.count(asked))
    older = get(admin, first.one("a", rel="next")["href"])
    assert numbers(older) == sorted(numbers(older), reverse=True)
    assert numbers(older)[0] < numbers(first)[-1]
    assert numbers(get(admin, older.one("a", rel="prev")["href"])) == numbers(first)
    assert [each["value"] for each in first.all("option", selected="")] == ["read", "ok"]
    failed = get(admin, "/audit", who="Agent", outcome="failed", action="read")
    assert "找不到" in failed.one("tbody").text
    assert "没有这样的记录" in get(admin, "/audit", words="无此一说").one("div", "state").text


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"who": "nobody"}, "没有叫“nobody”的账号"),
        ({"when": "某天"}, "看不懂时间"),
        ({"action": "nothing"}, "没有名为“nothing”的动作"),
        ({"outcome": "maybe"}, "结果应为"),
        ({"entries": "x"}, "序号应形如"),
        ({"entries": "9..7"}, "序号的起点大于终点"),
        ({"customer": "absent"}, "没有找到这位客户的会话"),
        ({"customer": "x", "about": "y"}, "只写客户编号或记录编号"),
        ({"words": "词" * 101}, "最长 100 字"),
        ({"after": "x"}, "翻页位置已失效"),
    ],
)
def test_what_cannot_be_asked_is_said_and_stays_in_the_form(admin: TestClient, bad: dict[str, str], words: str) -> None:
    answer = admin.get("/audit", params=bad)
    page = Page(answer.text)
    assert answer.status_code in {400, 404, 422}
    assert words in page.one(role="alert").text
    for name, value in bad.items():
        if name not in {"after", "action", "outcome"}:
            assert page.one("input", name=name)["value"] == value
    export = admin.get("/audit/export", params=bad)
    assert export.status_code == (200 if "after" in bad else answer.status_code)
    program = admin.get("/api/v1/audit", params=bad).json()
    assert words in program["title"] + program["detail"]


def test_the_log_is_verified_by_a_button(services: Services, admin: TestClient) -> None:
    services.checkpoint()
    assert send(admin, "/audit/verify").headers["location"] == "/audit"
    standing = get(admin, "/audit").one("div", "note-good")
    assert "审计日志完整" in standing.text
    assert "与日志一致" in standing.text
    assert admin.post("/audit/verify", data={"csrf": "wrong"}).status_code == 403
    kept = admin.get("/audit/checkpoints")
    assert kept.content == services.checkpoints.file.read_bytes()
    assert "attachment" in kept.headers["content-disposition"]


def test_who_saw_a_customer_and_what_a_person_did(services: Services, admin: TestClient) -> None:
    agent = visitor(services, "agent")
    found = admin.get("/api/v1/search", params={"q": "客服:小林", "size": 1}).json()["items"][0]
    agent.get(f"/conversations/{found['id']}")
    seq = int(str(services.audit.newest(1)[0]["seq"]))
    page = get(admin, f"/conversations/{found['id']}")
    [link] = [tag for tag in page.all("a") if tag.text == "谁看过这位客户"]
    assert seq in numbers(get(admin, link["href"]))
    [link] = [tag for tag in page.all("a") if tag.text == "谁看过这条会话"]
    assert seq in numbers(get(admin, link["href"]))
    assert "谁看过" not in agent.get(f"/conversations/{found['id']}").text
    [link] = get(admin, "/people/agent").all("a", href="/audit?who=agent")
    assert seq in numbers(get(admin, link["href"]))


def test_many_records_are_folded_and_what_was_left_out_is_said(services: Services, admin: TestClient) -> None:
    admin.get("/api/v1/search", params={"size": 20})
    seq = int(str(services.audit.newest(1)[0]["seq"]))
    page = get(admin, f"/audit?entries={seq}")
    assert "其余 19 个" in page.one("tbody").text
    assert len([tag for tag in page.all("a") if tag.attributes.get("href", "").startswith("/conversations/")]) == 20


def test_the_log_leaves_as_a_table_and_as_lines(services: Services, admin: TestClient) -> None:
    table = admin.get("/audit/export", params={"who": "agent"})
    assert re.fullmatch(r'attachment; filename="audit-\d{12}\.csv"', table.headers["content-disposition"])
    rows = list(csv.DictReader(StringIO(table.text.removeprefix("\ufeff"), newline="")))
    newest = services.audit.newest(1)[0]
    assert (newest["action"], newest["count"]) == ("export_audit", len(rows))
    assert {row["人员"] for row in rows} <= {"Agent", "Admin", ""}
    link = START
    for line in admin.get("/api/v1/audit/export").text.splitlines():
        *columns, hashed = json.loads(line).values()
        link = linked(link, columns)
        assert hashed == link.hex()
    assert admin.get("/audit/export", params={"format": "xlsx"}).status_code == 422


def test_programs_read_it_with_a_token_for_it(services: Services, admin: TestClient) -> None:
    person, program = services.people.by_login("admin"), visitor(services, None)
    _, secret = services.tokens.create(person, "SIEM", [Use.AUDIT], 1, BY)
    _, other = services.tokens.create(person, "other", [Use.SEARCH], 1, BY)
    program.headers["Authorization"] = f"Bearer {secret}"
    for _ in range(5):
        visitor(services, "agent").get("/search")
    asked: dict[str, str] = {"who": "agent", "action": "search", "size": "3"}
    answer = program.get("/api/v1/audit", params=asked).json()
    assert (len(answer["items"]), answer["total"] >= 5) == (3, True)
    older = program.get("/api/v1/audit", params={**asked, "after": answer["older"]}).json()
    assert older["items"][0]["seq"] < answer["items"][-1]["seq"]
    assert answer["items"][0]["name"] == "Agent"
    assert program.get("/api/v1/audit/export", params={"entries": "1..5"}).text.count("\n") == 5
    program.headers["Authorization"] = f"Bearer {other}"
    assert program.get("/api/v1/audit").status_code == 403
    assert program.get("/api/v1/audit/export").status_code == 403
    assert [each["value"] for each in get(admin, "/account").all("input", name="use")][-1] == "audit"
    assert get(visitor(services, "agent"), "/account").all("input", value="audit") == []


@contextmanager
def changed(services: Services, seq: int, **column: object) -> Iterator[None]:
    """A log in which somebody changed something."""
    entry = audit.c.seq == seq
    with services.databases.audit.write() as connection:
        before = connection.execute(select(*(audit.c[name] for name in column)).where(entry)).mappings().one()
        connection.execute(update(audit).where(entry).values(column))
    yield
    with services.databases.audit.write() as connection:
        connection.execute(update(audit).where(entry).values(dict(before)))


def test_a_log_that_was_changed_is_said_on_the_page(services: Services, admin: TestClient) -> None:
    with changed(services, 3, sentence="x"):
        send(admin, "/audit/verify")
        assert "审计日志有问题。第 3 条" in get(admin, "/audit").one("div", "note-bad").text
    with changed(services, 3, ids="oops"):
        damaged = admin.get("/audit?entries=3")
        assert damaged.status_code == 500
        assert "audit verify" in Page(damaged.text).one(role="alert").text
    services.checkpoint()
    signed = services.audit.head().seq
    services.audit.append(Event(Action.VERIFY, BY, 1))
    with changed(services, signed, hash=bytes(32)):
        assert "与日志不一致" in get(admin, "/audit").one("div", "note-bad").text


PAGE, API = "/audit/export", "/api/v1/audit/export?format=csv"


@pytest.mark.parametrize(
    ("act", "path"), [*product(["session", "person", "role"], [PAGE, API]), ("token", API), ("token of nobody", API)]
)
def test_a_running_export_ends_with_the_right_to_it(
    services: Services, act: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more leaves a second after the right is gone, and what left cannot be taken for the whole."""
    monkeypatch.setattr(auditing, "BATCH", 1)
    login = f"a-{act.replace(' ', '-')}-{path.count('/')}"
    services.people.add(login, "审计", "administrator", PASSWORD, by=BY)
    client, person = visitor(services, login), services.people.by_login(login)
    token, secret = services.tokens.create(person, "SIEM", [Use.AUDIT], 1, BY)
    by_token = (b"authorization", f"Bearer {secret}".encode())
    by_cookie = (b"cookie", f"mqs={client.cookies['mqs']}".encode())
    for _ in range(200):
        services.audit.append(Event(Action.READ, BY, 1, "查看", ("c1",), 1))

    def end() -> None:
        match act:
            case "session":
                [session] = services.sign_in.sessions(person, BY)
                services.sign_in.end(person, session.id, BY)
            case "token":
                services.tokens.revoke(person, token.id, BY)
            case "person" | "token of nobody":
                services.people.disable(login, BY)
            case _:
                services.people.change(login, BY, role="agent")

    header = by_token if act.startswith("token") else by_cookie
    with ThreadPoolExecutor(1) as beside:  # in this thread a loop may be running already: the browser's
        left = beside.submit(anyio.run, received, create_app(services), path, header, end).result()
    assert left.whole is False
    assert 0 < left.after < 1.0
    cut = next(row for row in services.audit.newest(5) if row["action"] == "export_audit")
    assert cut["outcome"] == ("token-refused" if act.startswith("token") else "not-signed-in")
    assert int(str(cut["count"])) >= left.chunks - 2


@dataclass
class Left:
    """What left of a download: in how many pieces, whether to its end, and how long after the right had gone."""

    chunks: int = 0
    whole: bool = False
    after: float = 0.0


async def received(app: FastAPI, path: str, header: tuple[bytes, bytes], end: Callable[[], None]) -> Left:
    """A download by a slow browser; ``end`` is called when some of it has left."""
    left, ended = Left(), 0.0

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal ended
        if message["type"] != "http.response.body":
            return
        left.whole = not message.get("more_body", False)
        left.chunks += 1
        if ended:
            left.after = time.monotonic() - ended
        if left.chunks == 10:
            await anyio.to_thread.run_sync(end)
            ended = time.monotonic()
        await anyio.sleep(0.02)

    async def receive() -> MutableMapping[str, Any]:
        await anyio.sleep_forever()
        raise AssertionError

    address, _, query = path.partition("?")
    scope = {
        "type": "http", "method": "GET", "path": address, "raw_path": address.encode(), "query_string": query.encode(),
        "headers": [header, (b"host", b"testserver")], "client": ("192.0.2.9", 1),
        "server": ("testserver", 80), "scheme": "http", "http_version": "1.1", "root_path": "",
        "asgi": {"version": "3.0"},
    }  # fmt: skip
    await app(scope, receive, send)
    return left
