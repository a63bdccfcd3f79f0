"""``opensearch …``: what an administrator of the cluster sets up for the archive."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import typer

from meiqia_search.acl.principal import LOCAL_LOGIN
from meiqia_search.cli.common import desk, options, out, print_json, settings

TEMPLATES = "_index_template"
SECURITY = "_plugins/_security/api"

app = typer.Typer(
    help="给 OpenSearch 管理员的设置，写法与 Dashboards 的 Dev Tools 相同。",
    no_args_is_help=True,
)


@app.command("templates")
def templates(context: typer.Context) -> None:
    """索引模板，供审阅；程序自己会建。"""
    from meiqia_search.wiring import index_templates

    chosen = options(context)
    made = index_templates(settings(chosen))
    if chosen.json:
        print_json(made)
    else:
        _print_requests(TEMPLATES, made)


@app.command("account")
def account(context: typer.Context) -> None:
    """程序自己的账号，建档案之前就要有；新建用户时请加上 password。"""
    from meiqia_search.wiring import program_access

    _show(program_access(settings(options(context))), as_json=options(context).json)


@app.command("roles")
def roles(context: typer.Context) -> None:
    """安全插件的角色、映射和用户，与本系统同一套权限；新建用户时请加上 password。"""
    from meiqia_search.acl.role import Ability

    with desk(context) as here:
        services = here.services
        services.archive.require(here.caller, Ability.MANAGE_PEOPLE)
        people = [each for each in services.people.list(here.caller.actor) if each.login != LOCAL_LOGIN]
        access = services.cluster_access(people)
    _show(access, as_json=options(context).json)


def _show(access: Mapping[str, Mapping[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(access)
        return
    for kind, made in access.items():
        _print_requests(f"{SECURITY}/{kind}", made)


def _print_requests(path: str, made: Mapping[str, Any]) -> None:
    for name, body in made.items():
        written = msgspec.json.format(msgspec.json.encode(body), indent=2).decode()
        out.print(f"PUT {path}/{quote(name)}\n{written}\n", markup=False)
