"""Servers that tests start for themselves."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

import machine

OPTIONS = (
    "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60 -c shared_buffers=32MB "
    "-c listen_addresses=127.0.0.1"
)


class Postgres:
    """A running server."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._numbers = count(1)

    def new_database(self) -> str:
        """The address of a new, empty database."""
        name = f"meiqia_{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)

    def address(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://meiqia@127.0.0.1:{self._port}/{database}"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A new PostgreSQL server with an empty data folder, stopped and deleted at the end."""
    programs = machine.find_postgres()
    if programs is None:
        _give_up(f"没有 PostgreSQL {machine.OLDEST_POSTGRES} 以上的服务器程序；运行 make test 会尝试安装")
    folder = Path(tempfile.mkdtemp(prefix="meiqia-pg-"))
    try:
        _owned_by_user(folder)
        _run(
            programs / "initdb", "-D", folder / "data", "-U", "meiqia", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        port = _free_port()
        options = f"{OPTIONS} -c port={port} -c unix_socket_directories={folder}"
        _run(programs / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield Postgres(folder, port)
        finally:
            _run(programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _user() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as, where we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _owned_by_user(folder: Path) -> None:
    if user := _user():
        shutil.chown(folder, user)


def _run(program: Path, *arguments: str | Path) -> None:
    user = _user()
    command = [str(program), *map(str, arguments)]
    if user:
        command = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups", *command]
    done = subprocess.run(
        command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        _give_up(f"PostgreSQL 服务器起不来：{done.stderr.decode(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
