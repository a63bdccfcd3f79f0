"""The pages of accounts: who may open them, what they change, and what they say before and after."""

import re
from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.web.page import Page, get
from tests.web.world import BY, PASSWORD, open_world, visitor

NEW = "noch ein Passwort"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An archive of its own: these tests change people."""
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("people")))
    yield opened
    opened.close()


@pytest.fixture
def admin(services: Services) -> TestClient:
    return visitor(services, "admin")


@pytest.fixture
def login(services: Services, request: pytest.FixtureRequest) -> str:
    """Somebody of this test alone."""
    name = re.sub("[^a-z0-9]", "", request.node.name.lower())[:60]
    services.people.add(name, "某人", "agent", PASSWORD, ["k1"], by=BY)
    return name


def send(client: TestClient, path: str, **form: str | list[str]) -> Response:
    return client.post(path, data={"csrf": client.headers["X-CSRF-Token"], **form})


def alert(answer: Response) -> str:
    return Page(answer.text).all(role="alert")[-1].text


def test_only_who_manages_people_finds_the_pages(services: Services, admin: TestClient, login: str) -> None:
    assert [tag["href"] for tag in get(admin, "/search").all("a", href="/people")] == ["/people"]
    for who in ("agent", "leader", "boss"):
        client = visitor(services, who)
        assert get(client, "/search").all("a", href="/people") == []
        absent = client.get("/nowhere")
        for path in ("/people", "/new-person", f"/people/{login}", "/people/nobody"):
            answer = client.get(path)
            assert answer.status_code == 404, path
            assert Page(answer.text).one("h1").text == Page(absent.text).one("h1").text
        newest = services.audit.newest(1)[0]
        assert (newest["action"], newest["outcome"]) == ("refused", "action-not-allowed")
        assert send(client, f"/people/{login}/disable", password=PASSWORD).status_code == 404
    assert not services.people.by_login(login).disabled
    assert admin.get("/people/nobody").status_code == 404


def test_everybody_is_listed_with_role_and_names(services: Services, admin: TestClient) -> None:
    page = get(admin, "/people")
    rows = {link.text: link["href"] for link in page.all("a") if link.attributes.get("href", "").startswith("/people/")}
    assert rows["Agent"] == "/people/agent"
    assert "小林" in page.one("tbody").text
    assert len(page.all("tr")) == len(services.people.list(BY)) + 1


def test_a_new_account_can_sign_in(services: Services, admin: TestClient) -> None:
    form = {"login": "Neu", "name": "新人", "role": "agent", "agents": "小林", "groups": "", "first": NEW}
    refused = send(admin, "/new-person", **form)
    assert (refused.status_code, "请再输一次密码" in alert(refused)) == (403, True)
    assert Page(refused.text).one("input", name="login")["value"] == "Neu"
    made = send(admin, "/new-person", **form, password=PASSWORD)
    assert made.headers["location"] == "/people?done=added"
    assert "已新增账号" in get(admin, made.headers["location"]).one(role="status").text
    assert services.people.by_login("neu").agents == ("k1",)
    assert services.sign_in.sign_in("neu", NEW, BY.visit)
    again = send(admin, "/new-person", **form)  # the password was just given
    assert (again.status_code, "已有人使用" in alert(again)) == (422, True)
    for wrong, says in (({"first": "kurz"}, "10 到 128"), ({"role": "king"}, "没有名为“king”的角色"),
                        ({"login": "有汉字"}, "登录名应为"), ({"name": " "}, "姓名应为")):  # fmt: skip
        answer = send(admin, "/new-person", **{**form, "login": "other", **wrong})
        assert (answer.status_code, says in alert(answer)) == (422, True), wrong


def test_the_effect_is_shown_before_it_is_saved(services: Services, admin: TestClient, login: str) -> None:
    form = {"name": "某人", "role": "supervisor", "agents": "k1", "groups": ""}
    shown = send(admin, f"/people/{login}", **form)
    total, own = get(visitor(services, "boss"), "/search").total, get(visitor(services, login), "/search").total
    page = Page(shown.text)
    summary = page.one("section", "effect").text
    assert f"可见 {own:,} → {total:,} 条，新增明文：全部个人信息 1 人" in summary
    assert services.people.by_login(login).role == "agent"
    assert "count_reach" in [row["action"] for row in services.audit.newest(20)]
    seen = page.one("input", name="seen")["value"]
    other = send(admin, f"/people/{login}", **{**form, "role": "administrator"}, seen=seen, password=PASSWORD)
    assert other.status_code == 200, "what was not shown is not saved"
    assert services.people.by_login(login).role == "agent"
    assert send(admin, f"/people/{login}", **form, seen=seen).status_code == 403
    saved = send(admin, f"/people/{login}", **form, seen=seen, password=PASSWORD)
    assert saved.headers["location"] == f"/people/{login}?done=changed"
    assert services.people.by_login(login).role == "supervisor"


def test_agents_nobody_is_called_are_said(admin: TestClient, login: str) -> None:
    shown = send(admin, f"/people/{login}", name="某人", role="agent", agents="小林、没这人", groups="")
    assert "还没有：没这人" in Page(shown.text).one("p", "note-warn").text
    assert "→ 0 条" not in shown.text


def test_another_role_ends_the_sessions_another_group_only_changes_them(
    services: Services, admin: TestClient, login: str
) -> None:
    client = visitor(services, login)
    own = get(client, "/search").total
    services.people.change(login, BY, agents=["k2"])
    assert get(client, "/search").total not in {own, 0}
    services.people.change(login, BY, role="leader", groups=["g2"])
    assert client.get("/search").status_code == 303
    assert send(admin, f"/people/{login}/disable", password=PASSWORD).status_code == 303


def test_disabling_resetting_and_enabling(services: Services, admin: TestClient, login: str) -> None:
    client = visitor(services, login)
    assert send(admin, f"/people/{login}/disable", password="wrong wrong").status_code == 403
    assert client.get("/search").status_code == 200
    assert send(admin, f"/people/{login}/disable", password=PASSWORD).status_code == 303
    assert client.get("/search").status_code == 303
    assert "已停用" in get(admin, f"/people/{login}").one("div", "head").text
    assert send(admin, f"/people/{login}/enable").status_code == 303
    client = visitor(services, login)
    assert send(admin, f"/people/{login}/password", new="kurz").status_code == 422
    assert send(admin, f"/people/{login}/password", new=NEW).status_code == 303
    assert client.get("/search").status_code == 303
    assert services.sign_in.sign_in(login, NEW, BY.visit)
    newest = [row["action"] for row in services.audit.newest(12)]
    assert {"reset_password", "enable_person", "disable_person", "confirm"} <= set(newest)


def test_the_last_administrator_stays(services: Services, admin: TestClient) -> None:
    answer = send(admin, "/people/admin/disable", password=PASSWORD)
    assert (answer.status_code, "至少要留一位管理员" in alert(answer)) == (409, True)
    form = {"name": "Admin", "role": "agent", "agents": "", "groups": ""}
    seen = Page(send(admin, "/people/admin", **form).text).one("input", name="seen")["value"]
    assert send(admin, "/people/admin", **form, seen=seen).status_code == 409
    assert services.people.by_login("admin").role == "administrator"


def test_sessions_are_listed_and_ended_one_by_one(services: Services, admin: TestClient, login: str) -> None:
    first, second = visitor(services, login), visitor(services, login)
    page = get(admin, f"/people/{login}")
    ends = [form["action"] for form in page.all("form", method="post") if form["action"].endswith("/end")]
    assert len(ends) == 2
    assert send(admin, ends[0], password=PASSWORD).status_code == 303
    assert sorted(client.get("/search").status_code for client in (first, second)) == [200, 303]
    assert send(admin, ends[0]).status_code == 404
    own = get(second if second.get("/search").status_code == 200 else first, "/account")
    assert "当前" in own.one("tbody").text


def test_the_page_survives_what_people_type(admin: TestClient, login: str) -> None:
    evil = "<script>alert(1)</script>"
    shown = send(admin, f"/people/{login}", name=evil, role=evil, agents=evil, groups="\ud7ff\u202e")
    assert shown.status_code == 422
    assert evil not in shown.text
    for path in ("/people/%00", "/people/..%2f", "/people/" + "x" * 3000):
        assert admin.get(path).status_code == 404, path


def test_pages_of_rights_have_no_inline_script_and_close_what_they_open(admin: TestClient, login: str) -> None:
    for path in ("/people", "/new-person", f"/people/{login}", "/account"):
        page = get(admin, path)
        assert all(tag.attributes.get("src", "").startswith("/static/") for tag in page.all("script"))
        assert not [tag for tag in page.tags if "style" in tag.attributes or tag.name == "style"]
        assert len(page.all("h1")) == 1
        for form in page.all("form"):
            assert form.attributes.get("action", "/").startswith("/")
