"""What a change of the roles changes, in words: for the audit, the history and whoever is about to save it."""

from collections.abc import Iterator
from typing import Protocol

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import ABILITY_LABELS, MEASURES, REACH_LABELS, SHOW_LABELS, Ability, Limits, Right, Role
from meiqia_search.fields import FIELDS, PERSONAL_LABELS, Personal
from meiqia_search.query.filter import EVERYTHING
from meiqia_search.query.names import Names
from meiqia_search.query.sentence import sentence


class Able(Protocol):
    """A role or a scope."""

    @property
    def abilities(self) -> frozenset[Ability]: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def reveals(self) -> frozenset[Personal]: ...


def differences(old: Policy, new: Policy, names: Names) -> list[str]:
    """One sentence for each role that is new, gone or changed."""
    return [
        line
        for name in dict.fromkeys([*old.roles, *new.roles])
        if (line := _of_role(old.roles.get(name), new.roles.get(name), names))
    ]


def _of_role(old: Role | None, new: Role | None, names: Names) -> str:
    if new is None:
        return f"删除角色 {old.label}" if old else ""
    if old is None:
        return f"新增角色 {new.label}：{reach(new, names)}，{_in_words(new)}"
    changes = "，".join(_changes(old, new, names))
    return f"角色 {old.label}：{changes}" if changes else ""


def _changes(old: Role, new: Role, names: Names) -> Iterator[str]:
    if old.label != new.label:
        yield f"改名为 {new.label}"
    if old.fault:
        yield "恢复可用"
    if reach(old, names) != reach(new, names):
        yield f"可见范围 {reach(old, names)} → {reach(new, names)}"
    for kind in Personal:
        before, after = old.personal_show(kind), new.personal_show(kind)
        if before is not after:
            yield f"{PERSONAL_LABELS[kind]} {SHOW_LABELS[before]} → {SHOW_LABELS[after]}"
    for name, declared in FIELDS.items():
        if name in old.fields.keys() | new.fields.keys() and old.rights[name] != new.rights[name]:
            yield f"字段“{declared.label}” {right(old.rights[name])} → {right(new.rights[name])}"
    if abilities(old) != abilities(new):
        yield f"功能 {_in_words(old)} → {_in_words(new)}"


def reach(role: Role, names: Names) -> str:
    """Which conversations a role sees."""
    label = REACH_LABELS[role.reach]
    if role.groups:
        label += f"（{'、'.join(names.name('group', each) for each in role.groups)}）"
    return label if role.where == EVERYTHING else f"{label}（{sentence(role.where, names)}）"


def right(each: Right) -> str:
    """What may be done with a field."""
    able = (("查找", each.search), ("排序", each.sort), ("导出", each.export))
    return "、".join([SHOW_LABELS[each.show], *(f"可{word}" for word, may in able if may)])


def abilities(of: Able) -> list[str]:
    """What may be done, each with its limit: ``导出（每次 10,000 行）``."""
    return [_ability(of, each) for each in Ability if each in of.abilities]


def _ability(of: Able, ability: Ability) -> str:
    said = [_kinds(of.reveals)] if ability is Ability.REVEAL else []
    if measure := MEASURES.get(ability):
        said.append(measure.words.format(getattr(of.limits, measure.name)))
    return ABILITY_LABELS[ability] + (f"（{'，'.join(said)}）" if said else "")


def _kinds(kinds: frozenset[Personal]) -> str:
    if len(kinds) == len(Personal):
        return "全部个人信息"
    return "、".join(label for kind, label in PERSONAL_LABELS.items() if kind in kinds) or "没有选个人信息"


def _in_words(role: Role) -> str:
    return "、".join(abilities(role)) or "无功能"
