"""The index template, derived from ``fields``; ``index_templates/`` holds what this makes, for people to review."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from meiqia_search.conversation import Conversation, Speaker
from meiqia_search.engines.entry import (
    HAS,
    HASHED_WITH,
    ID,
    INDEXED,
    KEY_NAMES,
    MONTHS,
    SHOWN,
    SORTS,
    VERSION,
    WORDS,
    entry,
    key_of,
    month_field,
    name_fields,
    text_fields,
)
from meiqia_search.fields import FIELDS, NAMES, Field, Kind
from meiqia_search.privacy import passage

TEMPLATE_VERSION = 5
"""Goes up with every change of the template that is not a change of ``fields``."""
KEY_SHIFT = 1 << 63
"""Sort keys are unsigned 64-bit numbers; less this they are in the same order as ``long``."""

_ENCODER = msgspec.json.Encoder()
_LONG = {"type": "long"}
_TOKEN = {"type": "keyword", "doc_values": False}
_VALUE = {"type": "keyword"}


def _text(keep: str) -> dict[str, Any]:
    """Tokens that were made here, separated by spaces; a search for one is never scored by how often it occurs."""
    return {"type": "text", "analyzer": "whitespace", "index_options": keep}


def _field(field: Field) -> dict[str, Any]:
    if field.kind is not Kind.KEYWORD:
        return _LONG
    return _VALUE if field.chartable else _TOKEN


@cache
def properties() -> Mapping[str, dict[str, Any]]:
    """The fields of an index."""
    found: dict[str, dict[str, Any]] = {ID: _VALUE, VERSION: _LONG | {"index": False}, HAS: _TOKEN, HASHED_WITH: _VALUE}
    found |= {field.name: _field(field) for field in INDEXED}
    found |= {key_of(sort): _LONG for sort in SORTS}
    found |= {month_field(name): _LONG for name in MONTHS}
    for bigrams, chars in (*map(text_fields, Speaker), *map(name_fields, NAMES)):
        found |= {bigrams: _text("positions"), chars: _text("docs")}
    found[WORDS] = _text("freqs")
    return found


def encode(conversation: Conversation, version: int) -> bytes:
    """A conversation, as ``privacy.for_index`` lets it, as OpenSearch reads it: JSON, the sort keys as ``long``."""
    content = entry(conversation, version)
    shifted = {name: int(content[name]) - KEY_SHIFT for name in KEY_NAMES}  # type: ignore[arg-type]
    return _ENCODER.encode(content | shifted)


def template(names: str) -> dict[str, Any]:
    """The composable template for the indices that are called like ``names``."""
    shown = [ID, VERSION, *(field.name for field in SHOWN)]
    return {
        "index_patterns": [names],
        "priority": 500,
        "version": TEMPLATE_VERSION,
        "_meta": {"description": "meiqia-search: conversations by month; generated from fields.py"},
        "template": {
            "settings": {
                "number_of_shards": 1,
                "auto_expand_replicas": "0-1",
                "refresh_interval": "-1",  # what is not committed is not seen
            },
            "mappings": {
                "dynamic": "strict",
                "_source": {"includes": shown},  # never what was said, nor fingerprints
                "properties": dict(properties()),
            },
        },
    }


def index_body(aliases: Mapping[str, Any]) -> dict[str, Any]:
    """With what an index is made: all that the template says, whatever became of the template on the cluster.

    Its mark says which program made it; an index without one was made by somebody else.
    """
    made: dict[str, Any] = template("")["template"]
    mark = {"format": format_version(), "program": version("meiqia-search")}
    return {**made, "mappings": {**made["mappings"], "_meta": mark}, "aliases": aliases}


def is_newer(made_by: str) -> bool:
    """Whether this version of the program is later than the one that runs."""
    return numbers(made_by) > numbers(version("meiqia-search"))


def numbers(called: str) -> tuple[int, ...]:
    """The numbers of a version, to compare it with others."""
    return tuple(int(part) for part in re.findall(r"\d+", called)[:3])


@cache
def format_version() -> str:
    """Changes when an index made before cannot be used: other fields, masking or segmenting, another template."""
    labels = {name: list(field.labels) for name, field in FIELDS.items() if field.sortable}
    made_by = [version(name) for name in ("rjieba", "opencc", "pypinyin")]
    return hashlib.sha256(json.dumps([template(""), passage.VERSION, labels, made_by]).encode()).hexdigest()[:16]


def written(names: str) -> str:
    """The template as the file in ``index_templates/`` holds it."""
    return json.dumps(template(names), ensure_ascii=False, indent=2) + "\n"
