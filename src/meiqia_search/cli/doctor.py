"""``doctor``: is everything as it should be?"""

from collections.abc import Iterator

import typer

from meiqia_search.checkup import Finding, Level, failed
from meiqia_search.cli.common import desk, options, out, print_json, settings
from meiqia_search.errors import ArchiveError, Refused

TROUBLE = 10
"""Exit code where something has to be done."""
MARKS = {Level.GOOD: "[green]✓[/]", Level.NOTICE: "[yellow]![/]", Level.TROUBLE: "[bold red]✗[/]"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(context: typer.Context) -> None:
    """检查数据文件夹、数据库、索引和权限，说明怎么处理；不改动任何东西。"""
    as_json = options(context).json
    found = []
    for finding in _findings(context):
        found.append(finding)
        if not as_json:
            out.print(f"{MARKS[finding.level]} {finding.subject}：", end="")
            out.print(finding.text, markup=False)
    if as_json:
        print_json(found)
    if any(each.level is Level.TROUBLE for each in found):
        raise typer.Exit(TROUBLE)


def _findings(context: typer.Context) -> Iterator[Finding]:
    from meiqia_search.acl.role import Ability
    from meiqia_search.doctor import before_opening, can_be_opened, opened

    before = list(before_opening(settings(options(context))))
    yield from before
    if not can_be_opened(before):
        return
    try:
        with desk(context) as here:
            here.services.archive.require(here.caller, Ability.MAINTAIN)
            yield from opened(here.services, here.caller)
    except Refused:
        raise
    except ArchiveError as error:
        yield failed("档案", error)
