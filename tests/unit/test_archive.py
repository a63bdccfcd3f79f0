"""The door: nothing leaves unseen, unchecked or unmasked."""

import re
from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread

import msgspec
import pytest
from sqlalchemy import text

from meiqia_search import archive as door
from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart, Dimension
from meiqia_search.archive import Archive, relaxed
from meiqia_search.clock import SECOND
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.engines.base import Hits, Reader
from meiqia_search.errors import AuditUnavailable, BadCursor, Busy, FieldNotAllowed, IndexMissing, NotFound
from meiqia_search.fields import Personal
from meiqia_search.indexing.intake import take_in
from meiqia_search.privacy.fingerprint import fingerprints
from meiqia_search.query.filter import EVERYTHING, And, Filter, Has, Not, Or, Term, Text, both, leaves
from meiqia_search.query.request import Relevance, Search, Sort
from meiqia_search.settings import Settings
from tests.corpus import AGENT, EVERYONE, KEY, NOBODY, PRINCIPALS, corpus
from tests.people import POLICY
from tests.store import Store, caller, lose_index, opened

NAME = "张三丰"
PHONE = "13812345678"
MAIL = "zhangsanfeng@example.com"
WECHAT = "wx_zhang_1987"


def talk(conversation_id: str, agent: str, *said: str, start: int = 0) -> Conversation:
    facts: dict[str, list[object]] = {
        "agent": [agent], "started_at": [1_793_505_600_000_000 + start * SECOND],
        "customer_name": [NAME], "phone": [PHONE], "email": [MAIL], "wechat_id": [WECHAT], "channel": ["web"],
    }  # fmt: skip
    messages = [Message(Speaker.CUSTOMER, each) for each in said or ("退款一直没到账",)]
    return build(conversation_id, facts, messages, {"agent": {agent: f"客服{agent}"}})


@pytest.fixture
def store(place: Settings) -> Iterator[Store]:
    """Three conversations of k1, two of k2."""
    with opened(place) as some:
        some.put([talk(f"a{n}", "k1" if n < 3 else "k2", start=n) for n in range(5)])
        yield some


def last(store: Store) -> dict[str, object]:
    """The newest audit row."""
    return store.audit.newest(1)[0]


def found(page: door.Page) -> list[str]:
    return [row.conversation.id for row in page.rows]


def test_everybody_sees_their_own(store: Store) -> None:
    assert found(store.archive.search(caller(AGENT), Search())) == ["a2", "a1", "a0"]
    assert found(store.archive.search(caller(), Search())) == ["a4", "a3", "a2", "a1", "a0"]
    with pytest.raises(FieldNotAllowed):
        store.archive.search(caller(NOBODY), Search())
    assert (last(store)["outcome"], last(store)["ids"]) == ("field-not-allowed", "[]")


def test_what_was_moved_since_it_was_indexed_is_dropped(store: Store) -> None:
    take_in(store.conversations, [talk("a1", "k2", start=1)])
    page = store.archive.search(caller(AGENT), Search())
    assert (found(page), page.total, page.lost) == (["a2", "a0"], 3, 1)
    store.conversations.delete(["a2"])
    page = store.archive.search(caller(AGENT), Search())
    assert (found(page), page.lost) == (["a0"], 2)
    assert last(store)["ids"] == '["a0"]'


def test_reading_needs_no_index(store: Store) -> None:
    take_in(store.conversations, [talk("late", "k1"), talk("other", "k2")])
    view = store.archive.read(caller(AGENT), "late", Text("退款"))
    assert view.utterances[0].pieces == (("退款", True), ("一直没到账", False))
    refusals = []
    for absent in ("other", "nothing", "", "a\0b"):
        with pytest.raises(NotFound) as refused:
            store.archive.read(caller(AGENT), absent)
        refusals.append(str(refused.value))
        assert (last(store)["action"], last(store)["outcome"]) == ("read", "not-found")
    assert len(set(refusals)) == 1


def _leaves(answer: object) -> str:
    """Everything in an answer."""
    return repr(answer) + repr(msgspec.to_builtins(answer, enc_hook=repr))


def test_personal_values_of_facts_are_masked_for_agents(store: Store) -> None:
    ask = caller(AGENT)
    answers = [
        store.archive.search(ask, Search(Text("退款"))),
        store.archive.read(ask, "a1", Text("退款")),
        store.archive.neighbours(ask, Search(), "a1"),
        store.archive.charts(ask, [Chart(Dimension("agent"))]),
        store.archive.explain(ask, Text("别的"), "a1"),
    ]
    for answer in answers:
        for secret in (NAME, PHONE, MAIL, "zhangsanfeng", WECHAT, PHONE[3:7]):
            assert secret not in _leaves(answer)
    assert "138****5678" in _leaves(answers[0])
    clear = _leaves(store.archive.search(caller(), Search()))
    assert all(secret in clear for secret in (NAME, PHONE, MAIL, WECHAT))
    assert not re.search(f"{NAME}|{PHONE}|{MAIL}|{WECHAT}", repr(store.audit.newest(100)))


