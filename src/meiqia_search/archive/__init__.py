"""The door: the only way by which conversations reach a person.

Every answer: request → scope → engine → ids → rows from the record → checked again → masked → audit row committed →
out. Without the audit row nothing leaves.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from meiqia_search import fields
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import ABILITY_LABELS, Ability
from meiqia_search.acl.scope import Scope, Scoped
from meiqia_search.aggregations.chart import Chart
from meiqia_search.aggregations.table import Table
from meiqia_search.archive.answers import (
    Caller,
    Disclosure,
    Looker,
    Neighbours,
    Notice,
    Offer,
    Page,
    Row,
    Snippet,
    Utterance,
    View,
)
from meiqia_search.archive.cursors import Cursors
from meiqia_search.archive.looking import LookUps
from meiqia_search.archive.marking import needles, notes, rows, utterances
from meiqia_search.archive.noticing import Noticing
from meiqia_search.archive.revealing import Reveals, Wish
from meiqia_search.audit.events import Action, Event
from meiqia_search.conversation import Conversation
from meiqia_search.engines.base import Reader
from meiqia_search.errors import ActionNotAllowed, ArchiveError, Busy, NotFound
from meiqia_search.fields import Value
from meiqia_search.privacy.passage import all_for_person, for_index, for_person, redacted, same_in_index
from meiqia_search.query.explain import why
from meiqia_search.query.filter import (
    EVERYTHING,
    NOTHING,
    TEXT,
    TEXT_LENGTH,
    And,
    Filter,
    Or,
    Text,
    both,
    leaves,
    reads,
    replaced,
)
from meiqia_search.query.meaning import Subject, matches, sort_key
from meiqia_search.query.names import Names, NoNames, Vocabulary
from meiqia_search.query.request import After, Relevance, Search, Sort
from meiqia_search.query.sentence import sentence
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.conversations import Conversations, Freshness

__all__ = [
    "Archive",
    "Caller",
    "Disclosure",
    "Looker",
    "Neighbours",
    "Notice",
    "Offer",
    "Page",
    "Row",
    "Snippet",
    "Utterance",
    "View",
    "Wish",
    "relaxed",
]

AT_ONCE = 4
"""Questions that one person may have under way."""
TIMEOUT_S = 10.0


@dataclass(slots=True)
class _Seen:
    """What an answer shows, filled in while it is made."""

    sentence: str
    ids: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Names, the ids of the conversations that one person may see, and what they may look up."""

    names: Names
    sees: Callable[[str], bool]
    look_up: Callable[[str, str], tuple[str, ...]]

    def ids(self, field: str, word: str) -> tuple[str, ...]:
        """Whose name or id this word is."""
        if field == "id":
            return (word,) if self.sees(word) else ()
        return self.names.ids(field, word)

    def name(self, field: str, value: Value) -> str:
        """How a value of a field is shown."""
        return self.names.name(field, value)

    def prints(self, field: str, value: str) -> tuple[str, ...]:
        """By what a personal value is asked for."""
        return self.look_up(field, value)


