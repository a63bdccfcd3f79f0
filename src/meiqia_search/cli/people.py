"""``users``: accounts."""

from typing import Annotated

import typer

from meiqia_search.cli.common import Desk, desk, err, options, out, print_json

app = typer.Typer(help="账号。", no_args_is_help=True)

Login = Annotated[str, typer.Argument(metavar="账号")]
Agents = Annotated[
    list[str] | None, typer.Option("--agent", metavar="客服", help="此人在会话里的客服编号或名字，可多次")
]
Groups = Annotated[list[str] | None, typer.Option("--group", metavar="组", help="所属或带领的客服组，可多次")]
Password = Annotated[
    str, typer.Option(prompt="密码", confirmation_prompt="再输一次", hide_input=True, help="不填则提示输入")
]


@app.command("add")
def add(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", help="姓名")],
    role: Annotated[str, typer.Option("--role", help="角色，例如 agent；全部角色见 roles show")],
    agents: Agents = None,
    groups: Groups = None,
    password: Password = "",
) -> None:
    """新增一个账号。"""
    from meiqia_search.accounts import passwords

    passwords.check(password)
    with desk(context) as here:
        _require(here)
        person = here.services.people.add(
            login, name, role, password, _ids(here, "agent", agents), _ids(here, "group", groups), by=here.caller.actor
        )
        label = here.services.policy.roles[role].label
    if options(context).json:
        print_json({"id": person.id, "login": person.login})
    else:
        err.print(f"已新增账号 {login}（{label}）", markup=False)


@app.command("change")
def change(
    context: typer.Context,
    login: Login,
    name: Annotated[str | None, typer.Option("--name", help="姓名")] = None,
    role: Annotated[str | None, typer.Option("--role", help="角色；改后须重新登录")] = None,
    agents: Agents = None,
    groups: Groups = None,
) -> None:
    """改姓名、角色、客服或客服组；没写的不变。"""
    with desk(context) as here:
        _require(here)
        wanted = {
            "name": name,
            "role": role,
            "agents": None if agents is None else _ids(here, "agent", agents),
            "groups": None if groups is None else _ids(here, "group", groups),
        }
        columns = {key: value for key, value in wanted.items() if value is not None}
        person = here.services.people.change(login, here.caller.actor, **columns)  # type: ignore[arg-type]
    err.print(f"已修改账号 {person.login}。", markup=False)


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
def set_password(context: typer.Context, login: Login, password: Password = "") -> None:
    """重设密码；已登录的立即退出。"""
    with desk(context) as here:
        _require(here)
        here.services.people.set_password(login, password, here.caller.actor)
    err.print(f"已重设 {login} 的密码。", markup=False)


@app.command("list")
def list_people(context: typer.Context) -> None:
    """列出账号。"""
    with desk(context) as here:
        _require(here)
        roles = here.services.policy.roles
        rows = [
            {"login": p.login, "name": p.name, "role": p.role, "agents": list(p.agents), "groups": list(p.groups),
             "disabled": p.disabled}
            for p in here.services.people.list(here.caller.actor)
        ]  # fmt: skip
    if options(context).json:
        print_json(rows)
        return
    for row in rows:
        role = roles.get(str(row["role"]))
        state = "已停用" if row["disabled"] else role.label if role else "没有这个角色"
        out.print(f"{row['login']}\t{row['name']}\t{state}", markup=False)


def _require(here: Desk) -> None:
    from meiqia_search.acl.role import Ability

    here.services.archive.require(here.caller, Ability.MANAGE_PEOPLE)


def _ids(here: Desk, field: str, words: list[str] | None) -> list[str]:
    """The ids that names stand for; what nobody is called is an id."""
    return [each for word in words or () for each in here.services.directory.ids(field, word) or (word,)]