def test_a_refused_personal_value_is_not_kept_in_the_audit(store: Store) -> None:
    with pytest.raises(FieldNotAllowed):
        store.archive.search(caller(AGENT), Search(Term("phone", fingerprints(Personal.PHONE, PHONE, (KEY,)))))
    assert PHONE not in repr(last(store))
    assert last(store)["sentence"] == "按“手机”查找"


def test_pages_by_cursor(store: Store) -> None:
    search = Search(size=2)
    first = store.archive.search(caller(), search)
    second = store.archive.search(caller(), search, first.next)
    third = store.archive.search(caller(), search, second.next)
    assert [found(page) for page in (first, second, third)] == [["a4", "a3"], ["a2", "a1"], ["a0"]]
    assert (first.previous, third.next) == (None, None)
    assert found(store.archive.search(caller(), search, third.previous)) == ["a2", "a1"]
    for other in (AGENT, PRINCIPALS[7]):
        with pytest.raises(BadCursor):
            store.archive.search(caller(other), search, first.next)
    with pytest.raises(BadCursor):
        store.archive.search(caller(), Search(Has("tag"), size=2), first.next)
    with pytest.raises(BadCursor):
        store.archive.search(caller(), search, f"x{first.next}")


def test_every_answer_has_its_row(store: Store) -> None:
    ask = caller(AGENT)
    store.archive.search(ask, Search(Text("退款")))
    row = last(store)
    assert {name: row[name] for name in ("action", "person", "role", "policy", "surface", "address", "trace")} == {
        "action": "search", "person": "p1", "role": "agent", "policy": 1, "surface": "web", "address": "127.0.0.1",
        "trace": "t1",
    }  # fmt: skip
    assert (row["sentence"], row["ids"], row["count"], row["outcome"]) == ("包含“退款”", '["a2","a1","a0"]', 3, "ok")
    store.archive.read(ask, "a0")
    assert (last(store)["action"], last(store)["ids"], last(store)["count"]) == ("read", '["a0"]', 1)
    store.archive.total(ask, EVERYTHING)
    assert (last(store)["action"], last(store)["count"]) == ("count", 3)
    store.archive.charts(ask, [Chart(Dimension("agent")), Chart(Dimension("channel"))])
    assert (last(store)["action"], last(store)["count"]) == ("count", 2)
    store.archive.explain(ask, EVERYTHING, "a0")
    assert (last(store)["action"], last(store)["ids"]) == ("explain", '["a0"]')
    with pytest.raises(NotFound):
        store.archive.explain(ask, EVERYTHING, "a4")
    assert (last(store)["action"], last(store)["outcome"]) == ("explain", "not-found")


ANSWERS: list[Callable[[Archive], object]] = [
    lambda archive: archive.search(caller(), Search()),
    lambda archive: archive.charts(caller(), [Chart(Dimension("channel"))]),
    lambda archive: archive.total(caller(), EVERYTHING),
    lambda archive: archive.offers(caller(), And((Text("退款"), Text("没有的词")))),
    lambda archive: archive.read(caller(), "a0"),
    lambda archive: archive.read(caller(), "nothing"),
    lambda archive: archive.neighbours(caller(), Search(), "a0"),
    lambda archive: archive.explain(caller(), EVERYTHING, "a0"),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_without_the_audit_nothing_leaves(store: Store, answer: Callable[[Archive], object]) -> None:
    with store.databases.audit.write() as connection:
        connection.execute(text("DROP TABLE audit"))
    with pytest.raises(AuditUnavailable):
        answer(store.archive)


def test_without_an_index_one_can_still_read(store: Store) -> None:
    lose_index(store)
    with pytest.raises(IndexMissing):
        store.archive.search(caller(), Search())
    assert last(store)["outcome"] == "index-missing"
    assert store.archive.read(caller(), "a0").conversation.id == "a0"


class _Waiting:
    """A reader that answers when it is told to."""

    def __init__(self, reader: Reader, begun: Barrier, answer: Event) -> None:
        self._reader, self._begun, self._answer = reader, begun, answer

    def search(self, scoped: Scoped[Search], timeout: float) -> Hits:
        self._begun.wait(30)
        self._answer.wait(30)
        return self._reader.search(scoped, timeout)

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)


