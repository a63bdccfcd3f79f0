"""Who asks: the session behind the cookie or, for programs, the token in the header."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Form, Header
from starlette.requests import Request

from meiqia_search.accounts.people import Person, principal
from meiqia_search.accounts.signin import Session
from meiqia_search.accounts.tokens import Use
from meiqia_search.archive import Caller, Looker
from meiqia_search.audit.events import Visit
from meiqia_search.errors import CrossSiteRefused, NotSignedIn, PasswordNeeded, ReadOnlyPreview
from meiqia_search.web.frame import Frame, frame
from meiqia_search.web.guard import SAFE
from meiqia_search.web.problems import API
from meiqia_search.wiring import Services

BEARER = "bearer "
_ADDRESS = re.compile("[0-9A-Za-z.:%_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who makes a request, in person or by a program."""

    services: Services
    person: Person
    caller: Caller

    @property
    def visit(self) -> Visit:
        """From where."""
        return self.caller.visit


@dataclass(frozen=True, slots=True)
class SignedIn(Visitor):
    """Somebody at a browser."""

    session: Session
    token: str

    @property
    def frame(self) -> Frame:
        """What stands around every page for this person."""
        return frame(self.services, self.session, self.caller)

    def confirm(self, password: str) -> None:
        """Go on only if the password was given again, now or a few minutes ago: before every change of rights.

        Raises:
            PasswordNeeded, TooManyAttempts
        """
        if password:
            self.services.sign_in.confirm(self.token, password, self.visit)
        elif not self.session.confirmed:
            raise PasswordNeeded


def services_of(request: Request) -> Services:
    """What the application works with."""
    found = request.app.state.services
    if not isinstance(found, Services):
        raise TypeError("the application was made without its services")
    return found


def cookie_name(services: Services) -> str:
    """The cookie that holds the token; ``__Host-`` lets browsers refuse it from anywhere else."""
    return "__Host-mqs" if services.settings.secure_cookies else "mqs"


def visit_of(request: Request) -> Visit:
    """From where the request comes."""
    surface = "api" if request.url.path.startswith(API) else "web"
    return Visit(surface, _address(request), request.state.trace)


def _address(request: Request) -> str:
    """Whence, as far as it looks like an address: behind a proxy anybody may have written it."""
    host = request.client.host if request.client else ""
    return host if _ADDRESS.fullmatch(host) else ""


def token_of(request: Request) -> str:
    """What the cookie holds, '' without one."""
    return request.cookies.get(cookie_name(services_of(request)), "")


def signed_in_anyhow(request: Request) -> SignedIn:
    """The visitor of a route that also ends a preview.

    Raises:
        NotSignedIn
    """
    services, token, visit = services_of(request), token_of(request), visit_of(request)
    session = services.sign_in.session(token) if token else None
    if session is None:
        raise NotSignedIn
    visitor = SignedIn(
        services, session.person, _caller(session, replace(visit, session=session.id), services), session, token
    )
    if visit.surface == "web":
        request.state.frame = visitor.frame
    return visitor


def _caller(session: Session, visit: Visit, services: Services) -> Caller:
    own = principal(session.person)
    if (seen := session.preview) is None:
        return Caller(own, visit, services.policy)
    return Caller(principal(seen), visit, services.policy, Looker(own, seen.login))


def signed_in(request: Request) -> SignedIn:
    """The visitor of a route that needs a person. In a preview nothing is changed, whatever the route.

    Raises:
        NotSignedIn, ReadOnlyPreview
    """
    visitor = signed_in_anyhow(request)
    if visitor.session.preview and request.method not in SAFE:
        visitor.services.sign_in.refuse_in_preview(visitor.caller.actor)
    return visitor


Visiting = Annotated[SignedIn, Depends(signed_in)]


def writing(visitor: Visiting, csrf: Annotated[str, Form()] = "") -> SignedIn:
    """The visitor of a route that a form of this session is sent to.

    Raises:
        CrossSiteRefused: the form is not of this session.
    """
    return _require_ours(visitor, csrf)


Writing = Annotated[SignedIn, Depends(writing)]


def harmless(visitor: Annotated[SignedIn, Depends(signed_in_anyhow)], csrf: Annotated[str, Form()] = "") -> SignedIn:
    """The visitor of a form that changes nothing of the archive: it ends a session or a preview, or searches.

    Raises:
        CrossSiteRefused: the form is not of this session.
    """
    return _require_ours(visitor, csrf)


Harmless = Annotated[SignedIn, Depends(harmless)]


def owning(visitor: Visiting) -> SignedIn:
    """The visitor of a page about their own account, which is nobody's in a preview.

    Raises:
        ReadOnlyPreview
    """
    if visitor.session.preview:
        raise ReadOnlyPreview("预览时不能打开“我的账号”；请先点页面上方的“结束预览”。")
    return visitor


Owning = Annotated[SignedIn, Depends(owning)]


def calling(request: Request, x_csrf_token: Annotated[str, Header(include_in_schema=False)] = "") -> SignedIn:
    """A person at the interface, through the browser: what changes something carries the session's mark in a header.

    Raises:
        NotSignedIn, CrossSiteRefused
        ActionNotAllowed: this is not for tokens.
    """
    if _has_token(request):
        _bearer(request, None)
    visitor = signed_in(request)
    return visitor if request.method in SAFE else _require_ours(visitor, x_csrf_token)


Calling = Annotated[SignedIn, Depends(calling)]


def using(use: Use) -> Callable[..., Visitor]:
    """The visitor of a route of the interface that tokens for this use may ask too."""

    def visitor(request: Request, x_csrf_token: Annotated[str, Header(include_in_schema=False)] = "") -> Visitor:
        if _has_token(request):
            return _bearer(request, use)
        return calling(request, x_csrf_token)

    return visitor


def _has_token(request: Request) -> bool:
    """Another kind of authorization is a proxy's matter, not ours."""
    return request.headers.get("authorization", "").casefold().startswith(BEARER)


def _bearer(request: Request, use: Use | None) -> Visitor:
    """Whoever sends a token is that token's person, whatever cookie comes along; without a use, nobody."""
    services, visit = services_of(request), visit_of(request)
    found = services.tokens.bearer(request.headers["authorization"][len(BEARER) :].strip(), visit)
    visit = replace(visit, session=found.token)
    services.tokens.require(found, use, visit)
    return Visitor(services, found.person, Caller(principal(found.person), visit, services.policy))


def _require_ours(visitor: SignedIn, csrf: str) -> SignedIn:
    if not hmac.compare_digest(csrf.encode("utf-8", "surrogatepass"), visitor.session.csrf.encode()):
        raise CrossSiteRefused
    return visitor
