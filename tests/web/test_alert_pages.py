"""Alerts and their rules on pages and commands: what is shown as evidence, who takes note of it, who changes what."""

import json
import re
import sys
from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from meiqia_search.acl import rolefile
from meiqia_search.archive import Caller
from meiqia_search.audit.events import Action, Actor, Event, Visit
from meiqia_search.cli.main import run
from meiqia_search.cli.setup import initialise
from meiqia_search.errors import ArchiveError, ChangedMeanwhile
from meiqia_search.query.filter import Term
from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.web.page import Page, get
from tests.web.world import BY, PASSWORD, open_world, visitor

AUDITOR = {"name": "auditor", "label": "审计员", "reach": "all", "where": {"or": []}, "abilities": ["read_audit"]}


@pytest.fixture
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An archive of its own: these tests change rules."""
    opened = open_world(Settings(data_dir=tmp_path_factory.mktemp("alerts")))
    initialise(opened)
    kept = rolefile.to_json(opened.policy)
    opened.roles.change({**kept, "roles": [*kept["roles"], AUDITOR]}, opened.policy.version, BY)  # type: ignore[misc]  # a list
    opened.people.add("auditor", "周正", "auditor", PASSWORD, by=BY)
    yield opened
    opened.close()


@pytest.fixture
def admin(services: Services) -> TestClient:
    return visitor(services, "admin")


@pytest.fixture
def auditor(services: Services) -> TestClient:
    return visitor(services, "auditor")


def send(client: TestClient, path: str, **form: str) -> Response:
    return client.post(path, data={"csrf": client.headers["X-CSRF-Token"], **form})


def refuse(services: Services, login: str = "agent", times: int = 11) -> int:
    """Somebody looks for what is not there; the number of the first entry."""
    person = services.people.by_login(login)
    first = services.audit.head().seq + 1
    for number in range(times):
        by = Actor(person.id, person.role, Visit("web", "192.0.2.7"))
        services.audit.append(Event(Action.READ, by, 1, "", (f"x{number}",), outcome="not-found"))
    return first


def caller(services: Services, login: str) -> Caller:
    return Caller(services.principal(login), Visit("cli"))


def test_an_alert_stands_on_the_page_with_its_evidence(services: Services, auditor: TestClient) -> None:
    before = get(auditor, "/audit")
    assert ("没有待处理的异常" in before.one("main").text, before.all("aside")) == (True, [])
    first = refuse(services)
    panel = get(auditor, "/audit").one("aside").text
    assert "多次被拒绝" in panel
    assert "Agent" in panel
    page = get(auditor, "/audit/alerts")
    whole = [tag for tag in page.all("a") if tag.text.startswith("共 11 条")]
    [shown] = whole
    assert "共 11 条" in get(auditor, shown["href"]).one("p", "summary").text
    assert page.all("a", href=f"/audit?entries={first}")
    assert not get(auditor, "/audit?when=今天").all("aside")


def test_somebody_takes_note_once_in_words(services: Services, admin: TestClient, auditor: TestClient) -> None:
    key = f"refusals-{(first := refuse(services))}-{first + 10}"
    short = send(auditor, f"/audit/alerts/{key}", note="好")
    assert (short.status_code, "请写明核实的结果" in short.text) == (422, True)
    assert Page(short.text).one("input", name="note")["value"] == "好"
    assert send(auditor, f"/audit/alerts/{key}", note="已与本人核实，电话 13812345678").status_code == 303
    row = services.audit.newest(1)[0]
    assert (row["action"], row["outcome"], row["count"]) == ("acknowledge", "ok", 11)
    assert row["sentence"] == f"多次被拒绝，第 {first} 至 {first + 10} 条：已与本人核实，电话 [手机]"
    assert json.loads(str(row["ids"])) == [services.people.by_login("agent").id]
    assert key not in get(admin, "/audit/alerts").source
    noted = get(admin, "/audit/alerts?all=1").one("tbody").text
    assert "已与本人核实，电话 [手机]" in noted
    assert "周正" in noted
    again = send(admin, f"/audit/alerts/{key}", note="再看一遍")
    assert (again.status_code, "已经有人确认过" in again.text) == (409, True)
    assert send(admin, "/audit/alerts/refusals-1-2", note="没有的").status_code == 404
    assert services.audit.newest(2)[1]["outcome"] == "not-found"


def test_nobody_takes_note_of_what_they_did_themselves(services: Services, auditor: TestClient) -> None:
    key = f"refusals-{(first := refuse(services, 'auditor'))}-{first + 10}"
    own = send(auditor, f"/audit/alerts/{key}", note="是我自己")
    assert (own.status_code, "另一位" in own.text) == (422, True)
    assert send(visitor(services, "admin"), f"/audit/alerts/{key}", note="问过了").status_code == 303


def test_two_who_take_note_at_once(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    key = f"refusals-{(first := refuse(services))}-{first + 10}"
    services.alerts.acknowledge(caller(services, "auditor"), key, "核实了")
    monkeypatch.setattr("meiqia_search.records.alerts.AlertRecord.acknowledged", lambda _: {})
    with pytest.raises(ChangedMeanwhile):
        services.alerts.acknowledge(caller(services, "admin"), key, "也核实了")


def test_a_rule_is_changed_after_its_effect_was_seen(services: Services, admin: TestClient) -> None:
    refuse(services, times=6)
    assert "多次被拒绝" in get(admin, "/audit/rules").one("tbody").text
    form = {"most": "5", "window": "10", "enabled": "on", "version": "0"}
    asked = Page(send(admin, "/audit/rules/refusals", **form).text)
    assert "10 分钟内超过 10 次被拒绝的操作 → 10 分钟内超过 5 次被拒绝的操作" in asked.one("section", "effect").text
    assert "异常 0 → 1 条" in asked.source
    seen = asked.one("input", name="seen")["value"]
    refused = send(admin, "/audit/rules/refusals", **form, seen=seen, password="wrong password")
    assert (refused.status_code, services.alerts.rules().version) == (403, 0)
    saved = send(admin, "/audit/rules/refusals", **form, seen=seen, password=PASSWORD)
    assert saved.headers["location"] == "/audit/rules?done=saved"
    row = services.audit.newest(1)[0]
    assert (row["action"], row["count"]) == ("change_rules", 1)
    assert "超过 10 次被拒绝的操作 → 10 分钟内超过 5 次" in str(row["sentence"])
    page = get(admin, "/audit/rules?done=saved")
    assert "第 1 版" in page.source
    assert "没有待处理的异常" in get(admin, "/audit/alerts").source
    refuse(services, times=6)
    assert "多次被拒绝" in get(admin, "/audit/alerts").one("tbody").text
    late = send(admin, "/audit/rules/refusals", **form)
    assert (late.status_code, "刚刚有人改过" in late.text) == (409, True)
    back = Page(send(admin, "/audit/rules/refusals/reset", version="1").text)
    seen = back.one("input", name="seen")["value"]
    assert back.one("form", "form")["action"] == "/audit/rules/refusals/reset"
    assert send(admin, "/audit/rules/refusals/reset", version="1", seen=seen).status_code == 303
    assert services.alerts.rule("refusals").most == 10
    assert "没有改动" in send(admin, "/audit/rules/refusals/reset", version="2").text


def test_what_cannot_be_set_is_said(admin: TestClient) -> None:
    for name, form, words in (
        ("refusals", {"most": "x", "window": "1"}, "应为整数"),
        ("refusals", {"most": "1", "window": "0"}, "应为 1 到"),
        ("night_export", {"most": "1", "window": "9", "hours": "x"}, "22-6"),
        ("special_records", {"most": "1", "window": "9", "where": ""}, "哪些会话是重点"),
        ("special_records", {"most": "1", "window": "9", "where": "手机:13812345678"}, "“手机”的值不能写在"),
        ("special_records", {"most": "1", "window": "9", "where": "退款"}, "不能用“对话内容”"),
        ("special_records", {"most": "1", "window": "9", "where": "(" * 9}, "最多嵌套"),
    ):
        answer = send(admin, f"/audit/rules/{name}", **form, version="0")
        assert words in Page(answer.text).one(role="alert").text
        assert Page(answer.text).one("input", name="most")["value"] == form["most"]
    assert send(admin, "/audit/rules/absent", version="0").status_code == 404
    assert send(admin, "/audit/rules/absent/reset", version="0").status_code == 404
    assert admin.get("/audit/rules/absent").status_code == 404


def test_only_who_manages_people_changes_rules(services: Services, auditor: TestClient) -> None:
    page = get(auditor, "/audit/rules")
    assert not [tag for tag in page.all("a") if tag.attributes.get("href", "").startswith("/audit/rules/")]
    assert auditor.get("/audit/rules/refusals").status_code == 404
    assert send(auditor, "/audit/rules/refusals", most="1", window="1", version="0").status_code == 404
    assert send(auditor, "/audit/rules/refusals/reset", version="0").status_code == 404
    agent = visitor(services, "agent")
    for path in ("/audit/alerts", "/audit/rules", "/audit/rules/refusals"):
        assert agent.get(path).status_code == 404
    for act in (
        lambda: services.alerts.all(caller(services, "agent")),
        lambda: services.alerts.acknowledge(caller(services, "agent"), "x", "核实了"),
        lambda: services.alerts.effect(caller(services, "auditor"), services.alerts.rules().rules),
        lambda: services.alerts.change(caller(services, "auditor"), services.alerts.reset("refusals"), 0),
    ):
        with pytest.raises(ArchiveError) as refused:
            act()
        assert refused.value.code == "action-not-allowed"
        assert services.audit.newest(1)[0]["outcome"] == "action-not-allowed"


def test_two_who_change_rules_at_once(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    new = services.alerts.adjusted("refusals", {"most": 3})
    monkeypatch.setattr("meiqia_search.records.alerts.AlertRecord.add", lambda *_: False)
    with pytest.raises(ChangedMeanwhile):
        services.alerts.change(caller(services, "admin"), new, 0)


def test_foreign_and_special_customers_are_known_from_the_record(services: Services, auditor: TestClient) -> None:
    """Agent is k1: what k1 took part in is not foreign."""
    found = visitor(services, "admin").get("/api/v1/search", params={"size": 100}).json()["items"]
    person = services.people.by_login("agent")
    by = Actor(person.id, person.role, Visit("web", "192.0.2.7"))
    foreign = {each.get("customer") or each["id"] for each in found if "k1" not in each.get("agent", [])}
    strict = {**services.alerts.adjusted("many_customers", {"most": len(foreign)})}
    services.alerts.change(caller(services, "admin"), strict, 0)
    for each in found:
        services.audit.append(Event(Action.READ, by, 1, "", (each["id"],), 1))
    assert "短时间阅读大量非本人客户" not in get(auditor, "/audit/alerts").source
    services.audit.append(Event(Action.READ, by, 1, "", ("gone since",), 1))
    assert "短时间阅读大量非本人客户" in get(auditor, "/audit/alerts").one("tbody").text
    kinds = services.alerts.adjusted("special_records", {"most": 2, "where": Term("channel", ("wechat",))})
    services.alerts.change(caller(services, "admin"), kinds, 1)
    wechat = [each["id"] for each in found if each["channel"] == "wechat"][:3]
    for each in ("gone since", *wechat):
        services.audit.append(Event(Action.READ, by, 1, "", (each,), 1))
    assert "集中阅读重点客户" in get(auditor, "/audit/alerts").one("tbody").text


def test_a_log_that_was_cut_off_is_looked_at_anew(services: Services, auditor: TestClient) -> None:
    refuse(services)
    assert "多次被拒绝" in get(auditor, "/audit/alerts").source
    with services.databases.audit.write() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE seq > 5")
    assert "多次被拒绝" not in get(auditor, "/audit/alerts").source


def test_commands(services: Services, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    first = refuse(services)

    def command(*line: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["meiqia-search", "--data", str(services.folder), *line])
        with pytest.raises(SystemExit) as ended:
            run()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out + err

    _, listed = command("audit", "alerts")
    key = f"refusals-{first}-{first + 10}"
    assert re.search(f"agent\\s+多次被拒绝\\s.*待处理\\s+{key}", listed)
    assert command("audit", "acknowledge", key, "--note", "核实了") == (0, "已确认。\n")
    assert command("audit", "alerts") == (0, "没有待处理的异常。\n")
    assert "local 已确认：核实了" in command("audit", "alerts", "--all")[1]
    [one] = json.loads(command("--json", "audit", "alerts", "--all")[1])
    assert (one["key"], one["acknowledged"]["note"]) == (key, "核实了")
    assert re.search(r"refusals\s+多次被拒绝", command("audit", "rules", "list")[1])
    assert "超过 50 次" in command("audit", "rules", "set", "refusals", "most=50", "enabled=off")[1]
    assert json.loads(command("--json", "audit", "rules", "list")[1])["version"] == 1
    assert command("audit", "rules", "set", "refusals", "most")[0] == 2
    assert command("audit", "rules", "set", "absent", "most=1")[0] == 4
    assert json.loads(command("--json", "audit", "rules", "reset", "refusals")[1])["changes"]
    assert "没有改动" in command("audit", "rules", "reset", "refusals")[1]
