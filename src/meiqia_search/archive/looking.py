"""Finding by a personal value: with the right to, by all of it, not too often, and never without a trace."""

from collections.abc import Callable

from meiqia_search import clock, fields
from meiqia_search.acl.scope import Scope
from meiqia_search.archive.answers import Caller
from meiqia_search.audit.events import OK, Action, Event
from meiqia_search.clock import SECOND
from meiqia_search.errors import ArchiveError, BadValue, TooManyLookUps
from meiqia_search.fields import EXACT, Personal
from meiqia_search.privacy.fingerprint import Key, fingerprints
from meiqia_search.records.attempts import AttemptRecord, AttemptRow
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.keyring import KeyRing

MINUTE = 60 * SECOND
_TOLD = 11
"""So much of a fingerprint tells the same value from others in the audit, and leads back to none."""
_WHOLE = {
    Personal.PHONE: "完整的手机号码（11 位）、带区号的座机号码，或以 + 和国家代码开头的号码",
    Personal.EMAIL: "完整的邮箱地址",
    Personal.ID_CARD: "完整的身份证号码（15 或 18 位）",
}


class LookUps:
    """Turns personal values into fingerprints. Each one asked for is in the audit, also if it was refused."""

    def __init__(
        self, keys: KeyRing, attempts: AttemptRecord, audit: AuditLog, most: int, now: Callable[[], int] = clock.now
    ) -> None:
        self._keys = keys
        self._attempts = attempts
        self._audit = audit
        self._most = most
        self._now = now

    def prints(self, caller: Caller, scope: Scope, name: str, value: str) -> tuple[str, ...]:
        """The fingerprints of a value, under every key.

        Raises:
            FieldNotAllowed: not by this field.
            BadValue: not by a part of a value.
            TooManyLookUps: says when it can be tried again.
        """
        found: tuple[str, ...] = ()
        outcome = "error"
        try:
            scope.require_finding_by(name)
            found = fingerprints(EXACT[name], value, self._keys.live())
            if not found:
                raise _partial(name)
            self._count(caller.actor.person)
            outcome = OK
        except ArchiveError as refused:
            outcome = refused.code
            raise
        finally:
            words = f"{fields.get(name).label} {found[-1][:_TOLD] if found else ''}".strip()
            self._audit.append(Event(Action.LOOK_UP, caller.actor, scope.version, words, outcome=outcome))
        return found

    def newest(self) -> Key:
        """The key whose fingerprints every look-up asks for."""
        return self._keys.newest()

    def _count(self, person: str) -> None:
        """One more in this minute, which begins with the first."""
        key, now = f"look-up:{person}", self._now()

        def decide(rows: dict[str, AttemptRow]) -> dict[str, AttemptRow]:
            had, _, began = rows[key]
            if now - began >= MINUTE:
                had, began = 0, now
            if had >= self._most:
                seconds = -(-(began + MINUTE - now) // SECOND)
                raise TooManyLookUps(f"每分钟最多查找 {self._most:,} 次；请 {seconds} 秒后再试。", retry_after=seconds)
            return {key: AttemptRow(had + 1, 0, began)}

        self._attempts.change([key], decide)


def _partial(name: str) -> BadValue:
    """What was asked for is not told: it may be half a number."""
    field = fields.get(name)
    whole = _WHOLE.get(EXACT[name], "完整的值")
    return BadValue(f"只能按整个{field.label}查找：请写{whole}。", field=name)
