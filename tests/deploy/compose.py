"""docker-compose.yml as docker compose reads it with a new .env."""

import re
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML

import compose_env

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


Compose: TypeAlias = dict[str, Any]


def written() -> Compose:
    """What stands in the file."""
    found: Compose = YAML(typ="safe").load(FILE)
    return found


def chosen(folder: Path) -> dict[str, str]:
    """What a new .env says."""
    compose_env.complete(folder / ".env")
    lines = (folder / ".env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def filled(part: object, values: dict[str, str]) -> object:
    """The same with the values in place of the variables."""
    match part:
        case str():
            return VARIABLE.sub(lambda found: values[found[1]], part)
        case dict():
            return {name: filled(inner, values) for name, inner in part.items()}
        case list():
            return [filled(inner, values) for inner in part]
        case _:
            return part
