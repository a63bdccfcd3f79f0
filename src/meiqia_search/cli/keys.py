"""``keys``: with which personal values are hashed in the index, so that they can be looked up."""

from typing import TYPE_CHECKING, Annotated

import typer

from meiqia_search.audit.events import Action, Event
from meiqia_search.cli.common import Desk, desk, err, options, out, print_json

if TYPE_CHECKING:
    from meiqia_search.acl.scope import Scope

app = typer.Typer(help="查找密钥：索引里的手机、邮箱等只有用它计算的指纹。", no_args_is_help=True)


@app.command("list")
def list_keys(context: typer.Context) -> None:
    """列出密钥，以及索引是否还在用；密钥本身从不显示。"""
    with desk(context) as here:
        _scope(here)
        known, used = here.services.keys.live(), here.services.index.reader.hashed_with()
        rows = [{"id": key.id, "newest": key is known[-1], "in_index": key.id in used} for key in known]
    if options(context).json:
        print_json(rows)
        return
    for row in rows:
        out.print(f"{row['id']}  {'索引在用' if row['in_index'] else '索引不用'}{'  最新' if row['newest'] else ''}")


@app.command("rotate")
def rotate(context: typer.Context) -> None:
    """启用一个新密钥；旧的照常可查，运行 rebuild 之后再停用。"""
    with desk(context) as here:
        scope = _scope(here)
        made = here.services.keys.rotate()
        here.services.audit.append(Event(Action.ROTATE_KEY, here.caller.actor, scope.version, made.id))
    if options(context).json:
        print_json({"id": made.id})
    else:
        err.print(f"已启用密钥 {made.id}。请运行 meiqia-search rebuild，然后用 meiqia-search keys retire 停用旧的。")


@app.command("retire")
def retire(
    context: typer.Context, key: Annotated[str, typer.Argument(metavar="密钥", help="名称，见 keys list")]
) -> None:
    """停用一个旧密钥；索引里还有用它计算的指纹时拒绝。"""
    with desk(context) as here:
        scope, services = _scope(here), here.services
        with services.sole_writer():
            services.retire_key(key)
        services.audit.append(Event(Action.RETIRE_KEY, here.caller.actor, scope.version, key))
    if options(context).json:
        print_json({"id": key})
    else:
        err.print(f"已停用密钥 {key}。", markup=False)


def _scope(here: Desk) -> "Scope":
    from meiqia_search.acl.role import Ability

    return here.services.archive.require(here.caller, Ability.MAINTAIN)
