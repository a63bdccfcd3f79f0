import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice

import pytest

from meiqia_search import clock
from meiqia_search.channels.demo import company, conversations
from meiqia_search.channels.demo.scene import Scene
from meiqia_search.channels.demo.scenes import SCENES
from meiqia_search.channels.demo.slots import MAKERS
from meiqia_search.clock import DAY, Instant
from meiqia_search.conversation import Conversation, Speaker, build

UNTIL = clock.parse("2026-11-22 15:00:00") or Instant(0)
BY_DIALOGUE = {"agent", "call"}
HANDLES = ("customer", "phone", "email", "user_id")


@cache
def demo() -> tuple[Conversation, ...]:
    return tuple(conversations(3000, 1, UNTIL))


def texts(speaker: Speaker | None = None) -> Iterator[str]:
    return (m.text for c in demo() for m in c.messages if speaker is None or m.speaker is speaker)


def counted(field: str) -> Counter[object]:
    return Counter(value for c in demo() for value in c.values(field))


def people() -> list[set[str]]:
    """Channels of each person, people being told apart by shared handles."""
    parent: dict[object, object] = {}

    def root(node: object) -> object:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for c in demo():
        keys = [(name, value) for name in HANDLES for value in c.values(name)]
        for key in keys[1:]:
            parent[root(key)] = root(keys[0])
    channels: dict[object, set[str]] = {}
    for c in demo():
        channels.setdefault(root(("customer", c.text("customer"))), set()).add(c.text("channel"))
    return list(channels.values())


def test_the_company_has_two_groups_of_four_agents() -> None:
    shop = company()
    assert [group.name for group in shop.groups] == ["售前组", "售后组"]
    assert Counter(agent.group for agent in shop.agents) == {group.id: 4 for group in shop.groups}
    assert len({agent.id for agent in shop.agents}) == len({agent.account for agent in shop.agents}) == 8
    assert all(agent.account.endswith("@example.com") for agent in shop.agents)


def test_the_same_question_gives_the_same_conversations() -> None:
    assert list(conversations(150, 7, UNTIL)) == list(conversations(150, 7, UNTIL))
    assert list(conversations(150, 7, UNTIL)) != list(conversations(150, 8, UNTIL))


@pytest.mark.parametrize("count", [0, 1, 2, 17, 400])
def test_there_are_as_many_as_asked_for(count: int) -> None:
    assert len(list(conversations(count, 1, UNTIL))) == count


def test_it_streams() -> None:
    assert len(list(islice(conversations(50_000_000, 1, UNTIL), 5))) == 5


def test_ends_now_unless_told() -> None:
    last = list(conversations(200))[-1]
    started = last.number("started_at")
    assert started is not None
    assert clock.now() - 20 * DAY < started <= clock.now()


def test_ids_are_unique_however_many_there_are() -> None:
    ids = [c.id for c in conversations(20_000, 3, UNTIL)]
    assert len(set(ids)) == 20_000
    assert all(re.fullmatch(r"\d{8}-\d{4}-[0-9A-Z]{4}", id_) for id_ in ids)


def test_everything_is_valid_and_only_source_facts_are_given() -> None:
    derived = {"duration", "first_response", "average_response", "messages", "customer_messages", "agent_messages"}
    for c in demo():
        assert build(c.id, c.facts, c.messages, c.names) == c
        assert not derived & set(c.facts)
        assert "effective" not in c.facts


def test_times_are_in_order_and_within_the_twelve_months() -> None:
    starts = [c.number("started_at") or 0 for c in demo()]
    assert starts == sorted(starts)
    assert UNTIL - 366 * DAY <= starts[0] < UNTIL - 350 * DAY
    for c in demo():
        times = [m.at or 0 for m in c.messages]
        assert times == sorted(times)
        assert times[0] == c.number("started_at")
        assert times[-1] <= (c.number("ended_at") or UNTIL) <= UNTIL


