"""What the security plugin stops and what it does not, measured, and as ``docs/security.md`` says it.

A person sees 10 of 40 conversations and may not use the field ``region``. Each probe tries to learn more. When an
upgrade of the server changes the outcome of one, its test fails: then correct the table here and in the document.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import AuthorizationException, NotFoundError, OpenSearchException

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.role import Reach, Right, Role
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.engines.opensearch.indices import document_id
from meiqia_search.privacy.mask import Show
from tests.contract.world import load
from tests.secured import Guarded, Secured

pytestmark = pytest.mark.opensearch
PAGE = Path(__file__).parents[2] / "docs" / "security.md"
OWN, ALL = 10, 40
BLIND = "region"
"""The field that the role may not use."""
_BY_PLUGIN = re.compile("security|DLS")
"""In its refusals that are not about permissions."""
Json = dict[str, Any]


class Outcome(StrEnum):
    """What came of it."""

    REFUSED = "refused"
    OWN = "only what is theirs"
    MORE = "**more**"


_HIDDEN = Right(Show.HIDDEN, search=False, sort=False, export=False)
PERSON = Principal("person", "", "blind", agents=("k1",))
POLICY = Policy({"blind": Role("blind", "看不到地区", Reach.OWN, fields={BLIND: _HIDDEN})})


def conversation(number: int) -> Conversation:
    """The first ten are the person's; the word 秘密 occurs only in those of others."""
    mine = number < OWN
    facts: dict[str, tuple[str | int, ...]] = {
        "agent": ("k1" if mine else "k2",),
        "category": ("退款",),
        "region": ("上海" if mine else "北京",),
        "messages": (1,),
    }
    if number in {0, OWN}:
        facts["topic"] = ("同一件事",)
    said = "退款没到账" if mine else "秘密退款没到账"
    return build(f"c{number}", facts, [Message(Speaker.CUSTOMER, f"{said}，{'独角兽' if number in {0, OWN} else ''}")])


class Asked:
    """Somebody at the server."""

    def __init__(self, archive: Guarded, client: OpenSearch) -> None:
        self.archive, self.client = archive, client
        self.program: OpenSearch = archive.on.client(f"{archive.prefix}-program")
        self.index = min(archive.on.admin.indices.get_alias(name=archive.alias))

    def search(self, body: Json, index: str = "", **params: str) -> Json:
        answer: Json = self.client.search(index=index or self.archive.alias, body=body, params=params)
        return answer

    def count(self, query: Json, index: str = "") -> int:
        total: int = self.search({"query": query, "track_total_hits": True}, index)["hits"]["total"]["value"]
        return total

    def counted(self, name: str, body: Json) -> Json:
        found: Json = self.search({"size": 0, "aggs": {"a": {name: body}}})["aggregations"]["a"]
        return found

    def keys(self, name: str, body: Json) -> set[str]:
        return {each["key"] for each in self.counted(name, body)["buckets"]}


EVERYTHING: Json = {"match_all": {}}
FOREIGN = document_id(f"c{OWN}")
"""A conversation of somebody else that has the word 独角兽 and the topic in common with one of the person's."""


def _get(asked: Asked) -> bool:
    try:
        return bool(asked.client.get(index=asked.index, id=FOREIGN)["found"])
    except NotFoundError:
        return False


def _mget(asked: Asked) -> list[bool]:
    docs = asked.client.mget(body={"docs": [{"_index": asked.index, "_id": FOREIGN}]})["docs"]
    return [doc["found"] for doc in docs]


def _msearch(asked: Asked) -> list[int]:
    lines = [{"index": asked.archive.alias}, {"query": EVERYTHING}]
    return [each["hits"]["total"]["value"] for each in asked.client.msearch(body=lines)["responses"]]


def _suggested(asked: Asked, kind: str, more: Json) -> set[str]:
    asking = {"text": "秘宝", kind: {"field": "bigrams_customer", **more}}
    found = asked.search({"size": 0, "suggest": {"s": asking}})["suggest"]["s"]
    return {option["text"] for part in found for option in part["options"]}


def _explained(asked: Asked) -> set[str]:
    body = {"explain": True, "query": {"match": {"words": "退款"}}, "size": 1}
    return set(re.findall(r"'value': (\d+), 'description': 'N, ", str(asked.search(body)["hits"]["hits"])))


def _like(asked: Asked) -> int:
    like = [{"_index": asked.index, "_id": FOREIGN}]
    some = {"fields": ["topic", "bigrams_customer"], "like": like, "min_term_freq": 1, "min_doc_freq": 1}
    return asked.count({"more_like_this": some})


def _looked_up(asked: Asked) -> int:
    return asked.count({"terms": {"topic": {"index": asked.index, "id": FOREIGN, "path": "topic"}}})


def _scrolled(asked: Asked, client: OpenSearch) -> int:
    first = client.search(index=asked.archive.alias, body={"size": 30}, params={"scroll": "1m"})
    more = asked.client.scroll(body={"scroll_id": first["_scroll_id"]})
    return len(first["hits"]["hits"]) + len(more["hits"]["hits"])


