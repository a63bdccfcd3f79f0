"""``serve``: one web process and one worker."""

import os
import signal
import sys
import threading
from typing import Annotated

import typer

from meiqia_search.cli.beside import prefer_throughput, worker_beside
from meiqia_search.cli.common import Options, err, opened, options, settings

APP = "meiqia_search.web.app:app"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("worker", hidden=True)(work)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="监听的地址（默认 127.0.0.1）")] = None,
    port: Annotated[int | None, typer.Option(help="端口（默认 8000）")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="档案是新的时候，先建一家演示网店")] = False,
) -> None:
    """启动网页和索引进程。"""
    import uvicorn

    chosen = options(context)
    _prepare(chosen, demo=demo)
    configured = settings(chosen)
    host, port = host or configured.host, port or configured.port
    os.environ["MEIQIA_DATA_DIR"] = str(configured.data_dir)
    with worker_beside(configured.data_dir):
        err.print(f"会话档案：http://{host}:{port}/", markup=False)
        uvicorn.run(APP, factory=True, host=host, port=port, log_level="warning", access_log=False, server_header=False)


def work(context: typer.Context) -> None:
    """Keep the index up to date; ends when standard input closes (when ``serve`` ends or dies)."""
    from meiqia_search.cli.setup import local_caller

    with opened(options(context)) as services:
        worker = services.worker(services.archive.scope(local_caller(services)))

        def stop_with_parent() -> None:
            sys.stdin.read()
            worker.stop()

        threading.Thread(target=stop_with_parent, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # serve tells us
        prefer_throughput()
        worker.run()


def _prepare(chosen: Options, *, demo: bool) -> None:
    from meiqia_search.cli.setup import ACCOUNTS, initialise, make_demo

    with opened(chosen) as services:
        if initialise(services) and demo:
            make_demo(services, 3000, 1)
    if demo:
        err.print("演示账号（账号 / 密码）：")
        for account in ACCOUNTS:
            err.print(f"  {account.login} / {account.password}  {account.sees}", markup=False)
