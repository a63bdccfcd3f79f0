"""``audit verify``."""

from typing import TYPE_CHECKING

import typer

from meiqia_search.cli.common import desk, options, out, print_json
from meiqia_search.cli.maintain import DIFFERENT

if TYPE_CHECKING:
    from meiqia_search.audit.chain import Verdict

app = typer.Typer(help="审计日志。", no_args_is_help=True)


@app.command("verify")
def verify(context: typer.Context) -> None:
    """校验审计日志：有没有被改动、删除、插入、调换、截去或换回旧的。"""
    with desk(context) as here:
        found = here.services.trail.verify(here.caller)
    if options(context).json:
        print_json(
            {"checked": found.checked, "last": found.last, "confirmed": found.confirmed,
             "fault": found.fault and found.fault.name.lower(), "first_bad": found.first_bad}
        )  # fmt: skip
    else:
        out.print(_words(found), markup=False)
    if found.fault:
        raise typer.Exit(DIFFERENT)


def _words(found: "Verdict") -> str:
    if found.fault is None:
        return (
            f"审计日志完整：共 {found.checked:,} 条，到第 {found.last:,} 条；检查点可证明到第 {found.confirmed:,} 条。"
        )
    where = f"第 {found.first_bad:,} 条：" if found.first_bad else ""
    proved = f"此前 {found.checked:,} 条相连，检查点可证明到第 {found.confirmed:,} 条。"
    return f"审计日志有问题。{where}{found.fault}。{proved}"
