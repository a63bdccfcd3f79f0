"""``users add`` and ``users list``."""

from typing import Annotated

import typer

from meiqia_search.acl.role import BUILT_IN, Ability
from meiqia_search.cli.common import desk, err, options, out, print_json

app = typer.Typer(help="账号。", no_args_is_help=True)

ROLES = "、".join(f"{role.name}（{role.label}）" for role in BUILT_IN.values())


@app.command("add")
def add(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="账号")],
    name: Annotated[str, typer.Option("--name", help="姓名")],
    role: Annotated[str, typer.Option("--role", help=f"角色：{ROLES}")],
    agents: Annotated[
        list[str] | None, typer.Option("--agent", metavar="客服", help="此人在会话里的客服编号或名字，可多次")
    ] = None,
    groups: Annotated[
        list[str] | None, typer.Option("--group", metavar="组", help="所属或带领的客服组，可多次")
    ] = None,
    password: Annotated[
        str, typer.Option(prompt="密码", confirmation_prompt="再输一次", hide_input=True, help="不填则提示输入")
    ] = "",
) -> None:
    """新增一个账号。"""
    from meiqia_search.accounts import passwords

    passwords.check(password)
    with desk(context) as here:
        services = here.services
        services.archive.scope(here.caller).require(Ability.MANAGE_PEOPLE)
        names = services.directory
        person = services.people.add(
            login,
            name,
            role,
            password,
            [each for word in agents or () for each in names.ids("agent", word) or (word,)],
            [each for word in groups or () for each in names.ids("group", word) or (word,)],
            by=here.caller.actor,
        )
    if options(context).json:
        print_json({"id": person.id, "login": person.login})
    else:
        err.print(f"已新增账号 {login}（{BUILT_IN[role].label}）", markup=False)


@app.command("list")
def list_people(context: typer.Context) -> None:
    """列出账号。"""
    with desk(context) as here:
        services = here.services
        services.archive.scope(here.caller).require(Ability.MANAGE_PEOPLE)
        rows = [
            {"login": p.login, "name": p.name, "role": p.role, "agents": list(p.agents), "groups": list(p.groups),
             "disabled": p.disabled}
            for p in services.people.list(here.caller.actor)
        ]  # fmt: skip
    if options(context).json:
        print_json(rows)
        return
    for row in rows:
        state = "已停用" if row["disabled"] else BUILT_IN[str(row["role"])].label
        out.print(f"{row['login']}\t{row['name']}\t{state}", markup=False)
