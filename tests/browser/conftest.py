"""A running server and the machine's own Chromium."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from machine import find_chromium
from meiqia_search.web.app import create_app
from meiqia_search.wiring import Services
from tests.places import in_folder
from tests.web.world import PASSWORD, VISIT, open_world

UNPROCESSABLE = "the server responded with a status of 422"
"""What a browser says of an answer that says what is wrong with a question."""
WIDE, PHONE = (1440, 1000), (375, 812)
Opening = Callable[..., AbstractContextManager[Page]]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; tests without one are skipped, in CI they fail."""
    found = find_chromium()
    if found is None:
        reason = "没有 Chromium：请安装 chromium 或 Google Chrome，或运行 python tools/machine.py ensure"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The archive."""
    opened = open_world(in_folder(tmp_path_factory.mktemp("browser")))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def address(world: Services) -> Iterator[str]:
    """Where the archive is served."""
    server = uvicorn.Server(uvicorn.Config(create_app(world), port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def opened(browser: Browser, address: str, world: Services) -> Opening:
    """Opens a page as somebody; fails for anything the browser complains about."""

    @contextmanager
    def open_(
        path: str,
        size: tuple[int, int] = WIDE,
        *,
        scripts: bool = True,
        dark: bool = False,
        bypass: bool = False,
        login: str = "admin",
        refused: bool = False,
    ) -> Iterator[Page]:
        context = browser.new_context(
            base_url=address,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            bypass_csp=bypass,
        )
        if path != "/sign-in":
            token = world.sign_in.sign_in(login, PASSWORD, VISIT)
            context.add_cookies([{"name": "mqs", "value": token, "url": address}])
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: _note(said, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.goto(path)
        yield page
        context.close()
        assert [each for each in complaints if not (refused and UNPROCESSABLE in each)] == []

    return open_


def _note(said: ConsoleMessage, complaints: list[str]) -> None:
    if said.type in {"error", "warning"}:
        complaints.append(said.text)
