"""``serve``: web processes and a worker beside them; ``worker``: a worker alone."""

import os
import signal
import socket
import sys
import threading
from contextlib import nullcontext
from errno import EADDRINUSE
from pathlib import Path
from typing import Annotated

import typer

from meiqia_search.checkup import Level
from meiqia_search.cli.beside import worker_beside
from meiqia_search.cli.common import Options, desk, err, opened, options, settings
from meiqia_search.cli.exposed import is_exposed, require_no_demo, require_secrets
from meiqia_search.errors import BadConfiguration
from meiqia_search.indexing.helping import prefer_throughput

CHECKPOINT_S = 60.0
"""No entry of the audit is older than this without a signed checkpoint behind it."""
START_S, END_S = 60, 10
"""What a web process may take to begin, and to finish what it is answering."""
APP = "meiqia_search.web.app:app"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("worker")(work)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="监听的地址（默认 127.0.0.1）")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="端口（默认 8000）")] = None,
    processes: Annotated[int | None, typer.Option(min=1, max=64, help="网页进程数（默认 1）")] = None,
    web_only: Annotated[bool, typer.Option("--web-only", help="不启动索引进程；它用 worker 另行启动")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="档案是新的时候，先建一家演示网店")] = False,
) -> None:
    """启动网页和索引进程。"""
    chosen = options(context)
    configured = settings(chosen)
    host, port = host or configured.host, port or configured.port
    _prepare(chosen, host, demo=demo)
    os.environ["MEIQIA_DATA_DIR"] = str(configured.data_dir)
    beside = nullcontext() if web_only else worker_beside(configured.data_dir)
    with _listening(host, port) as door, beside:
        err.print(f"会话档案：http://{host}:{port}/（按 Ctrl-C 停止）", markup=False)
        _answer(door, processes or configured.processes, configured.trusted_proxies)


def _answer(door: socket.socket, processes: int, proxies: str) -> None:
    """Answer until told to end; SIGHUP replaces several processes one by one, without a gap."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    server = uvicorn.Config(
        APP,
        factory=True,
        log_level="warning",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=proxies,
        workers=processes,
        timeout_worker_healthcheck=START_S,
        timeout_graceful_shutdown=END_S,
    )
    if processes > 1:
        Multiprocess(server, [door]).run()
    else:
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


def work(
    context: typer.Context,
    heartbeat: Annotated[
        Path | None, typer.Option(metavar="文件", help="工作正常时不断更新这个文件的时间，供监控检查")
    ] = None,
    beside: Annotated[bool, typer.Option("--beside", hidden=True)] = False,
) -> None:
    """只启动索引进程；网页由 serve --web-only 提供时用。"""
    from meiqia_search.cli.setup import local_caller

    with desk(context) as here:
        services = here.services
        beat = heartbeat.touch if heartbeat else lambda: None
        worker = services.worker(services.archive.scope(local_caller(services)), beat)
        ended = threading.Event()

        def stop_with_parent() -> None:
            """Standard input is closed when ``serve`` ends or dies."""
            sys.stdin.read()
            worker.stop()

        def keep_checkpoints() -> None:
            while not ended.wait(CHECKPOINT_S):
                services.checkpoint()

        for part in (keep_checkpoints, *([stop_with_parent] if beside else [])):
            threading.Thread(target=part, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        # beside serve, Ctrl-C is for that, which tells us
        signal.signal(signal.SIGINT, signal.SIG_IGN if beside else lambda *_: worker.stop())
        prefer_throughput()
        worker.run()
        ended.set()


def _prepare(chosen: Options, host: str, *, demo: bool) -> None:
    from meiqia_search.cli.setup import ACCOUNTS, initialise, make_demo

    if is_exposed(host):
        require_secrets(settings(chosen), demo=demo)
    with opened(chosen) as services:
        if initialise(services) and demo:
            make_demo(services, 3000, 1)
        if is_exposed(host):
            require_no_demo(services)
        for finding in services.index.examine():
            if finding.level is Level.TROUBLE:
                err.print(f"注意，{finding.subject}：{finding.text}", markup=False)
    if demo:
        err.print("演示账号（账号 / 密码）：")
        for account in ACCOUNTS:
            err.print(f"  {account.login} / {account.password}  {account.sees}", markup=False)
