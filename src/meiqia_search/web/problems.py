"""Errors as people read them (a page) and as programs do (RFC 9457)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from meiqia_search.errors import ArchiveError, NotSignedIn, TokenRefused
from meiqia_search.web.templating import render

API = "/api/"


class Fault(TypedDict):
    """One thing that is wrong with a request, and where."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is said of an error."""

    code: str
    title: str
    status: int
    detail: str
    faults: Sequence[Fault] = ()
    headers: dict[str, str] = field(default_factory=dict)


_HTTP = {
    400: ("bad-request", "请求有误", "请检查请求的格式后重试。"),
    404: ("not-found", "找不到", "没有这个页面。它可能已删除，或不在您的可见范围。"),
    405: ("method-not-allowed", "不能这样访问", "这个地址不支持这种请求方法。"),
    413: ("too-large", "内容太大", "请求内容最多 1 MB。"),
    415: ("unsupported-media-type", "内容格式不对", "请求内容应为 JSON。"),
}


def of(error: ArchiveError) -> Problem:
    """What is said of one of our errors."""
    retry = error.data.get("retry_after")
    headers = {"Retry-After": str(retry)} if retry is not None else {}
    if isinstance(error, TokenRefused):
        headers["WWW-Authenticate"] = "Bearer"
    name = error.data.get("field")
    faults: list[Fault] = [{"pointer": f"/{name}", "code": error.code, "message": error.detail}] if name else []
    return Problem(error.code, error.title, error.status, error.detail, faults, headers)


def answer(request: Request, problem: Problem) -> Response:
    """The error in the form that was asked for."""
    trace = str(request.scope.get("state", {}).get("trace", ""))
    if request.url.path.startswith(API):
        return _json(request, problem, trace)
    seen = request.scope.get("state", {}).get("frame")
    body = render("problem.html", frame=seen, problem=problem, trace=trace)
    return Response(body, problem.status, problem.headers, "text/html")


def _json(request: Request, problem: Problem, trace: str) -> Response:
    body: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(request.url.path),
        "code": problem.code,
        "trace_id": trace,
        "errors": list(problem.faults),
    }
    if "Retry-After" in problem.headers:
        body["retry_after"] = int(problem.headers["Retry-After"])
    return JSONResponse(body, problem.status, problem.headers, "application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of the application in these forms."""
    app.add_exception_handler(ArchiveError, _archive)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def _archive(request: Request, error: Exception) -> Response:
    if isinstance(error, NotSignedIn) and not request.url.path.startswith(API):
        return _to_sign_in(request)
    return answer(request, of(error if isinstance(error, ArchiveError) else ArchiveError()))


def _to_sign_in(request: Request) -> Response:
    path = quote(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    target = f"/sign-in?next={quote(path, safe='')}" if request.method == "GET" else "/sign-in"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    given = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    code, title, detail = _HTTP.get(status, ("bad-request", "请求有误", "请检查后重试。"))
    return answer(request, Problem(code, title, status, detail, headers=given))


def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    faults: list[Fault] = [
        {
            "pointer": "".join(f"/{part}" for part in each["loc"][1:]),
            "code": str(each["type"]),
            "message": _WORDS.get(str(each["type"]), "值的格式不对。"),
        }
        for each in found
    ]
    places = "、".join(fault["pointer"] or "/" for fault in faults)
    return answer(request, Problem("bad-request", "请求有误", 422, f"请检查：{places[:200]}。", faults))


_WORDS = {
    "missing": "缺少这一项。",
    "extra_forbidden": "没有这一项。",
    "json_invalid": "不是正确的 JSON。",
    "string_too_long": "太长。",
    "greater_than_equal": "太小。",
    "less_than_equal": "太大。",
}
