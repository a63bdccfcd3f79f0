"""Signing in and out."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search.errors import SignInFailed, TooManyAttempts
from meiqia_search.web.problems import of
from meiqia_search.web.templating import render
from meiqia_search.web.visitor import Harmless, cookie_name, services_of, token_of, visit_of

router = APIRouter(include_in_schema=False)
HOME = "/search"
_PLAIN = frozenset(map(chr, range(0x21, 0x7F))) - {"\\"}


def local_path(target: str) -> str:
    """The target if it is a path of this site, else the first page."""
    parts = urlsplit(target) if _PLAIN.issuperset(target) else None
    local = parts and not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if local else HOME


@router.get("/sign-in")
def show(request: Request, next: str = HOME) -> Response:  # noqa: A002 - the name in the address
    """The form; whoever is signed in already goes on."""
    token = token_of(request)
    if token and services_of(request).sign_in.session(token):
        return RedirectResponse(local_path(next), 303)
    return HTMLResponse(render("sign_in.html", next=local_path(next), login="", problem=None))


@router.post("/sign-in")
def sign_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - as above
) -> Response:
    """Begin a session under a new token; one that was there ends."""
    services, visit, old = services_of(request), visit_of(request), token_of(request)
    try:
        token = services.sign_in.sign_in(login, password, visit, request.headers.get("user-agent", ""))
    except (SignInFailed, TooManyAttempts) as refused:
        problem = of(refused)
        page = render("sign_in.html", next=local_path(next), login=login, problem=problem)
        return HTMLResponse(page, problem.status, problem.headers)
    if old:
        services.sign_in.sign_out(old, visit)
    response = RedirectResponse(local_path(next), 303)
    response.set_cookie(
        cookie_name(services), token, path="/", httponly=True, samesite="lax", secure=services.settings.secure_cookies
    )
    return response


@router.post("/sign-out")
def sign_out(visitor: Harmless) -> Response:
    """End the session."""
    visitor.services.sign_in.sign_out(visitor.token, visitor.visit)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(
        cookie_name(visitor.services), httponly=True, samesite="lax", secure=visitor.services.settings.secure_cookies
    )
    return response
