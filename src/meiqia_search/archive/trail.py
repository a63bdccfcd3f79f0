"""The door to the audit: reading it needs the right to, and is itself audited."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from meiqia_search.acl.policy import Policy
from meiqia_search.archive import Archive, Caller
from meiqia_search.archive.telling import Telling, Told
from meiqia_search.audit.chain import Kept, Verdict, verify
from meiqia_search.audit.checkpoint import Checkpoint
from meiqia_search.audit.events import OK, Action, Event
from meiqia_search.audit.question import ABOUT, Question, sentence
from meiqia_search.errors import ArchiveError, AuditDamaged, AuditUnavailable, BadCursor, LimitExceeded, NotFound
from meiqia_search.privacy.passage import redacted
from meiqia_search.query.filter import Term
from meiqia_search.query.request import PAGE_SIZE, Search
from meiqia_search.records.audit import END, AuditLog
from meiqia_search.records.checkpoints import Checkpoints

CHUNK = 1_000
CHECK_S = 0.5
"""So long at most an export goes on without looking whether the caller still may."""
_CURSOR = re.compile("([<>])([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log has come, and what vouches for it.

    ``agrees`` says whether the log still has the entry that was signed last. ``verified`` is the last verification.
    """

    seq: int
    signed: Checkpoint | None
    agrees: bool
    verified: Kept | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of the log, newest first; ``newer`` and ``older`` lead on.

    ``uncertain`` counts entries that name only the first of their many records, and may be about these too.
    """

    rows: tuple[Kept, ...]
    total: int
    newer: str | None
    older: str | None
    sentence: str
    uncertain: int
    standing: Standing


def of_customer(archive: Archive, caller: Caller, customer: str) -> tuple[tuple[str, ...], int]:
    """The newest conversations of a customer, as many as can be asked about, and how many the caller sees.

    Raises:
        NotFound: there is none.
    """
    page = archive.search(caller, Search(Term("customer", (customer,)), size=ABOUT))
    if not page.rows:
        raise NotFound("没有找到这位客户的会话，或它们不在您的可见范围，因此无法追查谁看过。")
    return tuple(row.conversation.id for row in page.rows), page.total


class Trail:
    """Everything a person may ask of the audit."""

    def __init__(self, audit: AuditLog, checkpoints: Checkpoints, policy: Callable[[], Policy]) -> None:
        self._audit = audit
        self._checkpoints = checkpoints
        self._policy = policy
        self._telling = Telling(audit, policy)

    def read(self, caller: Caller, question: Question, cursor: str | None = None, size: int = 50) -> Leaf:
        """One page of the log.

        Raises:
            ActionNotAllowed
            BadCursor, LimitExceeded
            AuditDamaged: an entry is nothing that was ever written.
        """
        with self._telling.of(caller, Action.READ_AUDIT, told=_about(question)) as told:
            if not 1 <= size <= PAGE_SIZE:
                raise LimitExceeded(f"每页条数应为 1 到 {PAGE_SIZE}。")
            rows, newer, older = self._turn(question, cursor, size)
            told.count = self._audit.count(question)
            uncertain = self._audit.uncertain(question) if question.about else 0
            standing = self._standing()
        return Leaf(
            tuple(rows),
            told.count,
            f">{rows[0].entry.seq}" if rows and newer else None,
            f"<{rows[-1].entry.seq}" if rows and older else None,
            told.sentence,
            uncertain,
            standing,
        )

    def export(self, caller: Caller, question: Question, still: Callable[[], object] = lambda: None) -> Iterator[Kept]:
        """All entries that satisfy the question up to now, oldest first; recorded before the first is given.

        ``still`` is asked every half second; with the error it raises the entries end, and that is recorded.

        Raises:
            ActionNotAllowed
        """
        with self._telling.of(caller, Action.EXPORT_AUDIT, told=_about(question)) as told:
            last = self._audit.head().seq
            told.count = self._audit.count(question)
        return self._while(still, self._all(question, last), caller, question)

    def checkpoints(self, caller: Caller) -> bytes:
        """The signed checkpoints, for keeping them elsewhere.

        Raises:
            ActionNotAllowed
            AuditUnavailable: they cannot be read.
        """
        with self._telling.of(caller, Action.EXPORT_AUDIT) as told, _files():
            told.sentence = "检查点"
            return self._checkpoints.file.read_bytes()

    def verify(self, caller: Caller) -> Verdict:
        """Whether the log is what it was, from its first entry to its last.

        Raises:
            ActionNotAllowed
            AuditUnavailable: the checkpoints cannot be read.
        """
        with self._telling.of(caller, Action.VERIFY_AUDIT) as told:
            with _files():
                checkpoints = self._checkpoints.read()
            verdict = verify(self._audit.rows(), checkpoints)
            told.sentence, told.count = verdict.words, verdict.checked
            told.outcome = AuditDamaged.code if verdict.fault else OK
        return verdict

    def _turn(self, question: Question, cursor: str | None, size: int) -> tuple[list[Kept], bool, bool]:
        """The entries at a cursor, and whether there are newer and older ones."""
        direction, seq = _place(cursor) if cursor else ("<", END)
        if direction == ">":
            rows = self._audit.after(question, seq, size + 1)
            return rows[-size:], len(rows) > size, True
        rows = self._audit.before(question, seq, size + 1)
        return rows[:size], bool(cursor), len(rows) > size

    def _all(self, question: Question, last: int) -> Iterator[Kept]:
        seq = 0
        while seq < last and (rows := self._audit.after(question, seq, CHUNK)):
            yield from (row for row in reversed(rows) if row.entry.seq <= last)
            seq = rows[0].entry.seq

    def _while(
        self, still: Callable[[], object], rows: Iterator[Kept], caller: Caller, question: Question
    ) -> Iterator[Kept]:
        due = monotonic() + CHECK_S
        for given, row in enumerate(rows):
            if monotonic() >= due:
                with self._ending(caller, question, given):
                    still()
                due = monotonic() + CHECK_S
            yield row

    @contextmanager
    def _ending(self, caller: Caller, question: Question, given: int) -> Iterator[None]:
        """Record that an export ends before its end, and after how many entries."""
        try:
            yield
        except ArchiveError as refused:
            told = f"{sentence(question)}，中断"
            version = caller.scope(self._policy()).version
            self._audit.append(Event(Action.EXPORT_AUDIT, caller.actor, version, told, (), given, refused.code))
            raise

    def _standing(self) -> Standing:
        try:
            signed = self._checkpoints.last()
        except OSError:
            signed = None
        agrees = signed is not None and self._audit.hash_of(signed.seq) == signed.hash
        verified = self._audit.before(Question(actions=(Action.VERIFY_AUDIT,)), END, 1)
        return Standing(self._audit.head().seq, signed, agrees, verified[0] if verified else None)


def _about(question: Question) -> Told:
    return Told(sentence(question), tuple(map(redacted, question.about)))


def _place(cursor: str) -> tuple[str, int]:
    """``<7``: before the entry of this number; ``>7``: behind it."""
    parts = _CURSOR.fullmatch(cursor)
    if parts is None:
        raise BadCursor
    return parts[1], int(parts[2])


@contextmanager
def _files() -> Iterator[None]:
    try:
        yield
    except OSError as broken:
        raise AuditUnavailable("检查点文件读不出来；请检查它所在的磁盘和权限。") from broken
