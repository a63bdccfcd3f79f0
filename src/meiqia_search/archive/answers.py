"""What the archive answers with; everything in it is already what the caller may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.reveal import Target
from meiqia_search.acl.scope import Scope, scope_for, scope_in_preview
from meiqia_search.audit.events import Actor, SeenAs, Visit
from meiqia_search.conversation import Conversation, Message, Speaker
from meiqia_search.query.filter import Filter
from meiqia_search.text.highlight import Fragment


@dataclass(frozen=True, slots=True)
class Looker:
    """Who really looks in a preview, and the login of whom they look as."""

    principal: Principal
    seen_login: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and from where.

    With ``policy`` everything that goes into one answer obeys the same roles, also if they change meanwhile; without it
    each question obeys those that are in force then. With ``looker`` it is a preview: somebody else asks, to see what
    this principal would.
    """

    principal: Principal
    visit: Visit
    policy: Policy | None = None
    looker: Looker | None = None

    def scope(self, policy: Policy) -> Scope:
        """What the caller may see, under this policy where they bring none; in a preview no more than either sees."""
        policy = self.policy or policy
        if self.looker is None:
            return scope_for(self.principal, policy)
        return scope_in_preview(self.principal, self.looker.principal, policy)

    @property
    def actor(self) -> Actor:
        """The caller as the audit keeps them: who really looks."""
        if self.looker is None:
            return Actor(self.principal.id, self.principal.role, self.visit)
        who, seen_as = self.looker.principal, SeenAs(self.principal.id, self.looker.seen_login)
        return Actor(who.id, who.role, self.visit, seen_as)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A message of a found conversation, cut around its first hit; ``message`` is its id ('' for a note)."""

    speaker: Speaker
    name: str
    message: str
    fragment: Fragment


@dataclass(frozen=True, slots=True)
class Row:
    """One found conversation; ``hits`` counts the messages and notes in which something was found."""

    conversation: Conversation
    snippets: tuple[Snippet, ...]
    hits: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What a question may have got wrong, in a Chinese sentence without its full stop.

    ``ways`` are questions that may have been meant, by what they are called; ``lead`` introduces them. ``field`` is ''
    where it is about a word.
    """

    text: str
    field: str
    value: str
    ways: tuple[tuple[str, Filter], ...] = ()
    lead: str = "有的是"


@dataclass(frozen=True, slots=True)
class Page:
    """What a search answers.

    ``next`` and ``previous`` are opaque and belong to this person and question. ``lost`` counts hits that the record no
    longer has or that this person may no longer see.
    """

    rows: tuple[Row, ...]
    total: int
    next: str | None
    previous: str | None
    sentence: str
    reach: str
    seconds: float
    lost: int
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message in pieces that are hits (True) or not."""

    message: Message
    name: str
    pieces: tuple[tuple[str, bool], ...]
    hit: bool


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What of a conversation is clear for a while.

    ``opened`` says until when, ``offered`` what else could be, ``withheld`` whether the card has covered values that
    could not, ``left`` how many reveals remain to the person today, ``at`` when all this is.
    """

    opened: Mapping[Target, int]
    offered: tuple[Target, ...]
    withheld: bool
    left: int
    at: int

    @property
    def sentence(self) -> str:
        """What is clear just now, for the audit."""
        return f"显示明文：{'、'.join(each.label for each in self.opened)}" if self.opened else ""


@dataclass(frozen=True, slots=True)
class View:
    """A whole conversation; ``notes`` are its texts about itself (小结, 主题 …) by field, in pieces like messages.

    ``card`` says whether this person sees anything of the customer's card at all.
    """

    conversation: Conversation
    utterances: tuple[Utterance, ...]
    notes: Mapping[str, tuple[tuple[str, bool], ...]]
    reach: str
    card: bool
    disclosure: Disclosure


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The conversations before and after one in a result, and the size of the result."""

    previous: str | None
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A condition that could be left out, and how many conversations would then be found."""

    dropped: Filter
    rest: Filter
    total: int
