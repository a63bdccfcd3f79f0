import json
from typing import Any

import pytest

from meiqia_search import clock
from meiqia_search.channels.shapes import parse
from meiqia_search.channels.values import clean, number, read
from meiqia_search.conversation import Message, Speaker, build, encode
from meiqia_search.errors import BadConversation, BadValue, UnknownField
from meiqia_search.fields import FIELDS

MEIQIA: dict[str, Any] = {
    "enterprise_id": 4711,
    "conv_id": 90210,
    "client_id": 5566,
    "dev_client_id": "user-77",
    "client_info": {
        "_m_track_id": "trk1",
        "visitor_name": "#79253",
        "name": " 甲客户 ",
        "tel": "13900000000",
        "email": "a@shop.example",
        "weixin": "wx_a",
        "weibo": "wb_a",
        "qq": "10001",
        "address": "示例路 1 号",
        "gender": "女",
        "age": 30,
        "comment": "老客户",
        "自定义": "忽略",
    },
    "agent_ID": "100006",
    "agent_account": "w@shop.example",
    "agent_name": "王小明",
    "agent_nick_name": "小王",
    "group_id": "7",
    "group_name": "售后一组",
    "conv_start_tm": "2026-11-22 10:42:33.465659",
    "conv_end_tm": None,
    "conv_first_resp_wait_in_secs": "12",
    "agent_resp_duration": "不知道",
    "conv_visitor_msg_count": "99",
    "conv_tags": "退款、物流, 加急",
    "visitor_tags": ["VIP", " ", None],
    "conv_leads": "",
    "conv_quality_grade": "gold",
    "comment_level": "A",
    "summary_content": "催退款",
    "summary_update_at": "2026-11-22 11:00:00",
    "effective": "有效",
    "missed": False,
    "main_channel": "mini_program",
    "platform": "web",
    "sub_channel": "渠道码3",
    "visitor_ip": "192.0.2.7",
    "visitor_location": "北京",
    "visitor_os": "Windows XP",
    "visitor_browser": "Chrome",
    "source_type": "search",
    "source_field": "品牌词",
    "search_engine_name": "baidu",
    "search_engine_kw": "退款 电话",
    "page_from_url": "https://ad.example/" + "x" * 1500,
    "page_land_url": "https://shop.example/",
    "page_land_title": "首页",
    "page_conv_url": "https://shop.example/p/1",
    "page_conv_title": "商品",
    "advertiser_id": "9",
    "advertiser_name": "广告主",
    "campaign_id": 8,
    "creativity_name": None,
    "creativity_id": "3",
    "evaluation": {"level": 2, "content": "很快"},
    "conv_content": [
        {"from": " client ", "timestamp": "2026-11-22 10:42:35.494490", "content": "在吗<img src='e.png'>"},
        {"from": "agent", "timestamp": "2026-11-22 10:42:40", "content": "在", "agent_name": "小王"},
        {"from": "agent", "timestamp": "2026-11-22 10:43:40", "content": "我来处理", "agent_name": "小李"},
        {"from": "bot", "timestamp": "", "content": "", "content_type": "text"},
        None,
    ],
    "unknown": {"deep": [1]},
}


def meiqia(**changes: object) -> dict[str, Any]:
    return {**MEIQIA, **changes}


def said(**message: object) -> Message:
    [found] = parse(meiqia(conv_content=[{"from": "client", **message}])).messages
    return found


def test_the_whole_model_of_meiqia() -> None:
    found = parse(MEIQIA)
    assert found.id == "90210"
    started = clock.parse("2026-11-22 10:42:33.465659")
    assert started
    assert found.facts == {
        "enterprise": ("4711",),
        "customer": ("5566",),
        "user_id": ("user-77",),
        "track_id": ("trk1",),
        "customer_name": ("甲客户",),
        "phone": ("13900000000",),
        "email": ("a@shop.example",),
        "wechat_id": ("wx_a",),
        "weibo_id": ("wb_a",),
        "qq": ("10001",),
        "address": ("示例路 1 号",),
        "gender": ("女",),
        "age": ("30",),
        "customer_note": ("老客户",),
        "owner": ("100006",),
        "agent": ("100006", "小李"),
        "agent_account": ("w@shop.example",),
        "group": ("7",),
        "started_at": (started,),
        "source_first_response": (12,),
        "tag": ("退款", "物流", "加急"),
        "customer_tag": ("VIP",),
        "quality_grade": ("gold",),
        "inspection_level": ("A",),
        "summary": ("催退款",),
        "summary_updated_at": (clock.parse("2026-11-22 11:00:00"),),
        "effective": ("yes",),
        "missed": ("no",),
        "channel": ("wechat",),
        "sub_channel": ("渠道码3",),
        "ip": ("192.0.2.7",),
        "region": ("北京",),
        "os": ("Windows XP",),
        "browser": ("Chrome",),
        "source_type": ("search",),
        "source_value": ("品牌词",),
        "search_engine": ("baidu",),
        "search_keyword": ("退款 电话",),
        "from_url": ("https://ad.example/" + "x" * 1500,),
        "land_url": ("https://shop.example/",),
        "land_title": ("首页",),
        "conversation_url": ("https://shop.example/p/1",),
        "conversation_title": ("商品",),
        "advertiser": ("广告主",),
        "campaign": ("8",),
        "creative": ("3",),
        "rating": ("good",),
        "rating_comment": ("很快",),
    }
    assert found.names == {"agent": {"100006": "王小明", "小李": "小李"}, "group": {"7": "售后一组"}}
    assert [(m.speaker, m.text, m.agent) for m in found.messages] == [
        (Speaker.CUSTOMER, "在吗[表情]", ""),
        (Speaker.AGENT, "在", "100006"),
        (Speaker.AGENT, "我来处理", "小李"),
    ]


