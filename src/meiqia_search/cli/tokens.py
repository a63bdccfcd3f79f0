"""``tokens``: by which programs act for a person."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from meiqia_search import clock
from meiqia_search.cli.common import Desk, desk, err, options, out, print_json

if TYPE_CHECKING:
    from meiqia_search.accounts.people import Person

app = typer.Typer(help="令牌：程序代替某人调用接口。", no_args_is_help=True)
Login = Annotated[str, typer.Argument(metavar="账号", help="令牌代替谁；替别人管理需要管理人员的权限")]


@app.command("create")
def create(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option("--name", help="用它的程序")],
    uses: Annotated[list[str], typer.Option("--use", metavar="用途", help="search、read、people 或 audit，可多次")],
    days: Annotated[int, typer.Option("--days", help="有效天数，最多 365")] = 90,
) -> None:
    """新建令牌；只在这时显示一次（标准输出）。"""
    with desk(context) as here:
        person = _person(here, login)
        made, text = here.services.tokens.create(person, name, uses, days, here.caller.actor)
        lacks = list(_lacking(here, person, uses))
    if options(context).json:
        print_json({"id": made.id, "token": text, "expires_at": clock.iso(made.expires_at)})
    else:
        out.print(text, markup=False)
        err.print(f"令牌 {made.id} 有效至 {clock.show(made.expires_at)[:16]}；它不会再显示，请现在保存。", markup=False)
    for ability in lacks:
        err.print(f"注意：{login} 的角色现在没有“{ability}”，令牌用于此事会被拒绝。", markup=False)


@app.command("list")
def list_tokens(context: typer.Context, login: Login) -> None:
    """列出某人的令牌。"""
    with desk(context) as here:
        now = clock.now()
        rows = [
            {"id": each.id, "name": each.name, "uses": list(each.uses), "created_at": clock.iso(each.created_at),
             "expires_at": clock.iso(each.expires_at), "seen_at": clock.iso(each.seen_at) if each.seen_at else None,
             "state": "已撤销" if each.revoked else "有效" if each.holds(now) else "已过期"}
            for each in here.services.tokens.of(_person(here, login), here.caller.actor)
        ]  # fmt: skip
    if options(context).json:
        print_json(rows)
        return
    for row in rows:
        used = f"最近使用 {row['seen_at']}" if row["seen_at"] else "从未使用"
        uses = "、".join(row["uses"] or [])
        out.print(
            f"{row['id']}\t{row['name']}\t{uses}\t{row['state']}\t有效至 {row['expires_at']}\t{used}", markup=False
        )
    if not rows:
        err.print(f"{login} 没有令牌。", markup=False)


@app.command("revoke")
def revoke(context: typer.Context, login: Login, token: Annotated[str, typer.Argument(metavar="令牌编号")]) -> None:
    """撤销令牌，立即生效。"""
    with desk(context) as here:
        here.services.tokens.revoke(_person(here, login), token, here.caller.actor)
    err.print(f"已撤销令牌 {token}。", markup=False)


def _lacking(here: Desk, person: "Person", uses: list[str]) -> Iterator[str]:
    """What the token is for and its person may not do."""
    from meiqia_search.accounts.people import principal
    from meiqia_search.accounts.tokens import NEEDED
    from meiqia_search.acl.role import ABILITY_LABELS
    from meiqia_search.acl.scope import scope_for

    able = scope_for(principal(person), here.services.policy).abilities
    for use, ability in NEEDED.items():
        if use in uses and ability not in able:
            yield ABILITY_LABELS[ability]


def _person(here: Desk, login: str) -> "Person":
    """The person, if it is the caller or the caller manages people.

    Raises:
        ActionNotAllowed, NotFound
    """
    from meiqia_search.acl.role import Ability

    people = here.services.people
    own = people.by_id(here.caller.principal.id)
    if login != own.login:
        here.services.archive.require(here.caller, Ability.MANAGE_PEOPLE)
    return people.by_login(login)
