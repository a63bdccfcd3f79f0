"""The pages of roles, for who manages people."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search.accounts import effect as effects
from meiqia_search.accounts.effect import Effect
from meiqia_search.accounts.people import Person
from meiqia_search.acl import rolefile
from meiqia_search.acl.difference import abilities, differences, reach
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import ADMINISTRATOR, AGENT, Role
from meiqia_search.errors import ArchiveError, BadRole, ChangedMeanwhile, NotFound
from meiqia_search.web.pages.people import Deciding, Managing, attempt, by
from meiqia_search.web.problems import Problem, of
from meiqia_search.web.roleform import RoleForm, of_role
from meiqia_search.web.templating import render
from meiqia_search.web.typed import mark
from meiqia_search.web.visitor import SignedIn

router = APIRouter(include_in_schema=False)
DONE = {"saved": "已保存，一秒之内对所有人生效。", "deleted": "已删除角色。", "restored": "已恢复，作为新的一版。"}
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]
NONE: list[str] = []


def read_form(
    name: Text = "",
    label: Text = "",
    reach: Text = "",
    groups: Text = "",
    channel: Texts = NONE,
    customer_kind: Texts = NONE,
    category: Text = "",
    since: Text = "",
    until: Text = "",
    extra: Text = "",
    personal: Texts = NONE,
    show: Texts = NONE,
    search: Texts = NONE,
    sort: Texts = NONE,
    export: Texts = NONE,
    ability: Texts = NONE,
    export_rows: Text = "",
    reveals_a_day: Text = "",
    reveal: Texts = NONE,
) -> RoleForm:
    """What a form of a role sent."""
    return RoleForm(
        name, label, reach, groups, channel, customer_kind, category, since, until, extra, personal, show, search, sort,
        export, ability, export_rows, reveals_a_day, reveal,
    )  # fmt: skip


class Proposal:
    """Roles that somebody is about to save: what changes, for whom, and the mark of having seen it."""

    def __init__(self, visitor: SignedIn, file: object, version: int) -> None:
        services = visitor.services
        old = services.policy
        if version != old.version:
            raise ChangedMeanwhile
        self.file = file
        self.policy = services.roles.changed(file, version)
        self.lines = differences(old, self.policy, services.archive.names)
        reaches = partial(services.archive.reaches, visitor.caller)
        self.effect: Effect = effects.of_policy(reaches, services.people.list(by(visitor)), old, self.policy)
        self.seen = mark(rolefile.to_json(self.policy), version)


Page = Callable[[Proposal | None, Problem | None], Response]


def _decide(
    visitor: SignedIn, file: Callable[[], object], sent: tuple[str, str, str], page: Page, done: str
) -> Response:  # fmt: skip
    """Show what saving would do; when exactly that was seen, save. ``sent`` is version, mark and password."""
    version, seen, password = sent
    try:
        proposal = Proposal(visitor, file(), _number(version))
    except ArchiveError as wrong:
        return page(None, of(wrong))
    if seen != proposal.seen:
        return page(proposal, None)
    roles = visitor.services.roles
    problem = attempt(visitor, password, lambda: roles.change(proposal.file, _number(version), by(visitor)))
    return page(proposal, problem) if problem else RedirectResponse(f"/roles?done={done}", 303)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _file(policy: Policy, roles: Mapping[str, object]) -> object:
    """The file of a policy with these roles in place of its own."""
    kept = {name: rolefile.role_json(role) for name, role in policy.roles.items()}
    return {"format": rolefile.FORMAT, "roles": [role for role in {**kept, **roles}.values() if role]}


@router.get("/roles")
def show_all(request: Request, visitor: Managing) -> Response:
    """Every role."""
    services, names = visitor.services, visitor.services.archive.names
    held = Counter(each.role for each in services.people.list(by(visitor)) if not each.disabled)
    rows = [
        {"role": role, "reach": reach(role, names), "held": held[role.name],
         "abilities": "、".join(abilities(role))}
        for role in services.policy.roles.values()
    ]  # fmt: skip
    done = DONE.get(request.query_params.get("done", ""), "")
    return HTMLResponse(render("roles.html", frame=visitor.frame, rows=rows, policy=services.policy, done=done))


@router.get("/new-role")
def show_new(request: Request, visitor: Managing) -> Response:
    """The form of a new role, as another one is."""
    services = visitor.services
    like = services.policy.roles.get(request.query_params.get("like", ""), AGENT)
    form = of_role(like, services.archive.names)
    return _form(visitor, replace(form, name="", label=""), "/new-role", services.policy.version)


@router.post("/new-role")
def add(
    visitor: Deciding, form: Annotated[RoleForm, Depends(read_form)], version: Text = "", seen: Text = "",
    password: Text = "",
) -> Response:  # fmt: skip
    """Add a role, after its effect was seen."""
    services = visitor.services

    def file() -> object:
        if form.name in services.policy.roles:
            raise BadRole(f"已有名为“{form.name}”的角色，请换一个角色名。")
        return _file(services.policy, {"": form.json(services.archive.names)})

    return _decide(visitor, file, (version, seen, password), _page(visitor, form, "/new-role", version), "saved")


@router.get("/roles/{role}")
def show(visitor: Managing, role: str) -> Response:
    """The form of a role."""
    services, found = visitor.services, _role(visitor, role)
    holders = [each for each in services.people.list(by(visitor)) if each.role == found.name and not each.disabled]
    form = of_role(found, services.archive.names)
    return _form(visitor, form, f"/roles/{found.name}", services.policy.version, holders=holders)


@router.post("/roles/{role}")
def change(
    visitor: Deciding, form: Annotated[RoleForm, Depends(read_form)], role: str, version: Text = "", seen: Text = "",
    password: Text = "",
) -> Response:  # fmt: skip
    """Change a role, after the effect was seen."""
    services, found = visitor.services, _role(visitor, role)
    form = replace(form, name=found.name)

    def file() -> object:
        return _file(services.policy, {found.name: form.json(services.archive.names)})

    page = _page(visitor, form, f"/roles/{found.name}", version)
    return _decide(visitor, file, (version, seen, password), page, "saved")


@router.post("/roles/{role}/delete")
def delete(
    visitor: Deciding, role: str, version: Text = "", seen: Text = "", password: Text = ""
) -> Response:  # fmt: skip
    """Delete a role that nobody has."""
    found, policy = _role(visitor, role), visitor.services.policy
    page = _asking(visitor, f"删除角色 {found.label}", f"/roles/{found.name}/delete", {"version": version})
    return _decide(visitor, lambda: _file(policy, {found.name: None}), (version, seen, password), page, "deleted")


@router.get("/role-history")
def history(visitor: Managing) -> Response:
    """Every version, the newest first."""
    services = visitor.services
    people = {each.id: each for each in services.people.list(by(visitor))}
    body = render(
        "role_history.html", frame=visitor.frame, versions=services.roles.history(), people=people,
        current=services.policy.version,
    )  # fmt: skip
    return HTMLResponse(body)


@router.post("/role-history/{number}/restore")
def restore(
    visitor: Deciding, number: str, version: Text = "", seen: Text = "", password: Text = ""
) -> Response:  # fmt: skip
    """Put an earlier version in force again."""
    roles = visitor.services.roles
    page = _asking(
        visitor, f"恢复第 {_number(number)} 版角色", f"/role-history/{_number(number)}/restore", {"version": version}
    )
    return _decide(visitor, lambda: roles.file(_number(number)), (version, seen, password), page, "restored")


def _role(visitor: SignedIn, name: str) -> Role:
    role = visitor.services.policy.roles.get(name)
    if role is None:
        raise NotFound("没有这个角色。")
    return role


def _page(visitor: SignedIn, form: RoleForm, action: str, version: str) -> Page:
    return lambda proposal, problem: _form(visitor, form, action, _number(version), proposal, problem)


def _form(
    visitor: SignedIn,
    form: RoleForm,
    action: str,
    version: int,
    proposal: Proposal | None = None,
    problem: Problem | None = None,
    holders: Sequence[Person] = (),
) -> Response:
    role = visitor.services.policy.roles.get(form.name)
    body = render(
        "role.html", frame=visitor.frame, form=form, action=action, version=version, role=role, proposal=proposal,
        fixed=form.name == ADMINISTRATOR.name, problem=problem, trace=visitor.visit.trace,
        holders=holders,
    )  # fmt: skip
    return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})


def _asking(visitor: SignedIn, title: str, action: str, values: Mapping[str, str]) -> Page:
    """The page that only asks whether to go on."""

    def page(proposal: Proposal | None, problem: Problem | None) -> Response:
        body = render(
            "role_ask.html", frame=visitor.frame, title=title, action=action, values=values, proposal=proposal,
            problem=problem, trace=visitor.visit.trace,
        )  # fmt: skip
        return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})

    return page
