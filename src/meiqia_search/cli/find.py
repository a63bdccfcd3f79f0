"""``search`` and ``show``."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text as Styled

from meiqia_search import clock, fields
from meiqia_search.cli.common import Desk, desk, err, offered, options, out, print_json
from meiqia_search.conversation import SPEAKER_LABELS, Conversation, Speaker
from meiqia_search.fields import Kind
from meiqia_search.query import box
from meiqia_search.query.filter import Filter
from meiqia_search.query.request import Order, Relevance, Search, Sort

if TYPE_CHECKING:
    from meiqia_search.archive import Page, Row, View
    from meiqia_search.query.names import Names

HIT = "bold black on yellow"
RELAXED = 5


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("search")(search)
    app.command("show")(show)


def search(
    context: typer.Context,
    query: Annotated[
        str, typer.Argument(metavar="查询", help='例：退款 客服:小王 "一直没到账" -测试 渠道:微信 时间:近1年')
    ] = "",
    size: Annotated[int, typer.Option("--size", "-n", help="一页几条（1–100）")] = 20,
    sort: Annotated[
        str, typer.Option(metavar="字段", help="排序字段，前面加 - 为从大到小；relevance 为按相关度")
    ] = "-started_at",
    after: Annotated[str, typer.Option(help="接着上一页：上一次输出的 next", metavar="位置")] = "",
    why: Annotated[str, typer.Option(help="说明这个编号的会话为什么不在结果里", metavar="编号")] = "",
) -> None:
    """查找会话。"""
    with desk(context) as here:
        archive = here.services.archive
        where = box.parse(query, archive.vocabulary(here.caller), clock.now())
        if why:
            _print_reason(archive.explain(here.caller, where, why), as_json=options(context).json)
            return
        page = archive.search(here.caller, Search(where, _order(sort), size), after or None)
        if options(context).json:
            print_json(_as_json(page))
        else:
            for notice in page.notices:
                err.print(f"{notice.text}。{offered(notice)}", markup=False)
            _print_page(page, here)
            if not page.total:
                _print_ways_out(here, where)


def show(
    context: typer.Context,
    conversation_id: Annotated[str, typer.Argument(metavar="编号", help="会话编号")],
    reveal: Annotated[
        list[str] | None,
        typer.Option(metavar="内容", help="这一次显示明文：phone、name 等，或 field:wechat_id 等一个字段；可多次"),
    ] = None,
    reason: Annotated[str, typer.Option(metavar="理由", help="查看明文的理由，写入审计")] = "",
) -> None:
    """阅读一条会话。"""
    with desk(context) as here:
        for each in reveal or []:
            _reveal(here, conversation_id, each, reason)
        view = here.services.archive.read(here.caller, conversation_id)
        if options(context).json:
            print_json(readable(view.conversation) | {"messages": list(_messages(view.conversation))})
        else:
            _print_view(view, here.services.archive.names)


def _reveal(here: Desk, conversation_id: str, what: str, reason: str) -> None:
    """Whoever may run commands on this machine needs no password for it."""
    from meiqia_search.acl.reveal import read
    from meiqia_search.archive import Wish

    here.services.archive.reveal(here.caller, Wish(conversation_id, read(what), reason), lambda: None)


def _order(sort: str) -> Order:
    return Relevance() if sort == "relevance" else Sort(sort.removeprefix("-"), sort.startswith("-"))


def readable(conversation: Conversation) -> dict[str, Any]:
    """The facts with times as ISO 8601."""
    shown: dict[str, Any] = {"id": conversation.id}
    for name, values in conversation.facts.items():
        field = fields.get(name)
        plain = [clock.iso(v) if field.kind is Kind.TIME and isinstance(v, int) else v for v in values]
        shown[name] = plain if field.many else plain[0]
    return shown


def _messages(conversation: Conversation) -> Iterator[dict[str, Any]]:
    for message in conversation.messages:
        at = clock.iso(message.at) if message.at is not None else None
        yield {"id": message.id, "speaker": message.speaker, "name": message.name, "at": at, "kind": message.kind,
               "text": message.text, "url": message.url}  # fmt: skip


def _as_json(page: "Page") -> dict[str, Any]:
    items = [
        readable(row.conversation)
        | {"hits": row.hits, "snippets": [{"speaker": s.speaker, "text": s.fragment.text} for s in row.snippets]}
        for row in page.rows
    ]
    notices = [
        {"message": each.text, "field": each.field, "value": each.value, "known": [label for label, _ in each.ways]}
        for each in page.notices
    ]
    return {
        "total": page.total, "items": items, "next": page.next, "sentence": page.sentence, "notices": notices
    }  # fmt: skip


def _print_reason(reason: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"reason": reason})
    else:
        out.print(reason, markup=False)


def _print_page(page: "Page", here: Desk) -> None:
    out.print(Styled(page.sentence, "dim"))
    out.print(
        Styled(f"共 {page.total:,} 条", "bold"), Styled(f"· 可见范围：{page.reach} · {page.seconds:.3f} 秒", "dim")
    )
    for row in page.rows:
        out.print()
        _print_row(row, here.services.archive.names)
    if page.next:
        out.print()
        out.print(Styled(f"下一页：--after {page.next}", "dim"))


def _print_row(row: "Row", names: "Names") -> None:
    conversation = row.conversation
    started = conversation.number("started_at")
    line = Styled(clock.show(started) if started is not None else "时间不详", "bold")
    for name in ("channel", "customer_name", "type", "category", "topic", "owner", "rating"):
        if value := conversation.text(name):
            line.append(f"  {names.name(name, value)}", "")
    out.print(line)
    found = f"  命中 {row.hits} 条" if row.hits else ""
    out.print(Styled(f"  {conversation.id}{found}", "dim"))
    for snippet in row.snippets:
        fragment = snippet.fragment
        text = Styled(f"  {snippet.name}  ", "cyan")
        text.append("…" if fragment.cut_before else "", "dim")
        for piece, hit in fragment.pieces:
            text.append(piece.replace("\n", " "), HIT if hit else "default")
        text.append("…" if fragment.cut_after else "", "dim")
        out.print(text)


def _print_ways_out(here: Desk, where: Filter) -> None:
    """Nothing was found: which condition to drop, and what any of the words would find."""
    from meiqia_search.archive import relaxed
    from meiqia_search.query.sentence import sentence

    archive = here.services.archive
    if not here.services.conversations.count():
        out.print("档案里还没有会话；请先运行 meiqia-search import 文件。")
        return
    for offer in archive.offers(here.caller, where):
        out.print(f"去掉「{sentence(offer.dropped, archive.names)}」：{offer.total:,} 条", markup=False)
    looser = relaxed(where)
    page = archive.search(here.caller, looser, told=where) if looser else None
    if page is None or not page.total:
        out.print("没有会话符合这个条件；请换一个说法，或检查错别字。")
        return
    out.print(f"放宽后（含任意一个词，按相关度）共 {page.total:,} 条：")
    for row in page.rows[:RELAXED]:
        out.print()
        _print_row(row, archive.names)


def _print_view(view: "View", names: "Names") -> None:
    conversation = view.conversation
    out.print(Styled(conversation.id, "bold"))
    for name, values in conversation.facts.items():
        field = fields.get(name)
        out.print(
            Styled(f"  {field.label}  ", "dim"),
            "、".join(_worded(name, value, names) for value in values),
            markup=False,
        )
    out.print()
    for utterance in view.utterances:
        message = utterance.message
        at = clock.show(message.at) if message.at is not None else ""
        style = "cyan" if message.speaker is Speaker.CUSTOMER else "green"
        out.print(
            Styled(f"{at}  ", "dim"), Styled(f"{utterance.name or SPEAKER_LABELS[message.speaker]}  ", style), end=""
        )
        out.print(message.text, markup=False)


def _worded(name: str, value: fields.Value, names: "Names") -> str:
    field = fields.get(name)
    if isinstance(value, int) and field.kind is Kind.TIME:
        return clock.show(value)
    if isinstance(value, int) and field.unit == "秒":
        return clock.show_duration(value)
    return names.name(name, value)
