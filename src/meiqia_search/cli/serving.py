"""``serve``: one web process and one worker."""

import os
import signal
import socket
import sys
import threading
from errno import EADDRINUSE
from typing import Annotated

import typer

from meiqia_search.checkup import Level
from meiqia_search.cli.beside import worker_beside
from meiqia_search.cli.common import Options, err, opened, options, settings
from meiqia_search.errors import BadConfiguration
from meiqia_search.indexing.helping import prefer_throughput

CHECKPOINT_S = 60.0
"""No entry of the audit is older than this without a signed checkpoint behind it."""
APP = "meiqia_search.web.app:app"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("worker", hidden=True)(work)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="监听的地址（默认 127.0.0.1）")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="端口（默认 8000）")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="档案是新的时候，先建一家演示网店")] = False,
) -> None:
    """启动网页和索引进程。"""
    import uvicorn

    chosen = options(context)
    _prepare(chosen, demo=demo)
    configured = settings(chosen)
    host, port = host or configured.host, port or configured.port
    os.environ["MEIQIA_DATA_DIR"] = str(configured.data_dir)
    with _listening(host, port) as door, worker_beside(configured.data_dir):
        err.print(f"会话档案：http://{host}:{port}/（按 Ctrl-C 停止）", markup=False)
        server = uvicorn.Config(APP, factory=True, log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(server).run(sockets=[door])


def _listening(host: str, port: int) -> socket.socket:
    """The open port.

    Raises:
        BadConfiguration: it is taken, or this machine has no such address.
    """
    try:
        return socket.create_server((host, port))
    except OSError as trouble:
        if trouble.errno == EADDRINUSE:
            raise BadConfiguration(f"端口 {port} 已被别的程序占用；请用 --port 换一个。") from trouble
        raise BadConfiguration(f"不能在 {host} 的端口 {port} 上提供服务；请检查 --host 和 --port。") from trouble


def work(context: typer.Context) -> None:
    """Keep the index up to date; ends when standard input closes (when ``serve`` ends or dies)."""
    from meiqia_search.cli.setup import local_caller

    with opened(options(context)) as services:
        worker = services.worker(services.archive.scope(local_caller(services)))
        ended = threading.Event()

        def stop_with_parent() -> None:
            sys.stdin.read()
            worker.stop()

        def keep_checkpoints() -> None:
            while not ended.wait(CHECKPOINT_S):
                services.checkpoint()

        for part in (stop_with_parent, keep_checkpoints):
            threading.Thread(target=part, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # serve tells us
        prefer_throughput()
        worker.run()
        ended.set()


def _prepare(chosen: Options, *, demo: bool) -> None:
    from meiqia_search.cli.setup import ACCOUNTS, initialise, make_demo

    with opened(chosen) as services:
        if initialise(services) and demo:
            make_demo(services, 3000, 1)
        for finding in services.index.examine():
            if finding.level is Level.TROUBLE:
                err.print(f"注意，{finding.subject}：{finding.text}", markup=False)
    if demo:
        err.print("演示账号（账号 / 密码）：")
        for account in ACCOUNTS:
            err.print(f"  {account.login} / {account.password}  {account.sees}", markup=False)
