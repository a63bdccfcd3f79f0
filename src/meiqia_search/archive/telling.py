"""Looks into the audit, and what is done about it, are themselves audited before anything leaves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import Ability
from meiqia_search.archive.answers import Caller
from meiqia_search.audit.events import OK, Action, Event
from meiqia_search.errors import ArchiveError
from meiqia_search.records.audit import AuditLog


@dataclass(slots=True)
class Told:
    """What the audit will say."""

    sentence: str = ""
    ids: tuple[str, ...] = ()
    count: int = 0
    outcome: str = OK


class Telling:
    """Lets those do something who have the ability for it, and commits that they did, or were refused."""

    def __init__(self, audit: AuditLog, policy: Callable[[], Policy]) -> None:
        self._audit = audit
        self._policy = policy

    @contextmanager
    def of(
        self, caller: Caller, action: Action, ability: Ability = Ability.READ_AUDIT, told: Told | None = None
    ) -> Iterator[Told]:
        """Something that the caller does in this block; it is on disk when the block is left.

        Raises:
            ActionNotAllowed
            AuditUnavailable: it cannot be recorded, so it must not happen.
        """
        scope, told = caller.scope(self._policy()), told or Told()
        try:
            scope.require(ability)
            yield told
        except ArchiveError as refused:
            told.outcome = refused.code
            raise
        except BaseException:
            told.outcome = "error"
            raise
        finally:
            event = Event(action, caller.actor, scope.version, told.sentence, told.ids, told.count, told.outcome)
            self._audit.append(event)
