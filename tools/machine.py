"""What the tests need from the machine beyond Python: Chromium, a Chinese font, PostgreSQL, and what OpenSearch takes.

python tools/machine.py check    say what is there
python tools/machine.py ensure   install what is missing where that is possible without a question

Neither fails: a test that needs what is missing skips itself with the reason, or fails where CI=true.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opensearch_home import Kind, find_jdk, runnable

OLDEST_POSTGRES = 15
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT_OPTIONS = (
    "-q",
    "-y",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Acquire::Retries=2",
    "-o",
    "Acquire::http::Timeout=60",
)
PATIENCE = 900  # seconds for one command of the package manager


@dataclass(frozen=True)
class Need:
    """One thing the tests need: its name for people, how it is found, and the packages that bring it."""

    name: str
    find: Callable[[], Path | None]
    packages: tuple[str, ...]
    remedy: str


def find_chromium() -> Path | None:
    """The machine's own browser."""
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((Path(path) for path in found if path), None)


def find_chinese_font() -> Path | None:
    """Any installed font that has the characters of simplified Chinese."""
    lines = output("fc-list", ":lang=zh-cn", "file").splitlines()
    return Path(lines[0].rstrip(": ")) if lines else None


def find_postgres() -> Path | None:
    """The folder with the programs of the newest PostgreSQL server that is new enough."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    complete = [
        folder for folder in folders if all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres"))
    ]
    newest = max(complete, key=postgres_version, default=None)
    return newest if newest and postgres_version(newest) >= OLDEST_POSTGRES else None


def find_maven() -> Path | None:
    """What fetches the parts of OpenSearch."""
    found = shutil.which("mvn")
    return Path(found) if found else None


def postgres_version(folder: Path) -> int:
    found = re.search(r"(\d+)", output(str(folder / "postgres"), "--version"))
    return int(found[1]) if found else 0


NEEDS = (
    Need("Chromium 浏览器", find_chromium, ("chromium",), "安装 Chromium 或 Google Chrome"),
    Need("中文字体", find_chinese_font, ("fontconfig", "fonts-noto-cjk"), "安装 Noto CJK 等中文字体"),
    Need(
        f"PostgreSQL 服务器（{OLDEST_POSTGRES} 以上）",
        find_postgres,
        ("postgresql",),
        f"安装 PostgreSQL {OLDEST_POSTGRES} 或更新的服务器程序",
    ),
    Need(
        "JDK（OpenSearch 用）",
        lambda: find_jdk(Kind(runnable())),
        ("default-jdk-headless",),
        "安装 JDK 21 或更新版本（只有 17 时测试 OpenSearch 2.19）",
    ),
    Need("Maven（OpenSearch 用）", find_maven, ("maven",), "安装 Maven"),
)


def check() -> None:
    for need in NEEDS:
        found = need.find()
        print(f"{need.name}：{found or '没有'}")


def ensure() -> None:
    missing = [need for need in NEEDS if not need.find()]
    if missing and (apt := apt_command()):
        print(f"正在安装测试所需的系统软件：{'、'.join(need.name for need in missing)}……", flush=True)
        run(*apt, "update")
        for need in missing:
            run(*apt, "install", "--no-install-recommends", *need.packages)
    for need in missing:
        if not need.find():
            print(
                f"缺少{need.name}，相关测试将跳过（CI 中则失败）。请{need.remedy}，"
                f"例如在 Debian 上运行：sudo apt-get install {' '.join(need.packages)}"
            )


def apt_command() -> tuple[str, ...] | None:
    """How to run apt-get without being asked anything, or None."""
    apt = shutil.which("apt-get")
    if not apt:
        return None
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", apt, *APT_OPTIONS)
    if os.geteuid() == 0:
        return quiet
    sudo = shutil.which("sudo")
    return (sudo, "-n", *quiet) if sudo and run(sudo, "-n", "true") else None


def run(*command: str) -> bool:
    """Run quietly; what a failing command said is shown."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(problem, file=sys.stderr)
        return False
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-5:]), file=sys.stderr)
    return done.returncode == 0


def output(*command: str) -> str:
    """What a command prints, nothing where it is not there or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def main(arguments: list[str]) -> int:
    commands = {"check": check, "ensure": ensure}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    commands[arguments[0]]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
