"""我的账号: one's own sessions, tokens and password."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search.accounts.tokens import NEEDED, USE_LABELS
from meiqia_search.errors import BadValue
from meiqia_search.web.pages.people import attempt, token_line
from meiqia_search.web.problems import Problem
from meiqia_search.web.templating import render
from meiqia_search.web.visitor import Owning, SignedIn, Writing

router = APIRouter(include_in_schema=False, prefix="/account")
DONE = {"ended": "已结束这次登录。", "revoked": "已撤销令牌。"}
DAYS = 90
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, visitor: Owning) -> Response:
    """Everything of one's own account."""
    return _account(visitor, done=DONE.get(request.query_params.get("done", ""), ""))


@router.post("/password")
def change_password(visitor: Writing, new: Text = "", password: Text = "") -> Response:
    """Another password, after the present one; everywhere one has to sign in again."""
    services, person = visitor.services, visitor.person

    def act() -> None:
        if not password:
            raise BadValue("请输入现在的密码。")
        services.people.set_password(person.login, new, visitor.caller.actor)

    problem = attempt(visitor, password, act)
    return _account(visitor, problem=problem) if problem else RedirectResponse("/sign-in", 303)


@router.post("/sessions/{session_id}/end")
def end(visitor: Writing, session_id: str, password: Text = "") -> Response:
    """End a session of one's own elsewhere."""
    return _act(
        visitor, password, "ended",
        lambda: visitor.services.sign_in.end(visitor.person, session_id, visitor.caller.actor),
    )  # fmt: skip


@router.post("/tokens")
def add_token(
    visitor: Writing, name: Text = "", use: Annotated[list[str], Form()] = [], days: Text = "", password: Text = ""  # noqa: B006 - not changed
) -> Response:  # fmt: skip
    """Make a token and show it, this once."""
    made: list[str] = []

    def act() -> None:
        span = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
        made.append(visitor.services.tokens.create(visitor.person, name, use, span, visitor.caller.actor)[1])

    problem = attempt(visitor, password, act)
    return _account(visitor, problem=problem, made=made[0] if made else "")


@router.post("/tokens/{token_id}/revoke")
def revoke(visitor: Writing, token_id: str, password: Text = "") -> Response:
    """Revoke a token of one's own."""
    return _act(
        visitor, password, "revoked",
        lambda: visitor.services.tokens.revoke(visitor.person, token_id, visitor.caller.actor),
    )  # fmt: skip


def _act(visitor: SignedIn, password: str, done: str, act: Callable[[], object]) -> Response:
    problem = attempt(visitor, password, act)
    return _account(visitor, problem=problem) if problem else RedirectResponse(f"/account?done={done}", 303)


def _account(visitor: SignedIn, *, problem: Problem | None = None, made: str = "", done: str = "") -> Response:
    services, person = visitor.services, visitor.person
    abilities = services.archive.scope(visitor.caller).abilities
    beyond = {use for use, ability in NEEDED.items() if ability not in abilities}
    body = render(
        "account.html",
        frame=visitor.frame,
        person=person,
        sessions=services.sign_in.sessions(person, visitor.caller.actor),
        own=visitor.session.id,
        tokens=[token_line(each) for each in services.tokens.of(person, visitor.caller.actor)],
        uses={use: label for use, label in USE_LABELS.items() if use not in beyond},
        days=DAYS,
        made=made,
        problem=problem,
        done=done,
        trace=visitor.visit.trace,
    )
    return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})
