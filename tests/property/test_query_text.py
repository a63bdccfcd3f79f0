"""The search box, links and JSON carry every filter unharmed, and no text breaks them."""

import json
import os

from hypothesis import given, settings
from hypothesis import strategies as st

from meiqia_search.clock import Instant
from meiqia_search.conversation import Conversation
from meiqia_search.errors import ArchiveError
from meiqia_search.query import box, wire
from meiqia_search.query.canonical import canonical
from meiqia_search.query.explain import first_failing, why
from meiqia_search.query.filter import TEXT_LENGTH, And, Filter, Not, Or
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.query.names import NoNames
from meiqia_search.query.request import Order, Sort
from meiqia_search.query.sentence import phrase, sentence
from tests.strategies import NOON, conversations, filters, sorts

NOW = Instant(NOON)
SORT = Sort()
KEYS = st.sampled_from(
    ("term", "range", "has", "text", "and", "or", "not", "field", "values", "at_least", "below", "words", "speaker")
)
PROOF = 10_000 if os.environ.get("MEIQIA_PROVE") else 300


class Literal(NoNames):
    """Takes every word for an id, as a directory that knows everybody would."""

    def ids(self, field: str, word: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's parameters
        return (word,)


def typed(where: Filter) -> Filter | None:
    text = box.render(where)
    return None if len(text) > TEXT_LENGTH else box.parse(text, Literal(), NOW)


@settings(max_examples=PROOF, deadline=None)
@given(filters(5))
def test_what_is_written_is_read_back(where: Filter) -> None:
    assert typed(where) in (None, canonical(where))


@settings(max_examples=PROOF, deadline=None)
@given(filters(5), st.lists(conversations(), min_size=1, max_size=3))
def test_the_canonical_shape_means_the_same(where: Filter, some: list[Conversation]) -> None:
    for conversation in some:
        subject = Subject(conversation)
        assert matches(canonical(where), subject) is matches(where, subject)


SIGNS = st.sampled_from(
    (*'()（）|｜-－*＊"“”「」\\:：,，.~<>=≥@ \t\n', " OR ", "渠道:", "时间:", "时长:", "客服:", "有:", "近", "7天")
)


@settings(max_examples=PROOF, deadline=None)
@given(st.text(st.characters(), max_size=60) | st.lists(SIGNS | st.text(max_size=3), max_size=40).map("".join))
def test_no_text_breaks_the_box(query: str) -> None:
    try:
        where = box.parse(query, NoNames(), NOW)
    except ArchiveError:
        return
    assert canonical(where) == where
    assert typed(where) in (None, where)


@settings(max_examples=PROOF, deadline=None)
@given(filters(5))
def test_json_carries_every_filter(where: Filter) -> None:
    carried = json.loads(json.dumps(wire.to_json(where)))
    assert wire.from_json(carried) == where


@settings(max_examples=PROOF, deadline=None)
@given(filters(5), conversations())
def test_links_carry_the_meaning_of_every_filter(where: Filter, conversation: Conversation) -> None:
    carried = wire.from_params(wire.to_params(where), Literal(), NOW)
    assert wire.fingerprint(carried, SORT) == wire.fingerprint(where, SORT)
    assert matches(carried, Subject(conversation)) is matches(where, Subject(conversation))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), part, max_size=3),
    max_leaves=20,
)


@settings(max_examples=PROOF, deadline=None)
@given(JSON)
def test_no_json_breaks_the_wire(value: object) -> None:
    try:
        where = wire.from_json(value)
    except ArchiveError:
        return
    assert wire.from_json(wire.to_json(where)) == where


PARAMS = st.sampled_from(
    ("q", "where", "has", "lacks", "channel", "duration", "started_at.from", "duration.to", "id", "x")
)


@settings(max_examples=PROOF, deadline=None)
@given(st.lists(st.tuples(PARAMS | st.text(max_size=3), st.text(st.characters(), max_size=12)), max_size=5))
def test_no_link_breaks_the_wire(params: list[tuple[str, str]]) -> None:
    try:
        where = wire.from_params(params, NoNames(), NOW)
    except ArchiveError:
        return
    assert canonical(where) == where


@settings(max_examples=PROOF, deadline=None)
@given(filters(5), conversations())
def test_every_filter_can_be_said_and_explained(where: Filter, conversation: Conversation) -> None:
    subject = Subject(conversation)
    failing = first_failing(where, subject)
    assert (failing is None) is matches(where, subject)
    assert failing is None or not matches(failing, subject)
    assert sentence(where, NoNames())
    assert all(phrase(where, NoNames()))
    assert (why(where, subject, NoNames()) == "符合全部条件") is (failing is None)


@given(filters(2), filters(2), sorts())
def test_a_fingerprint_does_not_depend_on_order(one: Filter, other: Filter, sort: Order) -> None:
    for kind in (And, Or):
        assert wire.fingerprint(kind((one, other)), sort) == wire.fingerprint(kind((other, kind((one,)))), sort)
    if canonical(one) == one:
        assert wire.fingerprint(one, sort) != wire.fingerprint(Not(one), sort)
