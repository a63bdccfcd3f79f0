"""The JSON interface: the same answers as the pages, and every error in one shape."""

import re

import pytest
from starlette.testclient import TestClient

from meiqia_search.conversation import Conversation
from meiqia_search.query.filter import And, Filter, Range, Term, Text
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.query.wire import to_json
from meiqia_search.web.api.models import ProblemOut
from tests.corpus import FIRST_DAY, corpus, indexed
from tests.web.page import get
from tests.web.world import EVIL_ID, LONG, special

ALL: list[Conversation] = [*corpus(), *special()]
ZULU = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")


def ids(where: Filter) -> set[str]:
    return {each.id for each in indexed(ALL) if matches(where, Subject(each))}


def test_a_value_nobody_has_is_a_notice(admin: TestClient) -> None:
    for answer in (
        admin.get("/api/v1/search?channel=nirgends"),
        admin.post("/api/v1/search", json={"q": "渠道:nirgends"}),
    ):
        [notice] = answer.json()["notices"]
        assert (notice["field"], notice["value"]) == ("channel", "nirgends")
        assert {"微信", "网页"} <= set(notice["known"])
    assert admin.get("/api/v1/search?channel=web").json()["notices"] == []


def test_get_answers_like_the_page(admin: TestClient) -> None:
    params: dict[str, str | list[str]] = {"q": "退款", "channel": ["web", "wechat"], "sort": "duration", "size": "50"}
    answer = admin.get("/api/v1/search", params=params).json()
    page = get(admin, "/search", **params)
    assert answer["total"] == page.total
    assert [item["id"] for item in answer["items"]] == page.ids
    assert answer["sentence"]
    assert answer["reach"] == "全部会话"


@pytest.mark.parametrize(
    "where",
    [
        Text("退款"),
        And((Term("channel", ("web",)), Text("到账", exact=True))),
        Range("started_at", FIRST_DAY, FIRST_DAY + 60 * 86_400_000_000),
    ],
)
def test_post_takes_a_filter_and_pages_through_all(admin: TestClient, where: Filter) -> None:
    body = {"where": to_json(where), "size": 7, "sort": {"field": "duration", "descending": False}}
    found, after = [], None
    while True:
        answer = admin.post("/api/v1/search", json=body | {"after": after}).json()
        found += [item["id"] for item in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert len(found) == answer["total"]
    assert set(found) == ids(where)


def test_words_and_filter_narrow_together(admin: TestClient) -> None:
    body = {"q": "退款", "where": to_json(Term("channel", ("web",))), "sort": "relevance", "size": 100}
    answer = admin.post("/api/v1/search", json=body).json()
    assert {item["id"] for item in answer["items"]} == ids(And((Text("退款"), Term("channel", ("web",)))))
    pieces = [piece for snippet in answer["items"][0]["snippets"] for piece in snippet["pieces"]]
    assert any(piece["hit"] and piece["text"] == "退款" for piece in pieces)


def test_times_are_utc_and_what_is_unknown_is_null(admin: TestClient) -> None:
    items = admin.get("/api/v1/search", params={"size": "100"}).json()["items"]
    assert all(ZULU.fullmatch(item["started_at"]) for item in items)
    undated = next(each for each in corpus() if each.number("started_at") is None)
    whole = admin.get(f"/api/v1/conversations/{undated.id}").json()
    assert whole["started_at"] is None
    assert [message["at"] for message in whole["messages"]] == [None] * len(undated.messages)


def test_a_conversation_comes_whole(admin: TestClient) -> None:
    whole = admin.get(f"/api/v1/conversations/{LONG}").json()
    assert len(whole["messages"]) == 1_200
    assert whole["messages"][0]["at"] == "2025-12-31T16:00:00Z"
    assert whole["agent"] == ["k2"]
    assert "rating" not in whole


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/search?q=%22", None, 422, "query-syntax"),
        ("GET", "/api/v1/search?nofield=1", None, 422, "unknown-field"),
        ("GET", "/api/v1/search?size=101", None, 422, "limit-exceeded"),
        ("GET", "/api/v1/search?after=x", None, 400, "cursor-invalid"),
        ("GET", "/api/v1/search?ip=1", None, 403, "field-not-allowed"),
        ("GET", "/api/v1/conversations/none", None, 404, "not-found"),
        ("GET", "/api/v1/conversations/%00", None, 404, "not-found"),
        ("GET", "/api/v1/nowhere", None, 404, "not-found"),
        ("DELETE", "/api/v1/search", None, 405, "method-not-allowed"),
        ("POST", "/api/v1/search", b"{", 422, "bad-request"),
        ("POST", "/api/v1/search", b"[" * 200_000, 400, "bad-request"),
        ("POST", "/api/v1/search", b'{"size": 0}', 422, "bad-request"),
        ("POST", "/api/v1/search", b'{"sizes": 1}', 422, "bad-request"),
        ("POST", "/api/v1/search", b'{"sort": {"field": "phone"}}', 422, "bad-value"),
        ("POST", "/api/v1/search", b'{"where": {"nope": 1}}', 422, "bad-request"),
        ("POST", "/api/v1/search", b'{"where": {"text": {"words": "\\ud800"}}}', 422, "bad-request"),
        ("POST", "/api/v1/search", b'{"q": "\\u0000"}', 422, "query-syntax"),
        ("POST", "/api/v1/search", b'{"q": "%s"}' % (b"x" * (1 << 20)), 413, "too-large"),
    ],
)
def test_every_error_has_the_one_shape(
    admin: TestClient, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    answer = admin.request(method, path, content=body, headers={"Content-Type": "application/json"} if body else {})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = ProblemOut.model_validate(answer.json())
    assert (problem.code, problem.status) == (code, status)
    assert problem.trace_id == answer.headers["x-request-id"]
    assert problem.type == f"/problems/{code}"


def test_an_invalid_body_names_the_place(admin: TestClient) -> None:
    problem = admin.post("/api/v1/search", json={"size": 0, "sizes": 1}).json()
    assert {fault["pointer"] for fault in problem["errors"]} == {"/size", "/sizes"}


def test_absent_and_forbidden_are_the_same_answer(agent: TestClient) -> None:
    forbidden = next(c for c in corpus() if "k1" not in c.values("agent"))
    answers = [agent.get(f"/api/v1/conversations/{each}").json() for each in (forbidden.id, "absent")]
    for answer in answers:
        answer.pop("trace_id")
        answer.pop("instance")
    assert answers[0] == answers[1]
    assert agent.get(f"/api/v1/conversations/{EVIL_ID}").status_code == 200


def test_a_cursor_belongs_to_its_person(admin: TestClient, leader: TestClient) -> None:
    after = admin.get("/api/v1/search").json()["next"]
    assert leader.get("/api/v1/search", params={"after": after}).json()["code"] == "cursor-invalid"


def test_the_interface_describes_itself(admin: TestClient) -> None:
    described = admin.get("/api/v1/openapi.json").json()
    one = "/api/v1/conversations/{conversation_id}"
    assert set(described["paths"]) == {
        "/api/v1/search", one, f"{one}/reveal", "/api/v1/audit", "/api/v1/audit/export",
    }  # fmt: skip
    text = str(described)
    for reference in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert reference in described["components"]["schemas"]
    assert "HTTPValidationError" not in text
    assert admin.get("/docs").status_code == 404
