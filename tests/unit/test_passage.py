"""What of a conversation reaches the index, and what reaches a person."""

import re
from collections.abc import Iterator

import msgspec
import pytest

from meiqia_search.acl.principal import Principal
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.privacy.passage import for_index, for_person, redacted
from tests.people import scope_of

PHONE, EMAIL, NAME, USER, WECHAT = "13812345678", "li.wei@example.com", "欧阳娜娜", "U00123456", "wx_lily88"
OTHERS = "13987654321"
CONVERSATION = build(
    "c1",
    {
        "agent": ("k1", "13700000000"),
        "owner": ("k1",),
        "customer": (f"wb-{PHONE}",),
        "customer_name": (NAME,),
        "phone": (PHONE,),
        "email": (EMAIL,),
        "user_id": (USER,),
        "wechat_id": (WECHAT,),
        "tag": (f"回电{OTHERS}", "加急"),
        "topic": (f"{NAME}的投诉",),
        "summary": (f"客户{NAME}，电话{PHONE}，已回访",),
        "customer_note": (f"另一个号 {OTHERS}",),
        "land_title": ("会员中心",),
        "messages": (4,),
    },
    [
        Message(Speaker.CUSTOMER, f"我是{NAME}，我的号是 138 1234 5678", name=NAME),
        Message(Speaker.AGENT, f"您的账号{USER}、微信{WECHAT.upper()}已绑定，邮箱{EMAIL}", agent="k1", name="小王"),
        Message(Speaker.AGENT, "已发送", kind="file", url=f"https://files.example.com/{USER}/{PHONE}.pdf", agent="k1"),
        Message(Speaker.CUSTOMER, "谢谢"),
    ],
    {"agent": {"k1": f"小王 {OTHERS}"}},
)
SECRETS = (PHONE, "138 1234 5678", OTHERS, EMAIL, NAME, USER, WECHAT, WECHAT.upper())
MASKED = dict.fromkeys(Personal, Show.MASKED)


def shows(show: Show) -> dict[str, Show]:
    return {name: Show.CLEAR if field.personal is None else show for name, field in FIELDS.items()}


def strings(of: object) -> Iterator[str]:
    if isinstance(of, str):
        yield of
    elif isinstance(of, dict):
        for key, value in of.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(of, list | tuple):
        for value in of:
            yield from strings(value)


def everything(conversation: Conversation, *but: str) -> str:
    plain = msgspec.to_builtins(conversation)
    plain["facts"] = {name: values for name, values in plain["facts"].items() if name not in but}
    return "\n".join(strings(plain))


def test_nothing_personal_reaches_the_index() -> None:
    indexed = for_index(CONVERSATION)
    assert not [secret for secret in SECRETS if secret in everything(indexed, "customer")]
    assert indexed.messages[0].text == "我是[姓名]，我的号是 [手机]"
    assert indexed.messages[1].text == "您的账号[用户编号]、微信[账号]已绑定，邮箱[邮箱]"
    assert indexed.values("tag") == ("回电[手机]", "加急")
    assert indexed.text("topic") == "[姓名]的投诉"
    assert "customer_note" not in indexed.facts


def test_ids_that_conversations_are_held_together_by_stay_in_the_index() -> None:
    indexed = for_index(CONVERSATION)
    assert indexed.values("agent") == ("k1", "13700000000")
    assert indexed.values("customer") == (f"wb-{PHONE}",)
    assert indexed.id == "c1"


def test_masked_values_are_masked_in_every_string() -> None:
    shown = for_person(CONVERSATION, shows(Show.MASKED), MASKED)
    assert not [secret for secret in SECRETS if secret in everything(shown)]
    assert shown.messages[0].text == "我是欧阳**，我的号是 138****5678"
    assert shown.messages[0].name == "欧阳**"
    assert shown.messages[1].text == "您的账号U***6、微信W***8已绑定，邮箱l***@example.com"
    assert shown.messages[1].name == "小王"
    assert shown.messages[2].url == "https://files.example.com/U***6/138****5678.pdf"
    assert shown.text("customer") == "wb-138****5678"
    assert shown.text("summary") == "客户欧阳**，电话138****5678，已回访"
    assert shown.names == {"agent": {"k1": "小王 139****4321"}}
    assert [message.id for message in shown.messages] == [message.id for message in CONVERSATION.messages]


def test_hidden_values_stand_as_their_kind() -> None:
    shown = for_person(CONVERSATION, shows(Show.HIDDEN), {})
    assert not [secret for secret in SECRETS if secret in everything(shown)]
    assert shown.text("phone") == "[手机]"
    assert shown.messages[0].text == "我是[姓名]，我的号是 [手机]"


def test_a_field_without_a_right_does_not_leave_but_its_values_are_still_known() -> None:
    shown = for_person(CONVERSATION, {"tag": Show.CLEAR}, dict.fromkeys(Personal, Show.MASKED))
    assert set(shown.facts) == {"tag"}
    assert NAME not in everything(shown)