class Archive:
    """Everything a person may ask of the conversations."""

    def __init__(  # noqa: PLR0913 - its neighbours
        self,
        reader: Reader,
        conversations: Conversations,
        names: Names,
        audit: AuditLog,
        policy: Callable[[], Policy],
        secret: str,
        reveals: Reveals,
        look_ups: LookUps,
    ) -> None:
        self._reader = reader
        self._conversations = conversations
        self._audit = audit
        self._policy = policy
        self._cursors = Cursors(secret)
        self._reveals = reveals
        self._look_ups = look_ups
        self._places: dict[str, threading.BoundedSemaphore] = {}
        self.names = names

    def scope(self, caller: Caller) -> Scope:
        """What the caller may see."""
        return caller.scope(self._policy())

    def require(self, caller: Caller, ability: Ability) -> Scope:
        """What the caller may see, if they have this ability; a refusal is recorded.

        Raises:
            ActionNotAllowed
        """
        scope = self.scope(caller)
        try:
            scope.require(ability)
        except ActionNotAllowed as refused:
            words = ABILITY_LABELS[ability]
            self._audit.append(Event(Action.REFUSED, caller.actor, scope.version, words, outcome=refused.code))
            raise
        return scope

    def reaches(self, caller: Caller, scopes: Sequence[Scope], timeout: float = TIMEOUT_S) -> list[int]:
        """How many conversations each of these scopes sees: numbers only, for who decides about them.

        Raises:
            ActionNotAllowed
        """
        own = self.require(caller, Ability.MANAGE_PEOPLE)
        with self._audited(caller, own, Action.COUNT_REACH, EVERYTHING) as seen, self._place(caller):
            totals = {each.sees: self._total(each, timeout) for each in {each.sees: each for each in scopes}.values()}
            seen.count = len(totals)
        return [totals[each.sees] for each in scopes]

    def _total(self, scope: Scope, timeout: float) -> int:
        return 0 if scope.sees == NOTHING else self._reader.search(Scoped(Search(size=1), scope), timeout).total

    def vocabulary(self, caller: Caller) -> Vocabulary:
        """Names as the caller may use them in a question that they type; a personal value in it is looked up."""
        return self._vocabulary(caller, partial(self._look_ups.prints, caller, self.scope(caller)))

    def vocabulary_of_links(self, caller: Caller) -> Vocabulary:
        """The same for a question in an address, which holds no personal value: addresses are written down."""
        return self._vocabulary(caller, NoNames().prints)

    def _vocabulary(self, caller: Caller, look_up: Callable[[str, str], tuple[str, ...]]) -> Vocabulary:
        return _Vocabulary(self.names, lambda each: bool(self._visible(self.scope(caller), [each])), look_up)

    def search(
        self,
        caller: Caller,
        search: Search,
        cursor: str | None = None,
        timeout: float = TIMEOUT_S,
        told: Filter | None = None,
    ) -> Page:
        """One page of what was asked for, with the exact total.

        ``told`` is what the person asked, where the program made this question of it: so the audit has it.

        Raises:
            BadCursor: the cursor is damaged, or belongs to another person or question.
        """
        began = time.perf_counter()
        scope = self.scope(caller)
        if cursor:
            search = search.turned(self._cursors.unseal(cursor, scope, search))
        with self._audited(caller, scope, Action.SEARCH, told or search.where) as seen, self._place(caller):
            hits = self._reader.search(Scoped(search, scope), timeout)
            visible = self._visible(scope, [hit.id for hit in hits.hits])
            wanted = needles(search.where)
            shown = all_for_person(visible, scope.shows, scope.personal)
            lines = tuple(rows(shown, wanted, self.names))
            seen.ids, seen.count = tuple(each.id for each in visible), hits.total
            noticing = Noticing(self._reader, scope, self.names, timeout)
            notices = () if search.after else noticing.of(search.where, hits.total)
        return Page(
            lines,
            hits.total,
            self._cursors.seal(hits.next, scope, search),
            self._cursors.seal(hits.previous, scope, search),
            _worded(search.where, self.names),
            scope.label,
            time.perf_counter() - began,
            len(hits.hits) - len(lines),
            notices,
        )

    def notices(self, caller: Caller, where: Filter, timeout: float = TIMEOUT_S) -> tuple[Notice, ...]:
        """What a condition may have got wrong, without asking for its conversations."""
        scope = self.scope(caller)
        with self._audited(caller, scope, Action.COUNT, where), self._place(caller):
            return Noticing(self._reader, scope, self.names, timeout).of(where, 0)

    def charts(self, caller: Caller, charts: Sequence[Chart], timeout: float = TIMEOUT_S) -> list[Table]:
        """The counts of several charts, in order; recorded as one look."""
        scope = self.scope(caller)
        where = charts[0].where if charts else EVERYTHING
        with self._audited(caller, scope, Action.COUNT, where) as seen, self._place(caller):
            tables = [self._reader.chart(Scoped(chart, scope), timeout) for chart in charts]
            seen.count = len(tables)
        return tables

    def total(self, caller: Caller, where: Filter, timeout: float = TIMEOUT_S) -> int:
        """How many conversations satisfy the filter."""
        scope = self.scope(caller)
        with self._audited(caller, scope, Action.COUNT, where) as seen, self._place(caller):
            seen.count = self._reader.search(Scoped(Search(where, size=1), scope), timeout).total
        return seen.count

    def offers(self, caller: Caller, where: Filter, timeout: float = TIMEOUT_S) -> list[Offer]:
        """For a question without an answer: each condition that could be dropped, with the true number, never 0."""
        parts = where.parts if isinstance(where, And) else ()
        offers = []
        for dropped in parts if len(parts) > 1 else ():
            rest = both(*(part for part in parts if part is not dropped))
            offers.append(Offer(dropped, rest, self.total(caller, rest, timeout)))
        return [offer for offer in offers if offer.total]

    def read(self, caller: Caller, conversation_id: str, where: Filter = EVERYTHING) -> View:
        """A whole conversation, with what the filter searches for marked. Reads the record alone.

        Raises:
            NotFound: absent or forbidden.
        """
        scope = self.scope(caller)
        with self._audited(caller, scope, Action.READ, where) as seen:
            seen.ids, seen.sentence = (conversation_id,), seen.sentence if where != EVERYTHING else ""
            found = self._one(scope, conversation_id)
            disclosure = self._reveals.disclosure(caller, scope, found)
            seen.sentence = "；".join(filter(None, (seen.sentence, disclosure.sentence)))
            seen.count = 1
        shown = for_person(found, *scope.forms(disclosure.opened))
        wanted = needles(where)
        return View(
            shown,
            tuple(utterances(shown, wanted, self.names)),
            notes(shown, wanted),
            scope.label,
            scope.sees_card,
            disclosure,
        )

    def reveal(self, caller: Caller, wish: Wish, confirm: Callable[[], None]) -> int:
        """Let the caller's session see something clear for five minutes; until when.

        Raises:
            NotFound, ActionNotAllowed, BadValue, ReasonNeeded, QuotaUsedUp: as :meth:`Reveals.grant`.
        """
        scope = self.scope(caller)
        return self._reveals.grant(caller, scope, wish, lambda wanted: self._one(scope, wanted), confirm)

    def neighbours(
        self, caller: Caller, search: Search, conversation_id: str, timeout: float = TIMEOUT_S
    ) -> Neighbours:
        """What stands before and after a conversation in the result of a search in field order.

        Raises:
            NotFound: absent or forbidden.
        """
        scope = self.scope(caller)
        sort = search.sort if isinstance(search.sort, Sort) else Sort()
        with self._audited(caller, scope, Action.SEARCH, search.where) as seen, self._place(caller):
            here = After(sort_key(sort, self._one(scope, conversation_id)), conversation_id)
            back = After(here.key, here.id, backwards=True)
            before, behind = (
                self._reader.search(Scoped(Search(search.where, sort, 1, after), scope), timeout)
                for after in (back, here)
            )
            ids = [
                next((each.id for each in self._visible(scope, [h.id for h in hits.hits])), None)
                for hits in (before, behind)
            ]
            seen.ids, seen.count = tuple(each for each in ids if each), before.total
        return Neighbours(ids[0], ids[1], before.total)

    def explain(self, caller: Caller, where: Filter, conversation_id: str) -> str:
        """Why a conversation is not among the results, as a Chinese sentence.

        Raises:
            NotFound: absent or forbidden.
            FieldNotAllowed: the filter looks at what the caller may not.
        """
        scope = self.scope(caller)
        with self._audited(caller, scope, Action.EXPLAIN, where) as seen:
            seen.ids = (conversation_id,)
            Scoped(Search(where), scope)
            found = self._one(scope, conversation_id)
        return why(where, Subject(for_index(found, self._look_ups.newest())), self.names)

    def freshness(self) -> Freshness:
        """Up to when what came in can be found."""
        return self._conversations.freshness()

    def _one(self, scope: Scope, conversation_id: str) -> Conversation:
        found = self._visible(scope, [conversation_id]) if "\0" not in conversation_id else []
        if not found:
            raise NotFound("这个编号的会话不存在，或不在您的可见范围。")
        return found[0]

    def _visible(self, scope: Scope, ids: Sequence[str]) -> list[Conversation]:
        """The conversations of these ids that are there and that the scope sees, in this order.

        The index may be late: what counts is what the record says now.
        """
        stored = self._conversations.get(ids)
        found = (stored[each].conversation for each in ids if each in stored)
        seen = (lambda each: each) if same_in_index(reads(scope.sees)) else for_index
        return [each for each in found if matches(scope.sees, Subject(seen(each)))]

    @contextmanager
    def _place(self, caller: Caller) -> Iterator[None]:
        places = self._places.setdefault(caller.actor.person, threading.BoundedSemaphore(AT_ONCE))
        if not places.acquire(blocking=False):
            raise Busy(f"您同时进行的查询已有 {AT_ONCE} 个，请等其中一个结束。")
        try:
            yield
        finally:
            places.release()

    @contextmanager
    def _audited(self, caller: Caller, scope: Scope, action: Action, where: Filter) -> Iterator[_Seen]:
        """Commit what was seen, or that it failed, before anything leaves the block."""
        seen, outcome = _Seen(_told(where, self.names)), "error"
        try:
            yield seen
            outcome = "ok"
        except ArchiveError as refused:
            outcome = refused.code
            raise
        finally:
            self._audit.append(Event(action, caller.actor, scope.version, seen.sentence, seen.ids, seen.count, outcome))


