"""A server that cannot be used is said with one sentence: at the doctor, at start, and where something is asked."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from meiqia_search.acl.scope import Scoped
from meiqia_search.checkup import Level
from meiqia_search.engines.opensearch.connection import connect
from meiqia_search.engines.opensearch.index import OpenSearchIndex
from meiqia_search.errors import ArchiveError, BadConfiguration, EngineUnavailable
from meiqia_search.query.request import Search
from opensearch_server import USER
from tests.contract.world import PATIENCE
from tests.corpus import EVERYONE
from tests.people import scope_of
from tests.secured import PASSWORD, Secured

pytestmark = pytest.mark.opensearch


class Way(NamedTuple):
    """How somebody configured the way to the server, what is wrong with it, and what they are told."""

    settings: dict[str, str]
    told: str
    error: type[ArchiveError] = BadConfiguration


@pytest.fixture(scope="module")
def ways(secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Way]:
    """Every wrong way."""
    folder = tmp_path_factory.mktemp("certificates")
    no_pem, other = folder / "no.pem", folder / "other.pem"
    no_pem.write_text("这不是证书")
    make = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout key.pem -out other.pem"
    subprocess.run(make.split(), cwd=folder, check=True, capture_output=True)
    url, ca = secured.server.url, str(secured.server.ca)
    right = {"URL": url, "USER": USER, "PASSWORD": secured.server.password, "CA": ca}
    nobody, nowhere, plain = url.rpartition(":")[0] + ":9", "https://nowhere.invalid:9200", url.replace("https", "http")
    return {
        "nobody there": Way(right | {"URL": nobody}, "检查服务器是否已启动", EngineUnavailable),
        "no such machine": Way(right | {"URL": nowhere}, "MEIQIA_OPENSEARCH_URL", EngineUnavailable),
        "http instead of https": Way(right | {"URL": plain}, "以 https:// 开头", EngineUnavailable),
        "wrong password": Way(right | {"PASSWORD": PASSWORD}, "MEIQIA_OPENSEARCH_PASSWORD"),
        "no account": Way(right | {"USER": "", "PASSWORD": ""}, "MEIQIA_OPENSEARCH_USER"),
        "certificate of nobody": Way(right | {"CA": ""}, "证书不被信任"),
        "certificate of another": Way(right | {"CA": str(other)}, "证书不被信任"),
        "no certificate": Way(right | {"CA": str(no_pem)}, "是不是 PEM 证书"),
        "certificate is not there": Way(right | {"CA": str(folder / "gone")}, "证书文件不存在"),
        "account in the address": Way(right | {"URL": url.replace("//", "//a:b@")}, "不要写账号和密码"),
        "no scheme": Way(right | {"URL": url.partition("//")[2]}, "http:// 或 https:// 开头"),
    }  # fmt: skip


NAMES = (
    "nobody there", "no such machine", "http instead of https", "wrong password", "no account", "certificate of nobody",
    "certificate of another", "no certificate", "certificate is not there", "account in the address", "no scheme",
)  # fmt: skip


def opened(way: Way) -> OpenSearchIndex:
    """As the program opens it."""
    of = way.settings
    ca = Path(of["CA"]) if of["CA"] else None
    return OpenSearchIndex(connect(of["URL"], 1, of["USER"], of["PASSWORD"], ca))


def test_every_way_is_tried(ways: dict[str, Way]) -> None:
    assert tuple(ways) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_whoever_asks_is_told(ways: dict[str, Way], name: str) -> None:
    with pytest.raises(ways[name].error):
        opened(ways[name]).reader.search(Scoped(Search(), scope_of(EVERYONE)), PATIENCE)


@pytest.mark.parametrize(
    "name", ["nobody there", "wrong password", "certificate of nobody", "no certificate", "no scheme"]
)
def test_the_doctor_says_it(ways: dict[str, Way], name: str, tmp_path: Path) -> None:
    program(tmp_path, {}, "init")
    settings = {f"OPENSEARCH_{key}": value for key, value in ways[name].settings.items() if value}
    done = program(tmp_path, settings, "doctor", code=10)
    wrong = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert ways[name].told in wrong[0]
    assert "Traceback" not in done.stderr


def test_the_server_says_it_at_start(ways: dict[str, Way], tmp_path: Path) -> None:
    program(tmp_path, {}, "init")
    way = ways["wrong password"]
    configured = environment(tmp_path, {f"OPENSEARCH_{key}": value for key, value in way.settings.items()})
    command = [sys.executable, "-m", "meiqia_search", "serve", "--port", "0"]
    serving = subprocess.Popen([*command[:-1], str(free_port())], env=configured, stderr=subprocess.PIPE, text=True)
    try:
        assert serving.stderr is not None
        first = serving.stderr.readline()
        assert first.startswith("注意，OpenSearch：")
        assert way.told in first
        assert "http://" in serving.stderr.readline()  # it serves: reading by id needs no index
    finally:
        serving.terminate()
        serving.communicate(timeout=30)


def environment(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    ours = {f"MEIQIA_{key}": value for key, value in {"DATA_DIR": str(folder / "data"), **settings}.items()}
    return os.environ | ours


def program(folder: Path, settings: dict[str, str], *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "meiqia_search", *arguments],
        env=environment(folder, settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done


def free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as probe:
        return probe.server_port


@contextmanager
def answering(body: str, kind: str = "application/json") -> Iterator[str]:
    """The address of something that answers this, whatever it is asked."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET  # noqa: N815 - the name of the base class

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


JSON, PAGE, PLAIN = "application/json", "text/html", "text/plain"


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        (JSON, '{"version": {"number": "1.3.20", "distribution": "opensearch"}}', "OpenSearch 1.3.20，本程序不支持"),
        (JSON, '{"version": {"number": "2.18.0", "distribution": "opensearch"}}', "2.19 以上"),
        (JSON, '{"version": {"number": "4.0.0", "distribution": "opensearch"}}', "4.0 以下"),
        (JSON, '{"version": {"number": "8.15.0"}}', "Elasticsearch 8.15.0，本程序不支持"),
        (JSON, '{"version": {"number": "<script>"}}', "不是 OpenSearch"),
        (JSON, '{"version": 3}', "不是 OpenSearch"),
        (JSON, "[]", "不是 OpenSearch"),
        (PAGE, "<html>", "不是 OpenSearch"),
        (PLAIN, "", "不是 OpenSearch"),
    ],
)
def test_something_else_answers(kind: str, body: str, told: str) -> None:
    with answering(body, kind) as url:
        index = OpenSearchIndex(connect(url, 1))
        (found,) = index.examine()
        index.close()
    assert found.level is Level.TROUBLE
    assert told in found.text


@pytest.mark.parametrize(("kind", "body"), [(JSON, "[]"), (JSON, "{}"), (PAGE, "<html>"), (PLAIN, "")])
def test_nothing_is_shown_of_what_something_else_answers(kind: str, body: str) -> None:
    with answering(body, kind) as url:
        index = OpenSearchIndex(connect(url, 1))
        with pytest.raises(EngineUnavailable):
            index.reader.search(Scoped(Search(), scope_of(EVERYONE)), PATIENCE)
        index.close()
