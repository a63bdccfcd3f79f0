"""A real OpenSearch server for development and tests, without containers.

python tools/opensearch_server.py assemble   put the server together (once; kept in a cache folder)
python tools/opensearch_server.py start      start it and say where it listens
python tools/opensearch_server.py status     say what is running
python tools/opensearch_server.py stop       stop it and delete its data

--version 3.4.0   which version        --nodes 3   how many nodes        --security   with the security plugin

It runs as an ordinary user also where we are root, listens on this machine only, and needs Maven and a JDK.
"""

import argparse
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import certificates
import cluster_accounts
from opensearch_home import DEFAULT_VERSION, CannotAssemble, Kind, assembled, cache, java_for

HEAP_MB = 512
SHORT_LIVED = "-XX:TieredStopAtLevel=1"
"""Java options for a server that ends before the thorough compiler has paid off: half the processor time to start."""
START_S = 180
STOP_S = 30
USER = "admin"
CERTIFICATES = "certificates"
DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
ORDINARY = ("opensearch", "nobody")
"""Whom the server runs as where we are root: it refuses root."""


_CHILDREN: "dict[int, subprocess.Popen[bytes]]" = {}


@dataclass(frozen=True)
class Server:
    """A running server."""

    folder: str
    urls: tuple[str, ...]
    pids: list[int]
    password: str = ""

    @property
    def url(self) -> str:
        """The addresses of all nodes, as the program's configuration takes them."""
        return ",".join(self.urls)

    @property
    def ca(self) -> Path | None:
        """The certificate of the authority that the nodes' certificates come from."""
        return self.certificates / "public/ca.pem" if self.password else None

    @property
    def certificates(self) -> Path:
        """Those of the nodes and of the administration."""
        return Path(self.folder) / CERTIFICATES


@dataclass(frozen=True)
class Node:
    """Where one node listens and keeps its files."""

    name: str
    folder: Path
    http: int
    transport: int


@contextmanager
def running(
    nodes: int = 1,
    *,
    security: bool = False,
    version: str = DEFAULT_VERSION,
    heap_mb: int = HEAP_MB,
    java_options: str = "",
) -> Iterator[Server]:
    """A new, empty server, stopped and deleted at the end.

    Raises:
        CannotAssemble: it cannot be put together or does not start.
    """
    server = start(Kind(version, security), nodes, heap_mb, java_options)
    try:
        yield server
    finally:
        stop(server)


def start(kind: Kind, nodes: int = 1, heap_mb: int = HEAP_MB, java_options: str = "") -> Server:
    """Start a new, empty server and wait until all nodes have found each other."""
    home, java = assembled(kind), java_for(kind)
    folder = Path(tempfile.mkdtemp(prefix="meiqia-opensearch-"))
    members = [Node(f"n{i + 1}", folder / f"n{i + 1}", *_free_ports(2)) for i in range(nodes)]
    password = secrets.token_urlsafe(18) if kind.security else ""
    if kind.security:
        _certify(folder)
    for node in members:
        _write_config(home, node, members, secure=kind.security)
    _give(folder)
    pids = [_start_node(home, java, node.folder, heap_mb, java_options) for node in members]
    scheme = "https" if kind.security else "http"
    urls = tuple(f"{scheme}://127.0.0.1:{node.http}" for node in members)
    server = Server(str(folder), urls, pids, password)
    try:
        _await(server)
        if password:
            _grant(server)
    except BaseException:
        stop(server)
        raise
    return server


def revive(server: Server, kind: Kind, heap_mb: int = HEAP_MB, java_options: str = "") -> None:
    """Start the nodes again that were killed, on the files they had.

    Raises:
        CannotAssemble: one does not start.
    """
    home, java = assembled(kind), java_for(kind)
    for place, pid in enumerate(server.pids):
        if not _lives(server, pid):
            folder = Path(server.folder) / f"n{place + 1}"
            server.pids[place] = _start_node(home, java, folder, heap_mb, java_options)
    _await(server)


def stop(server: Server) -> None:
    """Stop the nodes and delete everything of them."""
    living = [pid for pid in server.pids if _lives(server, pid)]
    for pid in living:
        os.kill(pid, signal.SIGTERM)
    patience = time.monotonic() + STOP_S
    for pid in living:
        while _lives(server, pid):
            if time.monotonic() > patience:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    shutil.rmtree(server.folder, ignore_errors=True)


def collect_garbage(server: Server) -> None:
    """Let every node do a full collection, so that what its heap then holds is in use."""
    for pid in server.pids:
        java = Path(f"/proc/{pid}/exe").readlink().parent
        subprocess.run(_as_ordinary(str(java / "jcmd"), str(pid), "GC.run"), capture_output=True, check=True)