def _worded(where: Filter, names: Names) -> str:
    """The question in words; of a question by a personal field only that, not the value."""
    asked = (fields.get(name) for name in sorted(reads(where) - {TEXT}))
    personal = [field.label for field in asked if field.personal is not None]
    return f"按{'、'.join(f'“{label}”' for label in personal)}查找" if personal else sentence(where, names)


def _told(where: Filter, names: Names) -> str:
    """The question as the audit has it.

    Words are looked at together: a number may be typed in pieces, of which each alone says nothing.
    """
    texts = list(dict.fromkeys(leaf for leaf in leaves(where) if isinstance(leaf, Text)))
    said = " ".join(text.words for text in texts)
    if (covered := redacted(said)) != said:
        for number, text in enumerate(texts):
            where = replaced(where, text, Text("…" if number else covered[:TEXT_LENGTH], text.speaker))
    return _worded(where, names)


def relaxed(where: Filter) -> Search | None:
    """The question with any of its words instead of all of them, by relevance; None when it has one word or none."""
    parts = where.parts if isinstance(where, And) else (where,)
    texts = [part for part in parts if isinstance(part, Text)]
    words = [Text(needle, text.speaker, exact=True) for text in texts for needle in text.needles]
    if len(words) < 2:
        return None
    rest = (part for part in parts if not isinstance(part, Text))
    return Search(both(*rest, Or(tuple(words))), Relevance())
