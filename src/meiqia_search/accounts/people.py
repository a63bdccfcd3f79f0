"""The people of the archive: adding, finding, disabling."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from meiqia_search import clock
from meiqia_search.accounts import passwords
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.role import BUILT_IN
from meiqia_search.audit.events import Action, Actor, Event
from meiqia_search.errors import BadValue, NotFound
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Database
from meiqia_search.records.people import PeopleRecord, PersonRow

NAME_LENGTH = 40
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account."""

    id: str
    login: str
    name: str
    role: str
    agents: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    disabled: bool = False


def principal(person: Person) -> Principal:
    """The person as the access rules see them."""
    return Principal(person.id, person.name, person.role, person.agents, person.groups)


def person_of(row: PersonRow) -> Person:
    """The person without what is secret."""
    return Person(row.id, row.login, row.name, row.role, row.agents, row.groups, row.disabled_at is not None)


class People:
    """Everybody who has an account. Every change and every list is in the audit."""

    def __init__(self, database: Database, audit: AuditLog, policy: Policy | None = None) -> None:
        self.record = PeopleRecord(database)
        self.policy = policy or Policy(BUILT_IN)
        self._audit = audit

    def add(  # noqa: PLR0913 - the columns of a person
        self,
        login: str,
        name: str,
        role: str,
        password: str | None,
        agents: Sequence[str] = (),
        groups: Sequence[str] = (),
        *,
        by: Actor,
    ) -> Person:
        """A new account; without a password nobody can sign in to it. :func:`passwords.check` is the caller's.

        Raises:
            BadValue: the login is malformed or taken, the name too long, or the role unknown.
        """
        person = Person(
            f"p-{secrets.token_hex(8)}", _login(login), _name(name), self._role(role), _ids(agents), _ids(groups)
        )
        stored = passwords.hashed(password) if password else ""
        row = PersonRow(
            person.id, person.login, person.name, person.role, person.agents, person.groups, stored, clock.now(), None
        )
        self._note(Action.ADD_PERSON, by, f"添加账号 {person.login}，角色 {role}", 1)
        if not self.record.add(row):
            raise BadValue(f"登录名“{person.login}”已有人使用，请换一个。")
        return person

    def list(self, by: Actor) -> list[Person]:
        """Everybody, by login."""
        everybody = [person_of(row) for row in self.record.all()]
        self._note(Action.LIST_PEOPLE, by, "", len(everybody))
        return everybody

    def by_login(self, login: str) -> Person:
        """The person of this login.

        Raises:
            NotFound
        """
        kept = folded(login)
        return _found(self.record.by_login(kept) if kept else None)

    def by_id(self, person_id: str) -> Person:
        """The person of this id.

        Raises:
            NotFound
        """
        return _found(self.record.by_id(person_id))

    def disable(self, login: str, by: Actor) -> None:
        """From now on this person cannot sign in; open sessions end at once.

        Raises:
            NotFound
        """
        person = self.by_login(login)
        self._note(Action.DISABLE_PERSON, by, f"停用账号 {person.login}", 1)
        self.record.disable(person.id, clock.now())

    def _role(self, role: str) -> str:
        if role not in self.policy.roles:
            known = "、".join(f"{name}（{each.label}）" for name, each in self.policy.roles.items())
            raise BadValue(f"没有名为“{role[:40]}”的角色；可以是 {known}。")
        return role

    def _note(self, action: Action, by: Actor, sentence: str, count: int) -> None:
        self._audit.append(Event(action, by, self.policy.version, sentence, count=count))


def _found(row: PersonRow | None) -> Person:
    if row is None:
        raise NotFound("没有这个账号。")
    return person_of(row)


def folded(login: str) -> str | None:
    """The login as it is kept, if it can be one."""
    kept = login.strip().casefold()
    return kept if _LOGIN.fullmatch(kept) else None


def _login(login: str) -> str:
    kept = folded(login)
    if kept is None:
        raise BadValue("登录名应为 2 到 64 个小写字母、数字或 . _ @ -，并以字母或数字开头。")
    return kept


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= NAME_LENGTH:
        raise BadValue(f"姓名应为 1 到 {NAME_LENGTH} 个字。")
    return stripped


def _ids(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in ids if each.strip()))
