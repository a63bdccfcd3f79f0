"""``import``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from meiqia_search import clock
from meiqia_search.audit.events import Action, Event
from meiqia_search.cli.common import Desk, desk, err, options, out, print_json
from meiqia_search.errors import BadInput, UnknownMapping

if TYPE_CHECKING:
    from meiqia_search.indexing.feed import Feed
    from meiqia_search.records.imports import Progress

STDIN = "-"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_files)


def import_files(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="文件…", help="JSON Lines、CSV 或 Excel；- 为标准输入（JSON Lines）")
    ],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="列名=字段", help="指定表格某一列是什么，可多次使用")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="只显示认出的编码和列，不导入")] = False,
) -> None:
    """导入会话；中断后重新运行同一命令会接着导入。"""
    columns = _columns(mapping or [])
    if preview:
        for file in files:
            _show_preview(Path(file), columns)
        return
    from meiqia_search.acl.role import Ability
    from meiqia_search.indexing.helping import prefer_throughput

    with desk(context) as here:
        scope = here.services.archive.require(here.caller, Ability.MAINTAIN)
        prefer_throughput()
        with here.services.indexing(scope) as feed:
            done, unread = _each(files, columns, here, feed)
    if options(context).json:
        print_json(done)
    if len(files) == 1 and unread:
        raise unread[0]
    useless = [_called(str(each["file"])) for each in done if each["rejected"] and not _kept(each)]
    if useless or unread:
        none = f"{'、'.join(useless)} 里没有一条会话能导入。" if useless else ""
        more = f"{len(unread)} 个文件读不了。" if unread else ""
        others = "；其他文件已照常导入" if len(files) > len(useless) + len(unread) else ""
        raise BadInput(f"{none}{more}原因在上面，请修正后重新导入{others}。")


def _each(
    files: list[str], columns: dict[str, str], here: Desk, feed: "Feed | None"
) -> tuple[list[dict[str, int | str]], list[BadInput]]:
    """Files one after the other; what is wrong with one keeps no other back."""
    done, unread = [], []
    for file in files:
        try:
            done.append(_import(file, columns, here, feed))
        except BadInput as wrong:
            unread.append(wrong)
            if len(files) > 1:
                err.print(f"{file}：{wrong.detail}", markup=False)
    return done, unread


def _called(file: str) -> str:
    return "标准输入" if file == STDIN else Path(file).name


def _kept(done: dict[str, int | str]) -> int:
    return sum(int(done[name]) for name in ("added", "changed", "same"))


def _columns(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise UnknownMapping(f"--map 应写成 列名=字段，这里是“{pair[:40]}”。")
    return dict(pair.rsplit("=", 1) for pair in pairs)


def _show_preview(path: Path, columns: dict[str, str]) -> None:
    from meiqia_search.channels import files

    found = files.preview(path, columns)
    out.print(f"{path.name}：{found.kind}，编码 {found.encoding or '无'}", markup=False)
    for header, target in found.columns:
        out.print(f"  {header} → {target or '（不导入）'}", markup=False)
    for row in found.rows:
        out.print("  " + " | ".join(cell[:20] for cell in row), markup=False)


def _import(file: str, columns: dict[str, str], here: Desk, feed: "Feed | None") -> dict[str, int | str]:
    services = here.services
    scope = services.archive.scope(here.caller)
    name = _called(file)
    done, rejects = _from_stdin(here, feed) if file == STDIN else _from_file(Path(file), columns, here, feed)
    services.audit.append(Event(Action.IMPORT, here.caller.actor, scope.version, name, count=done.added))
    err.print(
        f"{name}：新增 {done.added:,}，更新 {done.changed:,}，未变 {done.same:,}，未收 {done.rejected:,}", markup=False
    )
    if done.rejected:
        err.print(f"未收的行和原因在 {rejects}", markup=False)
    counts = {"added": done.added, "changed": done.changed, "same": done.same, "rejected": done.rejected}
    return {"file": Path(file).name, **counts, **({"rejects": str(rejects)} if done.rejected else {})}


def _from_stdin(here: Desk, feed: "Feed | None") -> tuple["Progress", Path]:
    from meiqia_search.indexing import intake
    from meiqia_search.records.imports import Progress

    services = here.services
    rejects = services.folder / "rejects" / f"stdin-{clock.local(clock.now()):%Y%m%d-%H%M%S}.jsonl"
    intake.receive("stdin", sys.stdin.buffer, services.inbox)
    tally = intake.drain(services.inbox, services.conversations)
    if feed:
        feed.keep_up()
    rejected = intake.write_off("stdin", services.inbox, rejects)
    return Progress(added=tally.added, changed=tally.changed, same=tally.same, rejected=rejected), rejects


def _from_file(path: Path, columns: dict[str, str], here: Desk, feed: "Feed | None") -> tuple["Progress", Path]:
    from meiqia_search.channels import files
    from meiqia_search.indexing import intake

    services = here.services
    fingerprint = files.fingerprint(path)
    rejects = services.folder / "rejects" / f"{path.stem}-{fingerprint[:8]}.jsonl"
    _tell_mapping(path, columns)
    if left := services.imports.of(fingerprint).position:
        err.print(f"{path.name}：上次导入中断了，从第 {left + 1:,} 行继续", markup=False)
    with _bar() as bar:
        task = bar.add_task(path.name, total=None)

        def report(progress: "Progress") -> None:
            bar.update(task, description=f"{path.name}  已存入 {progress.position:,}")

        done = intake.import_file(path, columns, rejects, services.conversations, services.imports, feed, report)
        bar.update(task, description=f"{path.name}  正在写索引")
        if feed:
            feed.drain()
    return done, rejects


def _tell_mapping(path: Path, columns: dict[str, str]) -> None:
    from meiqia_search.channels import files

    found = files.preview(path, columns)
    if found.columns:
        known = "，".join(f"{header} → {target}" for header, target in found.columns if target)
        err.print(f"{path.name}：{known}", markup=False)
        if ignored := [header for header, target in found.columns if not target]:
            err.print(f"不导入的列：{'、'.join(ignored)}（可用 --map 列名=字段 指定）", markup=False)


def _bar() -> Bar:
    return Bar(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )
