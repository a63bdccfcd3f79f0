"""Conversations are prepared beside this process, in order; whatever becomes of the helpers, none is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import pytest
import zstandard

from benchmarks.measure import tree
from meiqia_search.conversation import Conversation, Message, Speaker, build, encode
from meiqia_search.engines.base import Change, Delete, Put
from meiqia_search.engines.tantivy import schema
from meiqia_search.indexing import helping
from meiqia_search.indexing.helping import Helpers
from meiqia_search.indexing.preparing import Line, Recipe, prepared
from meiqia_search.records.conversations import Packed
from tests.corpus import KEY


def helpers_of(pid: int) -> list[int]:
    """The processes that help this one."""
    return [each for each in tree(pid) if _runs(each) and b"helping" in Path(f"/proc/{each}/cmdline").read_bytes()]


class Kept:
    """A writer that remembers."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def apply(self, changes: Iterable[Change]) -> None:
        self.changes += changes

    def commit(self) -> dict[str, str]:
        return {}

    def close(self) -> None: ...


def some(number: int) -> Packed:
    said = Message(Speaker.CUSTOMER, f"第 {number} 次，电话 13812345678")
    return Packed(f"c{number}", 1, zstandard.compress(encode(build(f"c{number}", {}, [said]))), "undated")


RECIPE = Recipe(schema.encode, KEY)
CHUNKS = [[some(10 * chunk + number) for number in range(10)] for chunk in range(12)]
EXPECTED = [each for chunk in CHUNKS for each in prepared(chunk, RECIPE).puts]


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.setattr(helping, "SEVERAL", 20)
    yield Kept()
    assert helpers_of(os.getpid()) == []


def test_in_order_and_the_same_as_here(writer: Kept) -> None:
    with closing(Helpers()) as helpers:
        line = Line(RECIPE, [writer], helpers)
        for chunk in CHUNKS:
            line.take(chunk, [f"gone {chunk[0].id}"])
        line.settle()
    assert [each for each in writer.changes if isinstance(each, Put)] == EXPECTED
    assert [writer.changes.index(Delete(f"gone {chunk[0].id}")) for chunk in CHUNKS] == list(range(0, 132, 11))
    assert b"13812345678" not in b"".join(each.document for each in EXPECTED)


def test_a_helper_that_is_killed_takes_nothing_with_it(writer: Kept) -> None:
    with closing(Helpers()) as helpers:
        line = Line(RECIPE, [writer], helpers)
        for number, chunk in enumerate(CHUNKS):
            line.take(chunk)
            if number in {4, 8}:
                for child in helpers_of(os.getpid()):
                    os.kill(child, signal.SIGKILL)
        line.settle()
    assert writer.changes == EXPECTED


def test_after_a_rest_it_goes_on(writer: Kept) -> None:
    helpers = Helpers()
    line = Line(RECIPE, [writer], helpers)
    for half in (CHUNKS[:6], CHUNKS[6:]):
        for chunk in half:
            line.take(chunk)
        line.settle()
        helpers.close()
    assert writer.changes == EXPECTED


@pytest.mark.parametrize("several", [True, False])
def test_a_damaged_conversation_is_told_and_the_others_come_in(writer: Kept, several: bool) -> None:
    damaged = CHUNKS[5][3]._replace(body=CHUNKS[5][3].body[:-3])
    chunks = [*CHUNKS[:5], [*CHUNKS[5][:3], damaged, *CHUNKS[5][4:]], *CHUNKS[6:]] if several else [[damaged]]
    with closing(Helpers()) as helpers:
        line = Line(RECIPE, [writer], helpers)
        for chunk in chunks:
            line.take(chunk)
        (told,) = line.settle().items()
        assert told[0] == "c53"
        assert "损坏" in told[1]
        assert line.settle() == {}
    puts = [each for each in writer.changes if isinstance(each, Put)]
    assert puts == ([each for each in EXPECTED if each.id != "c53"] if several else [])
    assert Delete("c53") in writer.changes


def test_what_the_program_stumbles_over_is_told_and_the_others_come_in(caplog: pytest.LogCaptureFixture) -> None:
    def stumbling(conversation: Conversation, version: int) -> bytes:
        if conversation.id == "c7":
            raise OverflowError
        return schema.encode(conversation, version)

    puts, unfit = prepared(CHUNKS[0], Recipe(stumbling, KEY))
    assert [each.id for each in puts] == [f"c{number}" for number in range(10) if number != 7]
    assert list(unfit) == ["c7"]
    assert "开发者" in unfit["c7"]
    assert "OverflowError" in caplog.text


def test_helpers_end_with_a_killed_process() -> None:
    code = (
        "from meiqia_search.indexing.helping import Helpers; import time;"
        "helpers = Helpers(); helpers.do(len, range(10_000)).result(); print('ready', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        children = helpers_of(process.pid)
        process.kill()
    assert children
    patience = monotonic() + 20
    while any(map(_runs, children)) and monotonic() < patience:
        sleep(0.05)
    assert not any(map(_runs, children))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
