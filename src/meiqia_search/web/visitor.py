"""Who asks: the session behind the cookie."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from meiqia_search.accounts.people import principal
from meiqia_search.accounts.signin import Session
from meiqia_search.archive import Caller
from meiqia_search.audit.events import Visit
from meiqia_search.errors import NotSignedIn
from meiqia_search.web.frame import Frame, frame
from meiqia_search.web.problems import API
from meiqia_search.wiring import Services


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person making a request."""

    services: Services
    session: Session
    caller: Caller
    token: str

    @property
    def visit(self) -> Visit:
        """From where."""
        return self.caller.visit

    @property
    def frame(self) -> Frame:
        """What stands around every page for this person."""
        return frame(self.services, self.session, self.caller)


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
    return Visit(surface, request.client.host if request.client else "", request.state.trace)


def token_of(request: Request) -> str:
    """What the cookie holds, '' without one."""
    return request.cookies.get(cookie_name(services_of(request)), "")


def signed_in(request: Request) -> Visitor:
    """The visitor of a route that needs one.

    Raises:
        NotSignedIn
    """
    services, token, visit = services_of(request), token_of(request), visit_of(request)
    session = services.sign_in.session(token) if token else None
    if session is None:
        raise NotSignedIn
    visitor = Visitor(services, session, Caller(principal(session.person), visit), token)
    if visit.surface == "web":
        request.state.frame = visitor.frame
    return visitor


Visiting = Annotated[Visitor, Depends(signed_in)]
