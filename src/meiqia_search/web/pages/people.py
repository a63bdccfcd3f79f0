"""The pages of accounts, for who manages them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search import clock
from meiqia_search.accounts import effect as effects
from meiqia_search.accounts import passwords
from meiqia_search.accounts.effect import Effect
from meiqia_search.accounts.people import Person
from meiqia_search.accounts.tokens import USE_LABELS, Token
from meiqia_search.acl.role import Ability
from meiqia_search.audit.events import Actor
from meiqia_search.errors import ActionNotAllowed, ArchiveError, NotFound
from meiqia_search.web.problems import Problem, of
from meiqia_search.web.templating import render
from meiqia_search.web.typed import listed, mark, unknown, worded
from meiqia_search.web.visitor import SignedIn, Visiting, Writing

router = APIRouter(include_in_schema=False)
DONE = {
    "added": "已新增账号。",
    "changed": "已保存。角色变了的人需要重新登录。",
    "disabled": "已停用。此人已登录的页面立即失效。",
    "enabled": "已启用。",
    "password": "已重设密码。此人已登录的页面立即失效。",
    "ended": "已结束这次登录。",
    "revoked": "已撤销令牌。",
}
Text = Annotated[str, Form()]


def managing(visitor: Visiting) -> SignedIn:
    """The visitor, who manages people; to others this page does not exist.

    Raises:
        NotFound
    """
    return require_ability(visitor, Ability.MANAGE_PEOPLE)


def managing_by_form(visitor: Writing) -> SignedIn:
    """The same, of a form that was sent.

    Raises:
        NotFound
    """
    return require_ability(visitor, Ability.MANAGE_PEOPLE)


def require_ability(visitor: SignedIn, ability: Ability) -> SignedIn:
    """The visitor, if they have this ability.

    Raises:
        NotFound: they have not; it was recorded.
    """
    try:
        visitor.services.archive.require(visitor.caller, ability)
    except ActionNotAllowed:
        raise NotFound("没有这个页面。它可能已删除，或不在您的可见范围。") from None
    return visitor


Managing = Annotated[SignedIn, Depends(managing)]
Deciding = Annotated[SignedIn, Depends(managing_by_form)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of an account."""

    login: str = ""
    name: str = ""
    role: str = ""
    agents: str = ""
    groups: str = ""


def by(visitor: SignedIn) -> Actor:
    """The visitor as who acts."""
    return visitor.caller.actor


def attempt(visitor: SignedIn, password: str, act: Callable[[], object]) -> Problem | None:
    """Do something that changes rights, after the visitor's own password; what went wrong."""
    try:
        visitor.confirm(password)
        act()
    except ArchiveError as wrong:
        return of(wrong)
    return None


@router.get("/people")
def show_all(request: Request, visitor: Managing) -> Response:
    """Everybody."""
    services = visitor.services
    people = services.people.list(by(visitor))
    done = DONE.get(request.query_params.get("done", ""), "")
    body = render(
        "people.html", frame=visitor.frame, people=people, roles=services.policy.roles, names=services.archive.names,
        done=done,
    )  # fmt: skip
    return HTMLResponse(body)


@router.get("/new-person")
def show_new(visitor: Managing) -> Response:
    """The form of a new account."""
    return _new(visitor, Typed(role="agent"))


@router.post("/new-person")
def add(
    visitor: Deciding,
    login: Text = "",
    name: Text = "",
    role: Text = "",
    agents: Text = "",
    groups: Text = "",
    first: Text = "",
    password: Text = "",
) -> Response:
    """Add an account."""
    people, names = visitor.services.people, visitor.services.archive.names

    def act() -> None:
        passwords.check(first)
        people.add(
            login, name, role, first, listed(names, "agent", agents), listed(names, "group", groups), by=by(visitor)
        )

    problem = attempt(visitor, password, act)
    if problem:
        return _new(visitor, Typed(login, name, role, agents, groups), problem)
    return RedirectResponse("/people?done=added", 303)


def _new(visitor: SignedIn, typed: Typed, problem: Problem | None = None) -> Response:
    body = render(
        "person_new.html", frame=visitor.frame, typed=typed, roles=visitor.services.policy.roles,
        problem=problem, trace=visitor.visit.trace,
    )  # fmt: skip
    return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})


@router.get("/people/{login}")
def show(request: Request, visitor: Managing, login: str) -> Response:
    """One account."""
    person = visitor.services.people.by_login(login)
    return _person(visitor, person, done=DONE.get(request.query_params.get("done", ""), ""))


