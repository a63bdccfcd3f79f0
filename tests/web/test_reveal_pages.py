"""Seeing what is covered on the page of a conversation: buttons, the form, what goes wrong, and who has none of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from meiqia_search.acl import rolefile
from meiqia_search.archive.revealing import LASTS
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.corpus import FIRST_DAY, MINUTE
from tests.web.page import Page, get
from tests.web.test_people_pages import alert, send
from tests.web.world import BY, PASSWORD, add, open_world, visitor

PHONE, OTHER, NAME = "13812345678", "13987654321", "段丽丽"
PATH = "/conversations/reveal-1"
WHY = "客户要求回电"
TALK = build(
    "reveal-1",
    {"agent": ("k1",), "group": ("g2",), "phone": (PHONE,), "customer_name": (NAME,), "ip": ("203.0.113.7",),
     "customer_kind": ("vip",), "region": ("浙江",), "started_at": (FIRST_DAY,)},
    [Message(Speaker.CUSTOMER, f"打{OTHER}给{NAME}，退款", FIRST_DAY + MINUTE)],
)  # fmt: skip


def long_talk() -> Conversation:
    many = [Message(Speaker.CUSTOMER, f"第 {at} 句", FIRST_DAY + at * MINUTE) for at in range(600)]
    return build("reveal-long", {"group": ("g2",), "phone": (PHONE,)}, many)


@pytest.fixture
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An archive of its own: these tests use up quotas and change roles."""
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("reveal")))
    add(opened, [TALK, long_talk(), replace_id("reveal-2"), build("no-card", {"group": ("g2",)}, [])])
    yield opened
    opened.close()


def replace_id(name: str) -> Conversation:
    return build(name, TALK.facts, TALK.messages)


@pytest.fixture
def leader(services: Services) -> TestClient:
    return visitor(services, "leader")


def redesign(services: Services, name: str, **changes: Any) -> None:  # noqa: ANN401 - the parts of a role
    file: Any = rolefile.to_json(services.policy)
    roles = [{**role, **changes} if role["name"] == name else role for role in file["roles"]]
    services.roles.change({**file, "roles": roles}, services.policy.version, BY)


def offered(page: Page) -> list[str]:
    """What can be revealed: each button opens a form that says so, and works without scripts."""
    popovers = {tag["id"] for tag in page.tags if "popover" in tag.attributes}
    buttons = [
        tag["popovertarget"] for tag in page.all("button") if tag.attributes.get("popovertarget", "")[:2] == "r-"
    ]
    assert set(buttons) <= popovers
    return [tag["value"] for tag in page.all("input", name="what")]


def test_each_covered_value_that_may_be_revealed_has_a_button(leader: TestClient) -> None:
    page = get(leader, PATH)
    assert offered(page) == ["name", "phone", "field:customer_name", "field:phone"]
    assert "今日还可查看 30 次" in page.source
    assert "不能查看其余脱敏内容的明文" in page.source
    assert [tag["value"] for tag in page.all("option") if tag["value"] == WHY]
    assert PHONE not in page.source
    assert offered(get(leader, "/conversations/no-card")) == []


def test_it_is_shown_and_one_comes_back_to_where_one_was(leader: TestClient) -> None:
    page = get(leader, PATH, q="退款", sort="-started_at")
    action = next(tag["action"] for tag in page.all("form", "reveal"))
    assert action == f"{PATH}/reveal?q=%E9%80%80%E6%AC%BE&sort=-started_at"
    for what, back in (("phone", ""), ("field:customer_name", "#card")):
        answer = send(leader, action, what=what, reason=WHY, password=PASSWORD)
        assert answer.headers["location"] == f"{PATH}?q=%E9%80%80%E6%AC%BE&sort=-started_at{back}"
    shown = get(leader, PATH)
    assert shown.one("p", "said").text.startswith(f"打{OTHER}给{NAME}")
    assert {NAME, PHONE} <= {tag.text for tag in shown.all("dd")}
    note = shown.one("p", id="revealed")
    assert 290 <= int(note["data-left"]) <= 300
    assert "会话里的手机，到" in note.text
    assert "客户信息“客户姓名”，到" in note.text
    assert offered(shown) == ["name"], "what is clear needs no button"
    assert not get(leader, "/conversations/reveal-2").all("p", id="revealed")


def test_a_part_of_a_long_conversation_stays_the_part(leader: TestClient) -> None:
    page = get(leader, "/conversations/reveal-long", part="2")
    assert all(tag["action"].endswith("/reveal?part=2") for tag in page.all("form", "reveal"))


def test_without_scripts_the_browser_asks_again_in_time(leader: TestClient) -> None:
    send(leader, f"{PATH}/reveal", what="phone", reason=WHY, password=PASSWORD)
    page = get(leader, PATH)
    [seconds] = refreshes(page)
    assert 0 < seconds <= 300
    assert not refreshes(get(leader, "/conversations/reveal-2"))


def refreshes(page: Page) -> list[int]:
    return [int(tag["content"]) for tag in page.all("meta") if tag.attributes.get("http-equiv") == "refresh"]


