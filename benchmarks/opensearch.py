"""The OpenSearch path beside opensearch-py used plainly and beside the path on tantivy: same data, one run, one node.

``python -m benchmarks.opensearch [SIZE …]``: 100,000 conversations unless told otherwise. Needs a JDK and Maven.
"""

import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import msgspec
from opensearchpy import OpenSearch

import opensearch_server
from benchmarks import figures, plain_opensearch
from benchmarks.archive import NOBODYS, PAGE, REPEAT, UNTIL, queries, write
from benchmarks.measure import cores, folder_mb, in_turn, milliseconds, record, summary, whole_process
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.scope import Scope, Scoped, scope_for
from meiqia_search.aggregations.metrics import measured
from meiqia_search.archive import Archive, Caller
from meiqia_search.audit.events import Visit
from meiqia_search.channels import demo
from meiqia_search.conversation import Conversation
from meiqia_search.engines.base import Put
from meiqia_search.engines.opensearch.connection import connect
from meiqia_search.engines.opensearch.index import OpenSearchIndex
from meiqia_search.engines.opensearch.indices import document_id
from meiqia_search.engines.opensearch.reader import OpenSearchReader
from meiqia_search.engines.opensearch.template import encode, index_body
from meiqia_search.privacy.passage import all_for_index, for_index
from meiqia_search.query.filter import Filter, Text
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.query.request import Search
from meiqia_search.records.conversations import Packed, partition_of
from meiqia_search.settings import Settings
from meiqia_search.wiring import Services, open_services

HEAP_MB = 1024
PREFIX = "bench"
PLAIN = "plain"
SIZES = (100_000,)
FEED_MOST = 100_000
"""Prepared documents are held in memory."""
WARM = 20_000
"""Conversations that both import first: Java compiles while it runs, and a server in use has been running."""
ROUNDS = 3
IMPORTED = 200_000
"""So many are imported in all, if that is more than once."""
QUERIES = 200
CALLER = Caller(Principal("bench", "bench", "administrator"), Visit("bench"))
PATIENCE_S = 60.0
COMMITS = 10
"""In so many parts what is measured for its size was written."""
WARM_UP = 3
SETTLED_S = 75.0
"""After which the servers have agreed that no copy lacks anything."""
_HAN = re.compile("[\u4e00-\u9fff]{8,}")


@dataclass(frozen=True)
class Bench:
    """What the parts of a run share: how many conversations, in which file, and the server."""

    size: int
    folder: Path
    server: opensearch_server.Server
    plain: OpenSearch

    @property
    def file(self) -> Path:
        return self.folder / "conversations.jsonl"

    def settings(self, *, on_server: bool) -> Settings:
        url = self.server.url if on_server else None
        return Settings(data_dir=self.folder / "data", opensearch_url=url, opensearch_prefix=PREFIX)

    def tell(self, what: str, found: Mapping[str, Any]) -> None:
        """Show and keep a result."""
        told = (f"{name} {value:,.2f}" for name, value in found.items() if isinstance(value, int | float))
        print(f"{what:<44} {self.size:>9,}: {', '.join(told)}", flush=True)
        record(f"opensearch {what}", self.size, dict(found))


def run(size: int, folder: Path) -> None:
    """Everything at one size.

    Raises:
        CannotAssemble: there is no server to be had here.
    """
    with opensearch_server.running(heap_mb=HEAP_MB) as server, _plainly(server) as plain:
        bench = Bench(size, folder, server, plain)
        folder.mkdir(parents=True)
        sample = write(size, bench.file)
        _feed(bench)
        _import(bench)
        wheres = queries(sample)
        with closing(open_services(bench.settings(on_server=True))) as services:
            _search(bench, services, wheres)
            _scan(bench, services)
            _totals(bench, services, _pieces(sample))
        _tantivy(bench, wheres)
    shutil.rmtree(folder)


def _plainly(server: opensearch_server.Server) -> OpenSearch:
    return OpenSearch(hosts=list(server.urls), timeout=600)


# -- writing ----------------------------------------------------------------------------------------------------------


