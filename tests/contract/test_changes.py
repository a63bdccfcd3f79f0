"""What a writer takes is what a reader finds, from the commit on."""

from collections.abc import Callable
from typing import TypeVar

from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.engines.base import Delete, Hit, Index
from meiqia_search.query.filter import And, Text
from meiqia_search.query.request import Search, Sort
from tests.contract.questions import DIMENSIONS
from tests.contract.world import PATIENCE, World, change, load, puts, scanned
from tests.corpus import AGENT, EVERYONE, corpus, indexed
from tests.people import scope_of

T = TypeVar("T")
ALL = scope_of(EVERYONE)


def _saying(conversation_id: str, *texts: str) -> Conversation:
    return build(conversation_id, {}, [Message(Speaker.CUSTOMER, text) for text in texts])


def _said(world: World, words: str) -> list[str]:
    return world.ids(Search(Text(words, exact=True)))


def test_the_same_change_again_changes_nothing(index: Index) -> None:
    some = indexed(corpus()[:30])
    world = World(index, []).become(some)
    change(index, puts(index, some))
    change(index, [*puts(index, some[:9]), *puts(index, some[:9])])
    world.check(Search(size=7), ALL)


def test_what_is_said_to_be_new_is_there_once(index: Index) -> None:
    new = [each._replace(new=True) for each in puts(index, [_saying("u1", "第一版的话"), _saying("u2", "第一版的话")])]
    change(index, new[:1])
    change(index, new)
    assert sorted(scanned(World(index, []), Search(), ALL)) == [Hit("u1", 1), Hit("u2", 1)]


def test_an_update_replaces(index: Index) -> None:
    change(index, puts(index, [_saying("u1", "第一版的话")]))
    change(index, puts(index, [_saying("u1", "第二版的话")], version=2))
    world = World(index, [_saying("u1", "第二版的话")])
    assert (_said(world, "第一版"), _said(world, "第二版")) == ([], ["u1"])
    assert scanned(world, Search(), ALL) == [Hit("u1", 2)]


def test_the_last_change_of_a_conversation_wins(index: Index) -> None:
    change(index, [*puts(index, [_saying("w1", "旧")]), Delete("w1"), *puts(index, [_saying("w1", "新的")], version=3)])
    change(index, [*puts(index, [_saying("w2", "旧")]), Delete("w2"), Delete("从来没有过")])
    assert scanned(World(index, []), Search(), ALL) == [Hit("w1", 3)]


def test_what_is_not_committed_is_not_seen(index: Index) -> None:
    world = World(index, [])
    writer = index.writer()
    writer.apply(puts(index, [_saying("n1", "还没提交")]))
    assert _said(world, "还没提交") == []
    writer.close()
    assert _said(world, "还没提交") == []


def test_a_generation_is_seen_from_the_switch_on(engine: Callable[[], Index]) -> None:
    index = engine()
    world = load(index, [_saying("o1", "旧索引")])
    generation = index.begin()
    generation.writer.apply(puts(index, [_saying("o2", "新索引")]))
    generation.writer.commit()
    assert [hit.id for hit in generation.reader.scan(Scoped(Search(), ALL))] == ["o2"]
    assert world.ids(Search()) == ["o1"]
    generation.switch()
    assert world.ids(Search()) == ["o2"]
    index.begin().drop()
    assert world.ids(Search()) == ["o2"]
    index.close()


def test_a_scan_keeps_to_what_it_began_with(index: Index) -> None:
    world = World(index, []).become(indexed(corpus()[:30]))
    scan = world.reader.scan(Scoped(Search(), ALL))
    first = next(scan)
    expected = world.expected(Search(), ALL)
    world.become([])
    assert [first.id, *(hit.id for hit in scan)] == expected


def test_messages_do_not_run_into_each_other(index: Index) -> None:
    world = World(index, []).become([_saying("b1", "今天退", "款到账", "", "␞", "␞␞␞", "天"), _saying("b2", "退款")])
    for words in ("退款", "退 款", "到账天", "账", "␞", "␞␞", "␞␞␞", "款到账␞", "天", "天退"):
        for exact in (True, False):
            world.check(Search(Text(words, exact=exact)), ALL)


def test_others_do_not_change_what_an_agent_sees(index: Index) -> None:
    scope = scope_of(AGENT)
    everything = indexed(corpus())
    own = [each for each in everything if "k1" in each.values("agent")]
    assert 0 < len(own) < len(everything)
    where = And((Text("退款"), Text("的")))

    def answers(world: World) -> list[object]:
        sorts = (Sort(), Sort("messages", descending=False), Sort("rating"))
        pages: list[object] = [world.pages(Search(where, sort, 7), scope) for sort in sorts]
        return pages + [world.reader.chart(Scoped(Chart(by, where), scope), PATIENCE) for by in DIMENSIONS]

    alone = answers(World(index, []).become(own))
    assert answers(World(index, []).become(everything)) == alone
