"""The page of one conversation."""

import re
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search import clock
from meiqia_search.acl.reveal import REASONS
from meiqia_search.acl.reveal import read as read_target
from meiqia_search.archive import Neighbours, Wish
from meiqia_search.errors import ArchiveError, BadRequest, NotFound, PasswordNeeded, TooManyAttempts, Unavailable
from meiqia_search.query.filter import EVERYTHING
from meiqia_search.query.request import Sort
from meiqia_search.query.sentence import sentence
from meiqia_search.web import asked as asking
from meiqia_search.web import reading, shown
from meiqia_search.web.asked import Asked, address
from meiqia_search.web.problems import of
from meiqia_search.web.templating import render
from meiqia_search.web.visitor import SignedIn, Visiting, Writing

router = APIRouter(include_in_schema=False)
_WHOLE = re.compile(r"[0-9]{1,6}")
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Beside:
    """The conversations before and after this one in the result it was found in."""

    previous: str
    next: str
    total: int


@router.get("/conversations/{conversation_id:path}")
def show(request: Request, visitor: Visiting, conversation_id: str) -> Response:
    """The conversation, marked with what was searched."""
    archive = visitor.services.archive
    params = request.query_params.multi_items()
    names = archive.vocabulary_of_links(visitor.caller)
    asked = asking.read([pair for pair in params if pair[0] != "part"], names, clock.now())
    view = archive.read(visitor.caller, conversation_id, asked.where)
    each = view.conversation
    who = (view.card and each.text("customer_name")) or "客户"
    part = asking.last(params, "part")
    here = address(request.url.path, asked.pairs)
    main, rest = reading.facts(view, archive.names)
    return HTMLResponse(
        render(
            "conversation.html",
            frame=visitor.frame,
            asked=replace(asked, after=""),
            view=view,
            each=each,
            path=_path(conversation_id),
            query=asking.address("", asked.pairs),
            here=here,
            filters="" if asked.filters == EVERYTHING else sentence(asked.filters, archive.names),
            talk=reading.talk(view, who, int(part) if _WHOLE.fullmatch(part) else None),
            again=_query(request),
            back=f"{address('/search', asked.pairs)}#{shown.anchor(conversation_id)}",
            beside=_beside(visitor, asked, conversation_id),
            who=shown.customer(each) if view.card else who,
            contact=shown.contact(each) if view.card else "",
            channel=shown.channel(each, archive.names),
            about=shown.about(each, archive.names),
            kind=archive.names.name("type", each.text("type")) if each.text("type") else "",
            rating=shown.rating(each, archive.names),
            span=reading.span(each),
            main=main,
            rest=rest,
            card=reading.card(view, archive.names),
            revealed=reading.revealed(view.disclosure),
            reasons=REASONS,
        )
    )


@router.post("/conversations/{conversation_id:path}/reveal")
def reveal(
    request: Request, visitor: Writing, conversation_id: str, what: Text = "", reason: Text = "", password: Text = ""
) -> Response:
    """Show something clear for five minutes, and go back to the conversation as it was asked for."""
    target = read_target(what)
    back = _path(conversation_id) + _query(request)
    wish = Wish(conversation_id, target, reason)
    try:
        visitor.services.archive.reveal(visitor.caller, wish, lambda: visitor.confirm(password))
    except NotFound:
        raise
    except ArchiveError as refused:
        return _ask_again(visitor, wish, back, refused)
    return RedirectResponse(back + ("#card" if target.field else ""), 303)


def _ask_again(visitor: SignedIn, wish: Wish, back: str, refused: ArchiveError) -> Response:
    """What went wrong, with the form where another try can help."""
    problem = of(refused)
    body = render(
        "reveal.html", frame=visitor.frame, wish=wish, back=back, path=_path(wish.conversation), problem=problem,
        again=isinstance(refused, BadRequest | PasswordNeeded | TooManyAttempts), trace=visitor.visit.trace,
        query=back.removeprefix(_path(wish.conversation)), reasons=REASONS,
    )  # fmt: skip
    return HTMLResponse(body, problem.status, problem.headers)


def _query(request: Request) -> str:
    """What stands behind the address, so that one comes back to it."""
    return f"?{request.url.query}" if request.url.query else ""


def _path(conversation_id: str) -> str:
    return f"/conversations/{quote(conversation_id, safe='')}"


def _beside(visitor: SignedIn, asked: Asked, conversation_id: str) -> Beside | None:
    """What stands before and after; nothing where one comes from no list, or by relevance, or the index is away."""
    searched = asked.where != EVERYTHING or asking.last(asked.given, "sort")
    if not searched or not isinstance(asked.sort, Sort):
        return None
    try:
        found: Neighbours = visitor.services.archive.neighbours(
            visitor.caller, asked.search, conversation_id, visitor.services.settings.page_timeout_s
        )
    except Unavailable:
        return None
    before, behind = (
        shown.reading(each, replace(asked, after="")) if each else "" for each in (found.previous, found.next)
    )
    return Beside(before, behind, found.total)
