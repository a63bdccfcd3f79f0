"""Looking at the program as somebody else, for who manages people."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from meiqia_search.web.pages.people import Deciding, by
from meiqia_search.web.visitor import Harmless

router = APIRouter(include_in_schema=False, prefix="/preview")


@router.post("")
def begin(visitor: Deciding, login: Annotated[str, Form()] = "") -> Response:
    """Go on as this person would, only reading."""
    sign_in, people = visitor.services.sign_in, visitor.services.people
    sign_in.begin_preview(visitor.token, people.by_login(login), by(visitor))
    return RedirectResponse("/search", 303)


@router.post("/end")
def end(visitor: Harmless) -> Response:
    """Be oneself again."""
    seen = visitor.services.sign_in.end_preview(visitor.token, visitor.visit)
    return RedirectResponse(f"/people/{quote(seen.login)}" if seen else "/search", 303)