def test_business_grows_peaks_at_the_sales_and_sleeps_at_night() -> None:
    days = [clock.local(c.number("started_at") or 0) for c in demo()]
    months = Counter((day.year, day.month) for day in days)
    assert months[2026, 10] > 1.3 * months[2026, 1]
    per_day = Counter(day.date() for day in days)
    usual = len(days) / 365
    assert per_day[clock.today(clock.parse("2026-06-18") or 0)] > 1.8 * usual
    assert per_day[clock.today(clock.parse("2026-11-11") or 0)] > 2.5 * usual
    assert sum(day.hour < 7 for day in days) < 0.05 * len(days)


def test_all_channels_groups_and_agents_take_part() -> None:
    assert set(counted("channel")) == {"web", "wechat", "app", "phone", "email"}
    assert set(counted("agent")) == {agent.id for agent in company().agents}
    assert set(counted("group")) == {"g1", "g2"}
    assert len(counted("category")) >= 8
    assert len(counted("topic")) >= 25
    assert set(counted("type")) == {"inquiry", "complaint", "feedback", "suggestion", "service"}
    for c in demo():
        assert set(c.names.get("agent", {})) == set(c.values("agent"))
        assert set(c.names.get("group", {})) == set(c.values("group"))
        assert {m.agent for m in c.messages if m.agent} <= set(c.values("agent"))


def test_customers_are_people_on_several_channels() -> None:
    persons = people()
    assert 550 < len(persons) < 900
    assert sum(len(channels) > 1 for channels in persons) >= 0.35 * len(persons)
    assert len(counted("customer")) > 1.2 * len(persons)


def test_some_come_back_within_a_day_about_the_same_matter() -> None:
    last: dict[tuple[object, object], int] = {}
    back = 0
    for c in demo():
        key = c.first("phone") or c.first("user_id") or c.first("customer"), c.first("topic")
        start = c.number("started_at") or 0
        back += start - last.get(key, -DAY) < DAY
        last[key] = start
    assert back >= 20


def test_every_course_a_conversation_can_take_occurs() -> None:
    conversations_ = demo()
    assert 8 <= sum(not c.values("ended_at") for c in conversations_) <= 120
    assert counted("missed")["yes"] >= 30
    assert counted("bot_handover")["yes"] >= 200
    assert counted("reopened")["yes"] >= 20
    assert counted("transfers")[1] >= 50
    assert sum(len(c.values("group")) > 1 for c in conversations_) >= 30
    assert counted("attachments")[1] >= 100
    assert set(counted("closed_by")) == {"agent", "customer", "timeout"}
    bots_alone = [c for c in conversations_ if not c.values("agent") and c.text("missed") == "no"]
    assert len(bots_alone) >= 50
    assert all(m.speaker is not Speaker.AGENT for c in bots_alone for m in c.messages)


def test_what_the_facts_say_is_what_happened() -> None:
    for c in demo():
        attached = [m for m in c.messages if m.kind in {"photo", "file"}]
        if c.values("ended_at"):
            assert len(attached) == c.number("attachments")
            assert c.number("transfers") == sum(" 将会话转接给 " in m.text for m in c.messages)
        assert all(m.url.startswith("https://files.example.com/") for m in attached)
        assert ("客户重新打开了会话" in [m.text for m in c.messages]) <= (c.text("reopened") == "yes")
        assert not c.values("subject") or c.text("channel") == "email"


def test_ratings_follow_outcomes() -> None:
    rated = [c for c in demo() if c.values("rating")]
    assert 0.3 < len(rated) / len(demo()) < 0.5
    good = Counter(c.text("outcome") for c in rated if c.text("rating") == "good")
    every = Counter(c.text("outcome") for c in rated)
    assert good["resolved"] / every["resolved"] > good["unresolved"] / every["unresolved"] + 0.3
    assert sum(bool(c.values("rating_comment")) for c in rated) > 100


