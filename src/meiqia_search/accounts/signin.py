"""Signing in and out, and who is behind a cookie."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from meiqia_search import clock
from meiqia_search.accounts import passwords
from meiqia_search.accounts.people import People, Person, folded, person_of
from meiqia_search.accounts.throttle import Throttle
from meiqia_search.audit.events import Action, Actor, Event, Visit
from meiqia_search.clock import SECOND
from meiqia_search.errors import SignInFailed, TooManyAttempts
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Database
from meiqia_search.records.people import PersonRow
from meiqia_search.records.sessions import SessionRecord

LONGEST = 12 * 3_600 * SECOND
IDLE = 2 * 3_600 * SECOND
SEEN_EVERY = 60 * SECOND
"""So often at most it is written down that a session is in use."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person; ``csrf`` goes into their forms."""

    person: Person
    csrf: str


class SignIn:
    """Sessions of people. The cookie holds 256 random bits, the record only their digest."""

    def __init__(self, people: People, database: Database, audit: AuditLog, now: Callable[[], int] = clock.now) -> None:
        self._people = people.record
        self._sessions = SessionRecord(database)
        self._throttle = Throttle(database)
        self._audit = audit
        self._roles = people.roles
        self._now = now

    def sign_in(self, login: str, password: str, visit: Visit) -> str:
        """The new session's token.

        Raises:
            SignInFailed: the same for an unknown person, a disabled one and a wrong password.
            TooManyAttempts: says how long to wait.
        """
        login, at = folded(login) or login, self._now()
        try:
            self._throttle.count(login, visit.address, at)
        except TooManyAttempts as refused:
            self._note(Action.SIGN_IN_FAILED, None, visit, refused.code)
            raise
        row = self._people.by_login(login) if folded(login) else None
        if not self._is_right(row, password) or row is None:
            self._note(Action.SIGN_IN_FAILED, row, visit, SignInFailed.code)
            raise SignInFailed
        self._throttle.succeeded(login, visit.address, at)
        return self._begin(row, password, visit)

    def _is_right(self, row: PersonRow | None, password: str) -> bool:
        """Takes as long for nobody as for somebody."""
        known = row is not None and row.disabled_at is None
        stored = row.password if row is not None and known else ""
        return passwords.fits(stored, password[: passwords.LONGEST + 1])

    def _begin(self, row: PersonRow, password: str, visit: Visit) -> str:
        if passwords.outdated(row.password):
            self._people.set_password(row.id, passwords.hashed(password), end_sessions=False)
        self._note(Action.SIGN_IN, row, visit, "ok")
        token, at = secrets.token_urlsafe(32), self._now()
        self._sessions.purge(at - LONGEST, at - IDLE)
        self._sessions.begin(_digest(token), row.id, at)
        return token

    def session(self, token: str) -> Session | None:
        """Who is behind a token; nobody where the session is too old, unused for too long, or the person disabled."""
        found = self._sessions.find(_digest(token))
        at = self._now()
        if found is None or at - found.created_at >= LONGEST or at - found.seen_at >= IDLE:
            return None
        if at - found.seen_at >= SEEN_EVERY:
            self._sessions.seen(_digest(token), at)
        return Session(person_of(found.person), _csrf(token))

    def sign_out(self, token: str, visit: Visit) -> None:
        """End the session."""
        found = self._sessions.find(_digest(token))
        if found is not None:
            self._note(Action.SIGN_OUT, found.person, visit, "ok")
            self._sessions.end(_digest(token))

    def _note(self, action: Action, row: PersonRow | None, visit: Visit, outcome: str) -> None:
        by = Actor(row.id, row.role, visit) if row else Actor("", "", visit)
        self._audit.append(Event(action, by, self._roles.current().version, outcome=outcome))


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _csrf(token: str) -> str:
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"form", sha256).hexdigest()
