"""What a change of rights would change for whom, counted before it is saved."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from meiqia_search.accounts.people import Person, principal
from meiqia_search.acl.difference import abilities
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import Reach
from meiqia_search.acl.scope import Scope, scope_for
from meiqia_search.fields import FIELDS, PERSONAL_LABELS, Field
from meiqia_search.privacy.mask import Show

COUNTED = 100
"""For so many people at most the conversations are counted one by one."""
ANYBODY = "（任何成员）"
_PERSONAL: Mapping[str, Field] = {name: field for name, field in FIELDS.items() if field.personal is not None}

Reaches = Callable[[Sequence[Scope]], Sequence[int]]
"""How many conversations each of these scopes sees."""


@dataclass(frozen=True, slots=True)
class Affected:
    """One person: how many conversations before and after, and what is new to them then.

    ``clear`` is seen clear, by ``found`` may be searched, ``taken`` may be exported; ``gained`` and ``lost`` may be
    done, or no longer.
    """

    name: str
    before: int
    after: int
    clear: tuple[str, ...]
    found: tuple[str, ...]
    taken: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Who is affected; ``more`` are affected too and were not counted."""

    people: tuple[Affected, ...]
    more: int

    @property
    def summary(self) -> str:
        """In one sentence."""
        if not self.people:
            return "现在没有人受影响"
        spans = dict.fromkeys(f"{each.before:,} → {each.after:,} 条" for each in self.people)
        seen = f"可见 {next(iter(spans))}" if len(spans) == 1 else f"{len(self.people) + self.more} 人的可见条数见下表"
        clear = _counted("新增明文：", [each.clear for each in self.people]) or "没有人新增明文"
        found = _counted("新增可查找的个人信息：", [each.found for each in self.people])
        taken = _counted("新增可导出的个人信息：", [each.taken for each in self.people])
        return "，".join(filter(None, (seen, clear, found, taken)))

    @property
    def lines(self) -> list[str]:
        """In one sentence, and one more for each person."""
        return [
            self.summary,
            *map(_line, self.people),
            *([f"另有 {self.more:,} 人受影响，没有逐个计算"] * bool(self.more)),
        ]


def _counted(said: str, several: Sequence[tuple[str, ...]]) -> str:
    """What it is, each with how many it concerns: ``新增明文：手机 2 人``; nothing of nobody."""
    new = Counter(label for labels in several for label in labels)
    return said + "、".join(f"{label} {count} 人" for label, count in new.items()) if new else ""


def _line(each: Affected) -> str:
    more = (("新增明文", each.clear), ("新增查找", each.found), ("新增导出", each.taken), ("新增功能", each.gained),
            ("失去功能", each.lost))  # fmt: skip
    said = [
        f"可见 {each.before:,} → {each.after:,} 条",
        *(f"{what} {'、'.join(labels)}" for what, labels in more if labels),
    ]
    return f"{each.name}：{'，'.join(said)}"


def of_person(reaches: Reaches, policy: Policy, old: Person, new: Person) -> Effect:
    """Of a person's other role, agents or groups."""
    return _effect(reaches, [(old.name, _scope(old, policy), _scope(new, policy))])


def of_policy(reaches: Reaches, people: Sequence[Person], old: Policy, new: Policy) -> Effect:
    """Of other roles, for everybody who has an account."""
    pairs = [(each.name, _scope(each, old), _scope(each, new)) for each in people if not each.disabled]
    held = {each.role for each in people if not each.disabled}
    for role in new.roles.values():
        if role.name not in held and role.reach in {Reach.ALL, Reach.NAMED}:
            anybody = Person("", "", "", role.name)
            pairs.append((f"{role.label}{ANYBODY}", _scope(anybody, old), _scope(anybody, new)))
    return _effect(reaches, pairs)


def _scope(person: Person, policy: Policy) -> Scope:
    return scope_for(principal(person), policy)


def _effect(reaches: Reaches, pairs: Sequence[tuple[str, Scope, Scope]]) -> Effect:
    changed = [pair for pair in pairs if _differ(pair[1], pair[2])]
    counted = changed[:COUNTED]
    totals = reaches([scope for pair in counted for scope in pair[1:]])
    return Effect(
        tuple(
            Affected(
                name, totals[2 * at], totals[2 * at + 1], _clear(old, new), _new(old, new, Scope.may_find_by),
                _new(old, new, Scope.may_export), _more(old, new), _more(new, old),
            )
            for at, (name, old, new) in enumerate(counted)
        ),
        len(changed) - len(counted),
    )  # fmt: skip


def _differ(old: Scope, new: Scope) -> bool:
    return (old.sees, old.rights, old.personal, abilities(old)) != (new.sees, new.rights, new.personal, abilities(new))


def _clear(old: Scope, new: Scope) -> tuple[str, ...]:
    """The kinds of personal value and the fields that are seen clear from then on; of a new role the personal ones."""
    kinds = [
        label for kind, label in PERSONAL_LABELS.items()
        if new.personal.get(kind) is Show.CLEAR and old.personal.get(kind) is not Show.CLEAR
    ]  # fmt: skip
    if len(kinds) == len(PERSONAL_LABELS):
        return ("全部个人信息",)
    fields = [
        f"字段“{field.label}”" for name, field in FIELDS.items()
        if new.shows.get(name) is Show.CLEAR and old.shows.get(name) is not Show.CLEAR
        and (PERSONAL_LABELS[field.personal] not in kinds if field.personal else old.rights)
    ]  # fmt: skip
    return (*kinds, *fields)


def _new(old: Scope, new: Scope, may: Callable[[Scope, str], bool]) -> tuple[str, ...]:
    """The personal fields with which this may be done from then on; what is not personal is said by the changes."""
    return tuple(field.label for name, field in _PERSONAL.items() if may(new, name) and not may(old, name))


def _more(old: Scope, new: Scope) -> tuple[str, ...]:
    """What may be done from then on and could not be done, or not as often."""
    before = abilities(old)
    return tuple(each for each in abilities(new) if each not in before)
