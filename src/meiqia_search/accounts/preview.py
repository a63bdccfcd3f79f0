"""Looking as somebody else: who manages people opens the program as one of them, to read and change nothing."""

from collections.abc import Callable
from typing import NoReturn

from meiqia_search import clock
from meiqia_search.accounts.people import People, Person, person_of
from meiqia_search.acl.role import Ability
from meiqia_search.audit.events import Action, Actor, Event, SeenAs, Visit
from meiqia_search.clock import SECOND
from meiqia_search.errors import BadValue, ReadOnlyPreview
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.sessions import Found, SessionRecord

LASTS = 30 * 60 * SECOND


class Previews:
    """A preview belongs to a session. It ends with it, on demand, after half an hour, and when a reason for it ends."""

    def __init__(
        self, people: People, sessions: SessionRecord, audit: AuditLog, now: Callable[[], int] = clock.now
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._audit = audit
        self._now = now

    def begin(self, token: bytes, seen: Person, by: Actor) -> None:
        """From now on this session looks as that person.

        Raises:
            BadValue: the account is disabled.
        """
        if seen.disabled:
            raise BadValue("这个账号已停用，什么也看不到；请选一个在用的账号预览。")
        self._tell("开始", by, seen)
        self._sessions.change(token, preview=seen.id, preview_until=self._now() + LASTS)

    def of(self, found: Found) -> Person | None:
        """As whom a session looks; a preview that may not go on ends here."""
        kept = found.session
        if not kept.preview:
            return None
        row = self._people.record.by_id(kept.preview)
        seen = person_of(row) if row and row.disabled_at is None else None
        if seen and self._now() < kept.preview_until and self._manages(found.person.role):
            return seen
        self.end(found, Visit("web", kept.address, session=kept.id))
        return None

    def end(self, found: Found, visit: Visit) -> Person | None:
        """End the preview of a session, where there is one; as whom it looked."""
        row = self._people.record.by_id(found.session.preview) if found.session.preview else None
        if row is None or not self._sessions.end_preview(found.session.token):
            return None
        self._tell("结束", Actor(found.person.id, found.person.role, visit), person_of(row))
        return person_of(row)

    def refuse(self, by: Actor) -> NoReturn:
        """Nothing is changed in a preview; that it was tried is recorded.

        Raises:
            ReadOnlyPreview
        """
        code = ReadOnlyPreview.code
        self._audit.append(Event(Action.REFUSED, by, self._people.policy.version, "改动", outcome=code))
        raise ReadOnlyPreview

    def _manages(self, role: str) -> bool:
        found = self._people.policy.roles.get(role)
        return found is not None and Ability.MANAGE_PEOPLE in found.abilities

    def _tell(self, what: str, by: Actor, seen: Person) -> None:
        as_seen = Actor(by.person, by.role, by.visit, SeenAs(seen.id, seen.login))
        self._audit.append(Event(Action.PREVIEW, as_seen, self._people.policy.version, what, count=1))
