"""Looking as somebody else from the pages: how it begins, what it says, how it ends."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.web.page import Page, get
from tests.web.test_people_pages import send
from tests.web.world import BY, PASSWORD, open_world, visitor


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("preview")))
    yield opened
    opened.close()


@pytest.fixture
def admin(services: Services) -> TestClient:
    return visitor(services, "admin")


def banner(page: Page) -> str:
    return "".join(tag.text for tag in page.all("form", "preview"))


def test_from_a_person_into_the_preview_and_back(services: Services, admin: TestClient) -> None:
    form = get(admin, "/people/agent").one("form", action="/preview")
    assert form["method"] == "post"
    assert send(admin, "/preview", login="agent").headers["location"] == "/search"
    page = get(admin, "/search")
    assert "正在以 Agent（agent，客服" in banner(page)
    assert "的身份预览（只读）" in banner(page)
    assert "previewing" in page.one("body").classes
    assert page.total == get(visitor(services, "agent"), "/search").total
    assert not page.all("a", href="/people")
    assert not page.all("a", href="/account")
    assert admin.get("/people").status_code == 404
    assert send(admin, "/preview/end").headers["location"] == "/people/agent"
    assert banner(get(admin, "/search")) == ""


def test_a_role_is_previewed_as_one_of_its_people(services: Services, admin: TestClient) -> None:
    services.people.add("gone", "Gone", "leader", PASSWORD, by=BY)
    services.people.disable("gone", BY)
    page = get(admin, "/roles/leader")
    assert [tag["value"] for tag in page.all("option") if tag.text.endswith("（leader）")] == ["leader"]
    assert not [tag for tag in page.all("option") if tag["value"] == "gone"]
    assert not get(admin, "/new-role").all("form", action="/preview")


def test_a_change_says_what_to_do(admin: TestClient) -> None:
    send(admin, "/preview", login="boss")
    answer = admin.get("/account")
    assert (answer.status_code, "结束预览" in Page(answer.text).one("main").text) == (403, True)
    answer = send(admin, "/people/agent", name="别人", password=PASSWORD)
    page = Page(answer.text)
    assert (answer.status_code, "没有任何改动" in page.one("main").text) == (403, True)
    assert "正在以" in banner(page), "the way out is there"
    answer = admin.post("/api/v1/search", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "read-only-preview")


def test_a_disabled_account_is_not_offered(services: Services, admin: TestClient) -> None:
    services.people.add("off", "Off", "agent", PASSWORD, by=BY)
    services.people.disable("off", BY)
    assert not get(admin, "/people/off").all("form", action="/preview")
    answer = send(admin, "/preview", login="off")
    assert answer.status_code == 422
    assert "已停用" in Page(answer.text).one("main").text


def test_signing_in_anew_is_no_preview(services: Services, admin: TestClient) -> None:
    send(admin, "/preview", login="agent")
    admin.post("/sign-in", data={"login": "admin", "password": PASSWORD})
    assert banner(get(admin, "/search")) == ""
    rows = [row["sentence"] for row in services.audit.newest(9) if row["action"] == "preview"]
    assert rows == ["以 agent 的身份预览：结束", "以 agent 的身份预览：开始"]


def test_a_refused_form_of_the_frame_ends_nothing(admin: TestClient) -> None:
    send(admin, "/preview", login="agent")
    answer = admin.post("/preview/end", data={"csrf": "wrong"})
    assert (answer.status_code, "请求来源不对" in answer.text) == (403, True)
    assert banner(get(admin, "/search"))
