"""What stands around every page: who is signed in, where one can go, how fresh the data is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from meiqia_search import clock
from meiqia_search.accounts.signin import Session
from meiqia_search.acl.role import Ability
from meiqia_search.archive import Caller
from meiqia_search.errors import Unavailable
from meiqia_search.wiring import Services


class Room(NamedTuple):
    """A page of the main navigation, for who has the ability."""

    href: str
    icon: str
    label: str
    ability: Ability | None = None


ROOMS = (
    Room("/search", "search", "搜索"),
    Room("/people", "users", "人员", Ability.MANAGE_PEOPLE),
    Room("/roles", "lock", "角色", Ability.MANAGE_PEOPLE),
    Room("/audit", "shield-check", "审计", Ability.READ_AUDIT),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame for one person; ``preview`` is what they are called as whom this one looks."""

    name: str
    login: str
    role: str
    csrf: str
    as_of: int | None
    pending: int
    confirmed: bool
    rooms: tuple[Room, ...]
    preview: str
    faults: Mapping[str, str]

    @property
    def audits(self) -> bool:
        """Whether this person may read the audit."""
        return any(room.ability is Ability.READ_AUDIT for room in self.rooms)

    @property
    def as_of_words(self) -> str:
        """When the data ends: the time of today, or the day and the time."""
        if self.as_of is None:
            return "尚无数据"
        shown = clock.show(self.as_of)
        today = clock.today(self.as_of) == clock.today(clock.now())
        return shown[11:16] if today else shown[:16]


def frame(services: Services, session: Session, caller: Caller) -> Frame:
    """The frame; it stands even where the record cannot say how fresh it is."""
    person = session.person
    try:
        fresh = services.archive.freshness()
    except Unavailable:
        as_of, pending = None, 0
    else:
        as_of, pending = fresh
    policy, scope = services.policy, services.archive.scope(caller)
    role = policy.roles.get(caller.principal.role)
    groups = (services.archive.names.name("group", each) for each in caller.principal.groups)
    label = " · ".join([role.label if role else "无角色", *groups])
    rooms = tuple(room for room in ROOMS if room.ability is None or room.ability in scope.abilities)
    preview = f"{session.preview.name}（{session.preview.login}，{label}）" if session.preview else ""
    faults = policy.faults if Ability.MANAGE_PEOPLE in scope.abilities else {}
    return Frame(
        person.name, person.login, label, session.csrf, as_of, pending, session.confirmed, rooms, preview, faults
    )
