"""The people of the archive: adding, finding, disabling."""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from meiqia_search import clock
from meiqia_search.accounts import passwords
from meiqia_search.accounts.roles import Roles, require_manager
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import LOCAL_LOGIN, Principal
from meiqia_search.audit.events import Action, Actor, Event
from meiqia_search.errors import BadRequest, BadValue, NotFound, Refused
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


class Columns(TypedDict, total=False):
    """What can be changed of a person."""

    name: str
    role: str
    agents: Sequence[str]
    groups: Sequence[str]


def principal(person: Person) -> Principal:
    """The person as the access rules see them."""
    return Principal(person.id, person.name, person.role, person.agents, person.groups)


def person_of(row: PersonRow) -> Person:
    """The person without what is secret."""
    return Person(row.id, row.login, row.name, row.role, row.agents, row.groups, row.disabled_at is not None)


class People:
    """Everybody who has an account. Every change, refused or not, and every list is in the audit."""

    def __init__(self, database: Database, audit: AuditLog, roles: Roles) -> None:
        self.record = PeopleRecord(database)
        self.roles = roles
        self._audit = audit

    @property
    def policy(self) -> Policy:
        """The roles in force."""
        return self.roles.current()

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
        with self._refusals(Action.ADD_PERSON, by, f"添加账号 {login[:64]}"):
            person = Person(
                f"p-{secrets.token_hex(8)}", _login(login), _name(name), self._role(role), _ids(agents), _ids(groups)
            )
            if self.record.by_login(person.login):
                raise _taken(person.login)
            stored = passwords.hashed(password) if password else ""
            row = PersonRow(
                person.id, person.login, person.name, person.role, person.agents, person.groups, stored, clock.now(),
                None,
            )  # fmt: skip
            self._note(Action.ADD_PERSON, by, f"添加账号 {person.login}，角色 {role}", 1, person.id)
            if not self.record.add(row):
                raise _taken(person.login)
        return person

    def list(self, by: Actor) -> list[Person]:
        """Everybody, by login."""
        everybody = [person_of(row) for row in self.record.all()]
        self._note(Action.LIST_PEOPLE, by, "", len(everybody))
        return everybody

    def names(self) -> dict[str, str]:
        """What people are called, by id; for showing who did what."""
        return {row.id: row.name for row in self.record.all()}

    def agents(self, person_id: str) -> tuple[str, ...]:
        """The agents that a person is; none of somebody unknown."""
        row = self.record.by_id(person_id)
        return row.agents if row else ()

    def called(self, word: str) -> tuple[str, ...]:
        """The ids of everybody whose id, login or name this is.

        Raises:
            NotFound
        """
        wanted = word.strip().casefold()
        found = [row.id for row in self.record.all() if wanted in {row.id, row.login, row.name.casefold()}]
        if not found:
            raise NotFound(f"没有叫“{word.strip()[:40]}”的账号；请写登录名、姓名或账号编号。")
        return tuple(found)

    def by_login(self, login: str) -> Person:
        """The person of this login.

        Raises:
            NotFound
        """
        kept = folded(login)
        return _found(self.record.by_login(kept) if kept else None)

    def opens(self, login: str, password: str) -> bool:
        """Whether one could sign in to this account with this password; nobody does, so nothing is recorded."""
        row = self.record.by_login(login)
        return row is not None and row.disabled_at is None and passwords.fits(row.password, password)

    def by_id(self, person_id: str) -> Person:
        """The person of this id.

        Raises:
            NotFound
        """
        return _found(self.record.by_id(person_id))

    def changed(self, person: Person, **columns: Unpack[Columns]) -> Person:
        """The person as :meth:`change` would make them.

        Raises:
            BadValue
        """
        return replace(
            person,
            name=_name(columns.get("name", person.name)),
            role=self._role(columns.get("role", person.role)),
            agents=_ids(columns.get("agents", person.agents)),
            groups=_ids(columns.get("groups", person.groups)),
        )

    def change(self, login: str, by: Actor, **columns: Unpack[Columns]) -> Person:
        """Give a person another name, role, agents or groups; with another role they have to sign in again.

        Raises:
            NotFound
            BadValue: the name is too long, the role unknown, or the account is the program's own.
            LastAdministrator: nobody could manage people any more.
        """
        person = self.by_login(login)
        with self._refusals(Action.CHANGE_PERSON, by, f"修改账号 {person.login}", person.id):
            new = self.changed(person, **columns)
            if new != person:
                self._change(Action.CHANGE_PERSON, person, new, by)
        return new

    def disable(self, login: str, by: Actor) -> None:
        """From now on this person cannot sign in; open sessions end at once.

        Raises:
            NotFound
            BadValue: the account is the program's own.
            LastAdministrator: nobody could manage people any more.
        """
        person = self.by_login(login)
        with self._refusals(Action.DISABLE_PERSON, by, f"停用账号 {person.login}", person.id):
            self._change(Action.DISABLE_PERSON, person, replace(person, disabled=True), by)

    def enable(self, login: str, by: Actor) -> None:
        """This person can sign in again.

        Raises:
            NotFound
        """
        person = self.by_login(login)
        self._change(Action.ENABLE_PERSON, person, replace(person, disabled=False), by)

    def set_password(self, login: str, password: str, by: Actor) -> None:
        """A new password; open sessions end at once.

        Raises:
            NotFound
            BadValue: the password is too short or too long.
        """
        person = self.by_login(login)
        with self._refusals(Action.RESET_PASSWORD, by, f"重设密码 {person.login}", person.id):
            passwords.check(password)
            stored = passwords.hashed(password)
            self._note(Action.RESET_PASSWORD, by, f"重设密码 {person.login}", 1, person.id)
            self.record.set_password(person.id, stored, end_sessions=True)

    def _change(self, action: Action, old: Person, new: Person, by: Actor) -> None:
        if old.login == LOCAL_LOGIN and (new.disabled or new.role != old.role):
            raise BadValue("本机管理员供命令行和索引进程使用，不能停用，也不能换角色。")
        policy, disabled_at = self.policy, clock.now() if new.disabled else None

        def allow(before: Sequence[PersonRow]) -> None:
            after = [
                row._replace(role=new.role, disabled_at=disabled_at) if row.id == new.id else row for row in before
            ]
            require_manager(before, after, policy, policy)

        allow(self.record.all())
        self._note(action, by, f"账号 {old.login}：{'，'.join(_changes(old, new))}", 1, old.id)
        row = PersonRow(new.id, new.login, new.name, new.role, new.agents, new.groups, "", 0, disabled_at)
        self.record.change(row, allow, end_sessions=new.disabled or new.role != old.role)

    def _role(self, role: str) -> str:
        roles = self.policy.roles
        if role not in roles:
            known = "、".join(f"{name}（{each.label}）" for name, each in roles.items())
            raise BadValue(f"没有名为“{role[:40]}”的角色；可以是 {known}。")
        return role

    def _note(self, action: Action, by: Actor, sentence: str, count: int, *of: str) -> None:
        self._audit.append(Event(action, by, self.policy.version, sentence, of, count))

    @contextmanager
    def _refusals(self, action: Action, by: Actor, sentence: str, *of: str) -> Iterator[None]:
        """Write down that something was tried and refused."""
        try:
            yield
        except (BadRequest, Refused) as refused:
            self._audit.append(Event(action, by, self.policy.version, sentence, of, outcome=refused.code))
            raise


def _changes(old: Person, new: Person) -> Iterator[str]:
    if old.name != new.name:
        yield "改名"
    if old.role != new.role:
        yield f"角色 {old.role} → {new.role}"
    for label, before, after in (("客服", old.agents, new.agents), ("客服组", old.groups, new.groups)):
        if before != after:
            yield f"{label} {'、'.join(before) or '无'} → {'、'.join(after) or '无'}"
    if old.disabled != new.disabled:
        yield "停用" if new.disabled else "启用"


def _taken(login: str) -> BadValue:
    return BadValue(f"登录名“{login}”已有人使用，请换一个。")


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
