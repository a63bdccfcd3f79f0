"""The index template says what the documents hold."""

from pathlib import Path

import index_template
from meiqia_search.engines.entry import entry
from meiqia_search.engines.opensearch.indices import PREFIX, pattern
from meiqia_search.engines.opensearch.template import properties, template, written
from meiqia_search.fields import FIELDS
from tests.corpus import corpus, indexed

ROOT = Path(__file__).parents[2]


def test_the_file_is_in_step() -> None:
    file = ROOT / "index_templates" / "meiqia.json"
    assert file == index_template.FILE
    assert file.read_text("utf-8") == written(pattern(PREFIX)), "run: .venv/bin/python tools/index_template.py"


def test_every_part_of_a_document_is_declared() -> None:
    held = {name for each in indexed(corpus()) for name in entry(each, 1)}
    assert held <= set(properties())


def test_what_is_personal_or_said_is_not_shown() -> None:
    shown = template("x")["template"]["mappings"]["_source"]["includes"]
    assert not {name for name, field in FIELDS.items() if field.personal or not field.searchable} & set(shown)
    assert not [name for name in shown if name.startswith(("bigrams", "chars", "words", "key_"))]
