"""Each rule speaks where it should and is silent beside it; what it said stays said."""

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from meiqia_search.audit.anomalies import HOUR, RULES, Alert, Rule, alerts
from meiqia_search.audit.chain import Entry
from meiqia_search.audit.events import Action

NOON = 1_793_505_600_000_000  # 2026-11-01 12:00 in Shanghai
MIDNIGHT = NOON + 12 * HOUR
MANY, NIGHT, REFUSALS = RULES
SMALL = Rule("small", "试", frozenset({Action.READ}), 2, HOUR)


def entry(seq: int, at: int, each: str, outcome: str = "ok", person: str = "p", action: str = "read") -> Entry:
    ids = json.dumps([each])
    return Entry(seq, at, action, person, "agent", 1, "web", "", "", "", "", ids, "", 1, outcome)


def log(count: int, step: int, start: int = NOON, outcome: str = "ok") -> list[Entry]:
    return [entry(at + 1, start + at * step, f"c{at}", outcome) for at in range(count)]


def told(entries: Sequence[Entry]) -> list[str]:
    return [alert.rule.name for alert in alerts(entries)]


def test_reading_many_conversations_in_an_hour() -> None:
    second = HOUR // 3_600
    [alert] = alerts(log(201, second))
    assert (alert.rule, alert.person, alert.evidence) == (MANY, "p", tuple(range(1, 202)))
    assert told(log(200, second)) == []
    assert told(log(400, HOUR // 200)) == []
    assert told([entry(at, NOON + at, "c1") for at in range(400)]) == []


def test_reading_at_night() -> None:
    minute = HOUR // 60
    assert told(log(21, minute, MIDNIGHT)) == ["at_night"]
    assert told(log(20, minute, MIDNIGHT)) == []
    assert told(log(21, minute, MIDNIGHT + 5 * HOUR)) == []
    assert told(log(21, minute, MIDNIGHT - HOUR)) == []


def test_being_refused_again_and_again() -> None:
    minute = HOUR // 60
    assert told(log(11, minute // 2, outcome="not-found")) == ["refusals"]
    assert told(log(10, minute // 2, outcome="not-found")) == []
    assert told(log(30, minute, outcome="not-found")) == []
    assert told(log(11, minute // 2, outcome="error")) == []


def test_people_are_counted_apart_and_nobody_is_nobody() -> None:
    mixed = [entry(at, NOON + at, f"c{at}", person=f"p{at % 2}") for at in range(300)]
    assert told(mixed) == []
    assert told([entry(at, NOON + at, f"c{at}", person="") for at in range(300)]) == []


ENTRIES = st.lists(st.tuples(st.integers(0, HOUR), st.sampled_from("abcdef"), st.sampled_from(("p", "q"))), max_size=40)


def made(steps: list[tuple[int, str, str]]) -> list[Entry]:
    at, found = NOON, []
    for seq, (step, each, person) in enumerate(steps, 1):
        at += step
        found.append(entry(seq, at, each, person=person))
    return found


@given(ENTRIES, st.integers(0, 40))
def test_a_longer_log_says_the_same_and_perhaps_more(steps: list[tuple[int, str, str]], cut: int) -> None:
    entries = made(steps)
    whole = list(alerts(entries, [SMALL]))
    assert whole[: len(list(alerts(entries[:cut], [SMALL])))] == list(alerts(entries[:cut], [SMALL]))


@given(ENTRIES)
def test_an_entry_is_evidence_once_and_the_evidence_is_enough(steps: list[tuple[int, str, str]]) -> None:
    entries = made(steps)
    found: list[Alert] = list(alerts(entries, [SMALL]))
    used = [seq for alert in found for seq in alert.evidence]
    assert len(used) == len(set(used))
    for alert in found:
        own = [entries[seq - 1] for seq in alert.evidence]
        assert {each.person for each in own} == {alert.person}
        assert len({each.ids for each in own}) == SMALL.most + 1
        assert own[-1].at - own[0].at < SMALL.window
