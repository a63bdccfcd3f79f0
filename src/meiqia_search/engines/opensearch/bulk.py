"""Sending many writes at once: every single result is read, and what the servers had no room for is sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, NamedTuple

import msgspec
from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import SSLError, TransportError
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
    wait_random_exponential,
)

from meiqia_search.engines.opensearch.errors import NO_INDEX, NO_SPACE, NOT_ALLOWED, TOO_MANY, denied, translated
from meiqia_search.engines.opensearch.indices import document_id
from meiqia_search.errors import EngineUnavailable, StorageFull

ATTEMPTS = 9
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 20.0
"""Each wait is a random part of a span that doubles, so that many writers do not come back together."""
LATER = frozenset({TOO_MANY, 502, 503, 504})
TOO_LARGE, UNREADABLE = 413, 400
CONFLICT = 409
PARAMETERS = {
    "require_alias": "true",  # an index that somebody deleted is not made again without what belongs to it
    "filter_path": "items.*.status,items.*.error.type,items.*.error.reason",
}
_ENCODER = msgspec.json.Encoder()


class Operation(NamedTuple):
    """One write: of which conversation, in which partition, and as the server reads it."""

    id: str
    partition: str
    lines: bytes


def operation(conversation_id: str, partition: str, alias: str, version: int, document: bytes = b"") -> Operation:
    """Write the document; without one, delete the conversation."""
    about = {"_index": alias, "_id": document_id(conversation_id), "version": version, "version_type": "external_gte"}
    action = _ENCODER.encode({"index" if document else "delete": about})
    return Operation(conversation_id, partition, b"%s\n%s\n" % (action, document) if document else action + b"\n")


@dataclass(slots=True)
class Unwritten:
    """What cannot be written: there is no index for it, or the server does not take it, for a reason."""

    without_index: list[Operation] = field(default_factory=list)
    refused: list[tuple[Operation, str]] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """What is still to be done, and what went wrong."""

    waiting: list[Operation]
    unwritten: Unwritten = field(default_factory=Unwritten)
    no_space: bool = False


class _Left(Exception):
    """Some writes found no room yet."""


class Bulk:
    """Sends writes until each of them is done or refused, or raises; ``stop`` ends the waiting in between."""

    def __init__(self, client: OpenSearch, stop: Event) -> None:
        self._client = client
        self._retrying = Retrying(
            retry=retry_if_exception_type(_Left),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S),
            stop=stop_after_attempt(ATTEMPTS) | stop_when_event_set(stop),
            sleep=sleep_using_event(stop),
            reraise=True,
        )

    def send(self, operations: Sequence[Operation]) -> Unwritten:
        """Do all of the writes but those that are given back, which do not keep the others from being done.

        Raises:
            EngineUnavailable: the servers did not take them in time, or another process writes.
            StorageFull: a server takes no more.
            BadConfiguration: the servers do not let us in.
        """
        state = _State(list(operations))
        try:
            self._retrying(self._attempt, state)
        except _Left as left:
            raise (StorageFull if state.no_space else EngineUnavailable) from left
        return state.unwritten

    def _attempt(self, state: _State) -> None:
        state.no_space = False
        with translated():
            state.waiting = self._once(state.waiting, state)
        if state.waiting:
            raise _Left

    def _once(self, operations: list[Operation], state: _State) -> list[Operation]:
        """Send; gives what has to be sent again."""
        try:
            answer = self._client.bulk(body=b"".join(each.lines for each in operations), params=dict(PARAMETERS))
        except TransportError as broken:
            return self._unanswered(broken, operations, state)
        return [
            each
            for each, item in zip(operations, answer["items"], strict=True)
            if _is_left(each, next(iter(item.values())), state)
        ]

    def _unanswered(self, broken: TransportError, operations: list[Operation], state: _State) -> list[Operation]:
        if broken.status_code in {TOO_LARGE, UNREADABLE}:
            if len(operations) == 1:
                reason = "太大" if broken.status_code == TOO_LARGE else "内容"
                state.unwritten.refused.append((operations[0], reason))
                return []
            middle = len(operations) // 2
            return self._once(operations[:middle], state) + self._once(operations[middle:], state)
        unreached = isinstance(broken, NoConnection) and not isinstance(broken, SSLError)
        if unreached or broken.status_code in LATER:
            return operations
        raise broken


def _is_left(done: Operation, result: Mapping[str, Any], state: _State) -> bool:
    """Whether a write has to be sent again."""
    error = result.get("error")
    if not error:
        return False  # done; also where something was to be deleted that is not there
    if result["status"] == CONFLICT:
        raise EngineUnavailable("另一个进程已接手写索引，这个进程不再写入；请确认只有一个写入进程在运行。")
    if error["type"] == NOT_ALLOWED:
        raise denied(error.get("reason", ""))
    if error["type"] == NO_INDEX:
        state.unwritten.without_index.append(done)
        return False
    if error["type"] == NO_SPACE:
        state.no_space = True
        return True
    if result["status"] in LATER:
        return True
    state.unwritten.refused.append((done, error["type"]))
    return False
