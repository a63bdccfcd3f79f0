"""The web application."""

from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, RedirectResponse, Response

from meiqia_search.settings import Settings
from meiqia_search.web import api, problems
from meiqia_search.web.guard import Guard
from meiqia_search.web.pages import account, alerts, audit, conversation, people, preview, roles, search, signin
from meiqia_search.web.templating import files
from meiqia_search.web.visitor import Visiting
from meiqia_search.wiring import Services, open_services

_BASICS = APIRouter(include_in_schema=False)


@_BASICS.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return JSONResponse({"ok": True})


@_BASICS.get("/")
def home(visitor: Visiting) -> Response:  # noqa: ARG001 - only for who is signed in
    """Go to the first page."""
    return RedirectResponse("/search", 303)


def create_app(services: Services) -> FastAPI:
    """The application on these services."""
    made = FastAPI(
        title="会话档案",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    made.state.services = services
    made.add_middleware(Guard, over_tls=services.settings.secure_cookies)
    problems.install(made)
    for router in (
        _BASICS,
        signin.router,
        search.router,
        conversation.router,
        account.router,
        people.router,
        roles.router,
        preview.router,
        audit.router,
        alerts.router,
        *api.ROUTERS,
    ):
        made.include_router(router)
    made.mount("/static", files(), name="static")
    return made


def app() -> FastAPI:
    """The application as the environment configures it, for ``uvicorn --factory meiqia_search.web.app:app``."""
    return create_app(open_services(Settings()))
