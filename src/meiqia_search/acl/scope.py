"""The sealed answer to "who may see what": only this module makes a Scope, and engines accept only Scoped."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, NoReturn, TypeVar, assert_never, final

from meiqia_search import fields
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.preview import lesser
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.reveal import Target
from meiqia_search.acl.role import Ability, Limits, Reach, Right, Role
from meiqia_search.errors import ActionNotAllowed, FieldNotAllowed
from meiqia_search.fields import Personal
from meiqia_search.privacy.detect import find
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import EVERYTHING, NOTHING, TEXT, And, Filter, Reads, Term, both, leaves

_SEAL: Final = object()
_PERSONAL: Final = frozenset(name for name, field in fields.FIELDS.items() if field.personal is not None)
_GUESSED: Final = "这个客户编号含有您不能查看的个人信息，不能按它查找；如需使用，请联系管理员。"
R_co = TypeVar("R_co", bound=Reads, covariant=True)


@final
class Scope:
    """What one principal may see: a filter, a right for every field, the form of every kind of personal value.

    ``reveals`` are the kinds that they may see clear for a while. Immutable; cannot be made by hand.
    """

    __slots__ = (
        "abilities", "label", "limits", "personal", "reveals", "rights", "sees", "shows", "version", "who",
    )  # fmt: skip

    who: Principal
    sees: Filter
    rights: Mapping[str, Right]
    shows: Mapping[str, Show]
    personal: Mapping[Personal, Show]
    abilities: frozenset[Ability]
    limits: Limits
    reveals: frozenset[Personal]
    label: str
    version: int

    def __init__(self, who: Principal, sees: Filter, role: Role | None, version: int, *, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Scope is made by scope_for and scope_in_preview alone")
        open_ = role if role and not role.fault else None
        values = {
            "who": who,
            "sees": sees,
            "rights": MappingProxyType(open_.rights if open_ else {}),
            "shows": MappingProxyType(open_.shows if open_ else {}),
            "personal": MappingProxyType(open_.forms if open_ else {}),
            "abilities": role.abilities if role else frozenset(),
            "limits": open_.limits if open_ else Limits(),
            "reveals": open_.reveals if open_ else frozenset(),
            "label": open_.reach_label if open_ else "无",
            "version": version,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __init_subclass__(cls) -> None:
        raise TypeError("there is one kind of Scope")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Scope does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Scope does not change")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Scope is made by scope_for and scope_in_preview alone")

    def may_find_by(self, name: str) -> bool:
        """Whether this field (or TEXT) may be looked at by a question."""
        if name == TEXT:
            return bool(self.rights)
        right = self.rights.get(name)
        return right is not None and right.search

    def require_finding_by(self, name: str) -> None:
        """Refuse who may not ask by this field.

        Raises:
            FieldNotAllowed
        """
        if not self.may_find_by(name):
            raise _refused(name)

    def require_naming(self, customer: str) -> None:
        """Refuse who names a customer by a personal value that they do not see clear: they might be guessing it.

        Raises:
            FieldNotAllowed
        """
        if any(self.personal.get(each.kind) is not Show.CLEAR for each in find(customer)):
            raise FieldNotAllowed(_GUESSED, field="customer")

    def may_sort_by(self, name: str) -> bool:
        """Whether an order by this field may be asked for."""
        right = self.rights.get(name)
        return right is not None and right.sort

    def may_export(self, name: str) -> bool:
        """Whether this field may be taken along: by its right, and by who may export at all."""
        right = self.rights.get(name)
        return right is not None and right.export and Ability.EXPORT in self.abilities

    @property
    def sees_card(self) -> bool:
        """Whether anything personal of a customer's card is seen, or could be for a while."""
        return bool(self.reveals) or any(self.shows[name] is not Show.HIDDEN for name in _PERSONAL & self.shows.keys())

    def may_reveal(self, target: Target) -> bool:
        """Whether this is covered, and may be seen clear for a while."""
        return target.kind in self.reveals and self.covers(target)

    def covers(self, target: Target) -> bool:
        """Whether this is not seen clear anyway."""
        show = self.shows.get(target.field) if target.field else self.personal.get(target.kind)
        return show is not Show.CLEAR

    def forms(self, revealed: Iterable[Target]) -> tuple[Mapping[str, Show], Mapping[Personal, Show]]:
        """In which form fields and values in texts leave while this is revealed, as far as it still may be."""
        shows, personal = dict(self.shows), dict(self.personal)
        for target in revealed:
            if self.may_reveal(target):
                shows |= dict.fromkeys(shows.keys() & target.fields, Show.CLEAR)
                personal |= {} if target.field else {target.kind: Show.CLEAR}
        return shows, personal

    def require(self, ability: Ability) -> None:
        """Refuse who does not have the ability.

        Raises:
            ActionNotAllowed
        """
        if ability not in self.abilities:
            raise ActionNotAllowed


