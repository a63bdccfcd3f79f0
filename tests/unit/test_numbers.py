"""Measures of one conversation, and counts of many."""

from datetime import date

import pytest

from meiqia_search import clock
from meiqia_search.aggregations.chart import TOP, Chart, Dimension, Step, month_of, tabulate
from meiqia_search.aggregations.metrics import measured
from meiqia_search.clock import SECOND
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.errors import BadValue, LimitExceeded
from meiqia_search.fields import FIELDS
from meiqia_search.query.filter import EVERYTHING, Has, Not, Range, Term
from meiqia_search.query.meaning import Subject, matches

C, A, B, S = Speaker.CUSTOMER, Speaker.AGENT, Speaker.BOT, Speaker.SYSTEM


def talk(*said: tuple[Speaker, int | None], **facts: list[object]) -> Conversation:
    messages = [Message(speaker, "话", None if at is None else at * SECOND) for speaker, at in said]
    return measured(build("c", facts, messages))


@pytest.mark.parametrize(
    ("said", "first", "average"),
    [
        ([(C, 10), (A, 15)], 5, 5),
        ([(C, 10), (C, 12), (A, 15), (C, 20), (A, 40)], 5, 12),
        ([(A, 1), (C, 10), (A, 15)], None, 5),  # the agent began
        ([(C, 10), (B, 11), (C, 20), (B, 30), (A, 45)], 15, 15),  # from the hand-over on
        ([(C, 10), (A, 15), (C, 20), (B, 25), (A, 30)], 5, 7),  # later the bot hands nothing over
        ([(B, 1), (S, 2), (C, 10), (A, 15)], 5, 5),
        ([(C, 10), (B, 11)], None, None),
        ([(C, None), (A, 15)], None, None),
        ([(C, 10), (A, None), (A, 18)], 8, 8),
        ([], None, None),
    ],
)
def test_responses(said: list[tuple[Speaker, int | None]], first: int | None, average: int | None) -> None:
    conversation = talk(*said)
    assert (conversation.first("first_response"), conversation.first("average_response")) == (first, average)


def test_counts_of_messages() -> None:
    conversation = talk((C, 1), (B, 2), (A, 3), (A, 4), (S, 5))
    names = ("messages", "customer_messages", "agent_messages", "bot_messages", "attachments", "effective")
    assert [conversation.first(name) for name in names] == [5, 1, 2, 1, None, "yes"]
    photo = measured(build("c", {}, [Message(C, "", kind="photo"), Message(C, "话")]))
    assert (photo.first("attachments"), photo.first("effective")) == (1, "no")


@pytest.mark.parametrize(
    ("begin", "end", "seconds"), [(1, 61, 60), (5, 5, 0), (9, 1, None), (None, 5, None), (5, None, None)]
)
def test_duration(begin: int | None, end: int | None, seconds: int | None) -> None:
    times = {"started_at": begin, "ended_at": end}
    facts: dict[str, list[object]] = {name: [at * SECOND] for name, at in times.items() if at is not None}
    assert talk(**facts).first("duration") == seconds


def test_measures_take_the_place_of_what_a_source_said() -> None:
    conversation = talk((C, 1), messages=[99], first_response=[99], effective=["yes"], duration=[99])
    found = [conversation.first(name) for name in ("messages", "first_response", "effective", "duration")]
    assert found == [1, None, "no", None]
    assert measured(conversation) == conversation


def _tagged(*tags: str, day: date | None = None) -> Subject:
    started = [] if day is None else [clock.start_of_day(day)]
    return Subject(build("c", {"tag": list(tags), "started_at": started}, []))


SOME = [_tagged("甲", "乙"), _tagged("乙"), _tagged(), _tagged("丙"), _tagged("丙", "乙")]


def test_the_largest_come_first_and_those_without_last() -> None:
    table = tabulate(Chart(Dimension("tag")), EVERYTHING, SOME)
    assert (table.columns, table.rows) == (("tag", "count"), (("乙", 3), ("丙", 2), ("甲", 1), (None, 1)))
    assert tabulate(Chart(Dimension("tag"), top=1), EVERYTHING, SOME).rows == (("乙", 3), (None, 1))
    assert tabulate(Chart(Dimension("tag")), Term("tag", ("甲",)), SOME).rows == (("乙", 1), ("甲", 1))
    assert tabulate(Chart(Dimension("tag"), Not(Has("tag"))), EVERYTHING, SOME).rows == ((None, 1),)
    assert tabulate(Chart(Dimension("tag")), EVERYTHING, []).rows == ()


def test_months_are_local_and_in_order() -> None:
    days = [date(2026, 12, 31), date(2026, 2, 1), date(2026, 1, 31), date(2026, 12, 1), None]
    subjects = [_tagged(day=day) for day in days]
    by = Dimension("started_at", Step.MONTH)
    table = tabulate(Chart(by, top=1), EVERYTHING, subjects)
    assert table.rows == ((202_601, 1), (202_602, 1), (202_612, 2), (None, 1))
    for value, count in table.rows:
        assert sum(matches(by.filter(value), subject) for subject in subjects) == count
    assert month_of(clock.start_of_day(date(2027, 1, 1)) - 1) == 202_612
    december = by.filter(202_612)
    assert december == Range("started_at", clock.start_of_day(date(2026, 12, 1)), clock.start_of_day(date(2027, 1, 1)))


def test_what_cannot_be_counted_by() -> None:
    for name, field in FIELDS.items():
        if field.chartable and field.kind == "keyword":
            assert Dimension(name).filter(None) == Not(Has(name))
        else:
            with pytest.raises(BadValue):
                Dimension(name)
    with pytest.raises(BadValue):
        Dimension("channel", Step.MONTH)
    for top in (0, TOP + 1):
        with pytest.raises(LimitExceeded):
            Chart(Dimension("channel"), top=top)
