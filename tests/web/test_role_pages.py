"""The pages of roles: the effect before saving, versions, and what is refused."""

from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.web.page import Page, get
from tests.web.test_people_pages import alert, send
from tests.web.world import BY, PASSWORD, open_world, visitor

Form = dict[str, str | list[str]]


@pytest.fixture
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An archive of its own: these tests change roles."""
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("roles")))
    yield opened
    opened.close()


@pytest.fixture
def admin(services: Services) -> TestClient:
    return visitor(services, "admin")


def filled(page: Page) -> Form:
    """The form of a role as a browser would send it."""
    form: Form = {}

    def add(name: str, value: str) -> None:
        values = form.setdefault(name, [])
        assert isinstance(values, list)
        values.append(value)

    select = ""
    for tag in page.tags:
        if tag.name == "select":
            select = tag["name"]
        elif tag.name == "option" and "selected" in tag.attributes:
            add(select, tag["value"])
        elif tag.name == "input" and tag.attributes.get("name") and tag["name"] not in {"q", "csrf", "password"}:
            if tag.attributes.get("type") not in {"checkbox", "radio"} or "checked" in tag.attributes:
                add(tag["name"], tag["value"])
        elif tag.name == "textarea":
            add(tag["name"], tag.text)
    return form


def edited(client: TestClient, path: str, **changes: str | list[str]) -> Form:
    return filled(get(client, path)) | changes


def save(client: TestClient, path: str, form: Form, password: str = PASSWORD) -> Response:
    """See the effect, then save."""
    shown = send(client, path, **form)
    assert shown.status_code == 200, alert(shown)
    seen = Page(shown.text).one("input", name="seen")["value"]
    return send(client, path, **form, seen=seen, password=password)


def test_an_unchanged_form_changes_nothing(services: Services, admin: TestClient) -> None:
    for name in services.policy.roles:
        shown = send(admin, f"/roles/{name}", **edited(admin, f"/roles/{name}"))
        assert "与现在相同，没有改动" in shown.text, name
    assert services.policy.version == 1


def test_the_effect_is_shown_before_it_is_saved(services: Services, admin: TestClient) -> None:
    own, total = (get(visitor(services, who), "/search").total for who in ("agent", "boss"))
    personal = [f"{pair.split('=')[0]}={'clear' if pair.startswith('phone') else 'masked'}"
                for pair in edited(admin, "/roles/agent")["personal"]]  # fmt: skip
    form = edited(admin, "/roles/agent", reach="all", personal=personal)
    shown = send(admin, "/roles/agent", **form)
    page = Page(shown.text)
    said = "".join(section.text for section in page.all("section", "effect"))
    assert f"可见 {own:,} → {total:,} 条，新增明文：手机 1 人" in said
    assert "角色 客服：可见范围 本人会话 → 全部会话，手机 脱敏 → 明文" in said
    assert services.policy.version == 1
    seen = page.one("input", name="seen")["value"]
    more = send(admin, "/roles/agent", **{**form, "ability": ["manage_people"]}, seen=seen, password=PASSWORD)
    assert (more.status_code, services.policy.version) == (200, 1), "what was not shown is not saved"
    assert send(admin, "/roles/agent", **form, seen=seen).status_code == 403
    wrong = send(admin, "/roles/agent", **form, seen=seen, password="wrong wrong")
    assert (wrong.status_code, "密码不对" in alert(wrong), services.policy.version) == (403, True, 1)
    saved = send(admin, "/roles/agent", **form, seen=seen, password=PASSWORD)
    assert saved.headers["location"] == "/roles?done=saved"
    assert get(visitor(services, "agent"), "/search").total == total
    row = next(row for row in services.audit.newest(9) if row["action"] == "change_roles")
    assert (row["outcome"], "手机 脱敏 → 明文" in str(row["sentence"])) == ("ok", True)


def test_who_newly_finds_by_or_exports_what_stays_covered_is_named(services: Services, admin: TestClient) -> None:
    form = edited(admin, "/roles/agent")
    shown = send(admin, "/roles/agent", **form | {"search": [*form.get("search", []), "email"]})
    said = "".join(section.text for section in Page(shown.text).all("section", "effect"))
    assert "没有人新增明文，新增可查找的个人信息：邮箱 1 人" in said
    row = Page(shown.text).one("td", **{"data-th": "新增查找"})
    assert row.text == "邮箱"
    assert services.policy.version == 1


def test_a_designed_role_sees_what_it_says(services: Services, admin: TestClient) -> None:
    form = edited(
        admin, "/new-role?like=supervisor", name="night", label="夜班", channel=["wechat"], since="2026-02-01",
        until="2026-08-31",
    )  # fmt: skip
    assert save(admin, "/new-role", form).headers["location"] == "/roles?done=saved"
    services.people.add("eva", "Eva", "night", PASSWORD, by=BY)
    boss, eva = visitor(services, "boss"), visitor(services, "eva")
    expected = get(boss, "/search", channel="wechat", **{"from": "2026-02-01", "to": "2026-08-31"}).total
    assert 0 < expected == get(eva, "/search").total
    again = filled(get(admin, "/roles/night"))
    assert (again["channel"], again["since"], again["until"]) == (["wechat"], ["2026-02-01"], ["2026-08-31"])
    taken = send(admin, "/new-role", **form)
    assert (taken.status_code, "已有名为“night”的角色" in alert(taken)) == (422, True)


def test_a_hidden_field_is_gone_from_the_pages(services: Services, admin: TestClient) -> None:
    shows = [pair.replace("channel=clear", "channel=hidden").replace("rating=clear", "rating=hidden")
             for pair in edited(admin, "/roles/supervisor")["show"]]  # fmt: skip
    assert save(admin, "/roles/supervisor", edited(admin, "/roles/supervisor", show=shows)).status_code == 303
    boss = visitor(services, "boss")
    page = get(boss, "/search")
    assert not page.all("input", name="channel")
    assert page.all("input", name="type")
    assert "按满意度" not in page.source
    assert "渠道" in get(boss, "/search", 403, channel="wechat").one(role="alert").text
    assert boss.get("/api/v1/search").json()["items"][0]["channel"] is None


@pytest.mark.parametrize(
    ("path", "changes", "says"),
    [
        ("/roles/agent", {"label": ""}, "应是文字"),
        ("/roles/agent", {"label": "管理员"}, "出现了两次"),
        ("/roles/agent", {"since": "昨天"}, "看不懂开始日期"),
        ("/roles/agent", {"extra": "{"}, "不是正确的 JSON"),
        ("/roles/agent", {"extra": '{"has": "phone"}'}, "不能用“手机”"),
        ("/roles/agent", {"reach": "named"}, "写明客服组"),
        ("/roles/agent", {"reach": ""}, "之一"),
        ("/roles/administrator", {"reach": "own"}, "要能看全部会话"),
        ("/roles/administrator", {"ability": []}, "要能看全部会话"),
        ("/new-role?like=agent", {"name": "夜班", "label": "夜班"}, "应为 1 到 32 个小写字母"),
        ("/new-role?like=agent", {"name": "agent", "label": "另一个"}, "已有名为“agent”的角色"),
    ],
)
def test_what_makes_no_sense_is_refused_and_stays_in_the_form(
    services: Services, admin: TestClient, path: str, changes: Form, says: str
) -> None:
    form = edited(admin, path, **changes)
    answer = send(admin, path.split("?", maxsplit=1)[0], **form)
    assert (answer.status_code, says in alert(answer)) == (422, True), alert(answer)
    assert services.policy.version == 1
    again = filled(Page(answer.text))
    assert {name: again.get(name) for name in ("label", "since", "extra")} == {
        name: [form[name]] if isinstance(form[name], str) else form[name] for name in ("label", "since", "extra")
    }


def test_a_role_that_somebody_has_is_not_deleted(services: Services, admin: TestClient) -> None:
    version = {"version": "1"}
    assert save(admin, "/roles/leader/delete", {**version}, PASSWORD).status_code == 422
    services.people.disable("leader", BY)
    assert save(admin, "/roles/leader/delete", {**version}).headers["location"] == "/roles?done=deleted"
    assert "leader" not in services.policy.roles
    assert admin.get("/roles/leader").status_code == 404


def test_the_last_administrator_stays(services: Services, admin: TestClient) -> None:
    form = edited(admin, "/new-role?like=administrator", name="chief", label="主任")
    assert save(admin, "/new-role", form).status_code == 303
    services.people.add("eva", "Eva", "chief", PASSWORD, by=BY)
    services.people.disable("admin", BY)
    eva = visitor(services, "eva")
    answer = save(eva, "/roles/chief", edited(eva, "/roles/chief", ability=[]))
    assert (answer.status_code, "至少要留一位管理员" in alert(answer)) == (409, True)
    assert services.policy.version == 2


def test_history_says_who_changed_what_and_restores(services: Services, admin: TestClient) -> None:
    assert save(admin, "/roles/agent", edited(admin, "/roles/agent", label="坐席")).status_code == 303
    page = get(admin, "/role-history")
    assert "角色 客服：改名为 坐席" in page.one("tbody").text
    assert "Admin" in page.one("tbody").text
    action = next(form["action"] for form in page.all("form", method="post") if "restore" in form["action"])
    answer = save(admin, action, {"version": "2"})
    assert answer.headers["location"] == "/roles?done=restored"
    assert (services.policy.version, services.policy.roles["agent"].label) == (3, "客服")
    assert send(admin, "/role-history/99/restore", version="3").status_code == 404


def test_who_was_overtaken_starts_again(services: Services, admin: TestClient) -> None:
    form = edited(admin, "/roles/agent", label="坐席")
    other = visitor(services, "admin")
    assert save(other, "/roles/leader", edited(other, "/roles/leader", label="班长")).status_code == 303
    answer = send(admin, "/roles/agent", **form)
    assert (answer.status_code, "刚刚有人改过" in alert(answer)) == (409, True)
    assert services.policy.roles["leader"].label == "班长"


def test_only_who_manages_people_finds_the_pages(services: Services) -> None:
    for who in ("agent", "leader", "boss"):
        client = visitor(services, who)
        for path in ("/roles", "/roles/agent", "/new-role", "/role-history"):
            assert client.get(path).status_code == 404, path
        assert send(client, "/roles/agent", label="坐席", password=PASSWORD).status_code == 404
    assert services.policy.version == 1
