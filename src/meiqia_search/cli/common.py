"""What every command shares: which archive, who asks, and how answers and errors are printed."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer
from pydantic import ValidationError
from rich.console import Console

from meiqia_search.acl.principal import LOCAL_LOGIN
from meiqia_search.errors import ArchiveError, BadConfiguration, NotFound
from meiqia_search.settings import Settings

if TYPE_CHECKING:  # opening the archive loads the engine; --help does not need it
    from meiqia_search.archive import Caller, Notice
    from meiqia_search.wiring import Services

LOCAL_NAME = "本机管理员"
NO_ARCHIVE = "这个数据文件夹里还没有档案。请先运行 meiqia-search init，或用 --data 指向已有的档案。"

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(slots=True)
class Options:
    """The options before the command."""

    data: Path | None = None
    login: str = LOCAL_LOGIN
    json: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """An opened archive and the person at it."""

    services: "Services"
    caller: "Caller"


def options(context: typer.Context) -> Options:
    """The options before the command."""
    found = context.find_root().obj
    return found if isinstance(found, Options) else Options()


def settings(chosen: Options) -> Settings:
    """The configuration, with ``--data`` in place of what it says.

    Raises:
        BadConfiguration: names the key that is wrong.
    """
    try:
        return Settings(data_dir=chosen.data) if chosen.data else Settings()
    except ValidationError as wrong:
        key = "_".join(str(part) for part in wrong.errors()[0]["loc"]).upper()
        raise BadConfiguration(f"配置项 MEIQIA_{key} 的值不对；请检查环境变量或 meiqia.env。") from None


@contextmanager
def opened(chosen: Options) -> Iterator["Services"]:
    """The archive, made where it is new."""
    from meiqia_search.wiring import open_services

    services = open_services(settings(chosen))
    try:
        yield services
    finally:
        services.close()


@contextmanager
def desk(context: typer.Context) -> Iterator[Desk]:
    """The archive and who asks: the person of ``--as``, else the administrator of this machine.

    Raises:
        BadConfiguration: there is no archive in this folder yet.
        NotFound: there is no such person.
    """
    from meiqia_search.archive import Caller
    from meiqia_search.audit.events import Visit

    chosen = options(context)
    configured = settings(chosen)
    if configured.database_url is None and not configured.data_dir.exists():
        raise BadConfiguration(NO_ARCHIVE)
    with opened(chosen) as services:
        if not initialised(services):
            raise BadConfiguration(NO_ARCHIVE)
        yield Desk(services, Caller(services.principal(chosen.login), Visit("cli", trace=secrets.token_hex(8))))


def initialised(services: "Services") -> bool:
    """Whether there is an administrator of this machine."""
    try:
        services.people.by_login(LOCAL_LOGIN)
    except NotFound:
        return False
    return True


def offered(notice: "Notice") -> str:
    """What could be meant instead, as a sentence; nothing where there is nothing to offer."""
    return f"{notice.lead}：{'、'.join(label for label, _ in notice.ways)}。" if notice.ways else ""


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.flush()


def print_error(error: ArchiveError, *, as_json: bool) -> None:
    """What happened and what to do, on standard error."""
    if as_json:
        problem = {"code": error.code, "title": error.title, "detail": error.detail, **error.data}
        sys.stderr.write(msgspec.json.encode(problem).decode() + "\n")
    else:
        err.print(f"[bold red]{error.title}[/]：", end="")
        err.print(error.detail, markup=False)