def _lives(server: Server, pid: int) -> bool:
    """Whether a node is running; the number of one that ended long ago may have become that of another program."""
    if child := _CHILDREN.get(pid):
        return child.poll() is None
    try:
        return server.folder.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _write_config(home: Path, node: Node, members: list[Node], *, secure: bool) -> None:
    for name in ("data", "logs", "tmp"):
        (node.folder / name).mkdir(parents=True)
    config = node.folder / "config"
    shutil.copytree(home / "config", config)
    settings: dict[str, object] = {
        "cluster.name": "meiqia-development",
        "node.name": node.name,
        "network.host": "127.0.0.1",
        "http.port": node.http,
        "transport.port": node.transport,
        "path.data": str(node.folder / "data"),
        "path.logs": str(node.folder / "logs"),
        "discovery.seed_hosts": [f"127.0.0.1:{each.transport}" for each in members],
        "cluster.initial_cluster_manager_nodes": [each.name for each in members],
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }
    written = "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
    if secure:
        written += _security_settings()
        shutil.copytree(node.folder.parent / CERTIFICATES / "nodes", config / "certificates")
        shutil.copy(DEPLOY / "internal_users.yml", config / "opensearch-security")
    (config / "opensearch.yml").write_text(written)


def _certify(folder: Path) -> None:
    try:
        certificates.make(folder / CERTIFICATES)
    except FileNotFoundError:
        raise CannotAssemble("没有 openssl；请安装后重试") from None


def _security_settings() -> str:
    """Those of the nodes of docker-compose.yml."""
    lines = (DEPLOY / "opensearch.yml").read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("plugins.security."))


def _grant(server: Server) -> None:
    others = ("OPENSEARCH_DASHBOARDS_PASSWORD", "MEIQIA_OPENSEARCH_PASSWORD")
    passwords = {"OPENSEARCH_ADMIN_PASSWORD": server.password, **{name: secrets.token_urlsafe(18) for name in others}}
    cluster_accounts.grant(server.urls[0], server.certificates, passwords)


def _ordinary_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ORDINARY if name in known), None)


def _give(folder: Path) -> None:
    """The server must own its files, also by group."""
    if user := _ordinary_user():
        owner = pwd.getpwnam(user)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _as_ordinary(*command: str) -> list[str]:
    user = _ordinary_user()
    if user is None:
        return list(command)
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups", *command]


def _start_node(home: Path, java: Path, folder: Path, heap_mb: int, java_options: str) -> int:
    command = _as_ordinary(str(home / "bin/opensearch"))
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "OPENSEARCH_JAVA_HOME": str(java),
        "OPENSEARCH_JAVA_OPTS": f"-Xms{heap_mb}m -Xmx{heap_mb}m {java_options}",
        "OPENSEARCH_PATH_CONF": str(folder / "config"),
        "OPENSEARCH_TMPDIR": str(folder / "tmp"),
    }
    with (folder / "output").open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _CHILDREN[child.pid] = child
    return child.pid


def _await(server: Server) -> None:
    patience = time.monotonic() + START_S
    while not _is_ready(server):
        dead = not all(_lives(server, pid) for pid in server.pids)
        if dead or time.monotonic() > patience:
            said = "".join(path.read_text(errors="replace")[:1500] for path in Path(server.folder).glob("*/output"))
            raise CannotAssemble(f"OpenSearch 没有启动：{said}")
        time.sleep(0.2)


def _is_ready(server: Server) -> bool:
    try:
        secured = not server.password or _asked(server, "_plugins/_security/health")["status"] == "UP"
        return secured and bool(health(server)["number_of_nodes"] == len(server.urls))
    except (OSError, ValueError, KeyError):
        return False


def health(server: Server) -> dict[str, object]:
    """What the cluster says about itself."""
    return _asked(server, "_cluster/health")


def _asked(server: Server, path: str) -> dict[str, object]:
    context = cluster_accounts.administration(server.certificates) if server.password else None
    with urllib.request.urlopen(f"{server.urls[0]}/{path}", timeout=5, context=context) as answer:  # noqa: S310 - ours
        found: dict[str, object] = json.load(answer)
        return found


def _note() -> Path:
    return cache() / "running.json"


def _noted() -> Server | None:
    try:
        known = json.loads(_note().read_text())
    except OSError:
        return None
    return Server(known["folder"], tuple(known["urls"]), known["pids"], known["password"])


def _say(server: Server) -> None:
    print(f"MEIQIA_OPENSEARCH_URL={server.url}")
    if server.password:
        print(f"MEIQIA_OPENSEARCH_USER={USER}")
        print(f"MEIQIA_OPENSEARCH_PASSWORD={server.password}")
        print(f"MEIQIA_OPENSEARCH_CA={server.ca}")


def _start_noted(kind: Kind, nodes: int) -> None:
    if _noted():
        raise CannotAssemble("已有一个在运行；请先运行 stop")
    server = start(kind, nodes)
    _note().touch(mode=0o600)
    _note().write_text(json.dumps(asdict(server)))
    _say(server)


def _stop_noted() -> None:
    if server := _noted():
        stop(server)
        _note().unlink()


def _show_status() -> None:
    server = _noted()
    if server is None:
        print("没有在运行")
        return
    _say(server)
    try:
        print(json.dumps(health(server)))
    except OSError as problem:
        print(f"没有回答：{problem}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("assemble", "start", "stop", "status"))
    parser.add_argument("--version", default=DEFAULT_VERSION)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--security", action="store_true")
    asked = parser.parse_args()
    kind = Kind(asked.version, asked.security)
    try:
        match asked.action:
            case "assemble":
                print(assembled(kind))
            case "start":
                _start_noted(kind, asked.nodes)
            case "stop":
                _stop_noted()
            case _:
                _show_status()
    except CannotAssemble as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
