"""The roles an administrator designs: what is in force, and how it changes."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from meiqia_search import clock
from meiqia_search.acl import rolefile
from meiqia_search.acl.difference import differences
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import Ability
from meiqia_search.audit.events import Action, Actor, Event
from meiqia_search.errors import (
    ArchiveError,
    BadRequest,
    BadRole,
    ChangedMeanwhile,
    LastAdministrator,
    NotFound,
    RecordUnavailable,
)
from meiqia_search.query.names import Names
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Database
from meiqia_search.records.people import PeopleRecord, PersonRow
from meiqia_search.records.roles import PolicyRecord, PolicyRow

FRESH_S = 0.5
"""So long at most a process goes on with roles that another one has changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the roles in the history; ``person`` is the id of who made it, '' for the first."""

    number: int
    at: int
    person: str
    note: str
    policy: Policy


class Roles:
    """The roles in the record, the newest version in force. Every change, and every refused one, is in the audit."""

    def __init__(self, database: Database, audit: AuditLog, names: Names, first: Policy) -> None:
        self._record = PolicyRecord(database)
        self._people = PeopleRecord(database)
        self._audit = audit
        self._names = names
        self._first = first
        self._policy: Policy | None = None
        self._looked = 0.0

    def current(self) -> Policy:
        """The policy in force, at most :data:`FRESH_S` old."""
        now, known = monotonic(), self._policy
        if known is not None and now - self._looked < FRESH_S:
            return known
        if known is None or self._record.version() != known.version:
            known = self._policy = self._read()
        self._looked = now
        return known

    def changed(self, file: object, version: int) -> Policy:
        """What the roles of a file would be, were they put in place of this version.

        Raises:
            BadRole
        """
        return rolefile.from_json(file, version + 1)

    def require_possible(self, new: Policy) -> None:
        """Refuse roles that cannot be put in force as people are now.

        Raises:
            BadRole, LastAdministrator: as :meth:`change`.
        """
        _require(self._people.all(), self.current(), new)

    def change(self, file: object, version: int, by: Actor) -> Policy:
        """Put the roles of a file in place of this version, which must be the one in force.

        Raises:
            BadRole: the file cannot be understood, or a role that somebody has is missing.
            LastAdministrator: nobody could manage people any more.
            ChangedMeanwhile: another version is in force.
        """
        with self._noting_refusal(by):
            old, new = self.current(), self.changed(file, version)
            if version != old.version:
                raise ChangedMeanwhile
            lines = differences(old, new, self._names)
            if lines:
                self._keep(old, new, lines, by)
        return new if lines else old

    def file(self, number: int) -> object:
        """The file of an earlier version.

        Raises:
            NotFound: there is no such version.
        """
        row = self._record.get(number)
        if row is None:
            raise NotFound(f"没有第 {number} 版角色。")
        return json.loads(row.body)

    def history(self) -> list[Version]:
        """Every version, the newest first."""
        return [Version(row.version, row.at, row.person, row.note, _policy(row)) for row in self._record.all()]

    def _keep(self, old: Policy, new: Policy, lines: Sequence[str], by: Actor) -> None:
        note = "；".join(lines)
        self.require_possible(new)
        self._audit.append(Event(Action.CHANGE_ROLES, by, new.version, note, count=len(lines)))
        if not self._record.add(_row(new, by.person, note), lambda people: _require(people, old, new)):
            raise ChangedMeanwhile
        self._policy = new

    def _read(self) -> Policy:
        row = self._record.newest()
        if row is None:
            self._record.add(_row(self._first, "", "初始角色"))
            row = self._record.newest()
        if row is None:
            raise RecordUnavailable
        return _policy(row)

    @contextmanager
    def _noting_refusal(self, by: Actor) -> Iterator[None]:
        try:
            yield
        except ArchiveError as refused:
            self._audit.append(
                Event(Action.CHANGE_ROLES, by, self.current().version, refused.detail, outcome=refused.code)
            )
            raise


def _row(policy: Policy, person: str, note: str) -> PolicyRow:
    return PolicyRow(
        policy.version, clock.now(), person, note, json.dumps(rolefile.to_json(policy), ensure_ascii=False)
    )


def _policy(row: PolicyRow) -> Policy:
    try:
        return rolefile.kept(json.loads(row.body), row.version)
    except (ValueError, BadRequest):
        raise RecordUnavailable("档案里的角色已损坏，因此谁也看不到数据；请从备份恢复。") from None


def _require(people: Sequence[PersonRow], old: Policy, new: Policy) -> None:
    """Refuse what would leave people without their role, or nobody to manage them."""
    require_roles(people, old, new)
    require_manager(people, people, old, new)


def require_roles(people: Sequence[PersonRow], old: Policy, new: Policy) -> None:
    """Refuse to remove a role that somebody has.

    Raises:
        BadRole
    """
    held = [row.role for row in people if row.disabled_at is None]
    for name, role in old.roles.items():
        if name in held and name not in new.roles:
            raise BadRole(
                f"还有 {held.count(name)} 个账号的角色是“{role.label}”，不能删除它；请先给他们换角色或停用账号。"
            )


def require_manager(before: Sequence[PersonRow], after: Sequence[PersonRow], old: Policy, new: Policy) -> None:
    """Refuse a change after which nobody could sign in and manage people any more.

    Raises:
        LastAdministrator
    """
    if _managers(before, old) and not _managers(after, new):
        raise LastAdministrator


def _managers(people: Sequence[PersonRow], policy: Policy) -> int:
    able = {role.name for role in policy.roles.values() if Ability.MANAGE_PEOPLE in role.abilities}
    return sum(row.disabled_at is None and bool(row.password) and row.role in able for row in people)
