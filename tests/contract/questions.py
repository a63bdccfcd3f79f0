"""Questions about the shared conversations: values and words that occur in them, so that most find something."""

from dataclasses import replace
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import BUILT_IN
from meiqia_search.acl.scope import Scope
from meiqia_search.aggregations.chart import Chart, Dimension, Step
from meiqia_search.conversation import Conversation, Speaker
from meiqia_search.fields import EXACT, FIELDS, NAMES, Field, Kind, Value
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import Filter, Has, Name, Range, Term, Text
from meiqia_search.query.request import Search
from tests import strategies
from tests.corpus import PRINCIPALS, corpus, indexed
from tests.people import scope_of

LOOKING_UP = Policy({
    name: replace(
        role, fields={each: replace(role.rights[each], show=Show.CLEAR, search=True) for each in (*EXACT, *NAMES)}
    )
    for name, role in BUILT_IN.items()
})  # fmt: skip
"""Roles that may all find by personal values, so that everybody may ask everything here."""
SEARCHABLE = [field for field in FIELDS.values() if field.searchable or field.exact]
HAD = [*(field.name for field in SEARCHABLE), *NAMES]
ORDERED = [field for field in SEARCHABLE if field.kind is not Kind.KEYWORD]
DIMENSIONS = [
    Dimension(field.name, Step.MONTH if field.kind is Kind.TIME else Step.VALUE)
    for field in FIELDS.values()
    if field.chartable and field.kind is not Kind.NUMBER
]


@cache
def _occurring(name: str) -> list[Value]:
    return sorted({value for each in _indexed() for value in each.values(name)}, key=str)


@cache
def _indexed() -> list[Conversation]:
    return indexed(corpus())


@cache
def _said() -> list[str]:
    return sorted({text for each in corpus() for _, text in each.said() if text})


def values(field: Field) -> SearchStrategy[Value]:
    """Values that occur, and some that do not."""
    known = _occurring(field.name)
    return st.one_of(st.sampled_from(known), strategies.values(field)) if known else strategies.values(field)


@st.composite
def pieces(draw: DrawFn) -> str:
    """A piece of something said."""
    text = draw(st.sampled_from(_said()))
    start = draw(st.integers(0, len(text) - 1))
    return text[start : start + draw(st.integers(1, 8))]


@st.composite
def terms(draw: DrawFn) -> Term:
    """One to three values of a field."""
    field = draw(st.sampled_from(SEARCHABLE))
    return Term(field.name, tuple(draw(st.lists(values(field), min_size=1, max_size=3))))


@st.composite
def ranges(draw: DrawFn) -> Range:
    """Between values of a field."""
    field = draw(st.sampled_from(ORDERED))
    low, high = draw(values(field)), draw(values(field))
    open_end = draw(st.integers(0, 3))
    return Range(field.name, None if open_end == 0 else int(low), None if open_end == 1 else int(high))


def conditions() -> SearchStrategy[Filter]:
    """One condition; more often about what was said than about any one field."""
    speakers = st.none() | st.sampled_from(Speaker)
    said = st.builds(Text, pieces() | strategies.texts(), speakers, st.booleans())
    has = st.builds(Has, st.sampled_from(HAD))
    named = st.builds(Name, st.sampled_from(NAMES), st.sampled_from(strategies.CALLED))
    return st.one_of(said, said, terms(), ranges(), has, named)


def filters() -> SearchStrategy[Filter]:
    """Filters that a person may ask of the shared conversations."""
    return strategies.filters(3, conditions())


def searches() -> SearchStrategy[Search]:
    """First pages."""
    return st.builds(Search, filters(), strategies.sorts(), st.sampled_from((7, 20, 33, 100)))


def charts() -> SearchStrategy[Chart]:
    """Every dimension."""
    return st.builds(Chart, st.sampled_from(DIMENSIONS), filters(), st.integers(1, 50))


def scopes() -> SearchStrategy[Scope]:
    """Everybody who may ask anything, those who see much more often."""
    may_ask = [principal for principal in PRINCIPALS if scope_of(principal).rights]
    return st.sampled_from([*may_ask, may_ask[-1], may_ask[-2]]).map(lambda who: scope_of(who, LOOKING_UP))
