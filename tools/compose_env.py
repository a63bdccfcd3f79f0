"""Writes the file .env for docker-compose.yml: new random passwords, and what else can be chosen there.

python tools/compose_env.py [FILE]

What a file has already stays as it is; only what is missing is added, as after an update.
"""

import os
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / ".env"
HEAD = "# Read by docker compose. It holds passwords: keep it to yourself, and keep a copy of it in a safe place.\n"


def _secret() -> str:
    """256 random bits, in characters that need no quotes anywhere."""
    return secrets.token_urlsafe(32)


VARIABLES: dict[str, tuple[Callable[[], str] | str, str]] = {
    "POSTGRES_PASSWORD": (_secret, "the program's account on PostgreSQL"),
    "MEIQIA_OPENSEARCH_PASSWORD": (_secret, "the program's account on OpenSearch"),
    "OPENSEARCH_DASHBOARDS_PASSWORD": (_secret, "the account that Dashboards uses itself"),
    "OPENSEARCH_ADMIN_PASSWORD": (_secret, "admin: whoever administers OpenSearch, by hand or in Dashboards"),
    "MEIQIA_PUBLISH": ("127.0.0.1:8000", "where the pages are reached; behind it belongs a proxy that speaks TLS"),
    "MEIQIA_SECURE_COOKIES": ("false", "true as soon as there is one"),
    "MEIQIA_TRUSTED_PROXIES": ("127.0.0.1", "addresses of such proxies, whose word on who asks is believed"),
    "MEIQIA_PROCESSES": ("2", "processes that answer"),
    "MEIQIA_MEMORY": ("2g", "limit for web and worker, each"),
    "POSTGRES_MEMORY": ("2g", "limit for PostgreSQL"),
    "OPENSEARCH_HEAP": ("1g", "heap of each node: half of its limit"),
    "OPENSEARCH_MEMORY": ("2g", "limit for each node"),
}
"""Name → value, or what makes it, and what it is for."""


def complete(file: Path) -> list[str]:
    """Add what is missing to the file, readable by its owner alone; the names of that."""
    known = file.read_text("utf-8") if file.exists() else ""
    missing = [name for name in VARIABLES if not re.search(rf"^{name}=", known, re.MULTILINE)]
    if missing:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(("" if known else HEAD) + ("\n" if known and not known.endswith("\n") else ""))
            out.writelines(map(_line, missing))
    return missing


def _line(name: str) -> str:
    value, purpose = VARIABLES[name]
    return f"# {purpose}\n{name}={value if isinstance(value, str) else value()}\n"


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    added = complete(chosen)
    print(f"{chosen}：{'已写入 ' + '、'.join(added) if added else '已齐全，没有改动'}")
