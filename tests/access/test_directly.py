"""Who asks the server directly sees exactly what the program shows them, which is what the oracle says."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opensearchpy.exceptions import AuthorizationException, NotFoundError

from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.scope import Scoped
from meiqia_search.conversation import Conversation
from meiqia_search.engines.opensearch.compile import query
from meiqia_search.engines.opensearch.indices import document_id
from meiqia_search.fields import EXACT, NAMES
from meiqia_search.privacy.passage import for_index
from meiqia_search.query.filter import EVERYTHING, NOTHING, Filter, Has, reads
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.query.request import Search
from meiqia_search.records.conversations import partition_of
from tests import oracle, strategies
from tests.conftest import PROVE
from tests.contract import questions
from tests.contract.world import World, load
from tests.corpus import PRINCIPALS, corpus, indexed, subjects
from tests.people import POLICY, scope_of
from tests.secured import Guarded, Secured

pytestmark = pytest.mark.opensearch
QUESTIONS = 2_000 if PROVE else 100
WORLDS = 200 if PROVE else 10
MOST = 1_000
ODD = (
    Principal("q1", "", "agent", agents=("a1", '带"引号"', "反\\斜,线")),
    Principal("q2", "", "agent", agents=("*",)),
    Principal("q3", "", "agent", agents=("${user.name}", 'a1", "a2', "-x")),
    Principal("q4", "", "leader", groups=("售后 一组", "小王")),
    Principal("q5", "", "leader", groups=("APP",), agents=("a1",)),
    Principal("q6", "", "supervisor"),
)
"""Agents and groups called like the values that generated conversations have, and like parts of a query."""
POLICIES = {"participant": POLICY, "owner": built_in("owner")}


class Direct:
    """An archive, and everybody's own way to it."""

    def __init__(self, archive: Guarded, policy: Policy, people: Sequence[Principal]) -> None:
        self.archive, self.policy, self.index = archive, policy, archive.index()
        self.clients = {each: archive.person(each) for each in people}

    def seen(self, principal: Principal, where: Filter, names: str) -> list[str]:
        """What the person finds who asks the server."""
        body: dict[str, Any] = {"query": query(where), "size": MOST, "docvalue_fields": ["id"], "_source": False}
        answer = self.clients[principal].search(index=names, body=body)
        return sorted(hit["fields"]["id"][0] for hit in answer["hits"]["hits"])

    def has(self, principal: Principal, conversation: Conversation) -> bool:
        """Whether the person gets the conversation by its id."""
        month = f"{self.archive.prefix}.g000001.{partition_of(conversation)}"
        try:
            return bool(self.clients[principal].get(index=month, id=document_id(conversation.id))["found"])
        except NotFoundError:
            return False

    def shown(self, principal: Principal, where: Filter) -> list[str]:
        """What the program finds for the person."""
        scoped = Scoped(Search(where), scope_of(principal, self.policy))
        return sorted(hit.id for hit in self.index.reader.scan(scoped))

    def expected(self, principal: Principal, where: Filter, subjects: Sequence[Subject]) -> list[str]:
        """What the oracle says."""
        return sorted(oracle.found(Scoped(Search(where), scope_of(principal, self.policy)), subjects))

    def check(self, principal: Principal, where: Filter, names: str, subjects: Sequence[Subject]) -> None:
        """All three are the same; who sees nothing at all is refused by the server."""
        expected = self.expected(principal, where, subjects)
        assert self.shown(principal, where) == expected
        if scope_of(principal, self.policy).sees == NOTHING:
            with pytest.raises(AuthorizationException):
                self.seen(principal, where, names)
        else:
            assert self.seen(principal, where, names) == expected


def direct(secured: Secured, policy: Policy, people: Sequence[Principal], held: Sequence[Conversation]) -> Direct:
    archive = secured.archive(policy, people)
    load(archive.index(), held)
    return Direct(archive, policy, people)


@pytest.fixture(scope="module", params=POLICIES)
def shop(request: pytest.FixtureRequest, secured: Secured) -> Iterator[Direct]:
    """The shared conversations."""
    opened = direct(secured, POLICIES[request.param], PRINCIPALS, indexed(corpus()))
    yield opened
    opened.index.close()


@pytest.fixture(scope="module")
def odd(secured: Secured) -> Iterator[Direct]:
    """An archive that becomes whatever is generated."""
    opened = direct(secured, POLICY, ODD, [])
    yield opened
    opened.index.close()


def asked_directly(where: Filter) -> bool:
    """Whether everybody can ask it of the server itself.

    Not fingerprints and names; and which fields have a value, only who finds by all of those.
    """
    return not isinstance(where, Has) and not reads(where) & {*EXACT, *NAMES}


QUESTION = strategies.filters(3, questions.conditions().filter(asked_directly))


@pytest.mark.proof("asked directly, the cluster's own roles show what the program shows", QUESTIONS)
@settings(max_examples=QUESTIONS)
@given(data=st.data(), where=QUESTION, principal=st.sampled_from(PRINCIPALS[:-1]))
def test_every_question(shop: Direct, data: st.DataObject, where: Filter, principal: Principal) -> None:
    names = (shop.archive.alias, f"{shop.archive.alias}*", f"{shop.archive.prefix}.g000001.*")
    shop.check(principal, where, data.draw(st.sampled_from(names)), subjects())


@settings(max_examples=WORLDS)
@given(
    world=st.lists(strategies.conversations().map(for_index), max_size=12, unique_by=lambda each: each.id),
    asked=st.lists(QUESTION, min_size=2, max_size=2),
)
def test_every_world(odd: Direct, world: list[Conversation], asked: list[Filter]) -> None:
    held = World(odd.index, []).become(world)
    for principal in ODD:
        for where in (EVERYTHING, *asked):
            odd.check(principal, where, odd.archive.alias, held.subjects)


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda principal: principal.id)
def test_each_document_by_its_id(shop: Direct, principal: Principal) -> None:
    sees = scope_of(principal, shop.policy).sees
    for each in indexed(corpus())[:40]:
        if sees == NOTHING:
            with pytest.raises(AuthorizationException):
                shop.has(principal, each)
        else:
            assert shop.has(principal, each) is matches(sees, Subject(each))
