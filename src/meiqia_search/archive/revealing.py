"""Seeing covered values clear for a while: with the right to, a reason, and not too often on one day."""

from collections.abc import Callable
from dataclasses import dataclass

from meiqia_search import clock
from meiqia_search.acl import reveal
from meiqia_search.acl.reveal import Target
from meiqia_search.acl.role import Ability
from meiqia_search.acl.scope import Scope
from meiqia_search.archive.answers import Caller, Disclosure
from meiqia_search.audit.events import OK, Action, Event
from meiqia_search.clock import SECOND
from meiqia_search.conversation import Conversation
from meiqia_search.errors import ActionNotAllowed, ArchiveError, BadValue, QuotaUsedUp
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.passage import kinds_in_texts
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.reveals import RevealRecord, RevealRow
from meiqia_search.text.written import written

LASTS = 5 * 60 * SECOND
"""At most; it ends with a whole second."""
_CARD = {name: Target(field.personal, name) for name, field in FIELDS.items() if field.personal is not None}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to see clear of a conversation, and why."""

    conversation: str
    target: Target
    reason: str


class Reveals:
    """Every reveal and every refused one is in the audit: what and why, never the value."""

    def __init__(self, record: RevealRecord, audit: AuditLog, now: Callable[[], int] = clock.now) -> None:
        self._record = record
        self._audit = audit
        self._now = now

    def disclosure(self, caller: Caller, scope: Scope, conversation: Conversation) -> Disclosure:
        """What of a conversation this session sees clear for a while, what else it could, and what it could not."""
        at = self._now()
        opened = self._opened(caller, scope, conversation.id, at) if scope.reveals else {}
        card = [target for name, target in _CARD.items() if name in conversation.facts]
        texts = kinds_in_texts(conversation) if scope.reveals else frozenset()
        there = [*card, *(Target(kind) for kind in Personal if kind in texts)]
        return Disclosure(
            opened,
            tuple(each for each in there if scope.may_reveal(each) and not {each, Target(each.kind)} & opened.keys()),
            any(scope.covers(each) and not scope.may_reveal(each) for each in card),
            self._left(scope, at) if scope.reveals else 0,
            at,
        )

    def _opened(self, caller: Caller, scope: Scope, conversation_id: str, at: int) -> dict[Target, int]:
        """Until when, as far as the role still allows it."""
        found = self._record.open(caller.principal.id, _sitting(caller), conversation_id, at)
        targets = {reveal.read(text): until for text, until in found.items()}
        return {target: until for target, until in targets.items() if scope.may_reveal(target)}

    def _left(self, scope: Scope, at: int) -> int:
        return max(scope.limits.reveals_a_day - self._record.count(scope.who.id, _midnight(at)), 0)

    def grant(
        self,
        caller: Caller,
        scope: Scope,
        wish: Wish,
        find: Callable[[str], Conversation],
        confirm: Callable[[], None],
    ) -> int:
        """Let this session see something clear for a while; until when.

        ``find`` gives a conversation that the scope sees. ``confirm`` makes sure that it is they who ask, or raises.

        Raises:
            NotFound: absent or forbidden.
            ActionNotAllowed: the role does not allow it.
            BadValue: nothing of that kind is covered there.
            ReasonNeeded, QuotaUsedUp
        """
        at = self._now()
        until = (at + LASTS) // SECOND * SECOND
        row = RevealRow(caller.principal.id, _sitting(caller), wish.conversation, str(wish.target), at, until)
        most = scope.limits.reveals_a_day

        def tell(outcome: str) -> None:
            words = f"{wish.target.label}，理由：{written(wish.reason)[: reveal.REASON_LONGEST]}"
            seen, count = (wish.conversation,), int(outcome == OK)
            self._audit.append(Event(Action.REVEAL, caller.actor, scope.version, words, seen, count, outcome))

        try:
            _require(scope, wish.target, find(wish.conversation))
            reveal.require_reason(wish.reason)
            confirm()
            if not self._record.add(row, _midnight(at), most, lambda: tell(OK)):
                raise QuotaUsedUp(f"您今天查看明文的次数（{most:,} 次）已用完；请明天再试，或联系管理员。")
        except ArchiveError as refused:
            tell(refused.code)
            raise
        return until


def _sitting(caller: Caller) -> str:
    """For as long as what is clear may be seen: the session, or, without one, this one command."""
    return caller.visit.session or caller.visit.trace


def _midnight(at: int) -> int:
    return clock.start_of_day(clock.today(at))


def _require(scope: Scope, target: Target, conversation: Conversation) -> None:
    scope.require(Ability.REVEAL)
    if target.kind not in scope.reveals:
        raise ActionNotAllowed(f"您的角色不能查看{target.label}的明文；如需使用，请联系管理员。")
    if not scope.covers(target):
        raise BadValue(f"{target.label}对您本来就是明文，不用再申请。")
    in_texts = not target.field and target.kind in kinds_in_texts(conversation)
    if not (in_texts or target.fields & conversation.facts.keys()):
        raise BadValue(f"没有{target.label}，因此没有什么可以查看。")
