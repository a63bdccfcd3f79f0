"""The command ``meiqia-search``."""

import os
import sys
from errno import ENOSPC
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from meiqia_search.acl.principal import LOCAL_LOGIN
from meiqia_search.cli import (
    audit,
    bring,
    chinese,
    cluster,
    doctor,
    find,
    keys,
    maintain,
    people,
    roles,
    serving,
    tokens,
)
from meiqia_search.cli.common import Options, err, print_error
from meiqia_search.errors import ArchiveError, BadRequest, StorageFull

EPILOG = (
    "退出码：0 成功 · 1 程序出错 · 2 查询或参数有误 · 3 没有权限 · 4 找不到 · 5 暂时不可用 · 6 磁盘已满 · "
    "7 文件无法导入 · 8 配置有误 · 9 verify 或 audit verify 发现不一致 · 10 doctor 发现问题 · 130 被中断"
)

INTERRUPTED = 130

chinese.install()
app = typer.Typer(
    name="meiqia-search",
    help="会话档案：导入客户会话，中文全文检索，快速阅读。",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option("--data", envvar="MEIQIA_DATA_DIR", help="数据文件夹（默认 ./data）", metavar="文件夹"),
    ] = None,
    login: Annotated[str, typer.Option("--as", help="以哪个账号的权限执行", metavar="账号")] = LOCAL_LOGIN,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出结果")] = False,
) -> None:
    """会话档案：导入客户会话，中文全文检索，快速阅读。"""
    context.obj = Options(data, login, as_json)


for group in (maintain, doctor, bring, find, serving):
    group.register(app)
app.add_typer(people.app, name="users")
app.add_typer(roles.app, name="roles")
app.add_typer(tokens.app, name="tokens")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(cluster.app, name="opensearch")


def main() -> None:
    """The program: what it writes is for the account it runs under alone."""
    os.umask(0o077)
    run()


def run() -> None:
    """Run the command; every error becomes a sentence and an exit code."""
    arguments = globals_first(sys.argv[1:])
    as_json = "--json" in arguments
    try:
        code = app(arguments, standalone_mode=False)
    except ArchiveError as error:
        code = _told(error, as_json=as_json)
    except chinese.UsageError as error:
        words = chinese.complaint(error, arguments)
        code = _told(BadRequest(f"{words}（运行 meiqia-search --help 查看用法）"), as_json=as_json)
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        code = _told(StorageFull(), as_json=as_json)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        err.print("已中断。已存入的都在；导入被中断时，重新运行同一命令会接着导入。")
        code = INTERRUPTED
    sys.exit(code)


def _told(error: ArchiveError, *, as_json: bool) -> int:
    print_error(error, as_json=as_json)
    return error.exit_code


def globals_first(arguments: list[str]) -> list[str]:
    """The arguments with ``--data``, ``--as`` and ``--json`` moved before the command, where typer wants them."""
    front: list[str] = []
    rest: list[str] = []
    queue = iter(arguments)
    for argument in queue:
        if argument == "--":
            rest += [argument, *queue]
        elif argument in {"--data", "--as"}:
            front += [argument, *islice(queue, 1)]
        elif argument == "--json" or argument.startswith(("--data=", "--as=")):
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest
