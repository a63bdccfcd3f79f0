"""Corners of rights, personal values and the audit that the other tests do not come past."""

import json

import pytest

from meiqia_search.acl.difference import differences
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import AGENT, Right, Role
from meiqia_search.audit.chain import Kept, entry_of
from meiqia_search.audit.events import Action, Actor, Event, SeenAs, Visit
from meiqia_search.audit.sheet import as_item, as_lines
from meiqia_search.conversation import Message, Speaker, build
from meiqia_search.errors import BadRole
from meiqia_search.fields import Personal
from meiqia_search.privacy.detect import find
from meiqia_search.privacy.fingerprint import Key
from meiqia_search.privacy.known import Cover
from meiqia_search.privacy.mask import Show, shown
from meiqia_search.privacy.numbers import spoken
from meiqia_search.privacy.passage import for_index
from meiqia_search.query.names import NoNames

KEY = Key("k1", bytes(32))


def kinds(text: str) -> list[tuple[Personal, str]]:
    return [(each.kind, each.value) for each in find(text)]


def test_a_right_on_a_field_that_changes_is_said() -> None:
    hidden = Right(Show.HIDDEN, search=False, sort=False, export=False)
    changed = Role("agent", "客服", AGENT.reach, AGENT.personal, AGENT.abilities, fields={"tag": hidden})
    before, after = Policy({"agent": AGENT}), Policy({"agent": changed}, 2)
    [line] = differences(before, after, NoNames())
    assert "字段“标签” 明文、可查找、可导出 → 隐藏" in line


def test_a_right_on_no_field_is_refused() -> None:
    with pytest.raises(BadRole, match="没有名为“nothing”的字段"):
        Role("x", "某", AGENT.reach, fields={"nothing": Right(Show.CLEAR, search=False, sort=False, export=False)})


def test_what_was_done_in_a_preview_says_as_whom() -> None:
    by = Actor("p-1", "administrator", Visit("web"), SeenAs("p-2", "wang"))
    searched = Event(Action.SEARCH, by, 1, "退款", ("c1",))
    assert (searched.sentence, searched.ids) == ("以 wang 的身份预览：退款", ("p-2", "c1"))
    assert Event(Action.COUNT, by, 1).sentence == "以 wang 的身份预览"


def test_an_entry_as_a_line_and_as_an_item() -> None:
    entry = entry_of(
        Event(Action.READ, Actor("p-1", "agent", Visit("web")), 1, "", ("c1",), 1), 7, 1_795_000_000_000_000
    )
    row = Kept(entry, ["c1"], b"h" * 32)
    [line] = as_lines([row])
    assert json.loads(line) == {**json.loads(line), "seq": 7, "ids": '["c1"]', "hash": (b"h" * 32).hex()}
    item = as_item(row, {"p-1": "小王"})
    assert (item["ids"], item["name"], item["at"]) == (["c1"], "小王", "2026-11-18T19:06:40+08:00")
    assert as_item(row, {})["name"] == ""


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [(Personal.PHONE, "138****5678", "138****5678"), (Personal.BANK_CARD, "6222 **** **** 1234", "6222 **** **** 1234"),
     (Personal.NAME, "", "***"), (Personal.PHONE, "110", "***"), (Personal.EMAIL, "nothing", "***")],
)  # fmt: skip
def test_what_is_masked_already_or_too_short(kind: Personal, value: str, masked: str) -> None:
    assert shown(kind, value, Show.MASKED) == masked


@pytest.mark.parametrize(
    "text",
    ["微信hello world", "微信abcdefgh", "OIlOoIlOoIlOol", "订单号 010-12345678 元", "华为小姐", "姓名：高兴",
     "哪条路 3号", "走到上海！然后左转的道路 3号", "广东好？地铁道 3号线"],
)  # fmt: skip
def test_what_only_looks_alike(text: str) -> None:
    assert kinds(text) == []


def test_a_spelled_dot_with_nothing_before_it_is_not_of_the_address() -> None:
    assert kinds("。 dot a@b dot com") == [(Personal.EMAIL, "a@b.com")]


def test_letters_that_are_no_digits() -> None:
    assert spoken("OoIlOoIlOoIlO") == "OoIlOoIlOoIlO"


def test_a_known_value_within_another_is_covered_once() -> None:
    known = Cover([("欧阳娜娜", Personal.NAME, Show.HIDDEN), ("欧阳", Personal.NAME, Show.HIDDEN)])
    assert known.over("欧阳娜娜来了") == "[姓名]来了"


def test_only_what_can_be_looked_up_has_a_fingerprint() -> None:
    said = [Message(Speaker.CUSTOMER, "身份证 11010519491231002X，车牌 京A12345", 1)]
    facts = for_index(build("c1", {"phone": ("无",), "started_at": (1,)}, said), KEY).facts
    assert "无" not in str(facts.get("phone", ""))


def test_a_local_number_and_a_short_address() -> None:
    assert kinds("座机 8888-1234") == [(Personal.LANDLINE, "88881234")]
    assert kinds("地址：文三路3号") == [(Personal.ADDRESS, "文三路3号")]
    assert kinds("住西湖区文三路3号") == [(Personal.ADDRESS, "住西湖区文三路3号")]
