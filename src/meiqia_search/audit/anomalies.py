"""What in the log looks unusual: rules over its entries, each alert with the numbers of the entries that it rests on.

An alert follows from the entries before it alone, so the same log always gives the same alerts, and a longer one the
same and perhaps more.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from meiqia_search import clock
from meiqia_search.audit.chain import Entry
from meiqia_search.audit.events import Action
from meiqia_search.clock import SECOND

HOUR = 3_600 * SECOND
_REFUSED = frozenset({"not-found", "field-not-allowed", "action-not-allowed", "cursor-invalid", "password-needed"})


@dataclass(frozen=True, slots=True)
class Rule:
    """More than ``most`` within ``window`` µs by one person.

    Counted are different conversations, or with ``refused`` the entries that were refused; with ``hours`` only what
    happened from the first to before the second hour of the local day.
    """

    name: str
    label: str
    actions: frozenset[Action]
    most: int
    window: int
    refused: bool = False
    hours: tuple[int, int] = (0, 24)

    def concerns(self, entry: Entry) -> bool:
        """Whether an entry counts."""
        if not entry.person or entry.action not in self.actions:
            return False
        if self.refused != (entry.outcome in _REFUSED):
            return False
        return self.hours[0] <= clock.local(entry.at).hour < self.hours[1]


RULES = (
    Rule("many_records", "一小时内阅读大量会话", frozenset({Action.READ}), 200, HOUR),
    Rule("at_night", "夜间（0–5 点）集中阅读会话", frozenset({Action.READ}), 20, HOUR, hours=(0, 5)),
    Rule("refusals", "十分钟内多次被拒绝", frozenset(Action) - {Action.SIGN_IN_FAILED}, 10, HOUR // 6, refused=True),
)


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that somebody's doings met; ``evidence`` are the numbers of the entries, in order."""

    rule: Rule
    person: str
    began_at: int
    ended_at: int
    evidence: tuple[int, ...]


@dataclass(slots=True)
class _Watch:
    """What one person did lately, as one rule counts it."""

    recent: deque[tuple[int, int, frozenset[str]]] = field(default_factory=deque)

    def alert(self, rule: Rule, entry: Entry) -> Alert | None:
        """The alert that this entry completes; after it counting begins anew."""
        self.recent.append((entry.at, entry.seq, _counted(rule, entry)))
        while self.recent[0][0] <= entry.at - rule.window:
            self.recent.popleft()
        if len(frozenset().union(*(what for _, _, what in self.recent))) <= rule.most:
            return None
        made = Alert(rule, entry.person, self.recent[0][0], entry.at, tuple(seq for _, seq, _ in self.recent))
        self.recent.clear()
        return made


def _counted(rule: Rule, entry: Entry) -> frozenset[str]:
    if rule.refused:
        return frozenset({str(entry.seq)})
    try:
        return frozenset(map(str, json.loads(entry.ids)))
    except (ValueError, TypeError):  # somebody changed it: `audit verify` says so, and it counts all the same
        return frozenset({entry.ids})


def alerts(entries: Iterable[Entry], rules: Iterable[Rule] = RULES) -> Iterator[Alert]:
    """Every alert of a log from its beginning, in the order of what completed them."""
    rules, watches = tuple(rules), dict[tuple[str, str], _Watch]()
    for entry in entries:
        for rule in rules:
            if rule.concerns(entry):
                watch = watches.setdefault((rule.name, entry.person), _Watch())
                if (made := watch.alert(rule, entry)) is not None:
                    yield made
