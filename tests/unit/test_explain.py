"""Why a conversation is not among the results."""

import pytest

from meiqia_search import clock
from meiqia_search.clock import Instant
from meiqia_search.conversation import Message, Speaker, build
from meiqia_search.fields import Personal
from meiqia_search.privacy.fingerprint import fingerprints
from meiqia_search.query.explain import first_failing, why
from meiqia_search.query.filter import EVERYTHING, NOTHING, And, Filter, Has, Not, Or, Range, Term, Text
from meiqia_search.query.meaning import Subject
from meiqia_search.query.names import NoNames
from tests.corpus import KEY


def at(text: str) -> Instant:
    instant = clock.parse(text)
    assert instant is not None
    return instant


SUBJECT = Subject(
    build(
        "c1",
        {"channel": ["web"], "started_at": [at("2026-10-30 10:00")], "phone": ["13800000000"], "duration": [90]},
        [Message(Speaker.CUSTOMER, "我要退款"), Message(Speaker.AGENT, "稍等，物流慢")],
    )
)
WEB, WECHAT = Term("channel", ("web",)), Term("channel", ("wechat",))
NOVEMBER = Range("started_at", at("2026-11-01"), at("2026-11-23"))
SAID, UNSAID = Text("退款"), Text("到账", exact=True)

PHONE = Term("phone", fingerprints(Personal.PHONE, "13900000000", (KEY,)))


@pytest.mark.parametrize(
    ("where", "blamed"),
    [
        (EVERYTHING, None),
        (And((SAID, WEB)), None),
        (NOTHING, NOTHING),
        (UNSAID, UNSAID),
        (And((SAID, WECHAT, UNSAID)), WECHAT),
        (And((SAID, And((WEB, UNSAID)))), UNSAID),
        (Or((WECHAT, UNSAID)), Or((WECHAT, UNSAID))),
        (Or((UNSAID,)), UNSAID),
        (Not(SAID), Not(SAID)),
        (Not(Or((UNSAID, WEB))), Not(WEB)),
        (Not(And((SAID, WEB))), Not(And((SAID, WEB)))),
        (Not(Not(WECHAT)), WECHAT),
        (Not(Or((UNSAID, Not(And((WECHAT, SAID)))))), WECHAT),
    ],
)
def test_the_first_condition_to_blame(where: Filter, blamed: Filter | None) -> None:
    assert first_failing(where, SUBJECT) == blamed


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (EVERYTHING, "符合全部条件"),
        (NOTHING, "这个条件不包括任何会话"),
        (Text("一直没到账", exact=True), "没有说过“一直没到账”"),
        (WECHAT, "渠道是网页，不是微信"),
        (NOVEMBER, "开始时间是2026-10-30 10:00:00，不在 2026-11-01 到 2026-11-22"),
        (Range("duration", 600), "会话时长是1 分 30 秒，要求不少于 10 分钟"),
        (Term("rating", ("good",)), "没有满意度，要求满意度是好评"),
        (PHONE, "手机不是指定的值"),
        (Has("rating"), "没有满意度"),
        (Text("退款发票物流"), "没有说过“发票”"),
        (Text("發票"), "没有说过“發票”"),
        (Text("物流", Speaker.CUSTOMER), "客户没有说过“物流”，但客服说过"),
        (Text("退款", Speaker.AGENT, exact=True), "客服没有说过“退款”，但客户说过"),
        (Not(SAID), "符合要排除的条件：包含“退款”"),
        (Not(WEB), "符合要排除的条件：渠道是网页"),
        (Or((WECHAT, UNSAID)), "没有一条符合：渠道是微信，或原话有“到账”"),
    ],
)
def test_it_is_told_in_words(where: Filter, told: str) -> None:
    assert why(where, SUBJECT, NoNames()) == told


def test_a_personal_value_is_not_told() -> None:
    assert "13800000000" not in why(PHONE, SUBJECT, NoNames())
