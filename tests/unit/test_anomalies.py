"""Each rule speaks where it should and is silent beside it; what it said stays said."""

import json
from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from meiqia_search.audit.anomalies import HABIT_DAYS, MINUTE, Alert, Lookout, alerts
from meiqia_search.audit.chain import Entry
from meiqia_search.audit.events import Action
from meiqia_search.audit.rules import DEFAULTS, Counts, Rule, adjusted
from meiqia_search.clock import DAY, HOUR, SECOND
from meiqia_search.query.filter import Filter

NOON = 1_793_505_600_000_000  # 2026-11-01 12:00 in Shanghai
MIDNIGHT = NOON + 12 * HOUR
SMALL = Rule("small", "试", "条", Counts.RECORDS, frozenset({"read"}), 2, ())


class Shop:
    """Conversations called after their customer (``c7-2`` is the second of c7); a v is special, a p own."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def foreign(self, person: str, ids: Collection[str]) -> Mapping[str, str]:
        self.asked += ids
        return {each: each.split("-")[0] for each in ids if person not in each}

    def matching(self, where: Filter, ids: Collection[str]) -> frozenset[str]:
        assert where == DEFAULTS["special_records"].where
        return frozenset(each for each in ids if "v" in each)


def entry(
    seq: int, at: int, each: str, outcome: str = "ok", person: str = "p", action: str = "read", count: int = 1
) -> Entry:
    return Entry(seq, at, action, person, "agent", 1, "web", "", "", "", "", json.dumps([each]), "", count, outcome)


def log(
    count: int, step: int, start: int = NOON, outcome: str = "ok", name: str = "c", action: str = "read"
) -> list[Entry]:
    return [entry(at + 1, start + at * step, f"{name}{at}", outcome, action=action) for at in range(count)]


def found(entries: Sequence[Entry], *names: str) -> list[Alert]:
    rules = [DEFAULTS[name] for name in names] if names else list(DEFAULTS.values())
    return list(alerts(entries, rules, Shop()))


def told(entries: Sequence[Entry], *names: str) -> list[str]:
    return [alert.rule.name for alert in found(entries, *names)]


def test_reading_many_foreign_customers_in_an_hour() -> None:
    [alert] = found(log(101, SECOND))
    assert (alert.rule.name, alert.person, alert.evidence) == ("many_customers", "p", tuple(range(1, 102)))
    assert alert.key == "many_customers-1-101"
    assert told(log(100, SECOND)) == []
    assert told(log(300, HOUR // 100)) == []
    assert told([entry(at, NOON + at, f"c1-{at}") for at in range(400)]) == []
    assert told(log(150, SECOND, name="p")) == []
    assert told(log(150, SECOND, outcome="not-found"), "many_customers") == []
    assert told(log(101, SECOND, action="reveal")) == ["many_customers"]


def test_own_customers_between_are_no_evidence() -> None:
    mixed = [entry(at + 1, NOON + at, f"{'p' if at % 2 else 'c'}{at}") for at in range(203)]
    [alert] = found(mixed)
    assert alert.evidence == tuple(range(1, 203, 2))


def test_nothing_is_asked_of_conversations_while_there_are_too_few() -> None:
    shop = Shop()
    assert not list(alerts(log(100, SECOND), [DEFAULTS["many_customers"]], shop))
    assert shop.asked == []


def test_of_each_conversation_is_asked_once_however_many_are_in_the_window() -> None:
    shop, own = Shop(), log(3_000, SECOND, name="p")
    assert not list(alerts(own, [DEFAULTS["many_customers"]], shop))
    assert len(set(shop.asked)) == len(shop.asked) > 2_800


def test_what_left_the_window_does_not_count() -> None:
    hours = [*log(101, SECOND, name="p"), *log(60, SECOND, NOON + 59 * MINUTE), *log(60, SECOND, NOON + 120 * MINUTE)]
    numbered = [Entry(at, *astuple(each)[1:]) for at, each in enumerate(hours, 1)]
    assert told(numbered, "many_customers") == []
    [alert] = found(
        [*numbered, *(entry(300 + at, NOON + 122 * MINUTE, f"d{at}") for at in range(60))], "many_customers"
    )
    assert alert.evidence[0] == 162


def test_reading_at_night() -> None:
    assert told(log(21, MINUTE, MIDNIGHT)) == ["night_reading"]
    assert told(log(20, MINUTE, MIDNIGHT)) == []
    assert told(log(21, MINUTE, MIDNIGHT + 5 * HOUR)) == []
    assert told(log(21, MINUTE, MIDNIGHT - HOUR)) == []


@pytest.mark.parametrize(("hour", "speaks"), [(-2, False), (-1, False), (0, True), (10, True), (17, True), (18, False)])
def test_exporting_at_night(hour: int, *, speaks: bool) -> None:
    """From 22 to 6 o'clock; NOON + 10 h is 22."""
    at = NOON + hour * HOUR
    night = 10 <= hour < 18
    assert told([entry(1, at, "", action="export_audit")], "night_export") == ["night_export"] * night
    assert speaks or not night


