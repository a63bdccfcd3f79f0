"""What holds for every request: a number, a bounded body, no cross-site writes, strict headers, a line in the log."""

import logging
import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meiqia_search.errors import ArchiveError, CrossSiteRefused
from meiqia_search.web import problems

LOG = logging.getLogger("meiqia_search.web")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY = 1 << 20
"""The largest body of a request in bytes."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

TLS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
"""Where browsers come over TLS, they never come without again."""


class Guard:
    """Stands before all routes, so that nothing leaves without it, not even an error nobody expected."""

    def __init__(self, app: ASGIApp, *, over_tls: bool) -> None:
        self._app = app
        self._headers = HEADERS | (TLS_HEADERS if over_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace, began, status = secrets.token_hex(5).upper(), time.perf_counter(), 0
        scope.setdefault("state", {})["trace"] = trace

        async def sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _seal(MutableHeaders(scope=message), self._headers, trace)
            await send(message)

        request = Request(scope)
        try:
            if is_cross_site(request.method, request.headers):
                await problems.answer(request, problems.of(CrossSiteRefused()))(scope, receive, sealed)
            else:
                await self._app(scope, _bounded(receive), sealed)
        except Exception as broken:  # the last place where anything can be caught
            if status and isinstance(broken.__cause__, ArchiveError):  # in the middle of a download: it breaks off
                LOG.warning("%s %s broke off: %s, %s", request.method, request.url.path, broken.__cause__.code, trace)
            else:
                LOG.exception("%s %s failed, %s", request.method, request.url.path, trace)
            if not status:
                await problems.answer(request, problems.of(ArchiveError()))(scope, receive, sealed)
        elapsed = (time.perf_counter() - began) * 1000
        LOG.info("%s %s %d %.0f ms %s", request.method, request.url.path, status, elapsed, trace)


def _bounded(receive: Receive) -> Receive:
    """What is received, until it is too much: the error is raised where the body is read."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY:
            raise HTTPException(413)
        return message

    return bounded


def is_cross_site(method: str, headers: Headers) -> bool:
    """Whether another site makes the browser send this."""
    if method in SAFE:
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return True
    return headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}


def _seal(headers: MutableHeaders, strict: Mapping[str, str], trace: str) -> None:
    for name, value in strict.items():
        headers[name] = value
    headers["X-Request-Id"] = trace
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "private, no-store"
        headers.add_vary_header("Cookie")
        headers.add_vary_header("Authorization")
