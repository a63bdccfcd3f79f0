"""The routes of the interface."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from meiqia_search import clock
from meiqia_search.accounts.tokens import Use
from meiqia_search.acl.reveal import of_field, of_kind
from meiqia_search.archive import Wish
from meiqia_search.errors import BadRequest
from meiqia_search.query import box, wire
from meiqia_search.query.filter import EVERYTHING, Filter, both, within_limits
from meiqia_search.query.request import Order, Relevance, Search, Sort
from meiqia_search.web import asked as asking
from meiqia_search.web.api import shape
from meiqia_search.web.api.models import ConversationOut, ProblemOut, Results, RevealBody, RevealOut, SearchBody
from meiqia_search.web.visitor import Calling, Visitor, using

_PROBLEM: dict[str, Any] = {
    "description": "出错（RFC 9457）",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
}
PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "5XX": _PROBLEM, 422: _PROBLEM}
PREFIX = "/api/v1"
_PARAMETERS = [
    {"name": name, "in": "query", "description": words, "schema": {"type": "string", "default": ""}}
    for name, words in (
        ("q", "与搜索框相同的写法"),
        ("sort", "-started_at、duration、relevance 等"),
        ("size", "每页条数，1 到 100"),
        ("after", "翻页位置：上一次回答中的 next 或 previous"),
    )
]
Searching = Annotated[Visitor, Depends(using(Use.SEARCH))]
Reading = Annotated[Visitor, Depends(using(Use.READ))]
router = APIRouter(prefix=PREFIX, responses=PROBLEMS)


@router.get(
    "/search",
    response_model=Results,
    response_model_exclude_unset=True,
    summary="按链接参数搜索",
    openapi_extra={"parameters": _PARAMETERS},
)
def search_by_link(
    request: Request,
    visitor: Searching,
) -> shape.Shape:
    """Search with the parameters of a link; any field may be one, such as ``channel=wechat``."""
    asked = asking.read(
        request.query_params.multi_items(), visitor.services.archive.vocabulary_of_links(visitor.caller), clock.now()
    )
    return _found(visitor, asked.search, asked.after)


@router.post("/search", response_model=Results, response_model_exclude_unset=True, summary="按条件搜索")
def search(visitor: Searching, body: SearchBody) -> shape.Shape:
    """Search with a filter as JSON."""
    where: Filter = EVERYTHING if body.where is None else wire.from_json(body.where)
    words = box.parse(body.q, visitor.services.archive.vocabulary(visitor.caller), clock.now())
    order: Order = Relevance() if body.sort == "relevance" else Sort(body.sort.field, body.sort.descending)
    return _found(visitor, Search(within_limits(both(where, words)), order, body.size), body.after)


def _found(visitor: Visitor, search: Search, after: str | None) -> shape.Shape:
    timeout = visitor.services.settings.api_timeout_s
    return shape.results(visitor.services.archive.search(visitor.caller, search, after or None, timeout))


@router.get(
    "/conversations/{conversation_id:path}",
    response_model=ConversationOut,
    response_model_exclude_unset=True,
    summary="一条会话的全部内容",
)
def read(visitor: Reading, conversation_id: str) -> shape.Shape:
    """One whole conversation."""
    return shape.conversation(visitor.services.archive.read(visitor.caller, conversation_id))


@router.post(
    "/conversations/{conversation_id:path}/reveal", response_model=RevealOut, summary="五分钟内查看一条会话的明文"
)
def reveal(visitor: Calling, conversation_id: str, body: RevealBody) -> shape.Shape:
    """Let this session read something of a conversation clear; the values come with the conversation itself."""
    if bool(body.kind) == bool(body.field):
        raise BadRequest("请写明要查看什么：kind 或 field 中的一个。")
    target = of_kind(body.kind) if body.kind else of_field(body.field)
    wish = Wish(conversation_id, target, body.reason)
    until = visitor.services.archive.reveal(visitor.caller, wish, lambda: visitor.confirm(body.password))
    return {"target": str(target), "until": shape.zulu(until)}


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, visitor: Searching) -> Response:  # noqa: ARG001 - only for who is signed in
    """The description of this interface."""
    app = request.app
    described = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemOut"] = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["ProblemOut"].pop("$defs", {}))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return JSONResponse(described)