def test_the_fifth_question_at_once_is_refused(store: Store) -> None:
    begun, answer = Barrier(door.AT_ONCE + 1), Event()
    reader = _Waiting(store.index.reader, begun, answer)
    archive = Archive(
        reader,  # type: ignore[arg-type]
        store.conversations, store.archive.names, store.audit, lambda: POLICY, "x", store.reveals, store.look_ups,
    )  # fmt: skip
    totals: list[int] = []
    asking = [Thread(target=lambda: totals.append(archive.total(caller(), EVERYTHING))) for _ in range(door.AT_ONCE)]
    for thread in asking:
        thread.start()
    begun.wait(30)
    with pytest.raises(Busy, match=str(door.AT_ONCE)):
        archive.charts(caller(), [Chart(Dimension("channel"))])
    assert archive.charts(caller(AGENT), [Chart(Dimension("channel"))])[0].rows == (("web", 3),)
    answer.set()
    for thread in asking:
        thread.join()
    assert totals == [5] * door.AT_ONCE
    assert archive.charts(caller(), [Chart(Dimension("channel"))])[0].rows == (("web", 5),)


def test_neighbours(store: Store) -> None:
    def beside(conversation_id: str, search: Search) -> tuple[str | None, str | None, int]:
        answer = store.archive.neighbours(caller(AGENT), search, conversation_id)
        return answer.previous, answer.next, answer.total

    assert beside("a1", Search()) == ("a2", "a0", 3)
    assert beside("a2", Search()) == (None, "a1", 3)
    assert beside("a0", Search(sort=Sort(descending=False))) == (None, "a1", 3)
    assert beside("a1", Search(Not(Term("id", ("a1",))))) == ("a2", "a0", 2)
    assert beside("a1", Search(sort=Relevance())) == ("a2", "a0", 3)
    with pytest.raises(NotFound):
        beside("a4", Search())


def test_what_could_be_left_out(store: Store) -> None:
    words, nothing, channel = Text("退款"), Term("tag", ("没有",)), Term("channel", ("web",))
    offers = store.archive.offers(caller(AGENT), And((words, nothing, channel)))
    assert [(offer.dropped, offer.rest, offer.total) for offer in offers] == [(nothing, And((words, channel)), 3)]
    assert store.archive.offers(caller(), words) == []
    assert store.archive.offers(caller(), And((nothing, Has("rating"), words))) == []


def test_any_of_the_words() -> None:
    agent = Term("agent", ("k1",))
    search = relaxed(And((Text("退款 物流", Speaker.CUSTOMER), agent)))
    assert search == Search(
        And((agent, Or((Text("退款", Speaker.CUSTOMER, exact=True), Text("物流", Speaker.CUSTOMER, exact=True))))),
        Relevance(),
    )
    assert relaxed(Text("退款")) is relaxed(agent) is relaxed(Text("退款 物流", exact=True)) is None


def test_why_not(store: Store) -> None:
    explain = store.archive.explain
    assert explain(caller(), Text("退款"), "a0") == "符合全部条件"
    assert "没有说过“物流”" in explain(caller(), Text("物流"), "a0")
    assert "手机" in explain(caller(), Not(Has("phone")), "a0")
    with pytest.raises(FieldNotAllowed):
        explain(caller(AGENT), Has("phone"), "a0")
    with pytest.raises(FieldNotAllowed):
        explain(caller(), Has("address"), "a0")


def test_rows_show_where_it_was_said(place: Settings) -> None:
    long = "甲" * 300
    with opened(place) as store:
        store.put([talk("s1", "k1", "您好", f"{long}退款{long}", "退款和退款", "再见")])
        row = store.archive.search(caller(), Search(Text("退款"))).rows[0]
        assert [snippet.fragment.text for snippet in row.snippets][1] == "退款和退款"
        assert (row.hits, len(row.snippets[0].fragment.text)) == (2, 80)
        row = store.archive.search(caller(), Search()).rows[0]
        assert (row.snippets[0].fragment.text, row.hits) == ("您好", 0)


def test_all_of_the_corpus_reads_as_it_was_put(place: Settings) -> None:
    with opened(place) as store:
        store.put(corpus()[:40])
        for each in corpus()[:40]:
            view = store.archive.read(caller(EVERYONE), each.id)
            assert view.conversation == each
            assert all("".join(piece for piece, _ in said.pieces) == said.message.text for said in view.utterances)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (Text("139 1111 2222"), "[手机]"),
        (both(Text("139"), Text("1111"), Text("2222")), "[手机]"),
        (both(Text("扣扣987654321"), Text("退款")), "[账号]"),
        (Or((Text("138", exact=True), Not(Text("12345678")))), "[手机]"),
    ],
)
def test_a_number_typed_in_pieces_is_told_whole(store: Store, where: Filter, told: str) -> None:
    digits = [piece for text in leaves(where) if isinstance(text, Text) for piece in re.findall("[0-9]+", text.words)]
    looser = relaxed(where)
    page = store.archive.search(caller(), Search(where))
    assert all(digit in page.sentence for digit in digits), "who asks sees what they asked"
    store.archive.search(caller(), looser or Search(where), told=where)
    for row in store.audit.newest(2):
        assert told in str(row["sentence"])
        assert not [digit for digit in digits if digit in str(row["sentence"])]
