"""The steps of the Dockerfile as plain commands: what is let in, the wheel, the locks, and what comes out."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.conftest import PROVE
from tests.deploy.compose import ROOT

PATIENCE_S = 90.0


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What .dockerignore lets into the build."""
    folder = tmp_path_factory.mktemp("context")
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    for source in (path for line in lines if line.startswith("!") for path in ROOT.glob(line[1:])):
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
        else:
            shutil.copy(source, target)
    return folder


@pytest.fixture(scope="module")
def wheel(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("wheel")
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(into), str(context))
    (made,) = into.glob("*.whl")
    return made


def pip(python: str | Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_wheel_carries_everything(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "src/meiqia_search"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wanted = {name.removeprefix("src/") for name in listed if (ROOT / name).exists()}
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert wanted <= packed
    assert {name.split("/")[-1] for name in wanted} >= {"base.html", "env.py", "app.css"}
    fetched = packed - wanted
    assert all(name.startswith("meiqia_search/web/static/vendor/") for name in fetched)
    here = ROOT / "src/meiqia_search/web/static/vendor"
    assert {name.rpartition("vendor/")[2] for name in fetched} == {
        str(path.relative_to(here)) for path in here.rglob("*") if path.is_file()
    }


def test_the_image_is_made_by_these_steps() -> None:
    steps = (ROOT / "Dockerfile").read_text()
    for lock in ("requirements-build.txt", "requirements.txt", "requirements-servers.txt"):
        assert re.search(rf"pip install --require-hashes [^\n]*-r {re.escape(lock)}", steps), lock
    assert "pip wheel --no-deps --no-build-isolation" in steps


@pytest.fixture(
    scope="module",
    params=["beside the tools", pytest.param("alone", marks=pytest.mark.slow)],
)
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which the wheel is installed: with the libraries of the tests, or of its lock alone."""
    folder = tmp_path_factory.mktemp("installed")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MEIQIA_", "PYTHON"))}
    if request.param == "beside the tools":
        pip(sys.executable, "install", "--no-deps", "--target", str(folder), str(wheel))
        return {**outside, "PYTHONPATH": str(folder), "PYTHON": sys.executable}
    if not PROVE:
        pytest.skip("只在 MEIQIA_PROVE=1 时")
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    lock = str(ROOT / "requirements-servers.txt")
    pip(python, "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", lock)
    pip(python, "install", "--quiet", "--no-deps", str(wheel))
    return {**outside, "PYTHON": str(python)}


@pytest.fixture
def address(installed: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Where ``meiqia-search serve`` answers that was started in an empty folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [installed["PYTHON"], "-m", "meiqia_search", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, env=installed) as serving:
        try:
            _await(f"http://127.0.0.1:{port}", serving)
            yield f"http://127.0.0.1:{port}"
        finally:
            serving.terminate()


def _await(address: str, serving: "subprocess.Popen[bytes]") -> None:
    patience = time.monotonic() + PATIENCE_S
    while True:
        assert serving.poll() is None
        assert time.monotonic() < patience
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/healthz").json() == {"ok": True}:
                return
        time.sleep(0.1)


def test_the_wheel_serves_in_an_empty_folder(address: str) -> None:
    page = httpx.get(f"{address}/sign-in")
    assert "登录" in page.text
    assets = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
    assert any("vendor" in each for each in assets)
    assert {httpx.get(address + each).status_code for each in assets} == {200}


def test_the_installed_program_is_the_wheel(installed: dict[str, str], tmp_path: Path) -> None:
    asked = "import meiqia_search, opensearchpy, psycopg; print(meiqia_search.__file__)"
    done = subprocess.run(
        [installed["PYTHON"], "-c", asked], cwd=tmp_path, env=installed, capture_output=True, text=True, check=True
    )
    assert str(ROOT) not in done.stdout