def test_every_declared_source_is_read() -> None:
    """Counts are counted here, so their sources are not read."""
    counted = {"customer_messages", "agent_messages"}
    for field in FIELDS.values():
        for source in field.source if field.name not in counted | {"id"} else ():
            raw = {"conv_id": 1, source: "2026-11-22 10:00:00" if field.kind == "time" else "7"}
            assert parse(raw).values(field.name), source


@pytest.mark.parametrize("lists", [None, [], "", "null", 5, {}])
def test_null_and_wrong_lists_do_no_harm(lists: object) -> None:
    found = parse(
        {"conv_id": "1", "conv_content": lists, "client_info": lists, "conv_tags": None, "visitor_tags": None}
    )
    assert (found.facts, found.messages, found.names) == ({}, (), {})


def test_objects_written_as_strings() -> None:
    found = parse(
        {"conv_id": 1, "client_info": '{"tel": "1"}', "conv_content": '[{"from": "client", "content": "在"}]'}
    )
    assert found.facts["phone"] == ("1",)
    assert found.messages[0].text == "在"


@pytest.mark.parametrize(
    ("message", "kind", "text", "url"),
    [
        ({"content": "1 < 2 <b>粗</b>"}, "text", "1 < 2 <b>粗</b>", ""),
        (
            {"content_type": "rich_text", "content": "<p>一&amp;二</p><IMG src=x>三<br/>四"},
            "rich_text",
            "一&二\n[表情]三\n四",
            "",
        ),
        ({"content_type": "photo", "content": "https://f.example/a.png"}, "photo", "[图片]", "https://f.example/a.png"),
        ({"content_type": "audio", "content": "//f.example/a"}, "audio", "[语音]", "//f.example/a"),
        ({"content_type": "file", "content": "https://f.example/%E5%8F%91%E7%A5%A8.pdf?x=1"}, "file", "发票.pdf", None),
        ({"content_type": "file", "content": "https://f.example/"}, "file", "[文件]", "https://f.example/"),
        ({"content_type": "file", "content": "http://[bad"}, "file", "[文件]", "http://[bad"),
        ({"content_type": "photo", "content": "没有地址"}, "photo", "没有地址", ""),
        ({"content_type": "new_kind", "content": "在"}, "unknown", "在", ""),
        ({"content_type": "card", "content": "不是 JSON"}, "card", "不是 JSON", ""),
        ({"content_type": "hybrid", "content": "[" * 100_000}, "hybrid", "[" * 100_000, ""),
    ],
)
def test_contents(message: dict[str, str], kind: str, text: str, url: str | None) -> None:
    found = said(**message)
    assert (found.kind, found.text) == (kind, text)
    assert found.url == (message["content"] if url is None else url)


def test_cards_as_string_and_as_list() -> None:
    cards = [
        {"type": "photo_card", "body": {"pic_url": "https://f.example/1"}},
        {
            "type": "product_card",
            "body": {"title": "耳机", "description": "蓝牙", "product_url": "https://f.example/2"},
        },
    ]
    for content in (cards, json.dumps(cards)):
        found = said(content_type="hybrid", content=content)
        assert (found.text, found.url) == ("耳机\n蓝牙", "https://f.example/1")
    assert said(content_type="card", content=cards[:1]).text == "[卡片]"


@pytest.mark.parametrize(
    ("raw", "rating"), [(0, "poor"), ("1", "fair"), (2, "good"), ("好评", "good"), ("bad", "poor"), ("五星", "五星")]
)
def test_ratings(raw: object, rating: str) -> None:
    assert parse({"conv_id": 1, "evaluation_level": raw}).facts["rating"] == (rating,)


@pytest.mark.parametrize(
    ("raw", "channel"),
    [("Web", "web"), ("微信", "wechat"), ("weixin", "wechat"), ("SDK", "app"), ("电话", "phone"), ("抖音", "抖音")],
)
def test_channels(raw: str, channel: str) -> None:
    assert parse({"conv_id": 1, "platform": raw}).facts["channel"] == (channel,)