def test_clear_is_clear() -> None:
    shown = for_person(CONVERSATION, shows(Show.CLEAR), dict.fromkeys(Personal, Show.CLEAR))
    assert shown == CONVERSATION


def test_each_kind_has_its_own_form() -> None:
    forms = dict.fromkeys(Personal, Show.CLEAR) | {Personal.PHONE: Show.MASKED, Personal.EMAIL: Show.HIDDEN}
    fields = {name: forms[field.personal] if field.personal else Show.CLEAR for name, field in FIELDS.items()}
    shown = for_person(CONVERSATION, fields, forms)
    assert shown.messages[0].text == f"我是{NAME}，我的号是 138****5678"
    assert shown.text("customer_note") == "另一个号 139****4321"
    assert shown.messages[1].text.endswith("邮箱[邮箱]")


def test_a_conversation_without_personal_values_stays_as_it_is() -> None:
    plain = build("c2", {"tag": ("退款",)}, [Message(Speaker.CUSTOMER, "退款一直没到账")])
    assert for_index(plain) == plain
    assert for_person(plain, shows(Show.MASKED), MASKED) == plain


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"customer_name": ("访客",)}, "访客您好"),
        ({"customer_name": ("李",)}, "李子好吃"),
        ({"user_id": ("12",)}, "买了 12 件"),
        ({"user_id": ("1234",)}, "满 12345 减 100"),
        ({"customer_name": ("Ann",)}, "Annual report"),
    ],
)
def test_what_anybody_could_be_is_not_taken_for_this_person(facts: dict[str, tuple[str, ...]], text: str) -> None:
    conversation = build("c3", facts, [Message(Speaker.CUSTOMER, text)])
    assert for_index(conversation).messages[0].text == text


def test_the_scope_says_the_form_of_every_kind() -> None:
    agent, boss = scope_of(Principal("a", "a", "agent")), scope_of(Principal("b", "b", "supervisor"))
    assert dict(agent.personal) == MASKED
    assert set(boss.personal.values()) == {Show.CLEAR}
    assert not scope_of(Principal("x", "x", "unheard of")).personal


def test_redacted_text_keeps_its_sense() -> None:
    assert redacted(f"包含“{PHONE}”") == "包含“[手机]”"
    assert redacted("包含“退款”") == "包含“退款”"


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.personal and name != "id"])
@pytest.mark.parametrize("show", [Show.HIDDEN, Show.MASKED])
def test_one_field_alone_is_covered(name: str, show: Show) -> None:
    conversation = build("c1", {"phone": (PHONE,), name: (PHONE,)}, [])
    out = for_person(conversation, shows(Show.CLEAR) | {name: show}, dict.fromkeys(Personal, Show.CLEAR))
    assert PHONE not in out.facts[name]


def test_a_field_that_is_clear_is_so_although_its_kind_is_covered_in_texts() -> None:
    seen = for_person(CONVERSATION, shows(Show.MASKED) | {"phone": Show.CLEAR}, MASKED)
    assert seen.values("phone") == (PHONE,)
    assert not [text for text in strings(msgspec.to_builtins(seen.messages)) if PHONE in text or "1234 5678" in text]
    assert PHONE not in seen.text("summary")


def test_in_a_field_that_is_clear_other_kinds_stay_covered() -> None:
    each = build("c1", {"customer_name": (f"{NAME} {PHONE}",), "email": (EMAIL,)}, [])
    seen = for_person(each, shows(Show.MASKED) | {"customer_name": Show.CLEAR}, MASKED)
    assert seen.values("customer_name") == (f"{NAME} 138****5678",)


@pytest.mark.parametrize(
    "written",
    [
        "ＡＢＣ－１２３４５６", "abc-123456", "A\u200bBC-1234\u00ad56", "ABC-①②③④⑤⑥", "ABC-१२३४५६", "張偉",
        "张 伟", "張 偉", "张伟", "ｋｅｘｕｅ＿１２３", "KEXUE_\ufeff123",
    ],
)  # fmt: skip
def test_what_is_known_is_covered_however_it_is_spelled(written: str) -> None:
    facts = {"user_id": ("ABC-123456",), "customer_name": ("张伟",), "wechat_id": ("kexue_123",)}
    text = f"麻烦查一下，{written}。"
    left = for_index(build("c1", facts, [Message(Speaker.CUSTOMER, text)])).messages[0].text
    assert re.fullmatch(r"麻烦查一下，\[(用户编号|姓名|账号)\]。", left)


@pytest.mark.parametrize("name", ["張偉", "张伟"])
def test_a_name_is_known_in_either_script(name: str) -> None:
    made = build("c1", {"customer_name": (name,)}, [Message(Speaker.AGENT, "张伟，張偉，张无忌")])
    assert for_index(made).messages[0].text == "[姓名]，[姓名]，张无忌"
