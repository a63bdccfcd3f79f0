"""What becomes of writes when servers have no room, refuse some, or do not answer: asked of a server that plays it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from meiqia_search.engines.opensearch import transport
from meiqia_search.engines.opensearch.bulk import ATTEMPTS, LONGEST_WAIT_S, Bulk, Operation, Unwritten
from meiqia_search.engines.opensearch.connection import connect
from meiqia_search.errors import BadConfiguration, EngineUnavailable, StorageFull

DONE: dict[str, Any] = {"status": 201}
GONE: dict[str, Any] = {"status": 404, "result": "not_found"}
NO_ROOM = {"status": 429, "error": {"type": "rejected_execution_exception"}}
NO_SPACE = {"status": 429, "error": {"type": "cluster_block_exception"}}
NEWER = {"status": 409, "error": {"type": "version_conflict_engine_exception"}}
NO_INDEX = {"status": 404, "error": {"type": "index_not_found_exception"}}
WRONG = {"status": 400, "error": {"type": "strict_dynamic_mapping_exception"}}
HANG_UP = 0


class Player(ThreadingHTTPServer):
    """Answers as the script says, the last line for ever; keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[tuple[int, dict[str, Any]]] = []
        self.got: list[list[str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def plays(self, *script: list[dict[str, Any]] | int) -> None:
        """Results of the writes in turn, or a status instead of an answer."""
        self.script = [
            (line, {"error": {"type": "x", "root_cause": [{"reason": "x"}]}})
            if isinstance(line, int)
            else (200, {"items": [{"index": item} for item in line]})
            for line in script
        ]


class _Handler(BaseHTTPRequestHandler):
    server: Player

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append([json.loads(line)["index"]["_id"] for line in body.splitlines()[::2]])
        status, answer = self.server.script[0]
        if len(self.server.script) > 1:
            del self.server.script[0]
        if status == HANG_UP:
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    monkeypatch.setattr(transport, "FAILURES", 1_000)  # here every attempt shall be seen
    with Player() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(player: Player, *ids: str) -> list[float]:
    """Send writes; how long was waited in between."""
    return sent(player, *ids)[1].waits


def sent(player: Player, *ids: str) -> tuple[Unwritten, "Waits"]:
    """Send writes; what was given back, and how long was waited in between."""
    waits = Waits()
    operations = [Operation(each, "2026-11", b'{"index":{"_id":"%s"}}\n{}\n' % each.encode()) for each in ids]
    with connect(player.url, connections=1) as client:
        return Bulk(client, waits).send(operations), waits


class Waits(Event):
    """Lets time pass quickly."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        return False


def refused(player: Player, *ids: str) -> list[tuple[str, str]]:
    """Send writes; which were refused, and why."""
    return [(each.id, reason) for each, reason in sent(player, *ids)[0].refused]


def test_everything_done_at_once(player: Player) -> None:
    player.plays([DONE, GONE])
    assert send(player, "a", "b") == []
    assert player.got == [["a", "b"]]


def test_only_what_found_no_room_is_sent_again(player: Player) -> None:
    player.plays([DONE, NO_ROOM, NO_ROOM, DONE], [NO_ROOM, DONE], [DONE])
    waits = send(player, "a", "b", "c", "d")
    assert player.got == [["a", "b", "c", "d"], ["b", "c"], ["b"]]
    assert len(waits) == 2


@pytest.mark.parametrize("status", [429, 502, 503, 504, HANG_UP])
def test_all_is_sent_again_when_there_was_no_answer(player: Player, status: int) -> None:
    player.plays(status, [DONE, DONE])
    send(player, "a", "b")
    assert player.got[-1] == player.got[0] == ["a", "b"]


def test_it_gives_up_in_the_end(player: Player) -> None:
    player.plays(503)
    with pytest.raises(EngineUnavailable):
        send(player, "a")
    assert len(player.got) == ATTEMPTS


def test_waits_differ_and_grow(player: Player) -> None:
    several = []
    for _ in range(2):
        player.plays(*[503] * (ATTEMPTS - 1), [DONE])
        several.append(send(player, "a"))
    assert several[0] != several[1]
    for waits in several:
        assert all(0 <= wait <= min(LONGEST_WAIT_S, 0.5 * 2**n) for n, wait in enumerate(waits))


def test_a_full_disk_is_said_to_be_one(player: Player) -> None:
    player.plays([DONE, NO_SPACE], [NO_SPACE])
    with pytest.raises(StorageFull):
        send(player, "a", "b")


def test_one_that_is_refused_does_not_hold_up_the_others(player: Player) -> None:
    player.plays([WRONG, NO_ROOM, DONE], [DONE])
    assert refused(player, "a", "b", "c") == [("a", "strict_dynamic_mapping_exception")]
    assert player.got == [["a", "b", "c"], ["b"]]


def test_a_writer_that_was_replaced_is_told(player: Player) -> None:
    player.plays([DONE, NEWER])
    with pytest.raises(EngineUnavailable, match="另一个进程"):
        send(player, "a", "b")


def test_what_is_too_large_is_sent_in_parts(player: Player) -> None:
    player.plays(413, [DONE], 413, [DONE], [DONE])
    send(player, "a", "b", "c")
    assert player.got == [["a", "b", "c"], ["a"], ["b", "c"], ["b"], ["c"]]
    player.plays(413)
    assert refused(player, "a") == [("a", "太大")]


def test_what_spoils_a_whole_request_is_told(player: Player) -> None:
    player.plays(400, [DONE], 400, 400, [DONE])
    assert refused(player, "a", "b", "c") == [("b", "内容")]
    assert player.got == [["a", "b", "c"], ["a"], ["b", "c"], ["b"], ["c"]]


def test_what_has_no_index_is_given_back(player: Player) -> None:
    player.plays([DONE, NO_INDEX])
    unwritten, _ = sent(player, "a", "b")
    assert [each.id for each in unwritten.without_index] == ["b"]
    assert not unwritten.refused


def test_a_writer_that_is_closed_does_not_wait(player: Player) -> None:
    player.plays(503)
    closed = Event()
    closed.set()
    with connect(player.url, connections=1) as client, pytest.raises(EngineUnavailable):
        Bulk(client, closed).send([Operation("a", "2026-11", b'{"index":{"_id":"a"}}\n{}\n')])
    assert len(player.got) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_no_entry_is_not_tried_again(player: Player, status: int) -> None:
    player.plays(status)
    with pytest.raises(BadConfiguration):
        send(player, "a")
    assert len(player.got) == 1