@pytest.mark.parametrize(
    ("raw", "truth"), [(True, "yes"), ("1", "yes"), (0, "no"), ("无效对话", "no"), ("也许", "也许")]
)
def test_truths(raw: object, truth: str) -> None:
    assert parse({"conv_id": 1, "effective": raw}).facts["effective"] == (truth,)


def test_an_agent_without_id_goes_by_name() -> None:
    found = parse({"conv_id": 1, "agent_name": "小王", "conv_content": [{"from": "agent", "content": "在"}]})
    assert found.facts["owner"] == found.facts["agent"] == ("小王",)
    assert found.messages[0].agent == "小王"


@pytest.mark.parametrize("missing", [{"conv_id": None}, {"conv_id": " "}, {"conv_content": []}, {}, {"messages": []}])
def test_no_id(missing: dict[str, object]) -> None:
    with pytest.raises(BadConversation, match="会话编号"):
        parse(missing)


def test_a_fact_too_long_is_refused_not_cut() -> None:
    with pytest.raises(BadValue, match="超过"):
        parse(meiqia(visitor_os="x" * 1001))


def test_the_simple_shape() -> None:
    found = parse(
        {
            "conversation_id": 7,
            "channel": "forum",
            "customer": {"id": "k", "name": "甲", "phone": "1", "x": 1},
            "agent": {"id": "a1", "name": "小王"},
            "group": {"id": "g1", "name": "一组"},
            "started_at": "2026-11-22T10:00:00+08:00",
            "messages": [
                {"sender": "customer", "sent_at": "2026-11-22T10:00:00+08:00", "text": " 在\0吗 "},
                {"sender": "agent", "sent_at": None, "text": "在", "agent": {"id": "a2", "name": "小李"}},
                {"sender": "system", "text": None},
            ],
            "labels": {
                "url": "https://shop.example/1",
                "type": "投诉",
                "tags": ["急", "急"],
                "split": "val",
                "messages": 5,
            },
        }
    )
    assert found.id == "7"
    assert found.facts == {
        "customer": ("k",),
        "customer_name": ("甲",),
        "phone": ("1",),
        "channel": ("forum",),
        "started_at": (clock.parse("2026-11-22 10:00:00"),),
        "conversation_url": ("https://shop.example/1",),
        "type": ("complaint",),
        "tag": ("急",),
        "owner": ("a1",),
        "agent": ("a1", "a2"),
        "group": ("g1",),
    }
    assert found.names == {"agent": {"a1": "小王", "a2": "小李"}, "group": {"g1": "一组"}}
    assert [(m.text, m.agent) for m in found.messages] == [(" 在\ufffd吗 ", ""), ("在", "a2")]


@pytest.mark.parametrize("part", ["customer", "agent", "messages", "labels", "started_at", "channel"])
def test_the_simple_shape_with_a_part_missing(part: str) -> None:
    assert parse({"conversation_id": "7", part: None}).facts == {}


def test_our_own_shape_in_people_s_hands() -> None:
    found = parse(
        {
            "id": "x",
            "facts": {"started_at": "2026-11-22 10:00:00", "tag": "急", "duration": 5, "ended_at": [5]},
            "messages": [{"speaker": "customer", "text": "在\ud800", "at": "2026-11-22 10:00:00", "kind": None}],
        }
    )
    at = clock.parse("2026-11-22 10:00:00")
    expected = build(
        "x",
        {"started_at": (at,), "tag": ("急",), "duration": (5,), "ended_at": (5,)},
        [Message(Speaker.CUSTOMER, "在\ufffd", at=at)],
    )
    assert encode(found) == encode(expected)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"facts": {"nonsense": 1}}, UnknownField),
        ({"facts": {"id": "y"}}, BadValue),
        ({"facts": []}, BadConversation),
        ({"names": 5}, BadConversation),
        ({"names": {"agent": 5}}, BadConversation),
        ({"messages": [{"speaker": "nobody", "text": "x"}]}, BadConversation),
        ({"messages": [{"speaker": "bot", "text": 5}]}, BadValue),
    ],
)
def test_our_own_shape_is_strict(wrong: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        parse({"id": "x", **wrong})


def test_cleaning() -> None:
    assert clean("a\0b\x1fc\ud83dd\te\nf\r\x7f😀") == "a\ufffdb\ufffdc\ufffdd\te\nf\r\x7f😀"


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        ("12.0", 12),
        (12.6, 13),
        ("5 秒", 5),
        ("00:26:07", 1567),
        ("1 小时 04 分", 3840),
        ("2 天 3 小时", 183_600),
        ("-", None),
    ],
)
def test_time_spans(raw: object, seconds: int | None) -> None:
    assert number(FIELDS["duration"], raw) == seconds


@pytest.mark.parametrize("raw", ["", "0000-00-00 00:00:00", 0, "0", None, "-"])
def test_no_time(raw: object) -> None:
    assert read(FIELDS["started_at"], raw) == ()
