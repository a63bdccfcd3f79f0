"""Filters as JSON and as links: both ways, and how mistakes name their place."""

import pytest

from meiqia_search import clock
from meiqia_search.clock import Instant
from meiqia_search.conversation import Speaker
from meiqia_search.errors import BadRequest, BadValue, LimitExceeded, UnknownField
from meiqia_search.fields import FIELDS
from meiqia_search.query import wire
from meiqia_search.query.filter import EVERYTHING, NOTHING, And, Filter, Has, Not, Or, Range, Term, Text
from meiqia_search.query.names import NoNames
from meiqia_search.query.request import Order, Relevance, Sort


def at(text: str) -> Instant:
    instant = clock.parse(text)
    assert instant is not None
    return instant


NOW = at("2026-11-22 14:03:05")
NOVEMBER = Range("started_at", at("2026-11-01"), at("2026-11-23"))
WEB, WECHAT = Term("channel", ("web",)), Term("channel", ("wechat",))
WECHAT_JSON = '{"term":{"field":"channel","values":["wechat"]}}'
LONG = Text('"' * 150, exact=True)


@pytest.mark.parametrize(
    ("where", "carried"),
    [
        (EVERYTHING, {"and": []}),
        (NOTHING, {"or": []}),
        (Not(WEB), {"not": {"term": {"field": "channel", "values": ["web"]}}}),
        (Has("rating"), {"has": "rating"}),
        (Text("催"), {"text": {"words": "催"}}),
        (
            Text("催", Speaker.CUSTOMER, exact=True),
            {"text": {"words": "催", "speaker": "customer", "exact": True}},
        ),
        (
            NOVEMBER,
            {
                "range": {
                    "field": "started_at",
                    "at_least": "2026-11-01T00:00:00+08:00",
                    "below": "2026-11-23T00:00:00+08:00",
                }
            },
        ),
        (Range("duration", 5), {"range": {"field": "duration", "at_least": 5}}),
        (Range("started_at", -5), {"range": {"field": "started_at", "at_least": -5}}),
        (Or((WEB, And((Has("rating"),)))), {"or": [wire.to_json(WEB), {"and": [{"has": "rating"}]}]}),
    ],
)
def test_json_both_ways(where: Filter, carried: object) -> None:
    assert wire.to_json(where) == carried
    assert wire.from_json(carried) == where


def test_json_takes_times_as_microseconds_too() -> None:
    carried = {"range": {"field": "started_at", "at_least": NOVEMBER.at_least, "below": "2026-11-23"}}
    assert wire.from_json(carried) == NOVEMBER


def deep(levels: int) -> object:
    value: object = {"has": "rating"}
    for _ in range(levels):
        value = {"not": value}
    return value


@pytest.mark.parametrize(
    ("carried", "error", "told"),
    [
        (None, BadRequest, "条件的 / 处：应是只有一个键的对象"),
        ({}, BadRequest, "应是只有一个键的对象"),
        ({"has": "rating", "not": {}}, BadRequest, "应是只有一个键的对象"),
        ({"like": "x"}, BadRequest, "没有名为“like”的条件"),
        ({"and": {}}, BadRequest, "条件的 /and 处：应是数组"),
        ({"and": [{"has": "rating"}, {"has": "no"}]}, UnknownField, "条件的 /and/1/has 处：没有名为“no”的字段"),
        ({"has": ["rating"]}, BadRequest, "条件的 /has 处：应是文字"),
        ({"term": {"field": "channel"}}, BadRequest, "条件的 /term 处：应是对象，要有 field、values"),
        ({"term": {"field": "channel", "values": ["web"], "boost": 2}}, BadRequest, "不认识“boost”"),
        ({"term": {"field": "channel", "values": "web"}}, BadRequest, "条件的 /term/values 处：应是数组"),
        ({"term": {"field": "channel", "values": []}}, BadValue, "条件的 /term 处：“渠道”至少要有一个值"),
        (
            {"term": {"field": "channel", "values": ["web", 5]}},
            BadValue,
            "条件的 /term/values/1 处：“渠道”应为非空文字",
        ),
        ({"term": {"field": "summary", "values": ["x"]}}, BadValue, "是文字"),
        ({"range": {"field": "duration"}}, BadValue, "条件的 /range 处：“会话时长”的范围至少要有一端"),
        ({"range": {"field": "duration", "at_least": 1.5}}, BadValue, "条件的 /range/at_least 处：“会话时长”应为整数"),
        ({"range": {"field": "duration", "at_least": "5"}}, BadRequest, "范围应为整数"),
        ({"range": {"field": "channel", "at_least": 5}}, BadValue, "“渠道”应为非空文字"),
        ({"range": {"field": "started_at", "below": "昨天"}}, BadValue, "条件的 /range/below 处：看不懂时间"),
        ({"range": {"field": "started_at", "below": ""}}, BadValue, "时间不能为空"),
        ({"text": {"words": ""}}, BadValue, "条件的 /text 处：要搜索的文字不能为空"),
        ({"text": {"words": "退\0款"}}, BadRequest, "条件的 /text/words 处：含有不能搜索的字符"),
        ({"text": {"words": "催" * 257}}, LimitExceeded, "条件的 /text 处：要搜索的文字最多 256 字"),
        ({"text": {"words": "催", "exact": 1}}, BadRequest, "条件的 /text/exact 处"),
        ({"text": {"words": "催", "speaker": "boss"}}, BadRequest, "应是 customer、agent、bot、system、note 之一"),
        ({"text": {"words": "催", "speaker": []}}, BadRequest, "条件的 /text/speaker 处"),
        (deep(7), LimitExceeded, "条件嵌套太深"),
        (deep(900), LimitExceeded, "条件嵌套太深"),
    ],
)
def test_json_mistakes_name_their_place(carried: object, error: type[BadRequest], told: str) -> None:
    with pytest.raises(error) as caught:
        wire.from_json(carried)
    assert type(caught.value) is error
    assert told in caught.value.detail


