"""``roles``: who may see and do what, as a file."""

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from meiqia_search import clock
from meiqia_search.cli.common import Desk, desk, err, options, out, print_json
from meiqia_search.errors import BadRole, UnreadableFile

if TYPE_CHECKING:
    from meiqia_search.acl.policy import Policy

app = typer.Typer(help="角色：谁能看什么、做什么。", no_args_is_help=True)
STDIN = "-"
LARGEST = 1 << 20
Check = Annotated[bool, typer.Option("--check", help="只检查并显示会改什么、对谁有什么影响，不改动")]


@app.command("show")
def show(context: typer.Context) -> None:
    """列出现在的角色。"""
    from meiqia_search.acl.difference import abilities, reach

    with desk(context) as here:
        policy, names = _policy(here), here.services.directory
        rows = [
            {"name": role.name, "label": role.label, "sees": reach(role, names),
             "abilities": abilities(role), "limits": asdict(role.limits), "reveals": sorted(role.reveals),
             "fault": role.fault}
            for role in policy.roles.values()
        ]  # fmt: skip
    if options(context).json:
        print_json({"version": policy.version, "roles": rows})
        return
    out.print(f"第 {policy.version} 版")
    for row in rows:
        able = "、".join(row["abilities"]) or "无"
        out.print(f"{row['name']}\t{row['label']}\t可见：{row['sees']}\t功能：{able}", markup=False)
        if row["fault"]:
            err.print(f"角色“{row['label']}”已不能使用，其成员看不到任何会话：{row['fault']}", markup=False)


@app.command("export")
def export(context: typer.Context) -> None:
    """把角色写成 JSON 文件（标准输出），改好后用 import 放回。"""
    from meiqia_search.acl import rolefile

    with desk(context) as here:
        print_json(rolefile.to_json(_policy(here)))


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="文件", help="roles export 得到的 JSON；- 为标准输入")],
    check: Check = False,
) -> None:
    """用文件里的角色替换现在的角色；有错则什么都不改。"""
    with desk(context) as here:
        _change(context, here, _policy(here), _read(file), check)


@app.command("history")
def history(context: typer.Context) -> None:
    """列出各版角色，新的在前。"""
    with desk(context) as here:
        _policy(here)
        people = {each.id: each.login for each in here.services.people.list(here.caller.actor)}
        versions = here.services.roles.history()
    if options(context).json:
        print_json([
            {"version": each.number, "at": clock.iso(each.at), "by": people.get(each.person, ""), "note": each.note}
            for each in versions
        ])  # fmt: skip
        return
    for each in versions:
        who = people.get(each.person, "")
        out.print(f"第 {each.number} 版\t{clock.show(each.at)}\t{who}\t{each.note}", markup=False)


@app.command("restore")
def restore(
    context: typer.Context,
    version: Annotated[int, typer.Argument(metavar="版本号", min=1)],
    check: Check = False,
) -> None:
    """恢复到某一版角色；恢复本身也是新的一版。"""
    with desk(context) as here:
        _change(context, here, _policy(here), here.services.roles.file(version), check)


def _policy(here: Desk) -> "Policy":
    from meiqia_search.acl.role import Ability

    here.services.archive.require(here.caller, Ability.MANAGE_PEOPLE)
    return here.services.policy


def _read(file: str) -> object:
    """The JSON in a file.

    Raises:
        UnreadableFile, BadRole
    """
    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if file == STDIN else Path(file).read_bytes()
    except OSError:
        raise UnreadableFile from None
    if len(data) > LARGEST:
        raise BadRole("角色文件最大 1 MB。")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        raise BadRole("角色文件不是正确的 JSON；请从 roles export 得到的文件改起。") from None


def _change(context: typer.Context, here: Desk, old: "Policy", file: object, check: bool) -> None:
    """Put the roles of a file in force, or say what that would change and for whom."""
    from meiqia_search.accounts import effect
    from meiqia_search.acl.difference import differences

    services, by = here.services, here.caller.actor
    new = services.roles.changed(file, old.version) if check else services.roles.change(file, old.version, by)
    told: dict[str, list[str]] = {"changes": differences(old, new, services.directory)}
    if check:
        services.roles.require_possible(new)
        reaches = partial(services.archive.reaches, here.caller)
        told["effect"] = effect.of_policy(reaches, services.people.list(by), old, new).lines
    if options(context).json:
        print_json({"version": new.version, **told})
        return
    for line in (line for lines in told.values() for line in lines):
        out.print(line, markup=False)
    count = len(told["changes"])
    err.print(f"{'会' if check else '已'}改动 {count} 处。" if count else "与现在的角色相同，没有改动。")
