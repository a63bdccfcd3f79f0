"""Fields, conversations and times: what is kept, and what is refused."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from meiqia_search import clock, fields
from meiqia_search.conversation import (
    ID_LENGTH,
    MESSAGE_LENGTH,
    MESSAGES,
    Conversation,
    Message,
    Speaker,
    accepted,
    build,
    decode,
    encode,
)  # fmt: skip
from meiqia_search.errors import ArchiveError, BadConversation, BadValue, UnknownField
from meiqia_search.fields import FIELDS, KEYWORD_LENGTH, LATEST, NUMBER_LIMIT, SORT_LIMIT, WORDS, Kind
from meiqia_search.query import days
from tests.corpus import corpus

SPRING = 1_775_012_643_000_000  # 2026-04-01 11:04:03 in Shanghai


def test_every_word_for_a_field_leads_to_it() -> None:
    for name, field in FIELDS.items():
        assert field.name == name
        assert all(WORDS[word.casefold()] is field for word in (name, field.label, field.pinyin, *field.also))
        assert field.label
        assert field.pinyin.isascii()


def test_what_can_be_ordered_has_an_order() -> None:
    for field in FIELDS.values():
        if field.sortable or field.chartable:
            assert field.personal is None
        if field.sortable and field.kind is Kind.KEYWORD:
            assert [field.sort_value(value) for value in field.labels] == list(range(len(field.labels)))


@pytest.mark.parametrize("name", ["", "Channel", "channel ", "渠道", "__class__", "x" * 500])
def test_a_name_is_never_guessed(name: str) -> None:
    with pytest.raises(UnknownField) as refused:
        fields.get(name)
    assert len(str(refused.value)) < 80


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel", ""), ("channel", 1), ("channel", None), ("channel", "x" * (KEYWORD_LENGTH + 1)), ("summary", ""),
        ("duration", "1"), ("duration", 1.5), ("duration", True), ("duration", NUMBER_LIMIT),
    ],
)  # fmt: skip
def test_a_field_refuses_what_it_cannot_hold(name: str, value: object) -> None:
    with pytest.raises(BadValue, match=fields.get(name).label):
        fields.get(name).check(value)


def test_sort_values_are_bounded_and_in_seconds() -> None:
    field = fields.get("started_at")
    assert field.sort_value(None) is None
    assert field.sort_value(clock.SECOND) == field.sort_value(2 * clock.SECOND - 1) == 1
    assert field.sort_value(-1) == 0
    assert fields.get("messages").sort_value(NUMBER_LIMIT - 1) == SORT_LIMIT - 2
    assert fields.get("rating").sort_value("从来没有") is None


def test_facts_are_checked_and_each_kept_once() -> None:
    conversation = build("c1", {"tag": ["退款", "退款", "物流"], "rating": [], "channel": ["web"]}, [])
    assert conversation.facts == {"tag": ("退款", "物流"), "channel": ("web",)}
    assert (conversation.values("id"), conversation.first("rating"), conversation.text("channel")) == (
        ("c1",),
        None,
        "web",
    )
    assert (conversation.number("channel"), conversation.text("duration")) == (None, "")


@pytest.mark.parametrize(
    ("conversation_id", "facts", "messages"),
    [
        ("", {}, []),
        ("x" * (ID_LENGTH + 1), {}, []),
        ("c", {"id": ["c"]}, []),
        ("c", {"nothing": ["x"]}, []),
        ("c", {"channel": ["web", "app"]}, []),
        ("c", {"duration": ["5"]}, []),
        ("c", {"started_at": [1 << 61]}, []),
        ("c", {"ended_at": [-(1 << 61)]}, []),
        ("c", {}, [Message(Speaker.CUSTOMER, "x" * (MESSAGE_LENGTH + 1))]),
        ("c", {}, [Message(Speaker.CUSTOMER, "x", 1 << 61)]),
        ("c", {}, [Message(Speaker.CUSTOMER, "x")] * (MESSAGES + 1)),
    ],
)
def test_what_is_no_conversation(conversation_id: str, facts: dict[str, list[object]], messages: list[Message]) -> None:
    with pytest.raises(ArchiveError):
        build(conversation_id, facts, messages)


def test_messages_are_in_time_order_and_keep_their_ids() -> None:
    said = [(5, "三"), (None, "三后"), (1, "一"), (3, "二"), (3, "二")]
    first = build("c", {}, [Message(Speaker.CUSTOMER, text, at) for at, text in said])
    assert [message.text for message in first.messages] == ["一", "二", "二", "三", "三后"]
    ids = [message.id for message in first.messages]
    assert len(set(ids)) == 5
    again = build("c", {}, [Message(Speaker.CUSTOMER, text, at) for at, text in reversed(said[2:])])
    assert [message.id for message in again.messages] == ids[:3]
    other = build("d", {}, [Message(Speaker.CUSTOMER, "一", 1)])
    assert other.messages[0].id not in ids


def test_the_id_of_a_message_tells_nothing_of_its_text() -> None:
    ids = {build("c", {}, [Message(Speaker.CUSTOMER, f"我的号是{phone}", 1)]).messages[0].id for phone in range(9)}
    assert len(ids) == 1


def test_what_is_said_includes_notes() -> None:
    conversation = build("c", {"summary": ["已退款"]}, [Message(Speaker.BOT, "您好")])
    assert list(conversation.said()) == [(Speaker.BOT, "您好"), (Speaker.NOTE, "已退款")]


def test_stored_and_read_back() -> None:
    for conversation in corpus():
        assert decode(encode(conversation)) == conversation
        assert encode(decode(encode(conversation))) == encode(conversation)
    stored = encode(corpus()[0])
    for damaged in (b"", b"{", stored[:-9], json.dumps({"id": 1}).encode()):
        with pytest.raises(BadConversation, match="备份"):
            decode(damaged)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-04-01 11:04:03", "2026-04-01T11:04:03+08:00", "2026-04-01T03:04:03Z", "2026/4/1 11:04:03",
        "2026年4月1日 11:04:03", "1775012643", 1_775_012_643, 1_775_012_643_000, "1775012643000000", 1_775_012_643.0,
        " 2026-04-01 11:04:03 ", "2026.4.1  11:04:03", datetime(2026, 4, 1, 3, 4, 3, tzinfo=UTC),
        datetime(2026, 4, 1, 5, 4, 3, tzinfo=timezone(timedelta(hours=2))),
    ],
)  # fmt: skip
def test_times_as_sources_write_them(raw: object) -> None:
    assert clock.parse(raw) == SPRING


@pytest.mark.parametrize("raw", ["2026/4/1 9:5", "2026-04-01 9:05", "2026年4月1日 9:5:0", "2026/4/1 09:5:0.0+8:00"])
def test_times_without_leading_zeros(raw: str) -> None:
    assert clock.show(clock.parse(raw) or 0) == "2026-04-01 09:05:00"


@pytest.mark.parametrize(
    "raw",
    [
        "昨天",
        "2026/4/1 9:5:",
        "2026/4/1 9:75",
        "2026/4/1 99:5",
        "2026-13-01",
        "1969-12-31",
        "2200-01-02",
        "12345",
        True,
        [],
        "9" * 16,
    ],
)
def test_what_is_no_time(raw: object) -> None:
    with pytest.raises(BadValue):
        clock.parse(raw)


@pytest.mark.parametrize(("instant", "taken"), [(-1, False), (0, True), (LATEST - 1, True), (LATEST, False)])
def test_the_calendar_has_the_same_ends_everywhere(instant: int, taken: bool) -> None:
    facts = Conversation("c", {"started_at": (instant,)}, ())
    said = Conversation("c", {}, (Message(Speaker.BOT, "您好", instant, id="0" * 12),))
    makers: list[Callable[[], object]] = [
        lambda: build("c", {"started_at": [instant]}, []),
        lambda: build("c", {}, [Message(Speaker.BOT, "您好", instant)]),
        lambda: accepted(facts),
        lambda: accepted(said),
        lambda: clock.from_datetime(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)),
    ]
    for make in makers:
        with nullcontext() if taken else pytest.raises((BadValue, BadConversation), match="1970 到 2199"):
            make()
    assert days.is_shown(instant) is taken


def test_times_as_people_read_them() -> None:
    assert clock.parse("") is clock.parse(None) is None
    assert clock.show(SPRING) == "2026-04-01 11:04:03"
    assert clock.iso(SPRING + 500_000) == "2026-04-01T11:04:03.500000+08:00"
    assert clock.start_of_day(date(2026, 4, 1)) == SPRING - (11 * 3600 + 4 * 60 + 3) * clock.SECOND
    assert clock.today(clock.start_of_day(date(2026, 4, 1)) - 1) == date(2026, 3, 31)
    assert [clock.show_duration(seconds) for seconds in (0, 59, 60, 1567, 3840, 183_600)] == [
        "0 秒", "59 秒", "1 分 00 秒", "26 分 07 秒", "1 小时 04 分", "2 天 3 小时",
    ]  # fmt: skip