def test_after_five_minutes_a_reload_shows_it_covered(
    services: Services, leader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(leader, f"{PATH}/reveal", what="phone", reason=WHY, password=PASSWORD)
    assert OTHER in get(leader, PATH).source
    later = services.archive._reveals._now() + LASTS  # noqa: SLF001 - the clock of the test
    monkeypatch.setattr(services.archive._reveals, "_now", lambda: later)  # noqa: SLF001
    page = get(leader, PATH)
    assert OTHER not in page.source
    assert not page.all("p", id="revealed")


def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(services: Services, leader: TestClient) -> None:
    for form, says in (
        ({"reason": "打"}, "4 到 200 个字"),
        ({"reason": WHY}, "再输一次"),
        ({"reason": WHY, "password": "wrong wrong"}, "密码不对"),
        ({"reason": "长" * 201, "password": PASSWORD}, "4 到 200 个字"),
    ):
        answer = send(leader, f"{PATH}/reveal?q=x", what="field:phone", **form)
        page = Page(answer.text)
        assert says in alert(answer), form
        assert page.one("input", name="reason")["value"] == form["reason"]
        assert page.one("form", "reveal")["action"] == f"{PATH}/reveal?q=x"
        assert PHONE not in get(leader, PATH).source
    done = send(leader, f"{PATH}/reveal", what="field:phone", reason=WHY, password=PASSWORD)
    assert done.status_code == 303
    again = send(leader, f"{PATH}/reveal", what="phone", reason=WHY)
    assert again.status_code == 303, "the password was just given"
    assert not Page(leader.get(PATH).text).all("input", name="password")
    assert services.audit.newest(1)[0]["action"] == "read"


def test_what_is_not_allowed_is_refused_without_a_form(services: Services, leader: TestClient) -> None:
    agent = visitor(services, "agent")
    for client, what, says in ((leader, "ip", "不能查看会话里的IP的明文"), (agent, "phone", "没有这项功能")):
        answer = send(client, f"{PATH}/reveal", what=what, reason=WHY, password=PASSWORD)
        assert (answer.status_code, says in alert(answer)) == (403, True)
        assert not Page(answer.text).all("form", "reveal")
    assert send(leader, "/conversations/absent/reveal", what="phone", reason=WHY).status_code == 404
    assert send(leader, f"{PATH}/reveal", what="fax", reason=WHY).status_code == 422


def test_when_the_quota_is_used_up_there_is_no_button(services: Services, leader: TestClient) -> None:
    redesign(services, "leader", limits={"export_rows": 1, "reveals_a_day": 1})
    send(leader, f"{PATH}/reveal", what="field:phone", reason=WHY, password=PASSWORD)
    page = get(leader, PATH)
    assert not page.all("form", "reveal")
    assert "今日查看明文的次数已用完" in page.source
    answer = send(leader, f"{PATH}/reveal", what="name", reason=WHY)
    assert (answer.status_code, "（1 次）已用完" in alert(answer)) == (403, True)


def test_who_has_no_right_has_a_hint_and_no_button(services: Services) -> None:
    page = get(visitor(services, "agent"), PATH)
    assert not page.all("form", "reveal")
    assert "您的角色不能查看脱敏内容的明文" in page.source
    boss = get(visitor(services, "boss"), PATH)
    assert not boss.all("form", "reveal")
    assert "脱敏内容" not in boss.source


def test_who_sees_nothing_personal_sees_no_card_and_all_of_the_dialogue(services: Services) -> None:
    redesign(services, "agent", personal={})
    page = get(visitor(services, "agent"), PATH)
    card = page.source.partition('id="card"')[2].partition("</section>")[0]
    assert "您的角色只看对话，不看客户信息" in card
    assert "<dt>" not in card
    assert page.one("h1").text == "客户"
    assert "打[手机]给[姓名]，退款" in page.one("p", "said").text
    assert {"VIP", "浙江"} <= {tag.text for tag in page.all("dd")}, "what is not personal stands with the conversation"
    assert not [tag for tag in page.all("dt") if tag.text in {"手机", "客户姓名", "IP"}]


def test_hidden_values_that_may_be_revealed_have_a_card(services: Services) -> None:
    redesign(
        services, "agent", personal={}, abilities=["reveal"], reveals=["ip"], limits={"reveals_a_day": 1},
    )  # fmt: skip
    client = visitor(services, "agent")
    assert offered(get(client, PATH)) == ["field:ip"]
    assert send(client, f"{PATH}/reveal", what="field:ip", reason=WHY, password=PASSWORD).status_code == 303
    shown = get(client, PATH)
    assert "203.0.113.7" in shown.source
    assert not [value for value in (PHONE, OTHER, NAME) if value in shown.source]


def test_the_interface_reveals_for_its_session(services: Services, leader: TestClient) -> None:
    path = "/api/v1/conversations/reveal-1"
    for body, code in (
        ({"kind": "phone", "reason": WHY}, "password-needed"),
        ({"kind": "phone", "password": PASSWORD}, "reason-needed"),
        ({"kind": "ip", "reason": WHY, "password": PASSWORD}, "action-not-allowed"),
        ({"kind": "phone", "field": "phone", "reason": WHY}, "bad-request"),
        ({"kind": "fax", "reason": WHY}, "bad-value"),
        ({"reason": WHY}, "bad-request"),
    ):
        assert leader.post(f"{path}/reveal", json=body).json()["code"] == code, body
    done = leader.post(f"{path}/reveal", json={"field": "phone", "reason": WHY, "password": PASSWORD})
    assert done.json()["target"] == "field:phone"
    assert done.json()["until"].endswith("Z")
    assert leader.get(path).json()["phone"] == [PHONE]
    assert OTHER not in leader.get(path).text
    assert visitor(services, "leader").get(path).json()["phone"] == ["138****5678"]
