"""``init``, ``demo``, ``rebuild``, ``rollback``, ``verify`` and ``move``."""

from typing import Annotated

import typer

from meiqia_search.acl.principal import LOCAL_LOGIN
from meiqia_search.audit.events import Action, Event
from meiqia_search.cli.common import LOCAL_NAME, desk, err, opened, options, out, print_json

DIFFERENT = 9
"""Exit code of ``verify`` when the index differs from the record."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("demo")(demo)
    app.command("rebuild")(rebuild)
    app.command("rollback")(roll_back)
    app.command("verify")(verify)
    app.command("move")(move)


def init(context: typer.Context) -> None:
    """建立档案和本机管理员；已有的档案不会改动。"""
    from meiqia_search.cli.setup import initialise

    with opened(options(context)) as services:
        fresh = initialise(services)
        words = "已建立档案" if fresh else "档案已存在，没有改动"
        err.print(f"{words}：{services.folder.resolve()}", markup=False)
        if options(context).json:
            print_json({"created": fresh, "login": LOCAL_LOGIN, "name": LOCAL_NAME})


def demo(
    context: typer.Context,
    size: Annotated[int, typer.Option("--size", "-n", help="生成多少条会话")] = 3000,
    seed: Annotated[int, typer.Option(help="同一个种子生成同样的内容")] = 1,
) -> None:
    """在新的档案里生成一家演示网店的会话和账号。"""
    from meiqia_search.acl.role import Ability
    from meiqia_search.cli.setup import ACCOUNTS, initialise, make_demo, require_new

    with opened(options(context)) as services:
        initialise(services)
    with desk(context) as here:
        here.services.archive.require(here.caller, Ability.MANAGE_PEOPLE)
        require_new(here.services)
        made = make_demo(here.services, size, seed)
    if options(context).json:
        print_json({"conversations": made, "accounts": [account._asdict() for account in ACCOUNTS]})


def rebuild(context: typer.Context) -> None:
    """在旧索引旁建新索引，核对后切换；期间照常可查。"""
    from meiqia_search.acl.role import Ability

    with desk(context) as here:
        services, scope = here.services, here.services.archive.require(here.caller, Ability.MAINTAIN)
        with services.sole_writer():
            with err.status("正在重建索引") as status:
                count = services.rebuild(scope, lambda done, total: status.update(f"正在重建索引 {done:,} / {total:,}"))
            services.audit.append(Event(Action.REBUILD, here.caller.actor, scope.version, count=count))
    if options(context).json:
        print_json({"conversations": count})
    else:
        out.print(f"索引已重建并核对：{count:,} 条会话。")


def roll_back(context: typer.Context) -> None:
    """回到上一次重建之前的索引，补上之后的变化，核对后切换。"""
    from meiqia_search.acl.role import Ability

    with desk(context) as here:
        services, scope = here.services, here.services.archive.require(here.caller, Ability.MAINTAIN)
        with services.sole_writer():
            count = services.roll_back(scope)
            services.audit.append(Event(Action.ROLL_BACK, here.caller.actor, scope.version, count=count))
    if options(context).json:
        print_json({"conversations": count})
    else:
        out.print(f"已回到上一代索引并核对：{count:,} 条会话。")


def verify(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="修复发现的不一致")] = False,
) -> None:
    """核对索引与档案是否一致。"""
    from meiqia_search.acl.role import Ability
    from meiqia_search.indexing.verify import verify as compare

    with desk(context) as here:
        services, scope = here.services, here.services.archive.require(here.caller, Ability.MAINTAIN)
        found = compare(services.index.reader, services.conversations, scope)
        services.audit.append(
            Event(Action.VERIFY, here.caller.actor, scope.version, ids=found.ids, count=found.checked)
        )
        if repair and (found.ids or found.refused):
            with services.indexing(scope):
                services.conversations.enqueue([*found.ids, *found.refused])
            refused = services.conversations.refused()
        else:
            refused = dict(found.refused)
    if options(context).json:
        print_json({"checked": found.checked, "missing": found.missing, "extra": found.extra, "stale": found.stale,
                    "refused": refused, "pending": found.pending, "repaired": repair})  # fmt: skip
    else:
        pending = f"（另有 {found.pending:,} 条正在写入索引）" if found.pending else ""
        out.print(
            f"核对 {found.checked:,} 条：缺 {len(found.missing)}，多 {len(found.extra)}，旧 {len(found.stale)}{pending}"
            + ("；已修复。" if repair and found.ids else "。")
        )
        for conversation_id, reason in refused.items():
            out.print(f"查不到 {conversation_id}：{reason}按编号仍可阅读。", markup=False)
    if refused or (found.ids and not repair):
        raise typer.Exit(DIFFERENT)


def move(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="地址", help="空的 PostgreSQL 数据库：postgresql://账号:密码@主机/库名")
    ],
) -> None:
    """把档案从 SQLite 原样搬到 PostgreSQL；原来的文件不变，期间不能写入。"""
    from meiqia_search.acl.role import Ability

    with desk(context) as here:
        services, scope = here.services, here.services.archive.require(here.caller, Ability.MAINTAIN)
        services.audit.append(Event(Action.MOVE, here.caller.actor, scope.version, "PostgreSQL"))
        with services.sole_writer(), err.status("正在搬迁") as status:
            rows = services.move(address, lambda done: status.update(f"正在搬迁 {done:,} 行"))
    if options(context).json:
        print_json({"rows": rows})
    else:
        out.print(f"已搬迁 {rows:,} 行。请把 MEIQIA_DATABASE_URL 设为这个地址再启动；原来的文件留作备份。")
