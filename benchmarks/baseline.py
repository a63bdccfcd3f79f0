"""What one would write with tantivy and rjieba alone to find, filter and sort the same.

Its own reading and folding (NFKC, lower case, OpenCC), the same facts; no record, no scope, no masking, no checks.

Run as a program: ``python -m benchmarks.baseline FILE FOLDER`` indexes a JSON Lines file.
"""

import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import opencc
import rjieba
import tantivy

from meiqia_search.fields import FIELDS, TEXT_FIELDS, Kind

MEMORY = 192_000_000


SPEAKERS = ("customer", "agent", "bot", "system", "note")
SIMPLER = opencc.OpenCC("t2s")


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in FIELDS.values():
        if field.searchable and field.name != "id":
            if field.kind is Kind.KEYWORD:
                builder.add_text_field(field.name, fast=True, tokenizer_name="raw", index_option="basic")
            else:
                builder.add_integer_field(field.name, fast=True)
    for speaker in SPEAKERS:
        builder.add_text_field(f"bigrams_{speaker}", tokenizer_name="whitespace")
        builder.add_text_field(f"chars_{speaker}", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _said(conversation: dict[str, Any], speaker: str) -> list[str]:
    if speaker == "note":
        return [value for name in TEXT_FIELDS for value in conversation["facts"].get(name, ())]
    return [m["text"] for m in conversation["messages"] if m["speaker"] == speaker]


def document(conversation: dict[str, Any]) -> dict[str, Any]:
    found = {name: values for name, values in conversation["facts"].items() if FIELDS[name].searchable}
    found["id"] = conversation["id"]
    everything = []
    for speaker in SPEAKERS:
        text = "|".join(_said(conversation, speaker))
        text = SIMPLER.convert(unicodedata.normalize("NFKC", text).lower())
        everything.append(text)
        found[f"bigrams_{speaker}"] = " ".join(a + b for a, b in pairwise(text))
        found[f"chars_{speaker}"] = " ".join(set(text))
    found["words"] = " ".join(rjieba.cut("|".join(everything)))
    return found


def index(file: Path, folder: Path) -> int:
    made = schema()
    folder.mkdir(parents=True)
    writer = tantivy.Index(made, str(folder)).writer(MEMORY, 2)
    count = 0
    with file.open("rb") as lines:
        for line in lines:
            writer.add_document(tantivy.Document.from_dict(document(msgspec.json.decode(line)), made))
            count += 1
    writer.commit()
    writer.wait_merging_threads()
    return count


if __name__ == "__main__":
    index(Path(sys.argv[1]), Path(sys.argv[2]))
