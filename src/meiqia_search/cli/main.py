"""The command ``meiqia-search``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from meiqia_search.cli import bring, find, maintain, people, serving
from meiqia_search.cli.common import LOCAL_LOGIN, Options, print_error
from meiqia_search.errors import ArchiveError, StorageFull

EPILOG = """退出码：0 成功 · 1 程序出错 · 2 查询或参数有误 · 3 没有权限 · 4 找不到 · 5 暂时不可用 · 6 磁盘已满 ·
7 文件无法导入 · 8 配置有误 · 9 verify 发现不一致 · 130 被中断"""

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


for group in (maintain, bring, find, serving):
    group.register(app)
app.add_typer(people.app, name="users")


def run() -> None:
    """Run the command; every error becomes a sentence and an exit code."""
    as_json = "--json" in sys.argv
    try:
        app()
    except ArchiveError as error:
        print_error(error, as_json=as_json)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno != 28:  # ENOSPC
            raise
        print_error(StorageFull(), as_json=as_json)
        sys.exit(StorageFull.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
