"""``users``: accounts."""

import sys
from getpass import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from meiqia_search.cli.common import Desk, desk, err, offered, options, out, print_json

if TYPE_CHECKING:
    from meiqia_search.accounts.people import Person

app = typer.Typer(help="账号。", no_args_is_help=True)

Login = Annotated[str, typer.Argument(metavar="账号")]
Agents = Annotated[
    list[str] | None, typer.Option("--agent", metavar="客服", help="此人在会话里的客服编号或名字，可多次")
]
Groups = Annotated[list[str] | None, typer.Option("--group", metavar="组", help="所属或带领的客服组，可多次")]
Password = Annotated[str | None, typer.Option("--password", help="不填则提示输入")]


@app.command("add")
def add(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", help="姓名")],
    role: Annotated[str, typer.Option("--role", help="角色，例如 agent 或 客服；全部角色见 roles show")],
    agents: Agents = None,
    groups: Groups = None,
    password: Password = None,
) -> None:
    """新增一个账号。"""
    from meiqia_search.accounts import passwords

    with desk(context) as here:
        _require(here)
        role = _role(here, role)
        password = _asked() if password is None else password
        passwords.check(password)
        person = here.services.people.add(
            login, name, role, password, _ids(here, "agent", agents), _ids(here, "group", groups), by=here.caller.actor
        )
        err.print(f"已新增账号 {person.login}（{here.services.policy.roles[role].label}）", markup=False)
        _tell_doubts(here, person)
    if options(context).json:
        print_json({"id": person.id, "login": person.login})


@app.command("change")
def change(
    context: typer.Context,
    login: Login,
    name: Annotated[str | None, typer.Option("--name", help="姓名")] = None,
    role: Annotated[str | None, typer.Option("--role", help="角色，例如 agent 或 客服；改后须重新登录")] = None,
    agents: Agents = None,
    groups: Groups = None,
) -> None:
    """改姓名、角色、客服或客服组；没写的不变。"""
    with desk(context) as here:
        _require(here)
        wanted = {
            "name": name,
            "role": None if role is None else _role(here, role),
            "agents": None if agents is None else _ids(here, "agent", agents),
            "groups": None if groups is None else _ids(here, "group", groups),
        }
        columns = {key: value for key, value in wanted.items() if value is not None}
        person = here.services.people.change(login, here.caller.actor, **columns)  # type: ignore[arg-type]
        err.print(f"已修改账号 {person.login}。", markup=False)
        _tell_doubts(here, person)


@app.command("disable")
def disable(context: typer.Context, login: Login) -> None:
    """停用账号；已登录的立即退出。"""
    with desk(context) as here:
        _require(here)
        here.services.people.disable(login, here.caller.actor)
    err.print(f"已停用账号 {login}。", markup=False)


@app.command("enable")
def enable(context: typer.Context, login: Login) -> None:
    """重新启用账号。"""
    with desk(context) as here:
        _require(here)
        here.services.people.enable(login, here.caller.actor)
    err.print(f"已启用账号 {login}。", markup=False)


@app.command("password")
def set_password(context: typer.Context, login: Login, password: Password = None) -> None:
    """重设密码；已登录的立即退出。"""
    with desk(context) as here:
        _require(here)
        password = _asked() if password is None else password
        here.services.people.set_password(login, password, here.caller.actor)
    err.print(f"已重设 {login} 的密码。", markup=False)


@app.command("list")
def list_people(context: typer.Context) -> None:
    """列出账号。"""
    with desk(context) as here:
        _require(here)
        people = here.services.people.list(here.caller.actor)
        if options(context).json:
            print_json([
                {"login": p.login, "name": p.name, "role": p.role, "agents": p.agents, "groups": p.groups,
                 "disabled": p.disabled}
                for p in people
            ])  # fmt: skip
            return
        for person in people:
            out.print(_line(here, person), markup=False)


def _line(here: Desk, person: "Person") -> str:
    role = here.services.policy.roles.get(person.role)
    cells = [person.login, person.name, "已停用" if person.disabled else role.label if role else "没有这个角色"]
    for label, field, ids in (("客服", "agent", person.agents), ("组", "group", person.groups)):
        if ids:
            cells.append(f"{label}：{'、'.join(here.services.directory.name(field, each) for each in ids)}")
    return "\t".join(cells)


def _require(here: Desk) -> None:
    from meiqia_search.acl.role import Ability

    here.services.archive.require(here.caller, Ability.MANAGE_PEOPLE)


def _ids(here: Desk, field: str, words: list[str] | None) -> list[str]:
    """The ids that names stand for; what nobody is called is an id."""
    return [each for word in words or () for each in here.services.directory.ids(field, word) or (word,)]


def _role(here: Desk, word: str) -> str:
    """The name of the role that is called so; another word as it is."""
    roles = here.services.policy.roles
    return word if word in roles else next((each.name for each in roles.values() if each.label == word), word)


def _asked() -> str:
    """The password, from the terminal without showing it, or else as a line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    while (password := getpass("密码：")) != getpass("再输一次："):
        err.print("两次输入的密码不一样，请重新输入。")
    return password


def _tell_doubts(here: Desk, person: "Person") -> None:
    """What may be a mistake: nothing by which the role sees anything, agents or groups that no conversation has."""
    from meiqia_search.acl.role import REACH_LABELS, Reach
    from meiqia_search.query.filter import Or, Term

    role = here.services.policy.roles[person.role]
    needs = "group" if role.reach is Reach.GROUPS else "agent" if role.reach in {Reach.OWN, Reach.OWNER} else ""
    ids = {"agent": person.agents, "group": person.groups}
    if needs and not ids[needs]:
        label = {"agent": "客服", "group": "组"}[needs]
        err.print(
            f"注意：{role.label}的可见范围是{REACH_LABELS[role.reach]}，而这个账号没有写{label}，什么也看不到；"
            f"请用 meiqia-search users change {person.login} --{needs} {label} 补上。",
            markup=False,
        )
    unsure = Or(tuple(Term(field, known) for field, known in ids.items() if known))
    for notice in here.services.archive.notices(here.caller, unsure) if unsure.parts else ():
        err.print(f"注意：{notice.text}。{offered(notice)}", markup=False)
