"""What one would write with tantivy and rjieba alone to find the same: no record, no scope, no masking, no folding.

Run as a program: ``python -m benchmarks.baseline FILE FOLDER`` indexes a JSON Lines file.
"""

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import rjieba
import tantivy

MEMORY = 192_000_000


SPEAKERS = ("customer", "agent", "bot", "system")
FACTS = ("channel", "type", "category", "topic", "tag", "agent", "group", "rating", "outcome")


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in FACTS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("started_at", fast=True)
    for speaker in SPEAKERS:
        builder.add_text_field(f"bigrams_{speaker}", tokenizer_name="whitespace")
        builder.add_text_field(f"chars_{speaker}", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def document(conversation: dict[str, Any]) -> dict[str, Any]:
    facts = conversation["facts"]
    found = {"id": conversation["id"], "started_at": facts.get("started_at", [])}
    for name in FACTS:
        found[name] = facts.get(name, [])
    everything = []
    for speaker in SPEAKERS:
        text = "|".join(m["text"] for m in conversation["messages"] if m["speaker"] == speaker).lower()
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
