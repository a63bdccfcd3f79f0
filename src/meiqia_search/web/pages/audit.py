"""The page of the audit, for who may read it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search.acl.role import Ability
from meiqia_search.archive.alerts import Noticed
from meiqia_search.archive.trail import Leaf
from meiqia_search.audit.events import Action
from meiqia_search.errors import ArchiveError
from meiqia_search.web import auditing
from meiqia_search.web.auditing import Asked, Word
from meiqia_search.web.entries import SHOWN, checked, line
from meiqia_search.web.pages.people import require_ability
from meiqia_search.web.problems import Problem, of
from meiqia_search.web.templating import render
from meiqia_search.web.visitor import SignedIn, Visiting, Writing, signed_in

router = APIRouter(include_in_schema=False, prefix="/audit")
WHEN = ("今天", "昨天", "近7天", "近30天", "本月", "上月")


def reading(visitor: Visiting) -> SignedIn:
    """The visitor, who may read the audit; to others this page does not exist.

    Raises:
        NotFound
    """
    return require_ability(visitor, Ability.READ_AUDIT)


def reading_by_form(visitor: Writing) -> SignedIn:
    """The same, of a form that was sent.

    Raises:
        NotFound
    """
    return require_ability(visitor, Ability.READ_AUDIT)


Reading = Annotated[SignedIn, Depends(reading)]
Sending = Annotated[SignedIn, Depends(reading_by_form)]
Asking = Annotated[Asked, Depends(auditing.read)]


@router.get("")
def show(visitor: Reading, asked: Asking, after: Word = "") -> Response:
    """One page of the log."""
    try:
        question, left_out = auditing.question(visitor, asked)
        leaf = visitor.services.trail.read(visitor.caller, question, after or None)
        noticed = None if after or asked.pairs else visitor.services.alerts.all(visitor.caller)
    except ArchiveError as wrong:
        return _page(visitor, asked, problem=of(wrong))
    return _page(visitor, asked, leaf, left_out, noticed)


@router.post("/verify")
def verify(visitor: Sending) -> Response:
    """Verify the log; what came of it stands on the page."""
    visitor.services.trail.verify(visitor.caller)
    return RedirectResponse("/audit", 303)


@router.get("/export")
def export(request: Request, visitor: Reading, asked: Asking, format: Word = "csv") -> Response:  # noqa: A002 - its name in links
    """Everything that was asked for, as a file."""
    return auditing.download(visitor, asked, format, lambda: signed_in(request))


@router.get("/checkpoints")
def checkpoints(visitor: Reading) -> Response:
    """The signed checkpoints, for keeping them elsewhere."""
    named = {"Content-Disposition": 'attachment; filename="checkpoints.jsonl"'}
    return Response(visitor.services.trail.checkpoints(visitor.caller), 200, named, auditing.FORMATS["jsonl"])


def _page(
    visitor: SignedIn,
    asked: Asked,
    leaf: Leaf | None = None,
    left_out: int = 0,
    noticed: Sequence[Noticed] | None = None,
    problem: Problem | None = None,
) -> Response:
    services = visitor.services
    names, roles = services.people.names(), services.policy.roles
    body = render(
        "audit.html",
        frame=visitor.frame,
        typed=asked,
        leaf=leaf,
        checked=checked(leaf.standing, names, roles) if leaf else None,
        lines=[line(row, names, roles) for row in leaf.rows] if leaf else [],
        left_out=left_out,
        noticed=None if noticed is None else [each for each in noticed if each.acknowledged is None],
        names=names,
        actions=list(Action),
        when=WHEN,
        shown=SHOWN,
        problem=problem,
        trace=visitor.visit.trace,
    )
    return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})
