"""How conversations are put into words. What comes here is already masked."""

from dataclasses import dataclass
from urllib.parse import quote

from meiqia_search import clock
from meiqia_search.archive import Row, Snippet
from meiqia_search.conversation import Conversation
from meiqia_search.query.names import Names
from meiqia_search.text.highlight import LEAD
from meiqia_search.web.asked import Asked, address, sort_name

_ICONS = {
    "web": ("world", "ch ch-web"),
    "wechat": ("brand-wechat", "ch ch-wechat"),
    "weibo": ("brand-weibo", "ch ch-weibo"),
    "app": ("device-mobile", "ch ch-app"),
    "email": ("mail", "ch ch-mail"),
    "phone": ("phone", "ch ch-phone"),
}
_FACES = {"good": ("mood-smile", "rate good"), "fair": ("mood-neutral", "rate"), "poor": ("mood-sad", "rate bad")}


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with an icon."""

    icon: str
    style: str
    label: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A message cut around its first hit, short before it: a list shows only so much of a line."""

    name: str
    pieces: tuple[tuple[str, bool], ...]
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One result, in words."""

    row: Row
    quotes: tuple[Quote, ...]
    anchor: str
    href: str
    who: str
    contact: str
    channel: Badge | None
    kind: str
    about: str
    agents: str
    by: str
    started_at: int | None
    lasting: str
    rating: Badge | None


def line(row: Row, names: Names, asked: Asked) -> Line:
    """A result as the list shows it."""
    each = row.conversation
    return Line(
        row,
        tuple(_quote(snippet) for snippet in row.snippets),
        anchor(each.id),
        reading(each.id, asked, row.snippets[0].message if row.snippets and row.hits else ""),
        customer(each),
        contact(each),
        channel(each, names),
        names.name("type", each.text("type")) if each.text("type") else "",
        about(each, names),
        " → ".join(names.name("agent", agent) for agent in each.values("agent")) or "无客服",
        _by(each),
        each.number("started_at"),
        _lasting(each),
        rating(each, names),
    )


def _quote(snippet: Snippet) -> Quote:
    fragment = snippet.fragment
    (text, hit), rest = (fragment.pieces or (("", False),))[0], fragment.pieces[1:]
    long = not hit and bool(rest) and len(text) > LEAD
    pieces = ((text[-LEAD:], False), *rest) if long else fragment.pieces
    return Quote(snippet.name, pieces, fragment.cut_before or long, fragment.cut_after)


def anchor(conversation_id: str) -> str:
    """Where in the list a conversation stands."""
    return f"c-{quote(conversation_id, safe='')}"


def reading(conversation_id: str, asked: Asked, message: str = "") -> str:
    """The address of a conversation, with the search it was found by and the first hit."""
    pairs = [pair for pair in asked.pairs if pair[0] not in {"sort", "more"}]
    pairs.append(("sort", sort_name(asked.sort)))
    path = address(f"/conversations/{quote(conversation_id, safe='')}", pairs)
    return f"{path}#m-{quote(message, safe='')}" if message else path


def customer(each: Conversation) -> str:
    """What the customer is called."""
    name = each.text("customer_name")
    number = each.text("customer")
    return name or (f"访客 {number[-4:].upper()}" if number else "访客")


def contact(each: Conversation) -> str:
    """How the customer can be reached."""
    for field in ("phone", "email"):
        if each.text(field):
            return each.text(field)
    for field, words in (("wechat_id", "微信账号"), ("weibo_id", "微博账号"), ("qq", "QQ 账号")):
        if each.text(field):
            return words
    return "未留联系方式"


def channel(each: Conversation, names: Names) -> Badge | None:
    """The channel, an unknown one by its own name."""
    value = each.text("channel")
    icon, style = _ICONS.get(value, ("message-circle", "ch ch-other"))
    return Badge(icon, style, names.name("channel", value)) if value else None


def about(each: Conversation, names: Names) -> str:
    """What it was about."""
    return " / ".join(names.name(field, each.text(field)) for field in ("category", "topic") if each.text(field))


def rating(each: Conversation, names: Names) -> Badge | None:
    """How the customer rated it."""
    value = each.text("rating")
    icon, style = _FACES.get(value, ("mood-neutral", "rate"))
    return Badge(icon, style, names.name("rating", value)) if value else None


def _by(each: Conversation) -> str:
    transfers = each.number("transfers") or max(len(each.values("agent")) - 1, 0)
    if transfers:
        return f"转接 {transfers} 次"
    first = each.number("first_response")
    if first is not None:
        return f"首响 {clock.show_duration(first)}"
    return "机器人转入" if each.text("bot_handover") == "yes" else ""


def _lasting(each: Conversation) -> str:
    seconds = each.number("duration")
    return "" if seconds is None else f"时长 {clock.show_duration(seconds)}"
