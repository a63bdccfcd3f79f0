"""Signing in and out, who is behind a cookie, and what is open elsewhere."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn

from meiqia_search import clock
from meiqia_search.accounts import passwords
from meiqia_search.accounts.people import People, Person, folded, person_of
from meiqia_search.accounts.preview import Previews
from meiqia_search.accounts.throttle import Throttle
from meiqia_search.audit.events import OK, Action, Actor, Event, Visit
from meiqia_search.clock import SECOND
from meiqia_search.errors import NotFound, NotSignedIn, PasswordNeeded, SignInFailed, TooManyAttempts
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Database
from meiqia_search.records.people import PersonRow
from meiqia_search.records.sessions import Found, SessionRecord, SessionRow

LONGEST = 12 * 3_600 * SECOND
IDLE = 30 * 60 * SECOND
SEEN_EVERY = 60 * SECOND
"""So often at most it is written down that a session is in use."""
CONFIRMED_FOR = 5 * 60 * SECOND
"""So long a password that was given again allows changes of rights."""
PROGRAM_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person; ``csrf`` goes into their forms, ``confirmed`` says that the password was given again.

    ``preview`` is as whom they look.
    """

    id: str
    person: Person
    csrf: str
    confirmed: bool
    preview: Person | None


@dataclass(frozen=True, slots=True)
class Open:
    """A session in a list: since when, when last used, from where and with what."""

    id: str
    created_at: int
    seen_at: int
    address: str
    program: str


