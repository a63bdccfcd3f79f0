"""What one would write with opensearch-py alone: ``helpers.bulk`` of documents with a ``cjk`` field, and reading.

No record, no segmenting of its own, no scope, no masking, no checks.

Run as a program: ``python -m benchmarks.plain_opensearch FILE URL INDEX`` indexes a JSON Lines file.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch, helpers

MAPPING = {
    "properties": {"text": {"type": "text", "analyzer": "cjk"}},
    "dynamic_templates": [{"strings": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}}],
}
SETTINGS = {"number_of_shards": 1, "number_of_replicas": 0}


def document(conversation: dict[str, Any]) -> dict[str, Any]:
    return {**conversation["facts"], "text": "\n".join(message["text"] for message in conversation["messages"])}


def load(client: OpenSearch, index: str, file: Path) -> None:
    """From the file to searchable."""
    client.indices.create(index=index, body={"settings": SETTINGS, "mappings": MAPPING})
    bulk(client, index, _documents(file))


def _documents(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with file.open("rb") as lines:
        for line in lines:
            conversation = json.loads(line)
            yield conversation["id"], document(conversation)


def bulk(client: OpenSearch, index: str, documents: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Write documents, by their ids, and make them visible."""
    helpers.bulk(client, ({"_index": index, "_id": each, "_source": content} for each, content in documents))
    client.indices.refresh(index=index)


def count(client: OpenSearch, index: str, query: dict[str, Any]) -> int:
    found: int = client.count(index=index, body={"query": query})["count"]
    return found


def all_words(words: str) -> dict[str, Any]:
    return {"match": {"text": {"query": words, "operator": "and"}}}


def phrase(words: str) -> dict[str, Any]:
    return {"match_phrase": {"text": words}}


def scrolled(client: OpenSearch, index: str, body: dict[str, Any], size: int) -> int:
    """Read everything by scrolling; how much that was."""
    asked = {name: part for name, part in body.items() if name != "track_total_hits"}  # refused while scrolling
    return sum(1 for _ in helpers.scan(client, query=asked, index=index, size=size, preserve_order=True))


def paged(client: OpenSearch, index: str, body: dict[str, Any], size: int) -> int:
    """Read everything at a point in time, behind the last sort values of each page; how much that was."""
    pit = client.create_pit(index=index, params={"keep_alive": "5m"})["pit_id"]
    body = {**body, "size": size, "pit": {"id": pit, "keep_alive": "5m"}}
    total = 0
    try:
        while page := client.search(body=body)["hits"]["hits"]:
            total += len(page)
            body["search_after"] = page[-1]["sort"]
    finally:
        client.delete_pit(body={"pit_id": [pit]})
    return total


if __name__ == "__main__":
    load(OpenSearch(hosts=[sys.argv[2]], timeout=60), sys.argv[3], Path(sys.argv[1]))
