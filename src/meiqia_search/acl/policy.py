"""The roles in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from meiqia_search.acl.role import ADMINISTRATOR, AGENT, BUILT_IN, Ability, Reach, Role
from meiqia_search.errors import BadRole
from meiqia_search.query.filter import EVERYTHING

NEEDED = frozenset({Ability.MANAGE_PEOPLE, Ability.MAINTAIN})
"""What the administrator is always able to do."""
ROLES = 50
"""A policy has at most so many roles."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``version`` goes into cursors and the audit, so that both say under which rules they were made."""

    roles: Mapping[str, Role]
    version: int = 1

    @property
    def faults(self) -> Mapping[str, str]:
        """The roles that cannot be understood any more, and why."""
        return {role.label: role.fault for role in self.roles.values() if role.fault}


def built_in(own: Literal["participant", "owner"]) -> Policy:
    """The policy a new archive begins with; what an agent's own conversations are is the company's choice."""
    agent = AGENT if own == "participant" else replace(AGENT, reach=Reach.OWNER)
    return Policy({**BUILT_IN, agent.name: agent})


def policy_of(roles: Iterable[Role], version: int) -> Policy:
    """The policy of these roles.

    Raises:
        BadRole: a name or label occurs twice, they are too many, or the program could not go on working.
    """
    listed = list(roles)
    if len(listed) > ROLES:
        raise BadRole(f"最多 {ROLES} 个角色，这里有 {len(listed)} 个。")
    for what, words in (("角色名", [each.name for each in listed]), ("显示名", [each.label for each in listed])):
        for twice in sorted({word for word in words if words.count(word) > 1}):
            raise BadRole(f"{what}“{twice}”出现了两次。")
    _require_administrator(next((each for each in listed if each.name == ADMINISTRATOR.name), None))
    return Policy({each.name: each for each in listed}, version)


def _require_administrator(role: Role | None) -> None:
    """As this role the program keeps its own index, and whoever has this machine repairs what went wrong."""
    if role is None:
        raise BadRole(f"角色 {ADMINISTRATOR.name} 不能删除：本机的命令行和索引进程用它工作。")
    if role.reach is not Reach.ALL or role.where != EVERYTHING or not role.abilities >= NEEDED:
        raise BadRole(
            f"角色 {ADMINISTRATOR.name}（{role.label}）要能看全部会话、管理人员和维护，否则本机的命令行和索引进程不能"
            "工作；可以另建一个范围较小的管理角色。"
        )