def scope_for(principal: Principal, policy: Policy) -> Scope:
    """The scope of a principal under a policy; of an unknown role, or without the needed attribute: nothing."""
    role = policy.roles.get(principal.role)
    return Scope(principal, _sees(principal, role), role, policy.version, seal=_SEAL)


def scope_in_preview(seen: Principal, looker: Principal, policy: Policy) -> Scope:
    """The scope of a principal as somebody else may look at it: never more than either of them sees.

    What both see stays two conditions side by side.
    """
    theirs, own = (policy.roles.get(each.role) for each in (seen, looker))
    role = lesser(theirs, own) if theirs and own and not (theirs.fault or own.fault) else None
    sees = And((_sees(seen, theirs), _sees(looker, own)))
    return Scope(seen, sees, role, policy.version, seal=_SEAL)


def _sees(principal: Principal, role: Role | None) -> Filter:
    if role is None or role.fault:
        return NOTHING
    reached = _reached(principal, role)
    if reached == NOTHING or role.where == EVERYTHING:
        return reached
    return both(reached, role.where)


def _reached(principal: Principal, role: Role) -> Filter:
    match role.reach:
        case Reach.ALL:
            return EVERYTHING
        case Reach.NAMED:
            return Term("group", role.groups)
        case Reach.GROUPS:
            return Term("group", principal.groups) if principal.groups else NOTHING
        case Reach.OWN | Reach.OWNER:
            field = "owner" if role.reach is Reach.OWNER else "agent"
            return Term(field, principal.agents) if principal.agents else NOTHING
        case _:
            assert_never(role.reach)


@final
@dataclass(frozen=True, slots=True)
class Scoped(Generic[R_co]):
    """A request that this scope may make; built only if every field it reads is allowed.

    Raises:
        FieldNotAllowed: names the field.
    """

    request: R_co
    scope: Scope

    def __init_subclass__(cls) -> None:
        raise TypeError("Scoped checks what it is built with; nothing may leave that out")

    def __post_init__(self) -> None:
        if type(self.scope) is not Scope:
            raise TypeError("Scoped needs a Scope made by scope_for")
        for name in sorted(self.request.reads()):
            self.scope.require_finding_by(name)
        for customer in _customers(self.request.where):
            self.scope.require_naming(customer)
        for name in sorted(self.request.sorts()):
            if not self.scope.may_sort_by(name):
                raise _refused(name)


def _customers(where: Filter) -> Iterator[str]:
    """Who is asked for by id."""
    for leaf in leaves(where):
        if isinstance(leaf, Term) and leaf.field == "customer":
            yield from map(str, leaf.values)


def _refused(name: str) -> FieldNotAllowed:
    label = "对话内容" if name == TEXT else fields.get(name).label
    return FieldNotAllowed(f"不能按“{label}”查找或排序；如需使用，请联系管理员。", field=name)
