"""A damaged index says so; it never answers wrong, and a rebuild repairs it."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from meiqia_search.engines.tantivy import damage
from meiqia_search.errors import EngineUnavailable, IndexMissing
from meiqia_search.query.filter import Text
from meiqia_search.query.request import Relevance, Search, Sort
from tests.corpus import corpus, indexed
from tests.places import in_folder
from tests.store import Store, caller, opened

SEARCHES = [
    Search(size=100),
    Search(Text("退款", exact=True), Sort("rating"), 100),
    Search(Text("退款 物流"), Relevance(), 100),
]
FLIPS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive that was closed."""
    with opened(in_folder(tmp_path)) as store:
        store.put(indexed(corpus()[:60]))
        store.put(indexed(corpus()[50:90]))
        store.conversations.delete(["h0001"])
        store.put([])
    return tmp_path


def _generation(folder: Path) -> Path:
    return max((folder / "index").glob("g*"))


def _files(folder: Path) -> list[Path]:
    """The files with content that belong to the newest commit."""
    generation = _generation(folder)
    return sorted(damage.files(generation, (generation / "meta.json").read_bytes()))


def _answers(store: Store) -> list[tuple[int, list[str]]]:
    pages = [store.archive.search(caller(), search) for search in SEARCHES]
    return [(page.total, [row.conversation.id for row in page.rows]) for page in pages]


def _require_refused_and_repairable(folder: Path) -> None:
    with opened(in_folder(folder)) as store:
        with pytest.raises((IndexMissing, EngineUnavailable)):
            _answers(store)
        assert not store.index.usable()
        with pytest.raises((IndexMissing, EngineUnavailable)):
            store.difference()
        store.put([])  # as every command that writes: rebuilds where the index cannot be used
        assert store.difference().ids == ()
        assert _answers(store)[0][0] == 89


def _remove(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [_remove, _cut, _empty])
@pytest.mark.parametrize("name", ["meta.json", "*.store", "*.term", "*.idx", "*.fast", "FORMAT"])
def test_a_file_is_gone_or_cut(folder: Path, name: str, harm: Callable[[Path], None]) -> None:
    harm(next(path for path in sorted(_generation(folder).glob(name)) if path.name == name or path in _files(folder)))
    _require_refused_and_repairable(folder)


@pytest.mark.parametrize("content", ["", "g000099", "\0\0\0\0"])
def test_the_name_of_the_generation_in_use_is_wrong(folder: Path, content: str) -> None:
    (folder / "index" / "CURRENT").write_text(content)
    _require_refused_and_repairable(folder)


def test_one_wrong_bit_anywhere(folder: Path) -> None:
    random, files = Random(7), _files(folder)
    assert {path.suffix for path in files} == {".del", ".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term"}
    for _ in range(FLIPS):
        path = random.choice(files)
        good = path.read_bytes()
        bad = bytearray(good)
        bad[random.randrange(len(bad))] ^= 1 << random.randrange(8)
        path.write_bytes(bad)
        with opened(in_folder(folder)) as store, pytest.raises(IndexMissing):
            store.archive.search(caller(), SEARCHES[0])
        path.write_bytes(good)
    with opened(in_folder(folder)) as store:
        assert _answers(store)[0][0] == 89


def test_the_index_is_deleted_while_it_answers(folder: Path) -> None:
    with opened(in_folder(folder)) as store:
        _answers(store)
        _remove(_generation(folder) / "meta.json")
        with pytest.raises(IndexMissing):
            _answers(store)


def test_an_index_of_another_version_asks_for_a_rebuild(folder: Path) -> None:
    (_generation(folder) / "FORMAT").write_text("another")
    with opened(in_folder(folder)) as store, pytest.raises(IndexMissing, match="rebuild"):
        _answers(store)
    _require_refused_and_repairable(folder)
