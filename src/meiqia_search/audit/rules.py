"""The rules by which something in the log looks unusual: what each one counts, and what an administrator may set.

The rules themselves are fixed; how much is too much, in what time and at which hours is kept in versions, like roles.
Actions stand here by name: a rule may count what an action of another version of the program is called.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from meiqia_search.audit.events import ACTIONS
from meiqia_search.errors import BadRequest, BadValue, RecordUnavailable
from meiqia_search.query import wire
from meiqia_search.query.filter import EVERYTHING, Filter
from meiqia_search.query.names import NoNames
from meiqia_search.query.sentence import sentence

MOST = 10_000_000
LONGEST = 24 * 60
FACTORS = 1_000
ALL_DAY = (0, 24)
_READING = frozenset({"read", "reveal"})
_TAKING = frozenset({"export", "download", "export_audit"})


class Counts(StrEnum):
    """What a rule counts of one person."""

    RECORDS = "records"  # different conversations
    CUSTOMERS = "customers"  # different customers of conversations in which this person took no part
    TIMES = "times"  # entries
    ROWS = "rows"  # rows of one day, against the person's own earlier days


@dataclass(frozen=True, slots=True)
class Rule:
    """More than ``most`` within ``window`` minutes by one person is unusual.

    With ``hours`` only what happens from the first to before the second hour of the local day counts, also past
    midnight; with ``where`` only conversations that satisfy it; ``refused`` counts what was refused instead of what
    succeeded. Of :attr:`Counts.ROWS` more than ``most`` on one day is unusual if it is also more than ``factor`` times
    the median of the person's earlier days. ``settable`` are the names of what an administrator may set.
    """

    name: str
    label: str
    unit: str
    counts: Counts
    actions: frozenset[str]
    most: int
    settable: tuple[str, ...]
    window: int = 60
    hours: tuple[int, int] = ALL_DAY
    factor: int = 0
    where: Filter = EVERYTHING
    refused: bool = False
    enabled: bool = True

    def at_hour(self, hour: int) -> bool:
        """Whether what happens in this hour of the local day counts."""
        first, last = self.hours
        return first <= hour < last if first < last else hour >= first or hour < last

    @property
    def words(self) -> str:
        """The rule in one sentence, without its full stop."""
        if self.counts is Counts.ROWS:
            return f"一天内超过 {self.most:,} {self.unit}，并且超过此人以往各天中位数的 {self.factor} 倍"
        when = "" if self.hours == ALL_DAY else f"{self.hours[0]} 点到 {self.hours[1]} 点之间，"
        which = "" if self.where == EVERYTHING else f"（{sentence(self.where, NoNames())}）"
        return f"{when}{self.window:,} 分钟内超过 {self.most:,} {self.unit}{which}"


DEFAULTS: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "many_customers", "短时间阅读大量非本人客户", "位非本人接待的客户", Counts.CUSTOMERS, _READING, 100,
            ("most", "window"),
        ),
        Rule(
            "night_reading", "夜间集中阅读", "条会话", Counts.RECORDS, _READING, 20, ("most", "window", "hours"),
            hours=(0, 5),
        ),
        Rule(
            "night_export", "夜间导出", "次导出", Counts.TIMES, _TAKING, 0, ("most", "window", "hours"), hours=(22, 6)
        ),
        Rule(
            "large_export", "导出量远超平时", "行导出", Counts.ROWS, _TAKING, 5_000, ("most", "factor"), factor=5,
        ),
        Rule(
            "many_lookups", "大量按完整号码查找", "次查找", Counts.TIMES, frozenset({"look_up"}), 30,
            ("most", "window"),
        ),
        Rule(
            "refusals", "多次被拒绝", "次被拒绝的操作", Counts.TIMES, frozenset(ACTIONS) - {"sign_in_failed"}, 10,
            ("most", "window"), window=10, refused=True,
        ),
        Rule(
            "special_records", "集中阅读重点客户", "条符合条件的会话", Counts.RECORDS, _READING, 20,
            ("most", "window", "where"), where=wire.from_json({"term": {"field": "customer_kind", "values": ["vip"]}}),
        ),
    )
}  # fmt: skip
"""The rules, as an archive begins with them."""


def adjusted(rule: Rule, values: Mapping[str, object]) -> Rule:
    """The rule with other values of what can be set: numbers, a pair of hours, a filter, and whether it is ``enabled``.

    Raises:
        BadValue: a value makes no sense, or the rule has no such setting.
    """
    beyond = sorted(values.keys() - {*rule.settable, "enabled"})
    if beyond:
        raise BadValue(f"规则“{rule.label}”没有“{beyond[0][:40]}”这一项；可以设置 {'、'.join(rule.settable)}。")
    made = replace(rule, **values)  # type: ignore[arg-type]  # checked next
    _check("most", made.most, 0, MOST, "超过多少")
    _check("window", made.window, 1, LONGEST, "多少分钟内")
    _check("factor", made.factor, 0 if "factor" not in rule.settable else 1, FACTORS, "平时的倍数")
    first, last = made.hours
    for hour in (first, last):
        _check("hours", hour, 0, 24, "时段的钟点")
    if first == last:
        raise BadValue("时段的起点和终点不能相同，例如 22 到 6。", field="hours")
    return made


def _check(name: str, value: object, least: int, most: int, label: str) -> None:
    if type(value) is not int or not least <= value <= most:
        raise BadValue(f"“{label}”应为 {least:,} 到 {most:,} 的整数。", field=name)


Rules = Mapping[str, Rule]


def to_json(rules: Rules) -> dict[str, object]:
    """What is set, by rule, for keeping."""
    return {
        rule.name: {name: _plain(getattr(rule, name)) for name in (*rule.settable, "enabled")}
        for rule in rules.values()
    }


def _plain(value: object) -> object:
    return wire.to_json(value) if isinstance(value, Filter) else value


def from_json(kept: object) -> Rules:
    """The rules as they were kept; what this version does not know any more is left out.

    Raises:
        RecordUnavailable: it is nothing that was ever kept.
    """
    try:
        return {name: _kept(rule, kept.get(name, {})) for name, rule in DEFAULTS.items()}  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError, BadRequest):
        raise RecordUnavailable("档案里的异常规则已损坏；请从备份恢复。") from None


def _kept(rule: Rule, values: Mapping[str, object]) -> Rule:
    known = {name: value for name, value in values.items() if name in {*rule.settable, "enabled"}}
    if "where" in known:
        known["where"] = wire.from_json(known["where"])
    if "hours" in known:
        known["hours"] = tuple(known["hours"])  # type: ignore[arg-type]  # anything else raises
    return adjusted(rule, known)


def differences(old: Rules, new: Rules) -> Iterator[str]:
    """What changes, before and after, in words."""
    for name, rule in new.items():
        if rule != old[name]:
            yield f"{rule.label}：{_state(old[name])} → {_state(rule)}"


def _state(rule: Rule) -> str:
    return rule.words if rule.enabled else f"停用（{rule.words}）"