def _borrowed_state(asked: Asked) -> int:
    pit = asked.program.create_pit(index=asked.archive.alias, params={"keep_alive": "1m"})["pit_id"]
    try:
        found = asked.client.search(body={"pit": {"id": pit}, "query": EVERYTHING})
    finally:
        asked.program.delete_pit(body={"pit_id": [pit]})
    total: int = found["hits"]["total"]["value"]
    return total


def _cached(asked: Asked) -> int:
    body = {"size": 0, "query": EVERYTHING, "track_total_hits": True}
    asking = [
        client.search(index=asked.archive.alias, body=body, params={"request_cache": "true"})
        for client in (asked.program, asked.program, asked.client)
    ]
    total: int = asking[-1]["hits"]["total"]["value"]
    return total


def _inner(asked: Asked) -> set[int]:
    body = {"collapse": {"field": "category", "inner_hits": {"name": "all", "size": 100}}}
    hits = asked.search(body)["hits"]["hits"]
    return {each["inner_hits"]["all"]["hits"]["total"]["value"] for each in hits}


def _shown(asked: Asked, **body: Any) -> bool:  # noqa: ANN401 - parts of a request
    """Whether the hidden field, or its value, occurs in what comes back."""
    hits = asked.search({"query": EVERYTHING, **body})["hits"]["hits"]
    assert len(hits) == OWN
    return "上海" in str(hits)


def _script(asked: Asked, source: str) -> int:
    return asked.count({"script": {"script": {"source": source}}})


def _derived(asked: Asked) -> int:
    script = {"source": f"for (v in doc['{BLIND}']) {{ emit(v) }}"}
    body = {"derived": {"d": {"type": "keyword", "script": script}}, "query": {"term": {"d": "上海"}}}
    total: int = asked.search(body)["hits"]["total"]["value"]
    return total


def _older(asked: Asked) -> int:
    older = f"{asked.archive.prefix}.g000001.*"
    assert asked.program.count(index=older)["count"] == ALL
    return asked.count(EVERYTHING, older)


class Probe(NamedTuple):
    """An attempt: what it gives to someone who learns nothing new, and what came of it."""

    name: str
    ask: Callable[[Asked], object]
    own: object
    outcome: Outcome


