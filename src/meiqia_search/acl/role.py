"""What the holders of a role may see and do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from meiqia_search.fields import FIELDS, Field, Personal
from meiqia_search.privacy.mask import Show


class Reach(StrEnum):
    """Which conversations a role sees."""

    OWN = "own"
    GROUPS = "groups"
    ALL = "all"


class Ability(StrEnum):
    """What a role may do besides finding and reading."""

    MANAGE_PEOPLE = "manage_people"
    MAINTAIN = "maintain"  # import, rebuild, verify


REACH_LABELS: Mapping[Reach, str] = {Reach.OWN: "本人会话", Reach.GROUPS: "本组会话", Reach.ALL: "全部会话"}


@dataclass(frozen=True, slots=True)
class Right:
    """What may be done with one field."""

    show: Show
    search: bool
    sort: bool
    export: bool


@dataclass(frozen=True, slots=True)
class Role:
    """A role; ``personal`` says in which form each kind of personal value leaves, a missing kind is hidden."""

    name: str
    label: str
    reach: Reach
    personal: Mapping[Personal, Show] = field(default_factory=dict)
    abilities: frozenset[Ability] = frozenset()

    def personal_show(self, kind: Personal) -> Show:
        """In which form values of this kind leave."""
        return self.personal.get(kind, Show.HIDDEN)

    def right(self, of: Field) -> Right:
        """What this role may do with a field."""
        if of.personal is None:
            return Right(Show.CLEAR, of.searchable, of.sortable, of.exported)
        show = self.personal_show(of.personal)
        return Right(show, search=False, sort=False, export=of.exported and show is not Show.HIDDEN)

    def rights(self) -> dict[str, Right]:
        """The right on every declared field."""
        return {name: self.right(declared) for name, declared in FIELDS.items()}


_MASKED = dict.fromkeys(Personal, Show.MASKED)
_CLEAR = dict.fromkeys(Personal, Show.CLEAR)

AGENT = Role("agent", "客服", Reach.OWN, _MASKED)
LEADER = Role("leader", "组长", Reach.GROUPS, _MASKED)
SUPERVISOR = Role("supervisor", "主管", Reach.ALL, _CLEAR)
ADMINISTRATOR = Role("administrator", "管理员", Reach.ALL, _CLEAR, frozenset({Ability.MANAGE_PEOPLE, Ability.MAINTAIN}))

BUILT_IN: Mapping[str, Role] = {role.name: role for role in (AGENT, LEADER, SUPERVISOR, ADMINISTRATOR)}
