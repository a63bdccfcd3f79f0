"""The archive as people use it: personal values of the text are neither found, nor shown, nor written down."""

from collections.abc import Iterator

import pytest

from meiqia_search.acl.principal import Principal
from meiqia_search.conversation import Message, Speaker, build
from meiqia_search.query.filter import Term, Text
from meiqia_search.query.request import Search
from tests.places import NewPlace
from tests.store import Store, caller, opened

PHONE, ID_CARD = "13812345678", "11010519491231002X"
AGENT = Principal("p", "小王", "agent", agents=("k1",))
BOSS = Principal("b", "主管", "supervisor")
TALK = build(
    "c1",
    {"agent": ("k1",), "tag": (f"回电{PHONE}",), "started_at": (1,), "summary": (f"已回电{PHONE}",)},
    [
        Message(Speaker.CUSTOMER, f"我的号是 138-1234-5678，身份证{ID_CARD}"),
        Message(Speaker.AGENT, "好的，马上回电", agent="k1"),
    ],
)


@pytest.fixture(scope="module")
def store(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with opened(new_place(tmp_path_factory.mktemp("doors"))) as made:
        made.put([TALK])
        yield made


@pytest.mark.parametrize("who", [AGENT, BOSS])
@pytest.mark.parametrize("words", [PHONE, "1381234", "5678", "138-1234", "1234", ID_CARD, "002X", "110105"])
def test_no_piece_of_a_value_finds_anything(store: Store, who: Principal, words: str) -> None:
    assert store.archive.search(caller(who), Search(Text(words, exact=True))).total == 0


def test_the_kind_and_the_words_around_it_are_found(store: Store) -> None:
    for words in ("我的号是 [手机]，", "身份证[身份证]", "已回电[手机]"):
        assert store.archive.search(caller(AGENT), Search(Text(words, exact=True))).total == 1


def test_a_list_shows_what_the_role_may_see(store: Store) -> None:
    question = Search(Text("我的号"))
    masked = store.archive.search(caller(AGENT), question).rows[0]
    assert "我的号是 138****5678，身份证1101**************" in [each.fragment.text for each in masked.snippets]
    assert masked.conversation.values("tag") == ("回电138****5678",)
    clear = store.archive.search(caller(BOSS), question).rows[0]
    assert any(ID_CARD in each.fragment.text for each in clear.snippets)


def test_reading_marks_what_is_shown(store: Store) -> None:
    view = store.archive.read(caller(AGENT), "c1", Text("我的号是", exact=True))
    assert view.utterances[0].pieces == (("我的号是", True), (" 138****5678，身份证1101**************", False))
    assert view.conversation.text("summary") == "已回电138****5678"


def test_the_reason_tells_no_value(store: Store) -> None:
    assert PHONE not in store.archive.explain(caller(AGENT), Term("tag", ("加急",)), "c1")
    assert "没有说过" in store.archive.explain(caller(AGENT), Text("1234", exact=True), "c1")


def test_the_audit_does_not_keep_what_was_typed(store: Store) -> None:
    store.archive.search(caller(BOSS), Search(Text(f"{PHONE} 退款")))
    store.archive.total(caller(BOSS), Text(ID_CARD))
    rows = [str(row) for row in store.audit.newest(10)]
    assert any("[手机]" in row for row in rows)
    assert not any(PHONE in row or ID_CARD in row for row in rows)
