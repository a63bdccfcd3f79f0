"""The page of one conversation."""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from meiqia_search import clock
from meiqia_search.archive import Neighbours
from meiqia_search.errors import NotFound, Unavailable
from meiqia_search.query.filter import EVERYTHING
from meiqia_search.query.request import Sort
from meiqia_search.query.sentence import sentence
from meiqia_search.web import asked as asking
from meiqia_search.web import reading, shown
from meiqia_search.web.asked import Asked, address
from meiqia_search.web.templating import render
from meiqia_search.web.visitor import SignedIn, Visiting

router = APIRouter(include_in_schema=False)
_WHOLE = re.compile(r"[0-9]{1,6}")


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
    asked = asking.read([pair for pair in params if pair[0] != "part"], archive.vocabulary(visitor.caller), clock.now())
    if "\0" in conversation_id:
        raise NotFound
    view = archive.read(visitor.caller, conversation_id, asked.where)
    each = view.conversation
    who = each.text("customer_name") or "客户"
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
            path=f"/conversations/{quote(conversation_id, safe='')}",
            query=asking.address("", asked.pairs),
            here=here,
            filters="" if asked.filters == EVERYTHING else sentence(asked.filters, archive.names),
            talk=reading.talk(view, who, int(part) if _WHOLE.fullmatch(part) else None),
            back=f"{address('/search', asked.pairs)}#{shown.anchor(conversation_id)}",
            beside=_beside(visitor, asked, conversation_id),
            who=shown.customer(each),
            contact=shown.contact(each),
            channel=shown.channel(each, archive.names),
            about=shown.about(each, archive.names),
            kind=archive.names.name("type", each.text("type")) if each.text("type") else "",
            rating=shown.rating(each, archive.names),
            span=reading.span(each),
            main=main,
            rest=rest,
            card=reading.card(each, archive.names),
        )
    )


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
