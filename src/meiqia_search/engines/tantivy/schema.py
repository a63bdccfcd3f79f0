"""The tantivy schema and documents, derived from ``fields``."""

import hashlib
from functools import cache
from importlib.metadata import version

import msgspec
import tantivy

from meiqia_search.conversation import Conversation, Speaker
from meiqia_search.engines.entry import (
    HAS,
    HASHED_WITH,
    ID,
    INDEXED,
    MONTHS,
    SORTS,
    VERSION,
    WORDS,
    entry,
    key_of,
    month_field,
    name_fields,
    text_fields,
)
from meiqia_search.fields import NAMES, Kind
from meiqia_search.privacy import passage


@cache
def schema() -> tantivy.Schema:
    """The schema of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(ID, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field(VERSION, fast=True)
    builder.add_text_field(HAS, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(HASHED_WITH, fast=True, tokenizer_name="raw", index_option="basic")
    for field in INDEXED:
        if field.kind is Kind.KEYWORD:
            builder.add_text_field(field.name, fast=field.chartable, tokenizer_name="raw", index_option="basic")
        else:
            builder.add_integer_field(field.name, fast=True)
    for sort in SORTS:
        builder.add_unsigned_field(key_of(sort), fast=True)
    for name in MONTHS:
        builder.add_integer_field(month_field(name), fast=True)
    for bigrams, chars in (*map(text_fields, Speaker), *map(name_fields, NAMES)):
        builder.add_text_field(bigrams, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field(chars, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field(WORDS, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


@cache
def format_version() -> str:
    """Changes when an index made before cannot be used: other fields, masking or segmenting, another tantivy."""
    declared = [(f.name, f.kind, f.chartable, f.sortable, list(f.labels)) for f in INDEXED]
    made_by = [version(name) for name in ("tantivy", "rjieba", "opencc", "pypinyin")]
    return hashlib.sha256(
        repr((4, passage.VERSION, declared, MONTHS, list(Speaker), NAMES, made_by)).encode()
    ).hexdigest()[:16]


_ENCODER = msgspec.json.Encoder()


def encode(conversation: Conversation, doc_version: int) -> bytes:
    """A conversation, as ``privacy.for_index`` lets it, as tantivy reads it: JSON."""
    return _ENCODER.encode(entry(conversation, doc_version))
