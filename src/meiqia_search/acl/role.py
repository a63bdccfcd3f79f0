"""What the holders of a role may see and do. A role that makes no sense cannot be built."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from meiqia_search.errors import BadRole, LimitExceeded
from meiqia_search.fields import FIELDS, TEXT_FIELDS, Field, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import EVERYTHING, TEXT, Filter, Term, reads, within_limits
from meiqia_search.query.names import NoNames
from meiqia_search.query.sentence import sentence


class Reach(StrEnum):
    """Which conversations a role sees, before any further condition."""

    OWN = "own"  # in which one of the person's agents took part
    OWNER = "owner"  # which one of the person's agents was in charge of
    GROUPS = "groups"  # of the person's groups
    NAMED = "named"  # of the groups that the role names
    ALL = "all"


class Ability(StrEnum):
    """What a role may do besides finding and reading."""

    CHARTS = "charts"
    EXPORT = "export"  # as many rows as its limit says
    SHARE = "share"
    REVEAL = "reveal"  # see for five minutes what is not clear, as often a day as its limit says
    MERGE = "merge"  # customers that are the same
    EDIT_CATEGORIES = "edit_categories"
    MANAGE_PEOPLE = "manage_people"  # accounts, roles, other people's sessions and tokens
    MAINTAIN = "maintain"  # import, rebuild, verify
    READ_AUDIT = "read_audit"


REACH_LABELS: Mapping[Reach, str] = {
    Reach.OWN: "本人会话",
    Reach.OWNER: "本人主接待的会话",
    Reach.GROUPS: "本组会话",
    Reach.NAMED: "指定组会话",
    Reach.ALL: "全部会话",
}
ABILITY_LABELS: Mapping[Ability, str] = {
    Ability.CHARTS: "看板",
    Ability.EXPORT: "导出",
    Ability.SHARE: "共享",
    Ability.REVEAL: "查看明文",
    Ability.MERGE: "合并客户",
    Ability.EDIT_CATEGORIES: "编辑分类",
    Ability.MANAGE_PEOPLE: "管理人员和角色",
    Ability.MAINTAIN: "导入和维护",
    Ability.READ_AUDIT: "查看审计日志",
}
COMING = frozenset({Ability.CHARTS, Ability.EXPORT, Ability.SHARE, Ability.MERGE, Ability.EDIT_CATEGORIES})
"""What can be granted and nothing asks for yet."""
SHOW_LABELS: Mapping[Show, str] = {Show.HIDDEN: "隐藏", Show.MASKED: "脱敏", Show.CLEAR: "明文"}

FIXED = frozenset({"id", "started_at", "agent", "owner", "group", *TEXT_FIELDS})
"""Whoever sees a conversation sees these: lists are ordered by the start, messages name who answered, and full text
looks into the notes, so that hiding them would hide nothing."""
CONDITIONS = frozenset(name for name, each in FIELDS.items() if each.searchable and each.personal is None)
"""By these a role's range may be narrowed further."""
LABEL_LENGTH = 20
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of what has a measure: rows of one export, values revealed on one day."""

    export_rows: int = 0
    reveals_a_day: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """The limit that belongs to an ability: its name in :class:`Limits`, in words with ``{:,}``, and its values."""

    name: str
    label: str
    words: str
    usual: int
    most: int


MEASURES: Mapping[Ability, Measure] = {
    Ability.EXPORT: Measure("export_rows", "每次导出最多行数", "每次 {:,} 行", 10_000, 10_000_000),
    Ability.REVEAL: Measure("reveals_a_day", "每人每天查看明文次数", "每天 {:,} 次", 30, 1_000),
}


@dataclass(frozen=True, slots=True)
class Right:
    """What may be done with one field. Of a personal field ``search`` means by the exact whole value.

    That is granted apart from how it is shown: also by what is hidden somebody may find. A name is found by any part
    of it, by who sees it clear.
    """

    show: Show
    search: bool
    sort: bool
    export: bool

    def within(self, most: "Right") -> bool:
        """Whether nothing of it goes beyond."""
        return self.search <= most.search and self.sort <= most.sort and self.export <= most.export


def most(of: Field) -> Right:
    """The most that can be granted on a field."""
    return Right(Show.CLEAR, of.searchable or of.exact or of.by_sound, of.sortable, of.exported)


@dataclass(frozen=True)
class Role:
    """A role.

    ``groups`` belongs to :attr:`Reach.NAMED`, ``where`` narrows the reach further. ``personal`` says in which form each
    kind of personal value leaves, a missing kind is hidden. ``fields`` holds the rights that differ from what follows
    from this. ``limits`` belong to the abilities that have one; ``reveals``, the kinds that may be seen clear for a
    while, to :attr:`Ability.REVEAL`. ``fault`` says why a role that was kept cannot be understood any more: its holders
    see nothing.

    Raises:
        BadRole: says what makes no sense.
    """

    name: str
    label: str
    reach: Reach
    personal: Mapping[Personal, Show] = field(default_factory=dict)
    abilities: frozenset[Ability] = frozenset()
    groups: tuple[str, ...] = ()
    where: Filter = EVERYTHING
    fields: Mapping[str, Right] = field(default_factory=dict)
    limits: Limits = Limits()
    reveals: frozenset[Personal] = frozenset()
    fault: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadRole(f"角色名“{self.name[:40]}”应为 1 到 32 个小写字母、数字或 _ -，并以字母开头。")
        if not 1 <= len(self.label.strip()) <= LABEL_LENGTH:
            raise self._wrong(f"显示名应为 1 到 {LABEL_LENGTH} 个字。")
        if (self.reach is Reach.NAMED) != bool(self.groups):
            raise self._wrong("可见范围为“指定组会话”时要写明客服组，其他范围不写。")
        if self.groups:
            Term("group", self.groups)
        self._check_where()
        self._check_abilities()
        for name, right in self.fields.items():
            self._check_field(name, right)

    def _wrong(self, what: str) -> BadRole:
        return BadRole(f"角色“{self.label.strip()[:LABEL_LENGTH] or self.name}”：{what}")

    def _check_where(self) -> None:
        try:
            within_limits(self.where)
        except LimitExceeded as beyond:
            raise self._wrong(f"可见范围的条件里{beyond.detail}") from None
        for name in sorted(reads(self.where) - CONDITIONS):
            label = "对话内容" if name == TEXT else FIELDS[name].label
            raise self._wrong(f"可见范围的条件里不能用“{label}”；可用渠道、问题分类、开始时间、客户类型等字段。")

    def _check_abilities(self) -> None:
        for ability, measure in MEASURES.items():
            value = getattr(self.limits, measure.name)
            if not 0 <= value <= measure.most:
                raise self._wrong(f"“{measure.label}”应为 0 到 {measure.most:,}。")
            if value and ability not in self.abilities:
                raise self._wrong(f"没有“{ABILITY_LABELS[ability]}”功能，就不能写“{measure.label}”。")
        if self.reveals and Ability.REVEAL not in self.abilities:
            raise self._wrong("没有“查看明文”功能，就不能写明可查看哪些个人信息。")

    def _check_field(self, name: str, right: Right) -> None:
        if name not in FIELDS:
            raise self._wrong(f"没有名为“{name[:40]}”的字段。")
        declared = FIELDS[name]
        label = declared.label
        if name in FIXED and right != replace(most(declared), export=right.export):
            raise self._wrong(f"“{label}”是会话的基本内容，不能隐藏或限制。")
        if not right.within(most(declared)):
            raise self._wrong(f"“{label}”不能这样查找、排序或导出。")
        if right.show is Show.MASKED and declared.personal is None:
            raise self._wrong(f"“{label}”没有脱敏形式，请选明文或隐藏。")
        if right.show is Show.HIDDEN and ((right.search and not declared.exact) or right.sort or right.export):
            raise self._wrong(f"“{label}”已隐藏，不能再查找、排序或导出。")
        if declared.by_sound and right.search and right.show is not Show.CLEAR:
            raise self._wrong(f"“{label}”能看到明文才能查找。")
        if right.sort and not right.search:
            raise self._wrong(f"“{label}”不能查找，也就不能排序。")

    def personal_show(self, kind: Personal) -> Show:
        """In which form values of this kind leave."""
        return self.personal.get(kind, Show.HIDDEN)

    def usual(self, of: Field) -> Right:
        """What this role may do with a field where :attr:`fields` says nothing of it."""
        if of.personal is None:
            return most(of)
        show = self.personal_show(of.personal)
        found = (of.exact or of.by_sound) and show is Show.CLEAR  # whoever reads them all may as well find them
        return Right(show, search=found, sort=False, export=of.exported and show is not Show.HIDDEN)

    @cached_property
    def rights(self) -> Mapping[str, Right]:
        """The right on every declared field."""
        return {name: self.fields.get(name) or self.usual(declared) for name, declared in FIELDS.items()}

    @cached_property
    def shows(self) -> Mapping[str, Show]:
        """The form of every field that leaves; of a hidden personal field that it has a value."""
        return {
            name: right.show
            for name, right in self.rights.items()
            if right.show is not Show.HIDDEN or FIELDS[name].personal is not None
        }

    @cached_property
    def forms(self) -> Mapping[Personal, Show]:
        """The form of every kind of personal value."""
        return {kind: self.personal_show(kind) for kind in Personal}

    @cached_property
    def reach_label(self) -> str:
        """What its holders see, in words."""
        label = REACH_LABELS[self.reach]
        return label if self.where == EVERYTHING else f"{label}（{sentence(self.where, NoNames())}）"


_MASKED = dict.fromkeys(Personal, Show.MASKED)
_CLEAR = dict.fromkeys(Personal, Show.CLEAR)

AGENT = Role("agent", "客服", Reach.OWN, _MASKED, frozenset({Ability.CHARTS}))
LEADER = Role(
    "leader", "组长", Reach.GROUPS, _MASKED, frozenset({Ability.CHARTS, Ability.EXPORT, Ability.REVEAL}),
    limits=Limits(10_000, 30), reveals=frozenset({Personal.PHONE, Personal.EMAIL, Personal.NAME}),
)  # fmt: skip
SUPERVISOR = Role(
    "supervisor", "主管", Reach.ALL, _CLEAR,
    frozenset({Ability.CHARTS, Ability.EXPORT, Ability.SHARE, Ability.MERGE, Ability.EDIT_CATEGORIES}),
    limits=Limits(1_000_000),
)  # fmt: skip
ADMINISTRATOR = Role(
    "administrator", "管理员", Reach.ALL, _CLEAR, frozenset(Ability),
    limits=Limits(*(measure.most for measure in MEASURES.values())), reveals=frozenset(Personal),
)  # fmt: skip

BUILT_IN: Mapping[str, Role] = {role.name: role for role in (AGENT, LEADER, SUPERVISOR, ADMINISTRATOR)}
