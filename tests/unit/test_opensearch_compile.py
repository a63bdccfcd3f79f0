"""What is asked of OpenSearch, word for word."""

import pytest

from meiqia_search.conversation import Speaker
from meiqia_search.engines.opensearch.compile import Query, query, ranked, scoped_query
from meiqia_search.query.filter import EVERYTHING, NOTHING, And, Filter, Has, Not, Or, Range, Term, Text
from tests.corpus import AGENT, EVERYONE, NOBODY
from tests.people import scope_of

ALL: Query = {"match_all": {}}
NONE: Query = {"match_none": {}}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (EVERYTHING, ALL),
        (NOTHING, NONE),
        (Term("channel", ("wechat", "app")), {"terms": {"channel": ["app", "wechat"]}}),
        (Term("id", ("*",)), {"terms": {"id": ["*"]}}),
        (Term("messages", (3,)), {"terms": {"messages": [3]}}),
        (Range("messages", 1, 5), {"range": {"messages": {"gte": 1, "lt": 5}}}),
        (Range("messages", below=0), {"range": {"messages": {"lt": 0}}}),
        (Has("rating"), {"term": {"has": "rating"}}),
        (Has("id"), ALL),
        (Text("退", Speaker.AGENT), {"term": {"chars_agent": "退"}}),
        (Text(" ", Speaker.AGENT, exact=True), {"term": {"chars_agent": "␣"}}),
        (Text("退款", Speaker.BOT), {"term": {"bigrams_bot": "退款"}}),
        (Text("退 款", Speaker.BOT, exact=True), {"match_phrase": {"bigrams_bot": "退␣ ␣款"}}),
        (Text("ABC", Speaker.NOTE), {"match_phrase": {"bigrams_note": "ab bc"}}),
        (Not(Has("rating")), {"bool": {"must_not": [{"term": {"has": "rating"}}]}}),
        (And((Has("rating"),)), {"term": {"has": "rating"}}),
        (
            And((Has("rating"), Or((Has("owner"), NOTHING)))),
            {
                "bool": {
                    "filter": [
                        {"term": {"has": "rating"}},
                        {"bool": {"should": [{"term": {"has": "owner"}}, NONE], "minimum_should_match": 1}},
                    ]
                }
            },
        ),
    ],
)
def test_conditions(where: Filter, expected: Query) -> None:
    assert query(where) == expected


def test_words_are_looked_for_with_every_speaker() -> None:
    fields = [f"bigrams_{speaker}" for speaker in Speaker]
    expected = {"bool": {"should": [{"term": {name: "退款"}} for name in fields], "minimum_should_match": 1}}
    assert query(Text("退款")) == expected


def test_what_one_sees_stands_beside_what_is_asked() -> None:
    asked = Or((Has("rating"), EVERYTHING))
    own = {"terms": {"agent": ["k1"]}}
    assert scoped_query(scope_of(AGENT), asked) == {"bool": {"filter": [own, query(asked)]}}
    assert scoped_query(scope_of(EVERYONE), NOTHING) == {"bool": {"filter": [ALL, NONE]}}
    assert scoped_query(scope_of(NOBODY), EVERYTHING) == {"bool": {"filter": [NONE, ALL]}}


def test_scores_change_the_order_only() -> None:
    restricted = scoped_query(scope_of(AGENT), Text("退款", Speaker.AGENT))
    found = ranked(Text("退款", Speaker.AGENT), restricted)
    assert found == {
        "bool": {
            "filter": [restricted],
            "should": [
                {"match": {"words": {"query": "退款", "boost": 1.0}}},
                {"match": {"bigrams_agent": {"query": "退款", "boost": 0.5}}},
                {"match": {"chars_agent": {"query": "退 款", "boost": 1.0}}},
            ],
        }
    }


def test_the_longest_question_stays_within_what_a_server_takes() -> None:
    longest = And(tuple(Text("".join(chr(0x4E00 + 256 * n + m) for m in range(256)), exact=True) for n in range(32)))
    scores = ranked(longest, ALL)["bool"]["should"]
    assert sum(len(each["query"].split()) for score in scores for each in score["match"].values()) < 800
