"""The door to what looks unusual in the audit: alerts, taking note of them, and the rules behind them."""

import json
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from meiqia_search import clock
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import CONDITIONS, Ability
from meiqia_search.archive.answers import Caller
from meiqia_search.archive.telling import Telling, Told
from meiqia_search.audit import rules as ruling
from meiqia_search.audit.anomalies import Alert, Known, Lookout, alerts
from meiqia_search.audit.chain import Entry
from meiqia_search.audit.events import Action
from meiqia_search.audit.question import Question
from meiqia_search.audit.rules import DEFAULTS, Rule, Rules
from meiqia_search.clock import DAY
from meiqia_search.errors import BadValue, ChangedMeanwhile, NotFound
from meiqia_search.fields import FIELDS
from meiqia_search.privacy.passage import redacted
from meiqia_search.query.filter import EVERYTHING, TEXT, reads, within_limits
from meiqia_search.records.alerts import Acknowledged, AlertRecord, RulesRow
from meiqia_search.records.audit import END, AuditLog
from meiqia_search.text.written import letters, written

NOTE = (2, 200)
EFFECT_DAYS = 30
"""So far back it is told what a change of the rules would have noticed."""
_COLUMNS = len(Entry.__struct_fields__) + 1


@dataclass(frozen=True, slots=True)
class Noticed:
    """An alert, and who took note of it, if somebody did."""

    alert: Alert
    acknowledged: Acknowledged | None


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules from some time on; ``version`` is 0 for those that an archive begins with."""

    version: int
    at: int
    rules: Rules


class Alerts:
    """Everything a person may ask and do about alerts. What was noticed once is not looked for again."""

    def __init__(self, audit: AuditLog, record: AlertRecord, known: Known, policy: Callable[[], Policy]) -> None:
        self._audit = audit
        self._record = record
        self._known = known
        self._telling = Telling(audit, policy)
        self._following = threading.Lock()
        self._begin()

    def all(self, caller: Caller) -> list[Noticed]:
        """What in the log looks unusual, the newest first.

        Raises:
            ActionNotAllowed
        """
        with self._telling.of(caller, Action.LIST_ALERTS) as told:
            noted = self._record.acknowledged()
            found = sorted(self._found(), key=lambda alert: (-alert.ended_at, alert.key))
            told.count = len(found)
        return [Noticed(alert, noted.get(alert.key)) for alert in found]

    def acknowledge(self, caller: Caller, key: str, note: str) -> Noticed:
        """Take note of an alert, once, in words.

        Raises:
            ActionNotAllowed
            NotFound: there is no such alert.
            BadValue: it says too little or too much, or it is about the caller.
            ChangedMeanwhile: somebody has taken note of it.
        """
        with self._telling.of(caller, Action.ACKNOWLEDGE, told=Told(redacted(key[:80]))) as told:
            alert = next((each for each in self._found() if each.key == key), None)
            if alert is None:
                raise NotFound("没有这条异常。")
            note = redacted(written(note))
            told.sentence = f"{alert.rule.label}，第 {alert.evidence[0]} 至 {alert.evidence[-1]} 条：{note}"
            told.ids, told.count = (alert.person,), len(alert.evidence)
            if letters(note) < NOTE[0] or len(note) > NOTE[1]:
                raise BadValue(f"请写明核实的结果，{NOTE[0]} 到 {NOTE[1]} 个字。", field="note")
            if alert.person == caller.actor.person:
                raise BadValue("这条异常是关于您自己的，请让另一位能查看审计的人确认。")
            if key in self._record.acknowledged():
                raise ChangedMeanwhile("已经有人确认过这条异常。")
        row = Acknowledged(key, clock.now(), caller.actor.person, note)
        if not self._record.acknowledge(row):
            raise ChangedMeanwhile("已经有人确认过这条异常。")
        return Noticed(alert, row)

    def rules(self) -> InForce:
        """The rules in force."""
        return self._versions()[-1]

    def rule(self, name: str) -> Rule:
        """One of them.

        Raises:
            NotFound: there is no such rule.
        """
        return _rule(self.rules().rules, name)

    def history(self) -> list[RulesRow]:
        """Every change of the rules, the newest first."""
        return self._record.versions()[::-1]

    def adjusted(self, name: str, values: Mapping[str, object]) -> Rules:
        """The rules with other values in one of them.

        Raises:
            NotFound: there is no such rule.
            BadValue
        """
        rules = self.rules().rules
        return {**rules, name: _allowed(ruling.adjusted(_rule(rules, name), values))}

    def reset(self, name: str) -> Rules:
        """The rules with one of them as an archive begins with it.

        Raises:
            NotFound: there is no such rule.
        """
        return {**self.rules().rules, name: _rule(DEFAULTS, name)}

    def effect(self, caller: Caller, new: Rules) -> tuple[int, int]:
        """How many alerts of the last :data:`EFFECT_DAYS` days the rules in force and the new ones give.

        Raises:
            ActionNotAllowed
        """
        with self._telling.of(caller, Action.LIST_ALERTS, Ability.MANAGE_PEOPLE) as told:
            told.sentence = f"估算改动规则的影响（{EFFECT_DAYS} 天）"
            before = self._audit.before(Question(until=clock.now() - EFFECT_DAYS * DAY), END, 1)
            start = before[0].entry.seq if before else 0
            old = tuple(self.rules().rules.values())
            counts = [
                sum(1 for _ in alerts(self._entries(start), each, self._known)) for each in (old, tuple(new.values()))
            ]
            told.count = counts[1]
        return counts[0], counts[1]

    def change(self, caller: Caller, new: Rules, version: int) -> list[str]:
        """Put rules in place of this version, which must be the one in force; what changed, in words.

        Raises:
            ActionNotAllowed
            ChangedMeanwhile: another version is in force.
        """
        with self._telling.of(caller, Action.CHANGE_RULES, Ability.MANAGE_PEOPLE) as told:
            old = self.rules()
            if version != old.version:
                raise ChangedMeanwhile
            lines = list(ruling.differences(old.rules, new))
            told.sentence, told.count = "；".join(lines) or "没有改动", len(lines)
        if lines:
            body = json.dumps(ruling.to_json(new), ensure_ascii=False)
            row = RulesRow(version + 1, clock.now(), caller.actor.person, "；".join(lines), body)
            if not self._record.add(row):
                raise ChangedMeanwhile
        return lines

    def _versions(self) -> list[InForce]:
        kept = [InForce(row.version, row.at, ruling.from_json(json.loads(row.body))) for row in self._record.versions()]
        return [InForce(0, 0, DEFAULTS), *kept]

    def _begin(self) -> None:
        self._lookout, self._alerts, self._last = Lookout(self._known), list[Alert](), 0

    def _found(self) -> list[Alert]:
        """Every alert of the log up to now: what came since the last time is looked at."""
        with self._following:
            if self._audit.head().seq < self._last:  # cut off or put back: `audit verify` says so
                self._begin()
            versions = self._versions()
            begins = [each.at for each in versions]
            for entry in self._entries(self._last):
                rules = versions[bisect_right(begins, entry.at) - 1].rules
                self._alerts += self._lookout.notice(entry, rules.values())
                self._last = entry.seq
            return list(self._alerts)

    def _entries(self, after: int) -> Iterator[Entry]:
        """The entries behind a number that can be read."""
        for row in self._audit.rows(after):
            if len(row) == _COLUMNS and row[1] is not None:
                yield Entry(*row[:-1])


def _rule(rules: Rules, name: str) -> Rule:
    if name not in rules:
        raise NotFound(f"没有名为“{name[:40]}”的规则；可以是 {'、'.join(rules)}。")
    return rules[name]


def _allowed(rule: Rule) -> Rule:
    """The rule, if its condition looks at what a role's range may look at.

    Raises:
        BadValue, LimitExceeded
    """
    within_limits(rule.where)
    for name in sorted(reads(rule.where) - CONDITIONS):
        label = "对话内容" if name == TEXT else FIELDS[name].label
        raise BadValue(f"规则的条件里不能用“{label}”；可用客户类型、标签、渠道、问题分类等字段。", field="where")
    if "where" in rule.settable and rule.where == EVERYTHING:
        raise BadValue("请写明哪些会话是重点，例如 客户类型:VIP；不需要时请停用这条规则。", field="where")
    return rule
