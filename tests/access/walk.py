"""Going everywhere as everybody, and keeping every byte that comes back, is logged or is written to the audit."""

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount
from starlette.testclient import TestClient
from typer.main import get_command

from meiqia_search.cli.main import app as commands
from meiqia_search.cli.main import run
from meiqia_search.wiring import Services
from tests.access.surfaces import METHODS, NOWHERE, ROUTES, Ask
from tests.access.world import browser
from tests.conftest import PROVE

LINKS = 60 if PROVE else 15
"""So many links of the pages are followed for each person."""
_HREF = re.compile(r'(?:href|hx-get|action)="(/[^"#]*)')


_CHANCE = re.compile(rb"(?<![0-9A-Fa-f])(?:[0-9a-f]{64}|[0-9A-F]{10}|17[0-9]{14})(?![0-9A-Fa-f])")
_TRACE = re.compile(" [0-9A-F]{10}$")
"""Numbers of requests, marks of forms, digests, and the time of the test in microseconds: any digits may be in them."""


def without_chance(left: bytes) -> bytes:
    """What left, without that: seven digits of it are those of some secret once in some thousand pages."""
    return _CHANCE.sub(b"", left)


@dataclass(frozen=True)
class Answer:
    """What came of a request or command: every byte of it, what was logged meanwhile, and the rows of the audit."""

    surface: str
    asked: str
    status: int
    left: bytes
    logged: str
    audited: tuple[str, ...]
    actions: tuple[str, ...]

    @property
    def text(self) -> str:
        """What left, to be read."""
        return self.left.decode("utf-8", "replace")


class Watcher:
    """Sees what is logged and audited."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @contextmanager
    def watching(self) -> Iterator[Callable[[str, str, int, bytes], Answer]]:
        """What happens from here on, into an answer."""
        lines: list[str] = []
        handler = logging.Handler(logging.DEBUG)
        handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the browser of the test itself
        handler.emit = lambda record: lines.append(_TRACE.sub("", handler.format(record)))  # type: ignore[method-assign]
        root, before = logging.getLogger(), self._last()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.INFO)

        def answer(surface: str, asked: str, status: int, left: bytes) -> Answer:
            rows = self._since(before)
            told = tuple(str({name: row[name] for name in row.keys() - {"at", "trace"}}) for row in rows)
            actions = tuple(str(row["action"]) for row in rows)
            return Answer(surface, asked, status, without_chance(left), "\n".join(lines), told, actions)

        try:
            yield answer
        finally:
            root.removeHandler(handler)
            root.setLevel(level)

    def _last(self) -> int:
        newest = self._services.audit.newest(1)
        return int(str(newest[0]["seq"])) if newest else 0

    def _since(self, seq: int) -> list[dict[str, object]]:
        return [row for row in reversed(self._services.audit.newest(200)) if int(str(row["seq"])) > seq]


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Method and address of every route; a kind of route that nobody thought of is an error."""
    return {(method, path) for route in _flat(app.routes) for method, path in _named(route)}


def _named(route: object) -> Iterator[tuple[str, str]]:
    assert isinstance(route, APIRoute | Mount), route
    methods = {"GET"} if isinstance(route, Mount) else route.methods
    for method in methods or ():
        yield method, route.path


def _flat(found: object) -> Iterator[object]:
    for route in found:  # type: ignore[attr-defined]  # a list of routes
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from _flat(inner.routes)


def every_command() -> set[str]:
    """The names of all commands, hidden ones too."""
    return set(_leaves(get_command(commands), ()))


def _leaves(command: object, path: tuple[str, ...]) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path)
        return
    for name, each in inner.items():
        yield from _leaves(each, (*path, name))


def walk(services: Services, login: str | None, ids: list[str]) -> list[Answer]:
    """Everything that this person is answered; ``ids`` are the conversations that are read."""
    client, watcher = browser(services, login), Watcher(services)
    asks = [(f"{method} {path}", ask) for (method, path), asking in ROUTES.items() for ask in asking(ids)]
    asks += _wrong_ways() if login in {None, "agent"} else []
    answers = [request(client, watcher, surface, ask) for surface, ask in asks]
    followed: set[str] = {each.asked for each in answers}
    most = len(followed) + LINKS
    for link in _links(answers):
        if link not in followed and len(followed) < most:
            followed.add(link)
            answers.append(request(client, watcher, "GET link", Ask("GET", link)))
    return answers


def _wrong_ways() -> list[tuple[str, Ask]]:
    """Addresses and methods that there are none of: the answer is the same for everybody."""
    elsewhere = [Ask(method, page) for page in NOWHERE for method in ("GET", *METHODS)]
    turned = [Ask(method, _filled(path)) for _, path in ROUTES for method in METHODS if (method, path) not in ROUTES]
    return [(f"{ask.method} elsewhere", ask) for ask in (*elsewhere, *turned)]


def _links(answers: list[Answer]) -> Iterator[str]:
    """Addresses on pages; what is met on the way is followed too."""
    for answer in answers:
        for link in _HREF.findall(answer.text):
            if not link.startswith("/static/"):
                yield unescape(link)


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "absent", path)


@dataclass(frozen=True)
class Got:
    """What came back: the status, everything that is not the body, and the body."""

    status: int
    head: str
    body: bytes

    @property
    def left(self) -> bytes:
        """Every byte."""
        return f"{self.status}\n{self.head}\n".encode() + self.body

    @property
    def text(self) -> str:
        """The body, to be read."""
        return self.body.decode("utf-8", "replace")


def send(client: TestClient, ask: Ask) -> Got:
    """One request."""
    got = client.request(
        ask.method, ask.page, params=dict(ask.params) or None, headers=ask.headers, data=ask.form or None,
        **({} if ask.json is None else {"json": ask.json}),
    )  # fmt: skip
    return Got(got.status_code, "".join(f"{name}: {value}\n" for name, value in got.headers.multi_items()), got.content)


def request(client: TestClient, watcher: Watcher, surface: str, ask: Ask) -> Answer:
    """One request, watched."""
    asked = ask.page + ("?" if ask.params else "") + "&".join(f"{name}={quote(value)}" for name, value in ask.params)
    with watcher.watching() as answer:
        got = send(client, ask)
        return answer(surface, asked, got.status, got.left)


Printed = Callable[[], tuple[str, str]]


def command(
    services: Services, login: str, name: str, line: tuple[str, ...], printed: Printed, patch: pytest.MonkeyPatch
) -> Answer:  # fmt: skip
    """One command as somebody, by the program's own entry."""
    arguments = ["--data", str(services.folder), *(["--as", login] if login else []), *line]
    patch.setattr(sys, "argv", ["meiqia-search", *arguments])
    printed()
    with Watcher(services).watching() as answer:
        with pytest.raises(SystemExit) as ended:
            run()
        out, err = printed()
        return answer(f"cli {name}", " ".join(line), int(ended.value.code or 0), f"{out}\n{err}".encode())