def test_lengths_are_like_in_real_life() -> None:
    lengths = sorted(len(c.messages) for c in demo() if c.values("ended_at"))
    assert lengths[0] >= 3
    assert lengths[-1] <= 30
    assert 8 <= lengths[len(lengths) // 2] <= 11


def test_the_search_of_the_readme_finds_something() -> None:
    wang = next(agent.id for agent in company().agents if agent.name == "小王")
    hits = [
        c
        for c in demo()
        if wang in c.values("agent")
        and any("退款" in text for _, text in c.said())
        and any("一直没到账" in text for _, text in c.said())
    ]
    assert len(hits) >= 8


def id_card_is_valid(number: str) -> bool:
    total = sum((10 if digit == "X" else int(digit)) * pow(2, 17 - at, 11) for at, digit in enumerate(number))
    return total % 11 == 1


def luhn_is_valid(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [d * 2 // 10 + d * 2 % 10 for d in digits[1::2]]) % 10 == 0


def test_planted_numbers_pass_their_checksums() -> None:
    said = "\n".join(texts(Speaker.CUSTOMER))
    id_cards = re.findall(r"(?<!\d)(?!20)[1-6]\d{5}(?:19|20)\d{9}[\dX](?![\dX])", said)
    cards = re.findall(r"(?<!\d)62\d{2}(?: ?\d{4}){3}(?: ?\d{3})?(?!\d)", said)
    assert len(id_cards) >= 15
    assert len(cards) >= 10
    assert all(map(id_card_is_valid, id_cards))
    assert all(luhn_is_valid(card.replace(" ", "")) for card in cards)


def test_personal_data_is_said_in_about_an_eighth_of_the_conversations() -> None:
    phone = r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"
    personal = re.compile(
        f"{phone}|@example\\.(com|cn)|路\\d+号|(?<!\\d)\\d{{17}}[\\dX](?!\\d)(?<!\\d{{18}})|62\\d{{14}}"
    )
    with_some = [c for c in demo() if any(personal.search(m.text) for m in c.messages if m.speaker != "bot")]
    assert 0.08 < len(with_some) / len(demo()) < 0.2
    own = [c for c in with_some if any(str(c.first("phone")) in m.text for m in c.messages)]
    assert len(own) > 80
    assert len({found for text in texts() for found in re.findall(phone, text)}) > 150


def test_no_person_or_place_on_the_network_is_real() -> None:
    documentation = ("192.0.2.", "198.51.100.", "203.0.113.")
    assert all(str(ip).startswith(documentation) for ip in counted("ip"))
    assert all(re.search(r"@example\.(com|cn)$", str(email)) for email in counted("email"))
    for name in ("from_url", "land_url", "conversation_url"):
        assert all(re.match(r"https://\w+\.example\.com/", str(url)) for url in counted(name))


def test_customers_rarely_use_the_same_words() -> None:
    said = list(texts(Speaker.CUSTOMER))
    assert len(set(said)) / len(said) >= 0.5
    assert Counter(said).most_common(1)[0][1] < 0.01 * len(said)


def test_nothing_of_the_scripts_shows() -> None:
    shown = [*texts(), *(str(v) for name in ("summary", "subject", "rating_comment") for v in counted(name))]
    assert not [text for text in shown if re.search(r"[{}\[\]|¶]|%\(|%%", text) or not text.strip()]
    assert not [text for text in shown if text[0] in "，。、|" or re.search("，[，。]|。。", text)]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.topic}-{scene.medium}")
def test_every_scene_can_be_played(scene: Scene) -> None:
    for plot in scene.plots:
        for turn in plot.all_turns():
            assert turn.variants or turn.who == "H"
            used = {slot for messages in turn.variants for part in messages for slot in part.slots}
            assert used <= MAKERS.keys() | BY_DIALOGUE
        assert plot.summaries[True]
        assert plot.summaries[False]
        assert any(turn.who == "A" for turn in plot.rest[True])
        assert any(turn.who == "A" for turn in plot.rest[False])