@router.post("/people/{login}")
def change(
    visitor: Deciding,
    login: str,
    name: Text = "",
    role: Text = "",
    agents: Text = "",
    groups: Text = "",
    seen: Text = "",
    password: Text = "",
) -> Response:
    """Show what a change would do; when that was seen, change."""
    people, names = visitor.services.people, visitor.services.archive.names
    person, typed = people.by_login(login), Typed(login, name, role, agents, groups)
    ids = {"agents": listed(names, "agent", agents), "groups": listed(names, "group", groups)}
    try:
        new = people.changed(person, name=name, role=role, **ids)
        proposal = mark(person, new, visitor.services.policy.version)
        if seen != proposal:
            return _person(visitor, person, typed=typed, effect=_effect(visitor, person, new), seen=proposal)
    except ArchiveError as wrong:
        return _person(visitor, person, typed=typed, problem=of(wrong))
    problem = attempt(visitor, password, lambda: people.change(login, by(visitor), name=name, role=role, **ids))
    if problem:
        effect = _effect(visitor, person, new)
        return _person(visitor, person, typed=typed, effect=effect, seen=proposal, problem=problem)
    return _back(person.login, "changed")


def _effect(visitor: SignedIn, old: Person, new: Person) -> Effect:
    services = visitor.services
    return effects.of_person(partial(services.archive.reaches, visitor.caller), services.policy, old, new)


@router.post("/people/{login}/disable")
def disable(visitor: Deciding, login: str, password: Text = "") -> Response:
    """Disable an account."""
    return _act(visitor, login, password, "disabled", lambda: visitor.services.people.disable(login, by(visitor)))


@router.post("/people/{login}/enable")
def enable(visitor: Deciding, login: str, password: Text = "") -> Response:
    """Enable an account."""
    return _act(visitor, login, password, "enabled", lambda: visitor.services.people.enable(login, by(visitor)))


@router.post("/people/{login}/password")
def reset(visitor: Deciding, login: str, new: Text = "", password: Text = "") -> Response:
    """Give an account another password."""
    services = visitor.services
    return _act(visitor, login, password, "password", lambda: services.people.set_password(login, new, by(visitor)))


@router.post("/people/{login}/sessions/{session_id}/end")
def end(visitor: Deciding, login: str, session_id: str, password: Text = "") -> Response:
    """End a session of this person."""
    person, services = visitor.services.people.by_login(login), visitor.services
    return _act(visitor, login, password, "ended", lambda: services.sign_in.end(person, session_id, by(visitor)))


@router.post("/people/{login}/tokens/{token_id}/revoke")
def revoke(visitor: Deciding, login: str, token_id: str, password: Text = "") -> Response:
    """Revoke a token of this person."""
    person, services = visitor.services.people.by_login(login), visitor.services
    return _act(visitor, login, password, "revoked", lambda: services.tokens.revoke(person, token_id, by(visitor)))


def _act(visitor: SignedIn, login: str, password: str, done: str, act: Callable[[], object]) -> Response:
    person = visitor.services.people.by_login(login)
    problem = attempt(visitor, password, act)
    return _person(visitor, person, problem=problem) if problem else _back(person.login, done)


def _back(login: str, done: str) -> Response:
    return RedirectResponse(f"/people/{quote(login)}?done={done}", 303)


def _person(
    visitor: SignedIn,
    person: Person,
    *,
    typed: Typed | None = None,
    effect: Effect | None = None,
    seen: str = "",
    problem: Problem | None = None,
    done: str = "",
) -> Response:
    services, names = visitor.services, visitor.services.archive.names
    agents, groups = worded(names, "agent", person.agents), worded(names, "group", person.groups)
    typed = typed or Typed(person.login, person.name, person.role, agents, groups)
    body = render(
        "person.html",
        frame=visitor.frame,
        person=person,
        typed=typed,
        unknown=[*unknown(names, "agent", typed.agents), *unknown(names, "group", typed.groups)],
        roles=services.policy.roles,
        sessions=services.sign_in.sessions(person, by(visitor)),
        own=visitor.session.id,
        tokens=[token_line(each) for each in services.tokens.of(person, by(visitor))],
        effect=effect,
        seen=seen,
        problem=problem,
        done=done,
        trace=visitor.visit.trace,
    )
    return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})


def token_line(token: Token) -> dict[str, object]:
    """A token as a row of a table."""
    return {
        "id": token.id,
        "name": token.name,
        "labels": "、".join(USE_LABELS[use] for use in token.uses),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "seen_at": token.seen_at,
        "revoked": token.revoked,
        "expired": not token.holds(clock.now()),
    }