@pytest.mark.parametrize(
    ("where", "params"),
    [
        (EVERYTHING, []),
        (Text("退款"), [("q", "退款")]),
        (And((Text("退款"), Not(Text("测试", exact=True)))), [("q", '退款 -"测试"')]),
        (Term("channel", ("wechat", "web")), [("channel", "web"), ("channel", "wechat")]),
        (And((WEB, Term("rating", ("poor",)))), [("channel", "web"), ("rating", "poor")]),
        (NOVEMBER, [("started_at.from", "2026-11-01"), ("started_at.to", "2026-11-23")]),
        (Range("started_at", at("2026-11-01 10:00")), [("started_at.from", "2026-11-01T10:00:00")]),
        (Range("started_at", None, -1), [("started_at.to", "@-1")]),
        (Range("duration", 600), [("duration.from", "600")]),
        (Term("messages", (3,)), [("messages", "3")]),
        (Has("rating"), [("has", "rating")]),
        (Not(Has("rating")), [("lacks", "rating")]),
        (Or((Has("tag"), Has("rating"))), [("where", '{"or":[{"has":"tag"},{"has":"rating"}]}')]),
        (And((WEB, Not(WECHAT))), [("channel", "web"), ("where", '{"not":' + WECHAT_JSON + "}")]),
        (And((WEB, WECHAT)), [("channel", "web"), ("where", WECHAT_JSON)]),
        (And((LONG, WEB)), [("where", '{"text":{"words":"' + '\\"' * 150 + '","exact":true}}'), ("channel", "web")]),
        (NOTHING, [("where", '{"or":[]}')]),
    ],
)
def test_links_both_ways(where: Filter, params: list[tuple[str, str]]) -> None:
    assert wire.to_params(where) == params
    assert wire.from_params(params, NoNames(), NOW) == where


def test_a_link_may_say_other_things_and_leave_fields_empty() -> None:
    params = [("q", ""), ("sort", "duration"), ("channel", ""), ("channel", "web"), ("page", "2"), ("duration.to", "")]
    assert wire.from_params(params, NoNames(), NOW) == WEB


def test_what_is_typed_is_read_by_the_box() -> None:
    assert wire.from_params([("q", "渠道:网页")], NoNames(), NOW) == WEB


def test_other_parameters_are_no_fields() -> None:
    assert not wire.OTHER & FIELDS.keys()
    assert not {"q", "where", "has", "lacks"} & (FIELDS.keys() | wire.OTHER)


@pytest.mark.parametrize(
    ("params", "error", "told"),
    [
        ([("colour", "red")], UnknownField, "没有名为“colour”的参数或字段"),
        ([("colour.from", "1")], UnknownField, "没有名为“colour.from”"),
        ([("has", "colour")], UnknownField, "没有名为“colour”的字段"),
        ([("duration", "long")], BadValue, "“会话时长”应为整数，这里是“long”"),
        ([("duration.from", "1"), ("duration.from", "2")], BadValue, "每端只能有一个值"),
        ([("channel.from", "1")], BadValue, "“渠道”"),
        ([("started_at.from", "昨天")], BadValue, "看不懂时间"),
        ([("summary", "退款")], BadValue, "是文字"),
        ([("channel", "w\0b")], BadRequest, "不能搜索的字符"),
        ([("where", "{")], BadRequest, "不是正确的 JSON"),
        ([("where", "[" * 100_000)], BadRequest, "不是正确的 JSON"),
        ([("where", '{"has":"no"}')], UnknownField, "条件的 /has 处"),
        ([("has", "rating")] * 21, LimitExceeded, "筛选条件最多 20 个"),
    ],
)
def test_mistakes_in_links_are_told(params: list[tuple[str, str]], error: type[BadRequest], told: str) -> None:
    with pytest.raises(error) as caught:
        wire.from_params(params, NoNames(), NOW)
    assert told in caught.value.detail


def test_a_fingerprint_tells_questions_apart() -> None:
    questions: list[tuple[Filter, Order]] = [
        (EVERYTHING, Sort()),
        (EVERYTHING, Sort(descending=False)),
        (EVERYTHING, Sort("duration")),
        (EVERYTHING, Relevance()),
        (NOTHING, Sort()),
        (WEB, Sort()),
        (Not(WEB), Sort()),
        (And((WEB, Has("rating"))), Sort()),
        (Or((WEB, Has("rating"))), Sort()),
    ]
    assert len({wire.fingerprint(where, sort) for where, sort in questions}) == len(questions)


def test_a_fingerprint_stays_the_same_between_versions() -> None:
    assert wire.fingerprint(And((WEB, Text("退款"))), Sort()) == wire.fingerprint(And((Text("退款"), WEB)), Sort())
    assert wire.fingerprint(EVERYTHING, Sort()) == "9250337eb288776079fdb96e"
