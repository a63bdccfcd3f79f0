"""The search page."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search import clock, fields
from meiqia_search.acl.scope import Scope
from meiqia_search.archive import Page, relaxed
from meiqia_search.errors import ArchiveError, NotFound, Unavailable
from meiqia_search.query.filter import EVERYTHING, Filter, Text, both, leaves
from meiqia_search.query.names import Names
from meiqia_search.query.request import RELEVANT, Order, Relevance, Sort
from meiqia_search.query.sentence import phrase
from meiqia_search.web import asked as asking
from meiqia_search.web import facets, histogram
from meiqia_search.web.asked import Asked, Pairs, address, without
from meiqia_search.web.facets import Facet, Times
from meiqia_search.web.histogram import Histogram
from meiqia_search.web.problems import Problem, of
from meiqia_search.web.shown import Line, line
from meiqia_search.web.templating import render
from meiqia_search.web.visitor import Harmless, SignedIn, Visiting

router = APIRouter(include_in_schema=False)
SIZES = (20, 50, 100)
RELAXED = 10
SORTABLE = tuple(each for each in fields.FIELDS.values() if each.sortable)


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition, in force or paused; ``turn`` pauses or resumes it."""

    label: str
    value: str
    turn: str
    remove: str
    paused: bool


@dataclass(frozen=True, slots=True)
class Sorting:
    """A way to sort."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A condition that could be dropped, and how many would be found then."""

    label: str
    href: str
    total: int


@dataclass(slots=True)
class Found:
    """Everything the page shows. What was ``posted`` may be a personal value: it goes into no address or title."""

    asked: Asked
    chips: list[Chip] = field(default_factory=list)
    page: Page | None = None
    lines: list[Line] = field(default_factory=list)
    facets: list[Facet] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    times: Times | None = None
    keeps: list[tuple[str, str]] = field(default_factory=list)
    histogram: Histogram | None = None
    counted: bool = True
    orders: list[Sorting] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    loose: list[Line] = field(default_factory=list)
    loose_total: int = 0
    explained: str = ""
    posted: bool = False
    problem: Problem | None = None
    mistyped: bool = False


@router.get("/search")
def show(request: Request, visitor: Visiting) -> Response:
    """What was asked for: the whole page, or for htmx the part that changes."""
    params = request.query_params.multi_items()
    return _page(request, visitor, find(visitor, params))


async def sent(request: Request) -> Pairs:
    """What a form sends, whatever its fields."""
    return [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]


@router.post("/search")
def look_up(request: Request, visitor: Harmless, params: Annotated[Pairs, Depends(sent)]) -> Response:
    """From the box to an address: a personal value that was typed stands in it as its fingerprint."""
    archive, now = visitor.services.archive, clock.now()
    given = [pair for pair in params if pair[0] != "csrf"]
    with suppress(ArchiveError):  # what can be read without looking anything up may stand in an address as it is
        asked = asking.read(given, archive.vocabulary_of_links(visitor.caller), now)
        return RedirectResponse(address("/search", asked.given), 303)
    try:
        asked = asking.read(given, archive.vocabulary(visitor.caller), now)
    except ArchiveError as wrong:
        found = _mistyped(visitor, given, of(wrong))
        found.posted = True
        return _page(request, visitor, found)
    return RedirectResponse(address("/search", asked.pairs), 303)


def _page(request: Request, visitor: SignedIn, found: Found) -> Response:
    part = "hx-request" in request.headers and "hx-history-restore-request" not in request.headers
    body = render(
        "found.html" if part else "search.html",
        frame=visitor.frame,
        found=found,
        asked=found.asked,
        part=part,
        trace=visitor.visit.trace,
        sizes=[(size, found.asked.href(size=size)) for size in SIZES],
        names=visitor.services.archive.names,
        relevant=RELEVANT,
    )
    response = HTMLResponse(body, found.problem.status if found.problem else 200)
    response.headers.update(found.problem.headers if found.problem else {})
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Cookie, HX-Request"
    if part and not found.posted:
        kind = "HX-Replace-Url" if "hx-live" in request.headers else "HX-Push-Url"
        response.headers[kind] = address("/search", found.asked.given)
    return response


def find(visitor: SignedIn, params: Sequence[tuple[str, str]]) -> Found:
    """Answer the question; an error keeps what was typed and chosen."""
    names = visitor.services.archive.names
    try:
        asked = asking.read(params, visitor.services.archive.vocabulary_of_links(visitor.caller), clock.now())
    except ArchiveError as wrong:
        return _mistyped(visitor, params, of(wrong))
    scope = visitor.services.archive.scope(visitor.caller)
    found = Found(asked, chips(asked, names), orders=orders(asked, scope))
    try:
        _search(visitor, found)
    except ArchiveError as wrong:
        found.problem = of(wrong)
        return found
    _count(visitor, found)
    _explain(visitor, found)
    return found