class SignIn:
    """Sessions of people. The cookie holds 256 random bits, the record only their digest."""

    def __init__(self, people: People, database: Database, audit: AuditLog, now: Callable[[], int] = clock.now) -> None:
        self._people = people.record
        self._sessions = SessionRecord(database)
        self._throttle = Throttle(database)
        self._audit = audit
        self._roles = people.roles
        self._now = now
        self._previews = Previews(people, self._sessions, audit, now)

    def sign_in(self, login: str, password: str, visit: Visit, program: str = "") -> str:
        """The new session's token; ``program`` is what the browser says it is.

        Raises:
            SignInFailed: the same for an unknown person, a disabled one and a wrong password.
            TooManyAttempts: says how long to wait.
        """
        login = folded(login) or login
        row = self._people.by_login(login) if folded(login) else None
        self._count(Action.SIGN_IN_FAILED, login, None, visit)
        if not self._is_right(row, password) or row is None:
            self._note(Action.SIGN_IN_FAILED, row, visit, SignInFailed.code)
            raise SignInFailed
        self._throttle.succeeded(login, visit.address, self._now())
        return self._begin(row, password, visit, program)

    def _count(self, action: Action, login: str, row: PersonRow | None, visit: Visit) -> None:
        try:
            self._throttle.count(login, visit.address, self._now())
        except TooManyAttempts as refused:
            self._note(action, row, visit, refused.code)
            raise

    def _is_right(self, row: PersonRow | None, password: str) -> bool:
        """Takes as long for nobody as for somebody."""
        known = row is not None and row.disabled_at is None
        stored = row.password if row is not None and known else ""
        return passwords.fits(stored, password[: passwords.LONGEST + 1])

    def _begin(self, row: PersonRow, password: str, visit: Visit, program: str) -> str:
        if passwords.outdated(row.password):
            self._people.set_password(row.id, passwords.hashed(password), end_sessions=False)
        self._note(Action.SIGN_IN, row, visit, "ok")
        token, at = secrets.token_urlsafe(32), self._now()
        self._sessions.purge(at - LONGEST, at - IDLE)
        self._sessions.begin(
            SessionRow(
                _digest(token), secrets.token_hex(6), row.id, at, at, visit.address, program[:PROGRAM_LENGTH], 0, "", 0
            )
        )
        return token

    def session(self, token: str) -> Session | None:
        """Who is behind a token; nobody where the session is too old, unused for too long, or the person disabled."""
        found = self._holding(token)
        if found is None:
            return None
        kept, at = found.session, self._now()
        if at - kept.seen_at >= SEEN_EVERY:
            self._sessions.change(kept.token, seen_at=at)
        confirmed = at - kept.confirmed_at < CONFIRMED_FOR
        return Session(kept.id, person_of(found.person), _csrf(token), confirmed, self._previews.of(found))

    def _holding(self, token: str) -> Found | None:
        found, at = self._sessions.find(_digest(token)), self._now()
        if found is None or at - found.session.created_at >= LONGEST or at - found.session.seen_at >= IDLE:
            return None
        return found

    def confirm(self, token: str, password: str, visit: Visit) -> None:
        """Take the password again; for a few minutes this session may change rights.

        Raises:
            PasswordNeeded: it is not the right one.
            TooManyAttempts: says how long to wait.
            NotSignedIn
        """
        found = self._holding(token)
        if found is None:
            raise NotSignedIn
        row = found.person
        self._count(Action.CONFIRM, row.login, row, visit)
        if not self._is_right(row, password):
            self._note(Action.CONFIRM, row, visit, PasswordNeeded.code)
            raise PasswordNeeded("密码不对，没有任何改动。请输入您自己现在的密码。")
        self._throttle.succeeded(row.login, visit.address, self._now())
        self._note(Action.CONFIRM, row, visit, "ok")
        self._sessions.change(found.session.token, confirmed_at=self._now())

    def sign_out(self, token: str, visit: Visit) -> None:
        """End the session."""
        found = self._sessions.find(_digest(token))
        if found is not None:
            self._previews.end(found, visit)
            self._note(Action.SIGN_OUT, found.person, visit, "ok")
            self._sessions.end(_digest(token))

    def begin_preview(self, token: str, seen: Person, by: Actor) -> None:
        """Let this session look as somebody else; that its person may do so is for the caller to know.

        Raises:
            BadValue: the account is disabled.
        """
        self._previews.begin(_digest(token), seen, by)

    def end_preview(self, token: str, visit: Visit) -> Person | None:
        """Let this session look as its own person again; as whom it looked."""
        found = self._holding(token)
        return self._previews.end(found, visit) if found else None

    def refuse_in_preview(self, by: Actor) -> NoReturn:
        """Nothing is changed in a preview.

        Raises:
            ReadOnlyPreview
        """
        self._previews.refuse(by)

    def sessions(self, person: Person, by: Actor) -> list[Open]:
        """Where a person is signed in, the last used first."""
        at = self._now()
        found = self._sessions.of(person.id, at - LONGEST, at - IDLE)
        self._record(Action.LIST_SESSIONS, by, person.login, len(found), person.id)
        return [Open(each.id, each.created_at, each.seen_at, each.address, each.program) for each in found]

    def end(self, person: Person, session_id: str, by: Actor) -> None:
        """End a session of a person; its next request is refused.

        Raises:
            NotFound
        """
        told = f"{person.login} 的登录 {session_id[:12]}"
        if session_id not in {each.id for each in self._sessions.of(person.id, 0, 0)}:
            self._record(Action.END_SESSION, by, told, 0, person.id, NotFound.code)
            raise NotFound("这次登录已经结束。")
        self._record(Action.END_SESSION, by, told, 1, person.id)
        self._sessions.end_of(person.id, session_id)

    def _note(self, action: Action, row: PersonRow | None, visit: Visit, outcome: str) -> None:
        by = Actor(row.id, row.role, visit) if row else Actor("", "", visit)
        self._audit.append(Event(action, by, self._roles.current().version, outcome=outcome))

    def _record(  # noqa: PLR0913 - the parts of an event
        self, action: Action, by: Actor, sentence: str, count: int, of: str, outcome: str = OK
    ) -> None:
        self._audit.append(Event(action, by, self._roles.current().version, sentence, (of,), count, outcome))


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _csrf(token: str) -> str:
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"form", sha256).hexdigest()
