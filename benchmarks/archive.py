"""Import and search at a size, beside the raw engine in the same run."""

import random
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Query

from benchmarks.measure import Whole, folder_mb, in_turn, record, summary, whole_process
from meiqia_search import conversation as conversations
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.scope import scope_for
from meiqia_search.archive import Caller
from meiqia_search.audit.events import Visit
from meiqia_search.channels import demo
from meiqia_search.clock import Instant
from meiqia_search.conversation import Conversation
from meiqia_search.engines.entry import ID, key_of
from meiqia_search.engines.tantivy.compile import scoped_query
from meiqia_search.query.filter import EVERYTHING, Filter, Term, Text, both
from meiqia_search.query.request import Search, Sort
from meiqia_search.settings import Settings
from meiqia_search.wiring import Services, open_services

UNTIL = Instant(1_795_305_600_000_000)  # 2026-11-22, so that every run makes the same conversations
PAGE = 20
REPEAT = 3
ROUNDS, IMPORTED = 5, 500_000
"""An import is done so often, or until so many were imported: one and the same took 0.44 and 0.81 of the raw rate."""
DEPTH = 5_000
NOBODYS = "a value nobody has"
"""Its answer holds a second search and a chart, what was meant instead: told by itself."""
WORDS = ("退款", "发票", "快递", "优惠券", "尺码", "质量", "客服", "售后", "地址", "保修", "会员", "投诉")


