"""Filters said in Chinese, node by node."""

import pytest

from meiqia_search import clock
from meiqia_search.clock import Instant
from meiqia_search.conversation import Speaker
from meiqia_search.fields import Value
from meiqia_search.query.filter import EVERYTHING, NOTHING, And, Filter, Has, Not, Or, Range, Term, Text
from meiqia_search.query.names import NoNames
from meiqia_search.query.sentence import phrase, sentence


class Directory(NoNames):
    def name(self, field: str, value: Value) -> str:
        return {"a1": "小王"}.get(str(value)) or super().name(field, value)


def at(text: str) -> Instant:
    instant = clock.parse(text)
    assert instant is not None
    return instant


NAMES = Directory()
CHANNELS = Term("channel", ("wechat", "web"))
NOVEMBER = Range("started_at", at("2026-11-01"), at("2026-11-23"))
A, B, C = Text("退款"), Text("物流"), Text("测试")


def test_a_whole_question() -> None:
    where = And((A, Text("一直没到账", exact=True), Term("agent", ("a1",)), CHANNELS, NOVEMBER, Not(C)))
    assert sentence(where, NAMES) == (
        "包含“退款”，原话有“一直没到账”，客服是小王，渠道是网页或微信，开始时间在 2026-11-01 到 2026-11-22，不含“测试”"
    )


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (EVERYTHING, "全部会话"),
        (NOTHING, "没有会话"),
        (A, "包含“退款”"),
        (Not(Text("到账", exact=True)), "没有原话“到账”"),
        (Text("催", Speaker.CUSTOMER), "客户说过“催”"),
        (Not(Text("催", Speaker.CUSTOMER)), "客户没说过“催”"),
        (Text("催", Speaker.AGENT, exact=True), "客服原话有“催”"),
        (Text("转人工", Speaker.BOT), "机器人说过“转人工”"),
        (Text("超时", Speaker.SYSTEM), "系统消息提到“超时”"),
        (Not(Text("已退", Speaker.NOTE, exact=True)), "小结原文没有“已退”"),
        (Not(CHANNELS), "渠道不是网页或微信"),
        (Has("rating"), "有满意度"),
        (Not(Has("rating")), "没有满意度"),
        (Term("duration", (90,)), "会话时长是1 分 30 秒"),
        (Range("duration", 600), "会话时长不少于 10 分钟"),
        (Range("duration", None, 60), "会话时长少于 1 分钟"),
        (Range("duration", 601), "会话时长超过 10 分钟"),
        (Range("duration", None, 3601), "会话时长不超过 1 小时"),
        (Range("duration", 91), "会话时长不少于 1 分 31 秒"),
        (Range("duration", 300, 601), "会话时长在 5 分钟到 10 分钟之间"),
        (Range("messages", 11), "消息数不少于 11 条"),
        (Range("messages", 5, 11), "消息数在 5 条到 10 条之间"),
        (Not(Range("messages", 5)), "不满足（消息数不少于 5 条）"),
        (Range("messages", -5), "消息数不少于 -5 条"),
        (Range("started_at", at("2026-11-01"), at("2026-11-02")), "开始时间在 2026-11-01"),
        (Range("started_at", at("2026-11-01")), "开始时间不早于 2026-11-01"),
        (Range("started_at", None, at("2026-11-23")), "开始时间不晚于 2026-11-22"),
        (Range("started_at", at("2026-11-01 10:00")), "开始时间不早于 2026-11-01 10:00:00"),
        (Range("started_at", None, at("2026-11-01 10:00")), "开始时间早于 2026-11-01 10:00:00"),
        (
            Range("started_at", at("2026-11-01"), at("2026-11-01 10:00")),
            "开始时间在 2026-11-01 00:00:00 到 2026-11-01 10:00:00 之前",
        ),
        (Term("started_at", (at("2026-11-01 10:00:00.5"),)), "开始时间是2026-11-01 10:00:00.500000"),
        (Range("started_at", -5), "开始时间不早于 @-5"),
        (Or((A, B)), "包含“退款”，或包含“物流”"),
        (And((A, Or((B, C)))), "包含“退款”，（包含“物流”或包含“测试”）"),
        (Or((And((A, B)), C)), "（包含“退款”，包含“物流”），或包含“测试”"),
        (Not(Or((A, B))), "不满足（包含“退款”或包含“物流”）"),
        (Not(And((A, B))), "不满足（包含“退款”，包含“物流”）"),
        (Not(Not(A)), "包含“退款”"),
    ],
)
def test_every_node_has_words(where: Filter, said: str) -> None:
    assert sentence(where, NAMES) == said


@pytest.mark.parametrize(
    ("where", "label", "value"),
    [
        (CHANNELS, "渠道", "网页、微信"),
        (Term("agent", ("a1", "a2")), "客服", "小王、a2"),
        (A, "包含", "退款"),
        (Text("一直没到账", exact=True), "原话", "“一直没到账”"),
        (Text("催", Speaker.CUSTOMER), "客户说过", "催"),
        (Text("催", Speaker.CUSTOMER, exact=True), "客户原话", "“催”"),
        (Text("已退", Speaker.NOTE, exact=True), "小结原文", "“已退”"),
        (NOVEMBER, "开始时间", "2026-11-01 到 2026-11-22"),
        (Range("duration", 600), "会话时长", "不少于 10 分钟"),
        (Range("messages", 5, 11), "消息数", "5 条到 10 条之间"),
        (Has("rating"), "有", "满意度"),
        (Not(Has("rating")), "没有", "满意度"),
        (Not(C), "不含", "测试"),
        (Not(Text("催", Speaker.CUSTOMER)), "客户没说过", "催"),
        (Not(CHANNELS), "渠道不是", "网页、微信"),
        (Not(NOVEMBER), "开始时间不是", "2026-11-01 到 2026-11-22"),
        (Or((A, B)), "条件", "包含“退款”，或包含“物流”"),
        (NOTHING, "条件", "没有会话"),
    ],
)
def test_chips(where: Filter, label: str, value: str) -> None:
    assert phrase(where, NAMES) == (label, value)