def _mistyped(visitor: SignedIn, params: Sequence[tuple[str, str]], problem: Problem) -> Found:
    """Where the words are not understood, the filters are there all the same."""
    archive, unread = visitor.services.archive, asking.unread(params)
    try:
        names = archive.vocabulary_of_links(visitor.caller)
        rest = asking.read([pair for pair in params if pair[0] != "q"], names, clock.now())
        found = Found(replace(rest, typed=unread.typed, given=unread.given), chips(rest, archive.names))
        _count(visitor, found)
    except ArchiveError:
        return Found(unread, problem=problem)
    found.problem, found.mistyped = problem, True
    return found


def _search(visitor: SignedIn, found: Found) -> None:
    archive, asked = visitor.services.archive, found.asked
    timeout = visitor.services.settings.page_timeout_s
    found.page = archive.search(visitor.caller, asked.search, asked.after or None, timeout)
    found.lines = [line(row, archive.names, asked) for row in found.page.rows]
    if not found.page.total and asked.where != EVERYTHING:
        _console(visitor, found)


def _console(visitor: SignedIn, found: Found) -> None:
    """Nothing was found: what could be dropped, and what any of the words would find."""
    archive, asked = visitor.services.archive, found.asked
    timeout = visitor.services.settings.page_timeout_s
    for offer in archive.offers(visitor.caller, asked.where, timeout):
        found.ways.append(
            Way("".join(phrase_words(offer.dropped, archive.names)), asked.href(where=offer.rest), offer.total)
        )
    looser = relaxed(asked.where)
    if looser:
        page = archive.search(visitor.caller, looser, None, timeout, told=asked.where)
        shown = Asked(where=looser.where, sort=looser.sort)
        found.loose, found.loose_total = [line(row, archive.names, shown) for row in page.rows[:RELAXED]], page.total


def phrase_words(part: Filter, names: Names) -> tuple[str, str]:
    """Label and value of a condition, the value in quotes unless it has them."""
    label, value = phrase(part, names)
    return label, value if value.startswith("“") else f"“{value}”"


def _count(visitor: SignedIn, found: Found) -> None:
    """Facets and histogram; the results stand without them."""
    archive, asked = visitor.services.archive, found.asked
    scope = archive.scope(visitor.caller)
    offered = facets.offered(asked, scope)
    found.times, found.keeps = facets.times(asked, clock.now()), facets.form_keeps(asked, offered)
    found.others = facets.others(asked, scope, offered)
    charts = [histogram.chart(asked), *facets.charts(asked, offered)]
    try:
        over_time, *tables = archive.charts(visitor.caller, charts, visitor.services.settings.page_timeout_s)
    except Unavailable:
        found.counted = False
        return
    found.facets = facets.facets(asked, offered, tables, archive.names)
    found.histogram = histogram.histogram(asked, over_time)


def _explain(visitor: SignedIn, found: Found) -> None:
    asked = found.asked
    if asked.find:
        try:
            found.explained = visitor.services.archive.explain(visitor.caller, asked.where, asked.find)
        except NotFound as absent:
            found.explained = absent.detail.removesuffix("。")


def chips(asked: Asked, names: Names) -> list[Chip]:
    """The conditions, those in force first."""
    made = []
    for part in asked.parts if asked.where != EVERYTHING else ():
        rest = without(asked.where, part)
        pause, drop = asked.href(where=rest, off=(*asked.off, part)), asked.href(where=rest)
        made.append(Chip(*phrase(part, names), pause, drop, paused=False))
    for part in asked.off:
        others = tuple(each for each in asked.off if each != part)
        resume, drop = asked.href(where=both(asked.where, part), off=others), asked.href(off=others)
        made.append(Chip(*phrase(part, names), resume, drop, paused=True))
    return made


def orders(asked: Asked, scope: Scope) -> list[Sorting]:
    """Every way to sort that is allowed, both directions; by relevance where words are searched."""
    made = [
        _order(asked, Sort(each.name, descending), f"按{each.label} {'↓' if descending else '↑'}")
        for each in SORTABLE
        if scope.may_sort_by(each.name)
        for descending in (True, False)
    ]
    if any(isinstance(leaf, Text) for leaf in leaves(asked.where)) or isinstance(asked.sort, Relevance):
        made.insert(0, _order(asked, Relevance(), "按相关度"))
    return made


def _order(asked: Asked, sort: Order, label: str) -> Sorting:
    return Sorting(label, asked.href(sort=sort), asked.sort == sort)