_ZERO = {"field": "agent", "min_doc_count": 0}
PROBES = (
    # whole documents
    Probe("search", lambda a: a.count(EVERYTHING), OWN, Outcome.OWN),
    Probe("search in the index by its name", lambda a: a.count(EVERYTHING, a.index), OWN, Outcome.OWN),
    Probe("search by a pattern", lambda a: a.count(EVERYTHING, f"{a.archive.alias}*"), OWN, Outcome.OWN),
    Probe("count", lambda a: a.client.count(index=a.archive.alias)["count"], OWN, Outcome.OWN),
    Probe("several searches in one request", _msearch, [OWN], Outcome.OWN),
    Probe("get by id", _get, False, Outcome.OWN),
    Probe("get several by id", _mget, [False], Outcome.OWN),
    Probe("collapsed and inner hits", _inner, {OWN}, Outcome.OWN),
    Probe("an answer that another's search put in the cache", _cached, OWN, Outcome.OWN),
    Probe("more like another's conversation", _like, 0, Outcome.OWN),
    Probe("terms looked up in another's conversation", _looked_up, 0, Outcome.OWN),
    Probe("a script as query", lambda a: _script(a, "true"), OWN, Outcome.OWN),
    Probe("the generation before", _older, OWN, Outcome.REFUSED),
    # counts and words
    Probe("terms", lambda a: a.keys("terms", {"field": "agent"}), {"k1"}, Outcome.OWN),
    Probe("rare terms", lambda a: a.keys("rare_terms", {"field": "agent", "max_doc_count": 100}), {"k1"}, Outcome.OWN),
    Probe("distinct values", lambda a: a.counted("cardinality", {"field": "agent"})["value"], 1, Outcome.OWN),
    Probe("terms that occur 0 times", lambda a: a.keys("terms", _ZERO), {"k1"}, Outcome.REFUSED),
    Probe(
        "terms that occur 0 times, inside another aggregation",
        lambda a: {
            each["key"]
            for each in a.search(
                {
                    "size": 0,
                    "aggs": {"o": {"filter": EVERYTHING, "aggs": {"a": {"terms": _ZERO}}}},
                }
            )["aggregations"]["o"]["a"]["buckets"]
        },
        {"k1"},
        Outcome.MORE,
    ),
    Probe(
        "global aggregation",
        lambda a: a.search({"size": 0, "aggs": {"a": {"global": {}}}})["aggregations"]["a"]["doc_count"],
        OWN,
        Outcome.MORE,
    ),
    Probe(
        "significant terms",
        lambda a: a.counted("significant_terms", {"field": "category"})["bg_count"],
        OWN,
        Outcome.MORE,
    ),
    Probe(
        "significant text",
        lambda a: a.counted("significant_text", {"field": "bigrams_customer"})["bg_count"],
        OWN,
        Outcome.MORE,
    ),
    Probe("suggestions of terms", lambda a: _suggested(a, "term", {"min_word_length": 1}), set(), Outcome.MORE),
    Probe("suggestions of phrases", lambda a: _suggested(a, "phrase", {"confidence": 0}), set(), Outcome.MORE),
    Probe("scores and their explanation", _explained, {str(OWN)}, Outcome.MORE),
    Probe(
        "profile of a search",
        lambda a: a.search({"profile": True, "query": EVERYTHING})["hits"]["total"]["value"],
        OWN,
        Outcome.REFUSED,
    ),
    # the field that the role may not use
    Probe("hidden field: query", lambda a: a.count({"term": {BLIND: "上海"}}), 0, Outcome.OWN),
    Probe("hidden field: is there a value", lambda a: a.count({"exists": {"field": BLIND}}), 0, Outcome.OWN),
    Probe(
        "hidden field: names of the fields that have a value",
        lambda a: a.count({"term": {"has": BLIND}}),
        0,
        Outcome.OWN,
    ),
    Probe("hidden field: aggregation", lambda a: a.keys("terms", {"field": BLIND}), set(), Outcome.OWN),
    Probe("hidden field: sort", lambda a: _shown(a, sort=[{BLIND: "asc"}]), False, Outcome.OWN),
    Probe("hidden field: source", lambda a: _shown(a, _source=True), False, Outcome.OWN),
    Probe("hidden field: values", lambda a: _shown(a, docvalue_fields=[BLIND], fields=[BLIND]), False, Outcome.OWN),
    Probe("hidden field: script", lambda a: _script(a, f"doc['{BLIND}'].size() > 0"), 0, Outcome.OWN),
    Probe("hidden field: derived field", _derived, 0, Outcome.OWN),
    Probe(
        "hidden field: list of fields",
        lambda a: BLIND in a.client.field_caps(index=a.archive.alias, params={"fields": "*"})["fields"],
        False,
        Outcome.OWN,
    ),
    # actions that the role does not list
    Probe(
        "explanation of a document",
        lambda a: a.client.explain(index=a.index, id=document_id("c0"), body={"query": EVERYTHING}),
        None,
        Outcome.REFUSED,
    ),
    Probe("term vectors", lambda a: a.client.termvectors(index=a.index, id=document_id("c0")), None, Outcome.REFUSED),
    Probe("own scroll", lambda a: _scrolled(a, a.client), OWN, Outcome.OWN),
    Probe("another's scroll", lambda a: _scrolled(a, a.program), None, Outcome.REFUSED),
    Probe(
        "own point in time",
        lambda a: a.client.create_pit(index=a.archive.alias, params={"keep_alive": "1m"}),
        None,
        Outcome.REFUSED,
    ),
    Probe("another's point in time", _borrowed_state, OWN, Outcome.OWN),
    Probe("statistics of the index", lambda a: a.client.indices.stats(index=a.index), None, Outcome.REFUSED),
    Probe(
        "validating a query",
        lambda a: a.client.indices.validate_query(index=a.archive.alias, body={"query": EVERYTHING}),
        None,
        Outcome.REFUSED,
    ),
    Probe("who writes", lambda a: a.count(EVERYTHING, f"{a.archive.prefix}.writers"), None, Outcome.REFUSED),
    Probe("writing", lambda a: a.client.index(index=a.index, id="x", body={}), None, Outcome.REFUSED),
    Probe("deleting", lambda a: a.client.delete(index=a.index, id=document_id("c0")), None, Outcome.REFUSED),
)


@pytest.fixture(scope="module")
def asked(secured: Secured) -> Iterator[Asked]:
    archive = secured.archive(POLICY, [PERSON])
    index = archive.index()
    for _ in range(2):
        load(index, [conversation(number) for number in range(ALL)])
    yield Asked(archive, archive.person(PERSON))
    index.close()


def outcome(probe: Probe, asked: Asked) -> Outcome:
    try:
        learned = probe.ask(asked)
    except OpenSearchException as refused:
        if isinstance(refused, AuthorizationException) or _BY_PLUGIN.search(str(refused)):
            return Outcome.REFUSED
        raise
    return Outcome.OWN if learned == probe.own else Outcome.MORE


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_what_a_person_learns(asked: Asked, probe: Probe) -> None:
    assert outcome(probe, asked) is probe.outcome


@pytest.mark.parametrize(
    "probe", [each for each in PROBES if each.outcome is Outcome.OWN], ids=lambda probe: probe.name
)
def test_who_is_not_restricted_learns_more(asked: Asked, probe: Probe) -> None:
    assert outcome(probe, Asked(asked.archive, asked.archive.on.admin)) is Outcome.MORE


def test_the_document_says_the_same() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    said = [row for row in rows if row[1] in set(Outcome)]
    assert said == [(probe.name, probe.outcome.value) for probe in PROBES]
