"""Conversations with equal sort keys are all given, once, in order of their ids."""

from itertools import combinations
from types import SimpleNamespace

import pytest

from meiqia_search.conversation import Conversation, build
from meiqia_search.engines.base import Index
from meiqia_search.query import meaning
from meiqia_search.query.meaning import id_hash
from meiqia_search.query.request import Search, Sort
from tests.contract.world import World
from tests.corpus import EVERYONE
from tests.people import scope_of


def _conversation(conversation_id: str, rating: str = "good") -> Conversation:
    return build(conversation_id, {"rating": [rating]}, [])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_all_keys_equal(index: Index, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(meaning, "blake2b", lambda *_, **__: SimpleNamespace(digest=lambda: bytes(4)))
    assert id_hash("甲") == id_hash("乙")
    ratings = ("good", "good", "good", "fair", "good", "poor")
    world = World(index, []).become([_conversation(f"t{n:02}", ratings[n % 6]) for n in range(40)])
    for descending in (True, False):
        for field in ("rating", "started_at"):
            world.check(Search(sort=Sort(field, descending), size=size), scope_of(EVERYONE))


def test_hashes_that_really_collide(index: Index) -> None:
    by_hash: dict[int, list[str]] = {}
    for number in range(150_000):
        by_hash.setdefault(id_hash(f"c{number}"), []).append(f"c{number}")
    pairs = [pair for same in by_hash.values() for pair in combinations(same, 2)]
    assert pairs
    world = World(index, []).become([_conversation(each) for each in sorted({i for pair in pairs for i in pair})])
    for size in (1, 2, 5):
        world.check(Search(sort=Sort("rating"), size=size), scope_of(EVERYONE))
