"""Whoever may finds by the whole of a personal value, wherever it stands; each one asked for is in the audit."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from meiqia_search import clock
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import SUPERVISOR
from meiqia_search.acl.scope import scope_for
from meiqia_search.archive import looking
from meiqia_search.archive.looking import LookUps
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.errors import (
    ArchiveError,
    AuditUnavailable,
    BadRole,
    BadValue,
    FieldNotAllowed,
    IndexMissing,
    KeyInUse,
    NotFound,
    TooManyLookUps,
)
from meiqia_search.fields import EXACT
from meiqia_search.privacy.mask import Show
from meiqia_search.query import box
from meiqia_search.query.filter import Has, Name, Not
from meiqia_search.query.request import Search
from meiqia_search.records.attempts import AttemptRecord
from meiqia_search.settings import Settings
from tests.corpus import AGENT, EVERYONE, NOBODY
from tests.store import Store, caller, opened

NUMBER, MAIL, CARD = "13812345678", "Lily.Chen@Example.com", "11010519491231002X"


def talk(conversation_id: str, *texts: str, **facts: list[object]) -> Conversation:
    return build(conversation_id, facts, [Message(Speaker.CUSTOMER, text) for text in texts])


@pytest.fixture
def store(place: Settings) -> Iterator[Store]:
    with opened(place) as some:
        some.put(
            [
                talk("card", phone=["+86 138 1234 5678"], email=[MAIL], user_id=["U-77"], wechat_id=["Lily_88"]),
                talk("text", f"我的手机是１３８ 1234 5678，邮箱 {MAIL.lower()}", f"身份证{CARD.lower()}"),
                talk("landline", "公司电话 010-66778899"),
                talk("noted", customer_note=["老客户，打他太太 137-0000-1111"], leads=["邮箱 tai.tai@example.com"]),
                talk("other", "13812345679", phone=["13912345678"], user_id=["u-77"], id_card=[CARD]),
                talk("nothing", "您好"),
            ]
        )
        yield some


def found(store: Store, query: str) -> list[str]:
    who = caller()
    where = box.parse(query, store.archive.vocabulary(who), clock.now())
    return sorted(row.conversation.id for row in store.archive.search(who, Search(where)).rows)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (f"手机:{NUMBER}", ["card", "text"]),
        ("phone:+8613812345678", ["card", "text"]),
        ('shouji:"138 1234 5678"', ["card", "text"]),
        ("手机:010-66778899", ["landline"]),
        ("手机:13700001111 邮箱:tai.tai@example.com", ["noted"]),
        (f"手机:{NUMBER},13912345678", ["card", "other", "text"]),
        (f"邮箱:{MAIL}", ["card", "text"]),
        (f"身份证:{CARD}", ["other", "text"]),
        ("用户编号:U-77", ["card"]),
        ("微信号:lily_88", ["card"]),
        (f"手机:{NUMBER} 邮箱:{MAIL} -身份证:{CARD}", ["card"]),
        (f"手机:{NUMBER} | 用户编号:u-77", ["card", "other", "text"]),
        ("手机:13800000000", []),
        ("有:手机", ["card", "landline", "noted", "other", "text"]),
        ("无:手机", ["nothing"]),
    ],
)
def test_a_value_is_found_wherever_it_stands(store: Store, query: str, ids: list[str]) -> None:
    assert found(store, query) == ids


@pytest.mark.parametrize(
    "query",
    [
        "手机:1381234",
        "手机:5678",
        "手机:66778899",
        "手机:+86",
        "邮箱:lily",
        "邮箱:@example.com",
        "身份证:1101051949",
        "手机:k1:00",
    ],
)
def test_by_a_part_nothing_is_looked_up(store: Store, query: str) -> None:
    with pytest.raises(BadValue, match="只能按整个") as refused:
        found(store, query)
    assert query.partition(":")[2] not in refused.value.detail
    assert told(store)[0] == ("look_up", {"手": "手机", "邮": "邮箱", "身": "身份证"}[query[0]], "bad-value")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("姓名:三丰", ["named"]),
        ("客户姓名:zhangsan", ["named"]),
        ('xingming:"Z S F"', ["named"]),
        ("姓名:lily,zsf", ["latin", "named"]),
        ("-姓名:张 有:客户姓名", ["latin"]),
        ("姓名:李", []),
    ],
)
def test_a_name_is_found_by_its_parts_and_its_sound(store: Store, query: str, ids: list[str]) -> None:
    store.put([talk("named", "我是张三丰", customer_name=["张三丰"]), talk("latin", customer_name=["Lily Chen"])])
    assert found(store, query) == ids
    assert told(store)[0] == ("search", "按“客户姓名”查找", "ok")


def test_who_does_not_see_names_does_not_find_by_them(store: Store) -> None:
    with pytest.raises(FieldNotAllowed):
        store.archive.search(caller(AGENT), Search(Name("customer_name", "张")))
    right = replace(SUPERVISOR.rights["customer_name"], show=Show.MASKED)
    with pytest.raises(BadRole, match="看到明文才能查找"):
        replace(SUPERVISOR, fields={"customer_name": right})


def told(store: Store) -> list[tuple[object, ...]]:
    """What the audit says, newest first."""
    return [(row["action"], row["sentence"], row["outcome"]) for row in store.audit.newest(9)]


def test_every_look_up_is_in_the_audit_without_the_value(store: Store) -> None:
    found(store, f"退款 手机:{NUMBER}")
    found(store, f"退款 手机:{NUMBER}")
    (search, _, _), (action, words, outcome), _, again = told(store)[:4]
    assert (search, action, outcome) == ("search", "look_up", "ok")
    assert str(words).startswith("手机 k1:")
    assert again == (action, words, outcome)
    assert NUMBER[3:7] not in repr(store.audit.newest(9))


@pytest.mark.parametrize("who", [AGENT, NOBODY])
def test_who_may_not_is_told_the_same_whatever_they_ask(store: Store, who: object) -> None:
    answers = set()
    for value in (NUMBER, "13800000000", "138", "k"):
        with pytest.raises(FieldNotAllowed) as refused:
            box.parse(f"手机:{value}", store.archive.vocabulary(caller(who)), clock.now())  # type: ignore[arg-type]
        answers.add(refused.value.detail)
        assert told(store)[0] == ("look_up", "手机", "field-not-allowed")
    assert len(answers) == 1


def test_by_a_hidden_field_somebody_may_find(store: Store) -> None:
    usual = SUPERVISOR.rights["phone"]
    role = replace(SUPERVISOR, fields={"phone": replace(usual, show=Show.HIDDEN, export=False)})
    scope = scope_for(replace(EVERYONE, role="supervisor"), Policy({"supervisor": role}))
    assert store.look_ups.prints(caller(), scope, "phone", NUMBER)
    without = replace(SUPERVISOR, fields={"phone": replace(usual, search=False)})
    with pytest.raises(FieldNotAllowed):
        store.look_ups.prints(caller(), scope_for(EVERYONE, Policy({"administrator": without})), "phone", NUMBER)


def test_so_many_a_minute(store: Store) -> None:
    at = int(clock.now())
    attempts = AttemptRecord(store.databases.record)
    slow = LookUps(store.services.keys, attempts, store.audit, most=3, now=lambda: at)
    scope = store.archive.scope(caller())
    for _ in range(3):
        slow.prints(caller(), scope, "phone", NUMBER)
    with pytest.raises(TooManyLookUps, match="请 60 秒后再试") as refused:
        slow.prints(caller(), scope, "email", MAIL)
    assert refused.value.data == {"retry_after": 60}
    assert told(store)[0][2] == "too-many-look-ups"
    slow.prints(caller(replace(EVERYONE, id="somebody else")), scope, "phone", NUMBER)
    at += looking.MINUTE
    slow.prints(caller(), scope, "phone", NUMBER)


def test_without_an_audit_nothing_is_looked_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(store.audit, "append", broken)
    with pytest.raises(AuditUnavailable):
        found(store, f"手机:{NUMBER}")


def test_why_a_conversation_is_not_there(store: Store) -> None:
    where = box.parse(f"手机:{NUMBER}", store.archive.vocabulary(caller()), clock.now())
    assert store.archive.explain(caller(), where, "text") == "符合全部条件"
    assert store.archive.explain(caller(), where, "other") == "手机不是指定的值"
    assert store.archive.explain(caller(), Not(Has("phone")), "text") == "符合要排除的条件：有手机"


def test_a_key_is_rotated_while_everything_stays_found(store: Store) -> None:
    services = store.services
    assert services.index.reader.hashed_with() == {"k1"}
    assert services.keys.rotate().id == "k2"
    store.put([talk("late", f"打 {NUMBER}")])
    assert services.index.reader.hashed_with() == {"k1", "k2"}
    assert found(store, f"手机:{NUMBER}") == ["card", "late", "text"]
    with pytest.raises(KeyInUse):
        services.retire_key("k1")
    with pytest.raises(BadValue, match="最新的密钥"):
        services.keys.retire("k2")
    with pytest.raises(NotFound):
        services.keys.retire("k3")
    store.rebuild()
    assert services.index.reader.hashed_with() == {"k2"}
    services.retire_key("k1")
    assert [key.id for key in services.keys.live()] == ["k2"]
    assert found(store, f"手机:{NUMBER}") == ["card", "late", "text"]
    with pytest.raises(IndexMissing):
        services.roll_back(store.archive.scope(caller()))
    assert services.keys.rotate().id == "k3"


def test_the_keys_are_the_same_for_every_process(store: Store, place: Settings) -> None:
    with opened(place) as other:
        assert store.services.keys.live() == other.services.keys.live()
        store.services.keys.rotate()
        assert [key.id for key in other.services.keys.live()] == ["k1", "k2"]


def test_every_exact_field_can_be_looked_up(store: Store) -> None:
    whole = {"phone": NUMBER, "email": MAIL, "id_card": CARD}
    for name in EXACT:
        assert found(store, f"{name}:{whole.get(name, 'nobody')}") is not None
        with pytest.raises(ArchiveError):
            box.parse(f"{name}:{whole.get(name, 'x')}", store.archive.vocabulary_of_links(caller()), clock.now())
