"""What in the log looks unusual: the rules over its entries, each alert with the numbers of the entries it rests on.

An alert follows from the entries before it and the rules in force then, so the same log always gives the same alerts,
a longer one the same and perhaps more, and a rule that is changed leaves what was noticed before as it was.
"""

import json
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Protocol

from meiqia_search import clock
from meiqia_search.audit.chain import Entry
from meiqia_search.audit.events import OK
from meiqia_search.audit.rules import ALL_DAY, Counts, Rule
from meiqia_search.clock import SECOND
from meiqia_search.query.filter import EVERYTHING, Filter

MINUTE = 60 * SECOND
HABIT_DAYS = 60
"""So many earlier days at most make somebody's habit."""
_REFUSED = frozenset({
    "not-found", "field-not-allowed", "action-not-allowed", "cursor-invalid", "password-needed", "quota-used-up",
    "too-many-look-ups",
})  # fmt: skip


class Known(Protocol):
    """What is known of the conversations that entries name."""

    def foreign(self, person: str, ids: Collection[str]) -> Mapping[str, str]:
        """The customers of those in which this person took no part, by conversation; of an unknown one its own id."""

    def matching(self, where: Filter, ids: Collection[str]) -> frozenset[str]:
        """Those that satisfy the filter."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that somebody's doings met; ``evidence`` are the numbers of the entries, in order."""

    rule: Rule
    person: str
    began_at: int
    ended_at: int
    evidence: tuple[int, ...]

    @property
    def key(self) -> str:
        """By which it is known: rule, first and last entry."""
        return f"{self.rule.name}-{self.evidence[0]}-{self.evidence[-1]}"


@dataclass(slots=True, eq=False)
class _Seen:
    """An entry in a window: what it names, or, once that is ``judged``, what it counts for."""

    at: int
    seq: int
    what: frozenset[str]
    judged: bool = False


class _Window:
    """What one person did lately, as one rule counts it; what an entry costs does not depend on how much that is."""

    def __init__(self) -> None:
        self._clear()

    def alert(self, rule: Rule, entry: Entry, known: Known) -> Alert | None:
        """The alert that this entry completes; after it counting begins anew."""
        seen = _Seen(entry.at, entry.seq, _counted(rule, entry))
        self._recent.append(seen)
        self._waiting.append(seen)
        self._named.update(seen.what)
        while self._recent[0].at <= entry.at - rule.window * MINUTE:
            self._forget(self._recent.popleft())
        if len(self._named) + len(self._counting) <= rule.most:
            return None  # it cannot be more when only some of them count: nothing needs to be known of them
        self._judge(rule, entry.person, known)
        if len(self._counting) <= rule.most:
            return None
        evidence = [each for each in self._recent if each.what]
        self._clear()
        return Alert(rule, entry.person, evidence[0].at, entry.at, tuple(each.seq for each in evidence))

    def _judge(self, rule: Rule, person: str, known: Known) -> None:
        """Put in place of what was named since the last time what it counts for."""
        counted = _judged(rule, person, frozenset(self._named), known)
        for seen in self._waiting:
            seen.what, seen.judged = frozenset(counted[each] for each in seen.what if each in counted), True
            self._counting.update(seen.what)
        self._waiting.clear()
        self._named.clear()

    def _forget(self, seen: _Seen) -> None:
        tally = self._counting if seen.judged else self._named
        if not seen.judged:
            self._waiting.popleft()
        for each in seen.what:
            tally[each] -= 1
            if not tally[each]:
                del tally[each]

    def _clear(self) -> None:
        self._recent, self._waiting = deque[_Seen](), deque[_Seen]()
        self._named, self._counting = Counter[str](), Counter[str]()


def _judged(rule: Rule, person: str, ids: Collection[str], known: Known) -> Mapping[str, str]:
    """What those of these ids that count, count for."""
    if rule.where != EVERYTHING:
        ids = known.matching(rule.where, ids)
    return known.foreign(person, ids) if rule.counts is Counts.CUSTOMERS else {each: each for each in ids}


@dataclass(slots=True)
class _Habit:
    """How many rows one person took on each day."""

    day: date = date.min
    rows: int = 0
    seen: list[tuple[int, int]] = field(default_factory=list)
    told: bool = False
    earlier: deque[int] = field(default_factory=lambda: deque(maxlen=HABIT_DAYS))

    def alert(self, rule: Rule, entry: Entry, known: Known) -> Alert | None:  # noqa: ARG002 - as the window has it
        """The alert that this entry completes, once a day."""
        self._turn(clock.today(entry.at))
        self.rows += entry.count
        self.seen.append((entry.at, entry.seq))
        usual = median(self.earlier) if self.earlier else 0
        if self.told or self.rows <= max(rule.most, rule.factor * usual):
            return None
        self.told = True
        return Alert(rule, entry.person, self.seen[0][0], entry.at, tuple(seq for _, seq in self.seen))

    def _turn(self, day: date) -> None:
        if day > self.day:
            if self.seen:
                self.earlier.append(self.rows)
            self.day, self.rows, self.seen, self.told = day, 0, [], False


def _concerns(rule: Rule, entry: Entry) -> bool:
    """Whether an entry counts at all."""
    if not rule.enabled or not entry.person or entry.action not in rule.actions:
        return False
    if entry.outcome not in _REFUSED if rule.refused else entry.outcome != OK:
        return False
    return rule.hours == ALL_DAY or rule.at_hour(clock.local(entry.at).hour)


def _counted(rule: Rule, entry: Entry) -> frozenset[str]:
    if rule.counts is Counts.TIMES:
        return frozenset({str(entry.seq)})
    try:
        return frozenset(map(str, json.loads(entry.ids)))
    except (ValueError, TypeError):  # somebody changed it: `audit verify` says so, and it counts all the same
        return frozenset({entry.ids})


class Lookout:
    """Follows a log from its beginning, entry by entry."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._watches: dict[tuple[str, str], _Window | _Habit] = {}

    def notice(self, entry: Entry, rules: Iterable[Rule]) -> Iterator[Alert]:
        """The alerts that this entry completes, under the rules in force then."""
        for rule in rules:
            if _concerns(rule, entry):
                watch = self._watches.get((rule.name, entry.person))
                if watch is None:
                    watch = _Habit() if rule.counts is Counts.ROWS else _Window()
                    self._watches[rule.name, entry.person] = watch
                if (made := watch.alert(rule, entry, self._known)) is not None:
                    yield made


def alerts(entries: Iterable[Entry], rules: Sequence[Rule], known: Known) -> Iterator[Alert]:
    """Every alert of a log under the same rules throughout, in the order of what completed them."""
    lookout = Lookout(known)
    for entry in entries:
        yield from lookout.notice(entry, rules)
