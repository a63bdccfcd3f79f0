"""The audit at the interface, for who may read it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from meiqia_search.accounts.tokens import Use
from meiqia_search.web import auditing
from meiqia_search.web.api import shape
from meiqia_search.web.api.models import AuditPage
from meiqia_search.web.api.routes import PREFIX, PROBLEMS
from meiqia_search.web.auditing import Asked, Word
from meiqia_search.web.visitor import Visitor, using

auditor = using(Use.AUDIT)
Auditing = Annotated[Visitor, Depends(auditor)]
Asking = Annotated[Asked, Depends(auditing.read)]
router = APIRouter(prefix=f"{PREFIX}/audit", responses=PROBLEMS)


@router.get("", response_model=AuditPage, summary="查找审计记录，新的在前")
def read(
    visitor: Auditing, asked: Asking, after: Word = "", size: Annotated[int, Query(ge=1, le=100)] = 50
) -> shape.Shape:
    """One page of the log."""
    question, _ = auditing.question(visitor, asked)
    leaf = visitor.services.trail.read(visitor.caller, question, after or None, size)
    return shape.leaf(leaf, visitor.services.people.names())


@router.get("/export", response_class=StreamingResponse, summary="导出审计记录，旧的在前")
def export(request: Request, visitor: Auditing, asked: Asking, format: Word = "jsonl") -> Response:  # noqa: A002 - its name in links
    """Everything that was asked for, as a file."""
    return auditing.download(visitor, asked, format, lambda: auditor(request))