def run(size: int, folder: Path) -> None:
    """Everything at one size; the folder is emptied first and afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file = folder / "conversations.jsonl"
    sample = write(size, file)
    _import(size, file, folder)
    services = open_services(Settings(data_dir=folder / "data"))
    try:
        _search(size, services, folder, sample)
    finally:
        services.close()
        shutil.rmtree(folder)


def write(size: int, file: Path) -> list[Conversation]:
    """The file to import, and 2,000 of its conversations to take queries from."""
    every = max(1, size // 2_000)
    sample = []
    with file.open("wb") as out:
        for number, each in enumerate(demo.conversations(size, 7, UNTIL)):
            out.write(conversations.encode(each) + b"\n")
            if number % every == 0:
                sample.append(each)
    return sample


def _import(size: int, file: Path, folder: Path) -> None:
    """From the file to searchable, as a person does it, against the raw engine; both as whole processes, in turn."""
    rounds = [_both(file, folder) for _ in range(max(1, min(ROUNDS, IMPORTED // size)))]
    ours, raw = rounds[-1]
    ours_s, raw_s = (statistics.median(each.seconds for each in way) for way in zip(*rounds, strict=True))
    figures = {
        "archive_per_s": size / ours_s,
        "raw_per_s": size / raw_s,
        "ratio": statistics.median(raw.seconds / ours.seconds for ours, raw in rounds),
        "rounds": len(rounds),
        "archive_memory_mb": ours.memory.own_mb,
        "archive_memory_with_files_mb": ours.memory.with_files_mb,
        "raw_memory_mb": raw.memory.own_mb,
        "file_mb": file.stat().st_size / 1e6,
        "record_mb": sum(path.stat().st_size for path in (folder / "data").glob("*.sqlite*")) / 1e6,
        "index_mb": folder_mb(folder / "data" / "index"),
        "raw_index_mb": folder_mb(folder / "raw"),
    }
    print(f"import {size:>9,}: " + ", ".join(f"{name} {value:,.2f}" for name, value in figures.items()), flush=True)
    record("import", size, figures)


def _both(file: Path, folder: Path) -> tuple[Whole, Whole]:
    """Ours and the raw one, each into an empty folder."""
    for name in ("data", "raw"):
        shutil.rmtree(folder / name, ignore_errors=True)
    archive = [sys.executable, "-m", "meiqia_search", "--data", str(folder / "data")]
    subprocess.run([*archive, "init"], capture_output=True, check=True)
    raw = whole_process([sys.executable, "-m", "benchmarks.baseline", str(file), str(folder / "raw")])
    return whole_process([*archive, "import", str(file)]), raw


def queries(sample: list[Conversation]) -> dict[str, list[Filter]]:
    chance = random.Random(11)
    texts = [message.text for each in sample for message in each.messages if len(message.text) >= 8]

    def piece(length: int) -> str:
        text = chance.choice([text for text in texts if len(text) >= length] or texts)
        start = chance.randrange(len(text) - min(length, len(text)) + 1)
        return text[start : start + length]

    words = [Text(word) for word in WORDS]
    filters: list[Filter] = [Term("channel", ("wechat",)), Term("rating", ("poor",)), Term("category", ("退款退货",))]
    return {
        "two characters": list(words),
        "word + filters": [both(word, *chance.sample(filters, 2)) for word in words],
        "substring (5)": [Text(piece(5), exact=True) for _ in range(40)],
        "rare substring (12)": [Text(piece(12), exact=True) for _ in range(40)],
        "long substring (30)": [Text(piece(30), exact=True) for _ in range(40)],
        "everything": [EVERYTHING],
        NOBODYS: [both(word, Term("category", ("售后",))) for word in words],
    }


def _search(size: int, services: Services, folder: Path, sample: list[Conversation]) -> None:
    caller = Caller(Principal("bench", "bench", "administrator"), Visit("bench"))
    generation = folder / "data" / "index" / (folder / "data" / "index" / "CURRENT").read_text().strip()
    index = tantivy.Index.open(str(generation))
    index.reload()
    searcher = index.searcher()
    scope = scope_for(caller.principal, services.policy)
    every: list[float] = []
    every_raw: list[float] = []
    for kind, wheres in queries(sample).items():
        pairs = []
        for where in wheres * max(REPEAT, 60 // len(wheres)):
            search = Search(where, size=PAGE)
            pairs.append((_ours(services, caller, search), _raw(searcher, scoped_query(scope, where))))
        in_turn(pairs[: len(wheres)])  # warm
        ours, raw = in_turn(pairs)
        if kind != NOBODYS:
            every += ours
            every_raw += raw
        _report(f"search: {kind}", size, ours, raw, services.archive.total(caller, wheres[0]))
    _report("search: all kinds", size, every, every_raw, 0)
    _deep(size, services, caller)


def _ours(services: Services, caller: Caller, search: Search) -> Callable[[], object]:
    return lambda: services.archive.search(caller, search)


def _raw(searcher: tantivy.Searcher, query: Query) -> Callable[[], object]:
    """The newest twenty, their ids, and the exact number: the least any search must do."""

    def search() -> object:
        hits = searcher.search(query, PAGE, count=True, order_by_field=key_of(Sort()), order=tantivy.Order.Asc).hits
        return [searcher.doc(address).get_first(ID) for _, address in hits]

    return search


def _report(name: str, size: int, ours: list[float], raw: list[float], total: int) -> None:
    figures: dict[str, Any] = {"archive_ms": summary(ours), "raw_ms": summary(raw), "total": total}
    figures["ratio"] = figures["archive_ms"]["median"] / figures["raw_ms"]["median"]
    median, most = figures["archive_ms"]["median"], figures["archive_ms"]["max"]
    print(
        f"{name:<28} {size:>9,}: archive {median:.2f} ms (max {most:.2f}),"
        f" raw {figures['raw_ms']['median']:.2f} ms, ratio {figures['ratio']:.1f}, e.g. {total:,} found",
        flush=True,
    )
    record(name, size, figures)


def _deep(size: int, services: Services, caller: Caller) -> None:
    """The page at depth 5,000 against the first page."""
    search, cursor, first, deep = Search(Text("您好"), size=100), None, [], []
    for _ in range(DEPTH // 100):
        page = services.archive.search(caller, search, cursor)
        if page.next is None:
            break
        cursor = page.next
    for _ in range(60):
        first.append(services.archive.search(caller, Search(Text("您好"), size=PAGE)).seconds * 1000)
        deep.append(services.archive.search(caller, Search(Text("您好"), size=PAGE), cursor).seconds * 1000)
    ratio = statistics.median(deep) / statistics.median(first)
    print(f"depth {DEPTH:,} against first page    {size:>9,}: ratio {ratio:.2f}", flush=True)
    record("depth 5,000", size, {"first_ms": summary(first), "deep_ms": summary(deep), "ratio": ratio})
