"""``audit verify`` and ``audit alerts``."""

from typing import TYPE_CHECKING

import typer

from meiqia_search import clock
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


@app.command("alerts")
def alerts(context: typer.Context) -> None:
    """列出审计日志里的异常：大量阅读、夜间阅读、多次被拒绝，新的在前。"""
    with desk(context) as here:
        found = here.services.trail.alerts(here.caller)
        people = {each.id: each.login for each in here.services.people.record.all()}
        rows = [
            {"rule": each.rule.name, "label": each.rule.label, "person": people.get(each.person, each.person),
             "from": clock.iso(each.began_at), "to": clock.iso(each.ended_at), "evidence": list(each.evidence)}
            for each in found
        ]  # fmt: skip
    if options(context).json:
        print_json(rows)
        return
    for row in rows:
        first, last = row["evidence"][0], row["evidence"][-1]
        span = f"第 {first} 至 {last} 条中的 {len(row['evidence'])} 条"
        out.print(f"{row['to']}\t{row['person']}\t{row['label']}\t依据：审计日志{span}", markup=False)
    if not rows:
        out.print("没有异常。")


def _words(found: "Verdict") -> str:
    if found.fault is None:
        return (
            f"审计日志完整：共 {found.checked:,} 条，到第 {found.last:,} 条；检查点可证明到第 {found.confirmed:,} 条。"
        )
    where = f"第 {found.first_bad:,} 条：" if found.first_bad else ""
    proved = f"此前 {found.checked:,} 条相连，检查点可证明到第 {found.confirmed:,} 条。"
    return f"审计日志有问题。{where}{found.fault}。{proved}"
