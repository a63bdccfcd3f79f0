"""What is written about the code is true of it."""

import re
from pathlib import Path

import pytest

import docs as generated
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


def test_every_link_of_the_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))]
    dead = [(page.name, link) for page, link in links if "://" not in link and not (page.parent / link).exists()]
    assert dead == []
