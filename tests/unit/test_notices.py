"""A question that nobody can answer says why, with nothing but what the asking person may see."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from meiqia_search.acl.principal import Principal
from meiqia_search.archive import Notice
from meiqia_search.clock import Instant
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.errors import SearchTimeout
from meiqia_search.query import box
from meiqia_search.query.canonical import canonical
from meiqia_search.query.filter import And, Filter, Has, Not, Or, Term, Text
from meiqia_search.query.names import NoNames
from meiqia_search.query.request import Search
from tests.corpus import AGENT, EVERYONE
from tests.places import NewPlace
from tests.store import Store, caller, opened

NOW = Instant(1_793_505_600_000_000)


def talk(each: str, agent: str, text: str = "退款", **facts: str) -> Conversation:
    names = {"agent": {agent: f"客服{agent}"}, "group": {"g1": "售前组"}}
    known = {name: [value] for name, value in facts.items()}
    return build(each, {"agent": [agent], "group": ["g1"], **known}, [Message(Speaker.CUSTOMER, text)], names)


@pytest.fixture(scope="module")
def store(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with opened(new_place(tmp_path_factory.mktemp("notices"))) as some:
        some.put([
            talk("a1", "k1", channel="web", category="物流配送"),
            talk("a2", "k1", "我的单号是a1", channel="wechat", tag="急"),
            talk("a3", "k1", "没有给过评价"),
            talk("b1", "k2", channel="phone", category="发票", tag="绝密"),
        ])  # fmt: skip
        yield some


def asked(store: Store, query: str, who: Principal = EVERYONE) -> tuple[Notice, ...]:
    where = box.parse(query, store.archive.vocabulary(caller(who)), NOW)
    return store.archive.search(caller(who), Search(where)).notices


def known(store: Store, query: str, who: Principal = EVERYONE) -> list[str]:
    [notice] = asked(store, query, who)
    return sorted(label for label, _ in notice.ways)


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("渠道:不存在", ["微信", "电话", "网页"]),
        ("退款 渠道:微信,不存在", ["电话", "网页"]),
        ("-分类:物流", ["发票", "物流配送"]),
        ("组:售后一组 | 退款", ["售前组"]),
        ("客服:谁", ["客服k1", "客服k2"]),
        ("客服:客服k1,谁", ["客服k2"]),
        ("地区:火星", []),
    ],
)
def test_values_nobody_has_are_told_with_those_that_somebody_has(store: Store, query: str, offered: list[str]) -> None:
    assert known(store, query) == offered


@pytest.mark.parametrize(
    "query", ["渠道:微信", "渠道:微信,邮件", "退款 分类:发票,物流配送", "客服:客服k2", "编号:a9", "退款", ""]
)
def test_what_is_known_is_no_matter(store: Store, query: str) -> None:
    assert asked(store, query) == ()


def test_the_nearest_comes_first(store: Store) -> None:
    [notice] = asked(store, "分类:物流")
    assert [label for label, _ in notice.ways] == ["物流配送", "发票"]


def test_nothing_is_told_that_the_person_may_not_see(store: Store) -> None:
    (forbidden,), (absent,) = (asked(store, f"标签:{word}", AGENT) for word in ("绝密", "没有"))
    assert forbidden.text.replace("绝密", "没有") == absent.text
    assert forbidden.ways == absent.ways
    assert [label for label, _ in absent.ways] == ["急"]
    assert known(store, "渠道:不存在", AGENT) == ["微信", "网页"]


def test_a_way_replaces_the_one_value(store: Store) -> None:
    [notice] = asked(store, "退款 (渠道:微信,不存在 | -物流)")
    way: Filter = dict(notice.ways)["电话"]
    assert way == And((Text("退款"), Or((Term("channel", ("phone", "wechat")), Not(Text("物流"))))))


def test_an_id_alone_finds_only_what_may_be_seen(store: Store) -> None:
    assert box.parse("b1", store.archive.vocabulary(caller()), NOW) == Term("id", ("b1",))
    for absent in ("b1", "b9"):
        assert box.parse(absent, store.archive.vocabulary(caller(AGENT)), NOW) == Text(absent)


def test_an_id_that_was_also_said_is_told(store: Store) -> None:
    [notice] = asked(store, "a1")
    assert notice.ways == (("“a1”", Text("a1", exact=True)),)
    assert "1 条" in notice.text
    assert asked(store, "b1") == ()


@pytest.mark.parametrize(
    ("query", "way"),
    [
        ("退款 or 单号", Or((Text("退款"), Text("单号")))),
        ("退款 渠道:网页 或者 单号 渠道:微信", Or((
            And((Text("退款"), Term("channel", ("web",)))), And((Text("单号"), Term("channel", ("wechat",)))),
        ))),
        ("单号 or 发票 or 急 or 退款", Or((Text("单号"), Text("发票"), Text("急"), Text("退款")))),
        ("没有:评价", Not(Has("rating"))),
        ("退款 no：标签", And((Text("退款"), Not(Has("tag"))))),
    ],
)  # fmt: skip
def test_a_sign_written_in_another_way_is_offered(store: Store, query: str, way: Filter) -> None:
    [notice] = asked(store, query)
    assert [offered for _, offered in notice.ways] == [way]
    assert store.archive.search(caller(), Search(way)).total > 0
    assert [box.parse(written, NoNames(), NOW) for written, _ in notice.ways] == [canonical(way)]


@pytest.mark.parametrize(("query", "told"), [("淘宝:好评", "“淘宝”不是字段名"), ("渠到：微信", "“渠到”不是字段名")])
def test_what_looks_like_a_label_and_is_none_is_told(store: Store, query: str, told: str) -> None:
    [notice] = asked(store, query)
    assert told in notice.text
    assert notice.ways == ()


@pytest.mark.parametrize("query", ["or 退款", '退款 "or" 单号', "10:30", "http://example.com", '"没有:评价"'])
def test_what_can_only_be_text_is_no_matter(store: Store, query: str) -> None:
    assert asked(store, query) == ()


def test_an_answer_stands_without_its_notices(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> None:
        raise SearchTimeout

    monkeypatch.setattr(type(store.index.reader), "chart", late)
    assert asked(store, "渠道:不存在") == ()


def test_whether_a_covered_value_is_in_the_record_is_not_told(new_place: NewPlace, tmp_path: Path) -> None:
    with opened(new_place(tmp_path)) as store:
        store.put([talk("c1", "k1", tag="回电13812345678"), talk("c2", "k1", tag="急")])
        phones = ("13812345678", "13887654321")
        there, absent = (asked(store, f'标签:"回电{phone}" | 退款')[0] for phone in phones)
        assert there.text == absent.text.replace(phones[1], phones[0])
        assert [label for label, _ in there.ways] == [label for label, _ in absent.ways]
