"""Every quoted piece of every message finds its conversation, whatever a dictionary says."""

import os
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from meiqia_search.acl.scope import Scoped
from meiqia_search.channels import files
from meiqia_search.channels.demo import conversations as demo
from meiqia_search.clock import Instant
from meiqia_search.conversation import Conversation
from meiqia_search.engines.base import Index
from meiqia_search.privacy.passage import for_index
from meiqia_search.query.filter import TEXT_LENGTH, Term, Text, both
from meiqia_search.query.meaning import matches
from meiqia_search.query.request import Search
from tests.conftest import PROVE
from tests.contract.world import PATIENCE, World
from tests.corpus import EVERYONE, FIRST_DAY, corpus
from tests.people import scope_of

PIECES = 10_000 if PROVE else 300
MOST = 4_000
"""Conversations that are looked into; the oracle looks into each for every piece."""


@cache
def _conversations() -> list[Conversation]:
    return [for_index(each) for each in islice({each.id: each for each in _sources()}.values(), MOST)]


def _sources() -> Iterator[Conversation]:
    folder = os.environ.get("MEIQIA_CORPUS")
    if folder:
        found = (item for path in sorted(Path(folder).glob("*.jsonl")) for item in files.read(path))
        yield from islice((item.conversation for item in found if item.conversation), MOST)
    else:
        yield from corpus()
        yield from demo(MOST if PROVE else 300, until=Instant(FIRST_DAY))


def _piece(random: Random, text: str) -> str:
    length = random.choice((1, 2, 3, random.randint(1, 20), random.randint(1, TEXT_LENGTH)))
    start = random.randrange(max(len(text) - length, 0) + 1)
    return text[start : start + length]


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.proof("quoted substrings find their conversation, totals equal the oracle's", PIECES)
def test_quoted_pieces(index: Index) -> None:
    world = World(index, []).become(_conversations())
    said = [(each.conversation.id, text) for each in world.subjects for _, text in each.conversation.said() if text]
    random, scope = Random(1), scope_of(EVERYONE)
    for _ in range(PIECES):
        conversation_id, text = random.choice(said)
        quoted = Text(_piece(random, text), exact=True)
        total = world.reader.search(Scoped(Search(quoted, size=1), scope), PATIENCE).total
        assert total == sum(matches(quoted, subject) for subject in world.subjects)
        its_own = both(quoted, Term("id", (conversation_id,)))
        assert world.ids(Search(its_own)) == [conversation_id], quoted