@pytest.mark.parametrize("action", ["export", "download", "export_audit"])
def test_exporting_far_more_than_one_used_to(action: str) -> None:
    rule = "large_export"
    days = [entry(at + 1, NOON + at * DAY, "", action=action, count=2_000) for at in range(5)]
    last = NOON + 5 * DAY
    assert told(days, rule) == []
    assert told([*days, entry(6, last, "", action=action, count=10_000)], rule) == []
    parts = [entry(6 + at, last + at, "", action=action, count=4_000) for at in range(4)]
    [alert] = found([*days, *parts], rule)
    assert alert.evidence == (6, 7, 8)
    assert told([entry(1, NOON, "", action=action, count=5_000)], rule) == []
    assert told([entry(1, NOON, "", action=action, count=5_001)], rule) == [rule]
    two = [entry(1, NOON, "", action=action, count=6_000), entry(2, NOON + DAY, "", action=action, count=30_001)]
    assert told(two, rule) == [rule, rule]
    assert told([*two, entry(3, NOON + DAY + 1, "", action=action, count=90_000)], rule) == [rule, rule]


def test_a_habit_is_of_the_last_days() -> None:
    many = [
        entry(at + 1, NOON + at * DAY, "", action="export", count=9_000 if at < HABIT_DAYS else 100)
        for at in range(2 * HABIT_DAYS)
    ]
    late = entry(200, NOON + 2 * HABIT_DAYS * DAY, "", action="export", count=5_001)
    assert [alert.evidence for alert in found([*many, late], "large_export")] == [(1,), (200,)]


def test_looking_up_many_numbers() -> None:
    assert told(log(31, SECOND, action="look_up")) == ["many_lookups"]
    assert told(log(30, SECOND, action="look_up")) == []


def test_being_refused_again_and_again() -> None:
    for outcome in ("not-found", "quota-used-up", "field-not-allowed", "too-many-look-ups"):
        assert told(log(11, MINUTE // 2, outcome=outcome)) == ["refusals"]
    assert told(log(10, MINUTE // 2, outcome="not-found")) == []
    assert told(log(30, MINUTE, outcome="not-found")) == []
    assert told(log(11, MINUTE // 2, outcome="error")) == []
    assert told(log(11, MINUTE // 2, outcome="action-not-allowed", action="sign_in_failed")) == []


def test_reading_special_conversations() -> None:
    assert told(log(21, SECOND, name="vc")) == ["special_records"]
    assert told(log(20, SECOND, name="vc")) == []
    assert told(log(99, SECOND)) == []


def test_what_is_disabled_is_silent() -> None:
    off = adjusted(DEFAULTS["refusals"], {"enabled": False})
    assert not list(alerts(log(40, SECOND, outcome="not-found"), [off], Shop()))


def test_rules_may_change_on_the_way() -> None:
    lookout, strict = Lookout(Shop()), adjusted(DEFAULTS["refusals"], {"most": 3})
    noticed = [
        alert
        for each in log(14, SECOND, outcome="not-found")
        for alert in lookout.notice(each, [strict if each.seq > 8 else DEFAULTS["refusals"]])
    ]
    assert [alert.evidence for alert in noticed] == [tuple(range(1, 10)), (10, 11, 12, 13)]


def test_people_are_counted_apart_and_nobody_is_nobody() -> None:
    mixed = [entry(at, NOON + at, f"c{at}", person=f"q{at % 2}") for at in range(200)]
    assert told(mixed) == []
    assert told([entry(at, NOON + at, f"c{at}", person="") for at in range(300)]) == []


def test_ids_that_somebody_damaged_count_all_the_same() -> None:
    damaged = [
        Entry(at, NOON + at, "read", "p", "", 1, "", "", "", "", "", ids, "", 1, "ok")
        for at, ids in enumerate(("oops", "7", "[1]", "null"), 1)
    ]
    [alert] = alerts(damaged, [SMALL], Shop())
    assert alert.evidence == (1, 2, 3)


def test_every_action_that_a_rule_counts_is_one_or_will_be() -> None:
    coming = {"export", "download"}
    assert all(rule.actions <= {*Action, *coming} for rule in DEFAULTS.values())


ENTRIES = st.lists(st.tuples(st.integers(0, HOUR), st.sampled_from("abcdef"), st.sampled_from(("p", "q"))), max_size=40)


def made(steps: list[tuple[int, str, str]]) -> list[Entry]:
    at, entries = NOON, []
    for seq, (step, each, person) in enumerate(steps, 1):
        at += step
        entries.append(entry(seq, at, each, person=person))
    return entries


@given(ENTRIES, st.integers(0, 40))
def test_a_longer_log_says_the_same_and_perhaps_more(steps: list[tuple[int, str, str]], cut: int) -> None:
    entries = made(steps)
    whole, part = (list(alerts(each, [SMALL], Shop())) for each in (entries, entries[:cut]))
    assert whole[: len(part)] == part


@given(ENTRIES)
def test_an_entry_is_evidence_once_and_the_evidence_is_enough(steps: list[tuple[int, str, str]]) -> None:
    entries = made(steps)
    noticed = list(alerts(entries, [SMALL], Shop()))
    used = [seq for alert in noticed for seq in alert.evidence]
    assert len(used) == len(set(used))
    assert len({alert.key for alert in noticed}) == len(noticed)
    for alert in noticed:
        own = [entries[seq - 1] for seq in alert.evidence]
        assert {each.person for each in own} == {alert.person}
        assert len({each.ids for each in own}) == SMALL.most + 1
        assert own[-1].at - own[0].at < SMALL.window * MINUTE