def _feed(bench: Bench) -> None:
    """Prepared documents: our writer, and ``helpers.bulk`` into an index of the same mapping.

    Both have written a part before: months and index are there, as they are when an archive is in use.
    """
    puts = list(_prepared(min(bench.size, FEED_MOST)))
    contents = [(document_id(put.id), msgspec.json.decode(put.document)) for put in puts]
    pairs = [_feeders(bench, number, puts, contents) for number in range(ROUNDS + 1)]
    in_turn(pairs[:1])  # warm
    ours, plain = in_turn(pairs[1:])
    found = {"ours_per_s": len(puts) / median(ours) * 1000, "plain_per_s": len(puts) / median(plain) * 1000}
    bench.tell("feed", {**found, "ratio": median(plain) / median(ours), "documents": len(puts)})
    bench.plain.indices.delete(index="feed*")
    _size(bench, puts)
    bench.plain.indices.delete(index="feed*")


def _prepared(count: int) -> Iterator[Put]:
    stream = demo.conversations(count, 7, UNTIL)
    while batch := [measured(each) for each in islice(stream, 1_000)]:
        for each, masked in zip(batch, all_for_index(batch), strict=True):
            yield Put(each.id, 1, partition_of(each), encode(masked, 1))


def _feeders(
    bench: Bench, number: int, puts: Sequence[Put], contents: Sequence[tuple[str, dict[str, Any]]]
) -> tuple[Callable[[], object], Callable[[], object]]:
    generation = OpenSearchIndex(connect(bench.server.url, connections=4), f"feed-ours{number}").begin()
    index = f"feed-plain{number}"
    bench.plain.indices.create(index=index, body=index_body({}))
    every = max(1, len(puts) // 1_000)

    def ours(some: Sequence[Put]) -> None:
        generation.writer.apply(some)
        generation.writer.commit()

    ours(puts[::every])
    plain_opensearch.bulk(bench.plain, index, contents[::every])
    return partial(ours, puts), partial(plain_opensearch.bulk, bench.plain, index, contents)


def _size(bench: Bench, puts: Sequence[Put]) -> None:
    """Disk as it was written and merged, and what stays on the heap.

    Until a segment is merged it holds every document a second time, for copies that have to catch up.
    """
    writer, index = (
        OpenSearchIndex(connect(bench.server.url, connections=4), "feed-size").begin().writer,
        "feed-size.g*",
    )
    for number in range(COMMITS):
        writer.apply(puts[number::COMMITS])
        writer.commit()
    found = {"documents": len(puts), "shards": len(bench.plain.cat.shards(index=index, params={"format": "json"}))}
    bench.plain.indices.flush(index=index)
    found["written_mb"] = _stored_mb(bench, index)
    time.sleep(SETTLED_S)
    bench.plain.indices.forcemerge(index=index, params={"max_num_segments": 1})
    bench.plain.indices.refresh(index=index)
    bench.plain.indices.flush(index=index)
    bench.tell("size", {**found, "merged_mb": _stored_mb(bench, index), "live_heap_mb": _live_heap_mb(bench)})


def _stored_mb(bench: Bench, index: str) -> float:
    found = bench.plain.indices.stats(index=index, metric="store")["_all"]["primaries"]
    stored: float = found["store"]["size_in_bytes"]
    return stored / 1e6


def _live_heap_mb(bench: Bench) -> float:
    """What is still used after a full collection."""
    opensearch_server.collect_garbage(bench.server)
    nodes = bench.plain.nodes.stats(metric="jvm")["nodes"].values()
    return sum(node["jvm"]["mem"]["heap_used_in_bytes"] for node in nodes) / 1e6


def _import(bench: Bench) -> None:
    """From the file to searchable, both as whole processes."""
    warm = bench.folder / "warm.jsonl"
    with bench.file.open("rb") as lines:
        warm.write_bytes(b"".join(islice(lines, WARM)))
    _both(bench, warm, "warm")
    count = min(ROUNDS, max(1, IMPORTED // bench.size))
    rounds = [_both(bench, bench.file, f"round {number + 1}") for number in range(count)]
    ours, plain = (median(each) for each in zip(*rounds, strict=True))
    for index in (f"{PREFIX}.g*", PLAIN):
        bench.plain.indices.flush(index=index)
    found = {
        "index_mb": _stored_mb(bench, f"{PREFIX}.g*"),
        "plain_index_mb": _stored_mb(bench, PLAIN),
        "ours_per_s": bench.size / ours,
        "plain_per_s": bench.size / plain,
        "ratio": plain / ours,
        "file_mb": bench.file.stat().st_size / 1e6,
        "record_mb": sum(path.stat().st_size for path in (bench.folder / "data").glob("*.sqlite*")) / 1e6,
    }
    bench.tell("import", found)


def _both(bench: Bench, file: Path, number: str) -> tuple[float, float]:
    """Seconds; what was there before is taken away."""
    bench.plain.indices.delete(index=f"{PREFIX}.*,{PLAIN}", params={"ignore_unavailable": "true"})
    shutil.rmtree(bench.folder / "data", ignore_errors=True)
    configured = ["env", f"MEIQIA_OPENSEARCH_URL={bench.server.url}", f"MEIQIA_OPENSEARCH_PREFIX={PREFIX}"]
    archive = [*configured, sys.executable, "-m", "meiqia_search", "--data", str(bench.folder / "data")]
    subprocess.run([*archive, "init"], capture_output=True, check=True)
    ours = whole_process([*archive, "import", str(file)]).seconds
    command = [sys.executable, "-m", "benchmarks.plain_opensearch", str(file), bench.server.urls[0], PLAIN]
    plain = whole_process(command).seconds
    print(f"  import {number}: ours {ours:.1f} s, plain {plain:.1f} s", flush=True)
    return ours, plain


# -- reading ----------------------------------------------------------------------------------------------------------


class _Asked(Exception):
    """What the engine would have asked."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body


class _Listener:
    """Stands where the client does, to learn what the engine asks."""

    def search(self, *, body: dict[str, Any], **_: object) -> None:
        raise _Asked({name: part for name, part in body.items() if name != "pit"})

    def create_pit(self, **_: object) -> dict[str, str]:
        return {"pit_id": ""}

    def delete_pit(self, **_: object) -> None:
        pass


def _asked(ask: Callable[[OpenSearchReader], object]) -> dict[str, Any]:
    """The body that the engine sends for a request."""
    try:
        ask(OpenSearchReader(_Listener(), ""))  # type: ignore[arg-type]
    except _Asked as asked:
        return asked.body
    raise AssertionError("nothing was asked")


def _search(bench: Bench, services: Services, wheres: Mapping[str, list[Filter]]) -> None:
    """The archive and the same request by the plain client, in turn, when what was written has settled."""
    scope = scope_for(CALLER.principal, services.policy)
    _rest(bench)
    in_turn([(partial(_found, services.archive, where), _raw(bench, scope, where)) for where in _all(wheres)] * WARM_UP)
    every: list[float] = []
    every_raw: list[float] = []
    for kind, some in wheres.items():
        pairs = [
            (partial(_found, services.archive, where), _raw(bench, scope, where))
            for where in some * max(REPEAT, 60 // len(some))
        ]
        ours, raw = in_turn(pairs)
        if kind != NOBODYS:
            every += ours
            every_raw += raw
        _tell_search(bench, f"search: {kind}", ours, raw)
    _tell_search(bench, "search: all kinds", every, every_raw)


def _all(wheres: Mapping[str, list[Filter]]) -> list[Filter]:
    return [where for some in wheres.values() for where in some]


def _rest(bench: Bench) -> None:
    """Wait until no segments are being merged."""
    while bench.plain.indices.stats(index=f"{PREFIX}.g*", metric="merge")["_all"]["total"]["merges"]["current"]:
        time.sleep(1)


def _found(archive: Archive, where: Filter) -> object:
    return archive.search(CALLER, Search(where, size=PAGE), timeout=PATIENCE_S)


def _raw(bench: Bench, scope: Scope, where: Filter) -> Callable[[], object]:
    body = _asked(lambda reader: reader.search(Scoped(Search(where, size=PAGE), scope), PATIENCE_S))
    return lambda: bench.plain.search(index=f"{PREFIX}.conversations", body=body)


def _tell_search(bench: Bench, what: str, ours: Sequence[float], raw: Sequence[float]) -> None:
    found = {"ours_ms": summary(ours), "raw_ms": summary(raw)}
    ratio = found["ours_ms"]["median"] / found["raw_ms"]["median"]
    medians = {"ours_median_ms": found["ours_ms"]["median"], "raw_median_ms": found["raw_ms"]["median"]}
    bench.tell(what, {**found, **medians, "ratio": ratio})


def _scan(bench: Bench, services: Services) -> None:
    """Every hit, newest first."""
    scoped = Scoped(Search(), scope_for(CALLER.principal, services.policy))
    body = _asked(lambda reader: next(reader.scan(scoped)))
    size, index = body.pop("size"), f"{PREFIX}.conversations"
    ours = connect(bench.server.url, connections=1)
    ways: dict[str, Callable[[], int]] = {
        "ours": lambda: sum(1 for _ in services.index.reader.scan(scoped)),
        "scroll": lambda: plain_opensearch.scrolled(bench.plain, index, body, size),
        "pit": lambda: plain_opensearch.paged(bench.plain, index, body, size),
        "our_client_scroll": lambda: plain_opensearch.scrolled(ours, index, body, size),
    }
    assert {way() for way in ways.values()} == {bench.size}  # warms, too
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(milliseconds(way))
    found = {f"{name}_per_s": bench.size / median(each) * 1000 for name, each in times.items()}
    faster = max(found["scroll_per_s"], found["pit_per_s"])
    ours.close()
    bench.tell("scan", {**found, "ratio": found["ours_per_s"] / faster, "page": size})


class _Numbers(NamedTuple):
    """How many conversations hold a piece: as they are found, and as they were said."""

    meant: list[int]
    said: list[int]


def _pieces(sample: Sequence[Conversation]) -> list[str]:
    """Pieces of messages, 2 to 8 Chinese characters."""
    chance = random.Random(13)
    runs = [run for each in sample for message in each.messages for run in _HAN.findall(message.text)]
    pieces: dict[str, None] = {}
    while len(pieces) < QUERIES:
        run, length = chance.choice(runs), chance.randint(2, 8)
        start = chance.randrange(len(run) - length + 1)
        pieces[run[start : start + length]] = None
    return list(pieces)


def _totals(bench: Bench, services: Services, pieces: list[str]) -> None:
    """Our totals against the meaning of the question, those of the ``cjk`` field against what was said."""
    truth = _truth(services, pieces)
    ours = [services.archive.total(CALLER, Text(piece, exact=True), PATIENCE_S) for piece in pieces]
    found: dict[str, Any] = {"queries": len(pieces), "ours_wrong": _wrong(ours, truth.meant)["wrong"]}
    for name, query in (("and", plain_opensearch.all_words), ("phrase", plain_opensearch.phrase)):
        counts = [plain_opensearch.count(bench.plain, PLAIN, query(piece)) for piece in pieces]
        found |= {f"{name}_{what}": value for what, value in _wrong(counts, truth.said).items()}
    bench.tell("totals", found)


def _wrong(counts: Sequence[int], truth: Sequence[int]) -> dict[str, int]:
    pairs = list(zip(counts, truth, strict=True))
    return {
        "wrong": sum(count != true for count, true in pairs),
        "too_many": sum(max(0, count - true) for count, true in pairs),
        "too_few": sum(max(0, true - count) for count, true in pairs),
        "true": sum(truth),
    }


def _truth(services: Services, pieces: list[str]) -> _Numbers:
    with ProcessPoolExecutor(cores()) as pool:
        parts = list(pool.map(partial(_numbers, pieces), services.conversations.walk(5_000)))
    return _Numbers(*([sum(each) for each in zip(*lists, strict=True)] for lists in zip(*parts, strict=True)))


def _numbers(pieces: list[str], some: Sequence[Packed]) -> _Numbers:
    wheres = [Text(piece, exact=True) for piece in pieces]
    numbers = _Numbers([0] * len(pieces), [0] * len(pieces))
    for packed in some:
        conversation = packed.stored().conversation
        subject = Subject(for_index(conversation))
        said = [message.text for message in conversation.messages]
        for place, (where, piece) in enumerate(zip(wheres, pieces, strict=True)):
            numbers.meant[place] += matches(where, subject)
            numbers.said[place] += any(piece in text for text in said)
    return numbers


# -- tantivy ----------------------------------------------------------------------------------------------------------


def _tantivy(bench: Bench, wheres: Mapping[str, list[Filter]]) -> None:
    """The same record with its index in the folder: how long that takes to build, and the same searches on it."""
    with closing(open_services(bench.settings(on_server=False))) as services:
        began = time.perf_counter()
        services.rebuild(services.archive.scope(CALLER))
        rebuilt = time.perf_counter() - began
        times = [milliseconds(partial(_found, services.archive, where)) for where in _all(wheres) * REPEAT]
        found = {"rebuild_per_s": bench.size / rebuilt, "index_mb": folder_mb(bench.folder / "data" / "index")}
        bench.tell("beside tantivy", {**found, "search_ms": summary(times), "search_median_ms": median(times)})


if __name__ == "__main__":
    for size in [int(size.replace(",", "").replace("_", "")) for size in sys.argv[1:]] or SIZES:
        with tempfile.TemporaryDirectory(prefix="meiqia-bench-") as parent:
            run(size, Path(parent) / "run")
    figures.write()
