"""What a change of rights would change for whom, counted before it is saved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from meiqia_search.accounts.people import Person, principal
from meiqia_search.acl.difference import abilities
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import Reach
from meiqia_search.acl.scope import Scope, scope_for
from meiqia_search.fields import FIELDS, PERSONAL_LABELS
from meiqia_search.privacy.mask import Show
from meiqia_search.web.visitor import Visitor

COUNTED = 100
"""For so many people at most the conversations are counted one by one."""
ANYBODY = "（任何成员）"


@dataclass(frozen=True, slots=True)
class Affected:
    """One person: how many conversations before and after, what they see clear, may do, and may no longer do then."""

    name: str
    before: int
    after: int
    clear: tuple[str, ...]
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
        gained = Counter(label for each in self.people for label in each.clear)
        new = "、".join(f"{label} {count} 人" for label, count in gained.items())
        return f"{seen}，新增明文：{new}" if new else f"{seen}，没有人新增明文"


def of_person(visitor: Visitor, old: Person, new: Person) -> Effect:
    """Of a person's other role, agents or groups."""
    policy = visitor.services.policy
    return _effect(visitor, [(old.name, _scope(old, policy), _scope(new, policy))])


def of_policy(visitor: Visitor, people: Sequence[Person], old: Policy, new: Policy) -> Effect:
    """Of other roles, for everybody who has an account."""
    pairs = [(each.name, _scope(each, old), _scope(each, new)) for each in people if not each.disabled]
    held = {each.role for each in people if not each.disabled}
    for role in new.roles.values():
        if role.name not in held and role.reach in {Reach.ALL, Reach.NAMED}:
            anybody = Person("", "", "", role.name)
            pairs.append((f"{role.label}{ANYBODY}", _scope(anybody, old), _scope(anybody, new)))
    return _effect(visitor, pairs)


def _scope(person: Person, policy: Policy) -> Scope:
    return scope_for(principal(person), policy)


def _effect(visitor: Visitor, pairs: Sequence[tuple[str, Scope, Scope]]) -> Effect:
    changed = [pair for pair in pairs if _differ(pair[1], pair[2])]
    counted = changed[:COUNTED]
    totals = visitor.services.archive.reaches(visitor.caller, [scope for pair in counted for scope in pair[1:]])
    return Effect(
        tuple(
            Affected(name, totals[2 * at], totals[2 * at + 1], _clear(old, new), _more(old, new), _more(new, old))
            for at, (name, old, new) in enumerate(counted)
        ),
        len(changed) - len(counted),
    )


def _differ(old: Scope, new: Scope) -> bool:
    return (old.sees, old.rights, old.personal, abilities(old)) != (new.sees, new.rights, new.personal, abilities(new))


def _clear(old: Scope, new: Scope) -> tuple[str, ...]:
    """The kinds of personal value and the fields that are seen clear from then on."""
    kinds = [
        label for kind, label in PERSONAL_LABELS.items()
        if new.personal.get(kind) is Show.CLEAR and old.personal.get(kind) is not Show.CLEAR
    ]  # fmt: skip
    if len(kinds) == len(PERSONAL_LABELS):
        return ("全部个人信息",)
    fields = [
        f"字段“{field.label}”" for name, field in FIELDS.items()
        if new.shows.get(name) is Show.CLEAR and old.shows.get(name) is not Show.CLEAR
        and not (field.personal and PERSONAL_LABELS[field.personal] in kinds)
    ]  # fmt: skip
    return (*kinds, *fields)


def _more(old: Scope, new: Scope) -> tuple[str, ...]:
    """What may be done from then on and could not be done, or not as often."""
    before = abilities(old)
    return tuple(each for each in abilities(new) if each not in before)
