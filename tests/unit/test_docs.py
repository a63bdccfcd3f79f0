"""What is written about the code is true of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

import docs as generated
from meiqia_search.cli.main import EPILOG, app
from meiqia_search.errors import ArchiveError
from meiqia_search.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("name", "text"), generated.pages().items())
def test_generated_pages_are_in_step(name: str, text: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == text, "run: .venv/bin/python tools/docs.py"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_setting_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    missing = [name for name in Settings.model_fields if f"MEIQIA_{name.upper()}" not in text]
    assert missing == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_command_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    commands = getattr(get_command(app), "commands").items()  # noqa: B009 - the group's own
    missing = [name for name, command in commands if not command.hidden and not re.search(rf"`{name}[ `]", text)]
    assert missing == []


def test_the_exit_codes_are_those_of_the_help() -> None:
    said = dict(part.split(" ", 1) for part in EPILOG.removeprefix("退出码：").split(" · "))
    table = (ROOT / "README.zh-CN.md").read_text("utf-8").split("退出码：", 1)[1].split("\n\n")[1]
    rows = re.findall(r"\| (\d+) \| ([^|]+?)(?:（[^|]*）)? (?=\|)", table)
    assert dict(rows) == said
    assert {str(each.exit_code) for each in every_error()} <= set(said)


def every_error(of: type[ArchiveError] = ArchiveError) -> Iterator[type[ArchiveError]]:
    yield of
    for each in of.__subclasses__():
        yield from every_error(each)


def test_every_link_of_the_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))]
    dead = [(page.name, link) for page, link in links if "://" not in link and not (page.parent / link).exists()]
    assert dead == []
