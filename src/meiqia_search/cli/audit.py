"""``audit``: who did what, and whether the log is still what was written."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meiqia_search import clock
from meiqia_search.cli.common import Desk, desk, err, options, out, print_json
from meiqia_search.cli.maintain import DIFFERENT
from meiqia_search.errors import BadRequest

if TYPE_CHECKING:
    from meiqia_search.archive.alerts import Noticed
    from meiqia_search.archive.trail import Leaf
    from meiqia_search.audit.chain import Kept
    from meiqia_search.audit.question import Question
    from meiqia_search.audit.rules import Rules

app = typer.Typer(help="审计日志：谁在什么时候看了、做了什么，日志有没有被改动。", no_args_is_help=True)

Who = Annotated[str, typer.Option("--who", metavar="账号", help="登录名、姓名或账号编号：此人做的，和对此人做的")]
Actions = Annotated[
    list[str] | None, typer.Option("--action", metavar="动作", help="例如 search、read、sign_in_failed，可多次")
]
When = Annotated[str, typer.Option("--when", metavar="时间", help="今天、近7天、2026-11-01..2026-11-22 等")]
Outcome = Annotated[str, typer.Option("--outcome", metavar="结果", help="ok 成功，failed 未成功")]
Entries = Annotated[str, typer.Option("--entries", metavar="序号", help="例如 1200 或 1200..1260，例如异常的依据")]
About = Annotated[list[str] | None, typer.Option("--about", metavar="编号", help="会话或账号编号，可多次")]
Size = Annotated[int, typer.Option("--size", "-n", help="一页几条（1–100）")]
After = Annotated[str, typer.Option(help="翻页：上一次输出的位置", metavar="位置")]


@app.command("search")
def search(
    context: typer.Context,
    words: Annotated[str, typer.Argument(metavar="文字", help="内容里出现的文字")] = "",
    who: Who = "",
    action: Actions = None,
    when: When = "",
    outcome: Outcome = "",
    about: About = None,
    entries: Entries = "",
    size: Size = 50,
    after: After = "",
) -> None:
    """查找记录，新的在前。"""
    with desk(context) as here:
        question = _question(here, who, action or [], about or [], when, outcome, words, entries)
        _print(context, here, here.services.trail.read(here.caller, question, after or None, size))


@app.command("trace")
def trace(
    context: typer.Context,
    customer: Annotated[str, typer.Option("--customer", metavar="编号", help="谁看过这位客户")] = "",
    conversation: Annotated[str, typer.Option("--conversation", metavar="编号", help="谁看过这条会话")] = "",
    who: Annotated[str, typer.Option("--who", metavar="账号", help="此人做过什么，别人对此人做过什么")] = "",
    when: When = "",
    size: Size = 50,
    after: After = "",
) -> None:
    """追查一位客户、一条会话或一个人。"""
    from meiqia_search.archive.trail import of_customer

    if [bool(each) for each in (customer, conversation, who)].count(True) != 1:
        raise BadRequest("请写明追查谁：--customer、--conversation 或 --who 中的一个。")
    with desk(context) as here:
        _require(here)
        about: tuple[str, ...] = (conversation,) if conversation else ()
        total = 0
        if customer:
            about, total = of_customer(here.services.archive, here.caller, customer)
        question = _question(here, who, (), about, when, "", "")
        _print(context, here, here.services.trail.read(here.caller, question, after or None, size))
        if total > len(about):
            err.print(f"这位客户有 {total:,} 条会话，只追查了最近 {len(about)} 条。")


@app.command("export")
def export(
    context: typer.Context,
    who: Who = "",
    action: Actions = None,
    when: When = "",
    outcome: Outcome = "",
    about: About = None,
    entries: Entries = "",
) -> None:
    """把记录写到标准输出：CSV，加 --json 则为 JSON Lines（可用来另行校验）。"""
    import sys

    from meiqia_search.audit.sheet import as_csv, as_lines

    with desk(context) as here:
        question = _question(here, who, action or [], about or [], when, outcome, "", entries)
        rows = here.services.trail.export(here.caller, question)
        lines = as_lines(rows) if options(context).json else as_csv(rows, here.services.people.names())
        for line in lines:
            sys.stdout.buffer.write(line.encode())
        sys.stdout.flush()


@app.command("verify")
def verify(context: typer.Context) -> None:
    """校验日志：有没有被改动、删除、插入、调换、截去或换回旧的。"""
    with desk(context) as here:
        found = here.services.trail.verify(here.caller)
    if options(context).json:
        print_json(
            {"checked": found.checked, "last": found.last, "confirmed": found.confirmed,
             "fault": found.fault and found.fault.name.lower(), "first_bad": found.first_bad}
        )  # fmt: skip
    else:
        out.print(found.words, markup=False)
    if found.fault:
        raise typer.Exit(DIFFERENT)


@app.command("alerts")
def alerts(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="也列出已确认的")] = False,
) -> None:
    """列出审计日志里待处理的异常，新的在前。"""
    with desk(context) as here:
        found = [each for each in here.services.alerts.all(here.caller) if every or each.acknowledged is None]
        people = {each.id: each.login for each in here.services.people.record.all()}
        rows = [_noticed(each, people) for each in found]
    if options(context).json:
        print_json(rows)
        return
    for row in rows:
        first, last = row["evidence"][0], row["evidence"][-1]
        span = f"第 {first} 至 {last} 条中的 {len(row['evidence'])} 条"
        noted = row["acknowledged"]
        state = f"{noted['by']} 已确认：{noted['note']}" if noted else "待处理"
        line = (row["to"], row["person"], row["label"], f"依据：审计日志{span}", state, row["key"])
        out.print("\t".join(line), markup=False)
    if not rows:
        out.print("没有异常。" if every else "没有待处理的异常。")


def _noticed(each: "Noticed", people: dict[str, str]) -> dict[str, Any]:
    alert, noted = each.alert, each.acknowledged
    return {
        "key": alert.key, "rule": alert.rule.name, "label": alert.rule.label, "words": alert.rule.words,
        "person": people.get(alert.person, alert.person), "from": clock.iso(alert.began_at),
        "to": clock.iso(alert.ended_at), "evidence": list(alert.evidence),
        "acknowledged": noted and {
            "by": people.get(noted.person, noted.person), "at": clock.iso(noted.at), "note": noted.note,
        },
    }  # fmt: skip


@app.command("acknowledge")
def acknowledge(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="异常", help="audit alerts 每行最后的编号")],
    note: Annotated[str, typer.Option("--note", metavar="文字", help="核实的结果，写入审计")],
) -> None:
    """确认一条异常，写明核实的结果。"""
    with desk(context) as here:
        here.services.alerts.acknowledge(here.caller, key, note)
    err.print("已确认。")


rules_app = typer.Typer(help="异常规则：什么算异常。", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
Name = Annotated[str, typer.Argument(metavar="规则", help="audit rules list 每行最前的名字")]


@rules_app.command("list")
def list_rules(context: typer.Context) -> None:
    """列出现在的规则。"""
    from meiqia_search.audit.setting import written

    with desk(context) as here:
        _require(here)
        found = here.services.alerts.rules()
    if options(context).json:
        rows = [{"name": each.name, "label": each.label, "words": each.words, **written(each)}
                for each in found.rules.values()]  # fmt: skip
        print_json({"version": found.version, "rules": rows})
        return
    for each in found.rules.values():
        settings = " ".join(f"{name}={value}" for name, value in written(each).items())
        out.print(f"{each.name}\t{each.label}\t{each.words}\t{settings}", markup=False)


@rules_app.command("set")
def set_rule(
    context: typer.Context,
    name: Name,
    values: Annotated[
        list[str],
        typer.Argument(metavar="项=值", help="most=50 window=60 hours=22-6 factor=5 where=客户类型:VIP enabled=off"),
    ],
) -> None:
    """修改一条规则，从现在起生效；写入审计。"""
    from meiqia_search.audit.setting import read

    with desk(context) as here:
        _require_manager(here)
        pairs = [each.partition("=") for each in values]
        typed = {key.strip(): value for key, _, value in pairs}
        vocabulary = here.services.archive.vocabulary_of_links(here.caller)
        new = here.services.alerts.adjusted(name, read(typed, vocabulary, clock.now()))
        _change(context, here, new)


@rules_app.command("reset")
def reset_rule(context: typer.Context, name: Name) -> None:
    """恢复一条规则最初的设置；写入审计。"""
    with desk(context) as here:
        _require_manager(here)
        _change(context, here, here.services.alerts.reset(name))


def _require_manager(here: Desk) -> None:
    from meiqia_search.acl.role import Ability

    here.services.archive.require(here.caller, Ability.MANAGE_PEOPLE)


def _change(context: typer.Context, here: Desk, new: "Rules") -> None:
    lines = here.services.alerts.change(here.caller, new, here.services.alerts.rules().version)
    if options(context).json:
        print_json({"changes": lines})
        return
    for line in lines:
        out.print(line, markup=False)
    err.print("已保存，从现在起生效。" if lines else "与现在相同，没有改动。")


def _require(here: Desk) -> None:
    from meiqia_search.acl.role import Ability

    here.services.archive.require(here.caller, Ability.READ_AUDIT)


def _question(
    here: Desk, who: str, actions: Sequence[str], about: Sequence[str], when: str, outcome: str, words: str,
    entries: str = "",
) -> "Question":  # fmt: skip
    from meiqia_search.audit import question

    _require(here)
    people = here.services.people.called(who) if who else ()
    return question.read(clock.now(), people, actions, about, when, outcome, words, entries)


def _print(context: typer.Context, here: Desk, leaf: "Leaf") -> None:
    names = here.services.people.names()
    if options(context).json:
        from meiqia_search.audit.sheet import as_item

        items = [as_item(row, names) for row in leaf.rows]
        print_json({"total": leaf.total, "items": items, "newer": leaf.newer, "older": leaf.older,
                    "uncertain": leaf.uncertain})  # fmt: skip
        return
    out.print(f"{leaf.sentence}：共 {leaf.total:,} 条", markup=False)
    for row in leaf.rows:
        line = "\t".join(_cells(row, names))
        out.print("".join(each if each.isprintable() or each == "\t" else "�" for each in line), markup=False)
    if leaf.uncertain:
        out.print(f"另有 {leaf.uncertain:,} 次操作涉及的记录太多，只留了前 100 个编号和摘要，可能也包含在内。")
    if leaf.older:
        out.print(f"更早的：--after '{leaf.older}'", markup=False)


def _cells(row: "Kept", names: dict[str, str]) -> Iterator[str]:
    from meiqia_search.audit.events import action_label, outcome_label

    entry = row.entry
    yield from (f"#{entry.seq}", clock.show(entry.at), names.get(entry.person, entry.person) or "（未登录）")
    yield from (action_label(entry.action), entry.sentence, f"{entry.count:,} 条", " ".join(row.ids[:3]))
    yield from (entry.address or entry.surface, outcome_label(entry.outcome))
