"""Every engine answers every request as the oracle does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meiqia_search.acl.scope import Scope, Scoped
from meiqia_search.aggregations.chart import Chart
from meiqia_search.conversation import Conversation
from meiqia_search.engines.base import Index
from meiqia_search.errors import FieldNotAllowed
from meiqia_search.privacy.passage import for_index
from meiqia_search.query.filter import EVERYTHING, NOTHING
from meiqia_search.query.request import Relevance, Search, Sort
from tests import oracle, strategies
from tests.conftest import PROVE
from tests.contract import questions
from tests.contract.questions import DIMENSIONS
from tests.contract.world import PATIENCE, World, scanned
from tests.corpus import EVERYONE, NOBODY
from tests.people import scope_of

REQUESTS = 2_000 if PROVE else 300
WORLDS = 400 if PROVE else 40
WORLD = st.lists(strategies.conversations().map(for_index), max_size=12, unique_by=lambda conversation: conversation.id)


@pytest.mark.proof("searches: ids, totals, order and pages equal the oracle's", REQUESTS)
@settings(max_examples=REQUESTS)
@given(search=questions.searches(), scope=questions.scopes())
def test_pages(shop: World, search: Search, scope: Scope) -> None:
    shop.check(search, scope)


@settings(max_examples=REQUESTS // 2)
@given(search=questions.searches(), scope=questions.scopes())
def test_scan(shop: World, search: Search, scope: Scope) -> None:
    in_order = search if isinstance(search.sort, Sort) else Search(search.where)
    assert [hit.id for hit in scanned(shop, search, scope)] == shop.expected(in_order, scope)


@pytest.mark.proof("charts equal the oracle's", REQUESTS)
@settings(max_examples=REQUESTS)
@given(chart=questions.charts(), scope=questions.scopes())
def test_charts(shop: World, chart: Chart, scope: Scope) -> None:
    scoped = Scoped(chart, scope)
    assert shop.reader.chart(scoped, PATIENCE) == oracle.counted(scoped, shop.subjects)


@pytest.mark.proof("random worlds: searches and charts equal the oracle's", WORLDS)
@settings(max_examples=WORLDS)
@given(world=WORLD, searches=st.lists(strategies.searches(2), min_size=5, max_size=5), scope=questions.scopes())
def test_any_world(index: Index, world: list[Conversation], searches: list[Search], scope: Scope) -> None:
    any_world = World(index, []).become(world)
    for search in searches:
        if all(scope.may_find_by(name) for name in search.reads()):
            any_world.check(search, scope)
    for dimension in DIMENSIONS:
        scoped = Scoped(Chart(dimension), scope)
        assert any_world.reader.chart(scoped, PATIENCE) == oracle.counted(scoped, any_world.subjects)


@pytest.mark.parametrize("sort", [Sort(), Sort("started_at", descending=False), Sort("rating"), Relevance()])
def test_everything_and_nothing(shop: World, sort: Sort | Relevance) -> None:
    shop.check(Search(EVERYTHING, sort, 100), scope_of(EVERYONE))
    assert shop.page(Search(NOTHING, sort), scope_of(EVERYONE)).total == 0


def test_an_unknown_role_cannot_even_ask(shop: World) -> None:
    with pytest.raises(FieldNotAllowed):
        shop.page(Search(), scope_of(NOBODY))


def test_every_row_of_a_chart_opens_the_list_behind_it(shop: World) -> None:
    for dimension in DIMENSIONS:
        for value, count in shop.reader.chart(Scoped(Chart(dimension), scope_of(EVERYONE)), PATIENCE).rows:
            behind = Search(dimension.filter(value))
            assert shop.page(behind, scope_of(EVERYONE)).total == count
