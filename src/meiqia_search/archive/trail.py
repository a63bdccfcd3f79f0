"""The door to the audit: reading it needs the right to, and is itself audited."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import Ability
from meiqia_search.acl.scope import scope_for
from meiqia_search.archive.answers import Caller
from meiqia_search.audit.anomalies import Alert, alerts
from meiqia_search.audit.chain import Entry, Verdict, verify
from meiqia_search.audit.events import Action, Event
from meiqia_search.errors import ArchiveError, AuditUnavailable
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.checkpoints import Checkpoints

_COLUMNS = len(Entry.__struct_fields__) + 1
"""Of a row of the log that can be read: an entry and its hash."""
DAMAGED = "audit-damaged"
"""The outcome of a verification that found a fault."""


@dataclass(slots=True)
class _Told:
    """What the audit will say of a look into it."""

    sentence: str = ""
    count: int = 0
    outcome: str = "ok"


class Trail:
    """Everything a person may ask of the audit."""

    def __init__(self, audit: AuditLog, checkpoints: Checkpoints, policy: Callable[[], Policy]) -> None:
        self._audit = audit
        self._checkpoints = checkpoints
        self._policy = policy

    def verify(self, caller: Caller) -> Verdict:
        """Whether the log is what it was, from its first entry to its last.

        Raises:
            ActionNotAllowed
            AuditUnavailable: the checkpoints cannot be read.
        """
        with self._audited(caller, Action.VERIFY_AUDIT) as told:
            try:
                checkpoints = self._checkpoints.read()
            except OSError as broken:
                raise AuditUnavailable("检查点文件读不出来；请检查它所在的磁盘和权限。") from broken
            verdict = verify(self._audit.rows(), checkpoints)
            told.sentence, told.count = f"到第 {verdict.last} 条", verdict.checked
            told.outcome = DAMAGED if verdict.fault else "ok"
        return verdict

    def alerts(self, caller: Caller) -> list[Alert]:
        """What in the log looks unusual, the newest first.

        Raises:
            ActionNotAllowed
        """
        with self._audited(caller, Action.LIST_ALERTS) as told:
            readable = (Entry(*row[:-1]) for row in self._audit.rows() if len(row) == _COLUMNS and row[1] is not None)
            found = sorted(alerts(readable), key=lambda alert: -alert.ended_at)
            told.count = len(found)
        return found

    @contextmanager
    def _audited(self, caller: Caller, action: Action) -> Iterator[_Told]:
        """Let who may read the audit do so, and commit that they did, before anything leaves the block."""
        told, scope = _Told(), scope_for(caller.principal, caller.policy or self._policy())
        try:
            scope.require(Ability.READ_AUDIT)
            yield told
        except ArchiveError as refused:
            told.outcome = refused.code
            raise
        except BaseException:
            told.outcome = "error"
            raise
        finally:
            event = Event(action, caller.actor, scope.version, told.sentence, (), told.count, told.outcome)
            self._audit.append(event)
